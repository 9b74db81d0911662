/** The five minutes of the README, as a newcomer types them, in a project that has the packed package. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../cli/bpc'
import { samplesOf } from '../docs/samples'
import { install, type Project } from './installed'

const SAMPLES = samplesOf('README.md')
/** `npx bpc …` and `npx tsx …`; what is installed and fetched is the setting of this test. */
const COMMANDS = SAMPLES.filter(({ kind, text }) => kind === 'sh' && /^npx (bpc|tsx)/.test(text)).flatMap(({ text }) => text.trim().split('\n'))

describe('the tour of the README', () => {
  let project: Project
  beforeAll(async () => {
    project = await install()
    for (const { name, text } of SAMPLES) if (name) project.write(name, text)
  })
  afterAll(() => project.remove())

  const run = (command: string) => project.shell(command.replace(/^npx tsx/, `node ${join(ROOT, 'node_modules/tsx/dist/cli.mjs')}`).replace(/^npx /, ''))

  it('has commands for every step', () => {
    expect(COMMANDS.map(command => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'npx bpc train', 'npx bpc study.bp', 'npx tsx run.ts', 'npx bpc train', 'npx bpc draw', 'npx bpc diagnose', 'npx bpc export',
    ])
  })

  it('the model is right as it stands, and its mistake gives the message that is shown', async () => {
    expect(await run('npx bpc check study.bp')).toEqual({ status: 0, stdout: '', stderr: '' })
    const wrong = project.read('study.bp').replace('w: real[2]', 'w: real[3]')
    project.write('mistake/study.bp', wrong)
    const { status, stderr } = await run('cd mistake && bpc check study.bp')
    expect(status).toBe(1)
    const shown = SAMPLES.find(({ kind }) => kind === 'text')?.text ?? ''
    expect(stderr).toContain(shown.trim())
  })

  it('every command succeeds in its order; two qubits get all twelve right, the line eleven', { timeout: 180_000 }, async () => {
    const outputs = new Map<string, string>()
    for (const command of COMMANDS) {
      const { status, stdout, stderr } = await run(command)
      expect({ command, status, stderr: status === 0 ? '' : stderr }).toEqual({ command, status: 0, stderr: '' })
      outputs.set(command, stdout + stderr)
    }
    const printed = (start: string): string => [...outputs].find(([command]) => command.startsWith(start))?.[1] ?? ''
    expect(printed('npx bpc train study.bp')).toMatch(/trained after 100 steps.*accuracy 0\.916667/)
    expect(printed('npx bpc train qubits.bp')).toMatch(/trained after 100 steps.*accuracy 1$/m)
    // Two chances, two weights, ten losses.
    expect(printed('npx tsx run.ts').match(/\d\.\d+/g)?.length).toBe(2 + 2 + 10)
    expect(printed('npx bpc draw')).toContain('q[1]')
    expect(printed('npx bpc diagnose')).toMatch(/agree/)
    expect(printed('npx bpc export')).toMatch(/^OPENQASM 3/)
  })
})
