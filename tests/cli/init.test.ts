import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder, lines, ROOT } from './bpc'

const TEMPLATES = ['classifier', 'hybrid', 'vqe'] as const

/** Transverse-field Ising chain of four spins with open ends at field 1: 1 − 1/sin(π/(4N + 2)), Pfeuty, Ann. Phys. 57, 79 (1970). */
const GROUND = 1 - 1 / Math.sin(Math.PI / 18)

describe('bpc init', () => {
  it.each(TEMPLATES)('makes a %s that trains, and runs from TypeScript with its types', async template => {
    const at = folder()
    const made = await at.bpc('init', 'first', '--template', template)
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect(made.stdout).toContain('  cd first\n  npm install\n  npm run train')
    const project = folder()
    expect(await project.bpc('init', '--template', template)).toMatchObject({ status: 0, stderr: '' })
    // As npm install leaves it.
    mkdirSync(join(project.path, 'node_modules/@types'), { recursive: true })
    symlinkSync(ROOT, join(project.path, 'node_modules/bp-lang'))
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project.path, 'node_modules/@types/node'))
    const trained = await project.bpc('train', 'model.bp', '--json', '--out', 'weights.safetensors', '--report', 'report.html')
    expect(trained).toMatchObject({ status: 0, stderr: '' })
    const end = lines(trained).at(-1) as { readonly loss: number; readonly holdout: { readonly metrics: { readonly accuracy: number } } | null }
    if (template === 'vqe') expect(end.loss).toBeCloseTo(GROUND, 3)
    else expect(end.holdout?.metrics.accuracy).toBeGreaterThanOrEqual(0.95)
    expect(await project.bpc('model.bp')).toMatchObject({ status: 0, stderr: '' })
    expect(execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: project.path, encoding: 'utf8' })).toBe('')
    const ran = execFileSync(process.execPath, ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), 'run.ts'], { cwd: project.path, encoding: 'utf8' })
    expect(ran).toMatch(template === 'vqe' ? /^energy -4\.758/ : /^accuracy (1|0\.9\d*) of held-out points/)
  })

  it('names the package after its folder, and depends on the version that runs', async () => {
    const at = folder()
    await at.bpc('init', 'deep/My Moons!')
    const made = JSON.parse(at.read('deep/My Moons!/package.json')) as { name: string; dependencies: object }
    const { version } = JSON.parse((await import('node:fs')).readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    expect(made).toMatchObject({ name: 'my-moons', dependencies: { 'bp-lang': `^${version}` } })
  })

  it('makes the same files every time', async () => {
    const at = folder()
    await at.bpc('init', 'a')
    await at.bpc('init', 'b')
    expect(at.read('a/points.csv')).toBe(at.read('b/points.csv'))
    expect(at.read('a/points.csv').split('\n')).toHaveLength(302)
  })

  it('overwrites nothing, and writes nothing where anything is in the way', async () => {
    const at = folder({ 'here/run.ts': 'mine', file: 'mine' })
    const ended = await at.bpc('init', 'here')
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain('init overwrites nothing, but here/run.ts is there already')
    expect(at.read('here/run.ts')).toBe('mine')
    expect(folderNames(at.path, 'here')).toEqual(['run.ts'])
    expect(await at.bpc('init', 'file')).toMatchObject({ status: 2, stderr: expect.stringContaining('file is there already, and is no directory') as string })
  })

  it('names the templates where another is asked for', async () => {
    const ended = await folder().bpc('init', 'a', '--template', 'moons')
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('classifier, hybrid, vqe') as string })
  })
})

const folderNames = (path: string, name: string): readonly string[] => execFileSync('ls', [join(path, name)], { encoding: 'utf8' }).trim().split('\n')
