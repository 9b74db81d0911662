import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../cli/bpc'
import { install, pack, type Project } from './installed'

describe('the tarball', () => {
  let folder: string, bytes: Uint8Array<ArrayBuffer>
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bp-tarball-'))
    bytes = new Uint8Array(readFileSync(await pack(folder)))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('has nothing that publint complains about', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
    expect(pkg?.name).toBe('bp-lang')
    expect(messages.map(message => formatMessage(message, pkg ?? {}, { color: false }))).toEqual([])
  })

  it('has what users need, and nothing else', () => {
    const files = createPackageFromTarballData(bytes).listFiles().map(path => path.replace('/node_modules/bp-lang/', ''))
    const kinds = new Set(files.map(path => path.replace(/^(dist|stdlib|docs\/diagnostics)\/.*(\.(?:d\.ts|js|bp|md))$/, '$1/*$2')))
    const pages = existsSync(join(ROOT, 'docs/diagnostics')) ? ['docs/diagnostics/*.md'] : []
    expect([...kinds].sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.md', 'dist/*.d.ts', 'dist/*.js', ...pages, 'package.json', 'stdlib/*.bp'])
  })

  it('has types that are those of its modules, for Node and for bundlers', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(bytes))
    if (!analysis.types) throw new Error('no types')
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(['.', './compiler', './package.json', './quantum'])
    // The package is ES modules only. `node10` knows no `exports` and is gone from TypeScript 7; that a CommonJS file gets an
    // ES module from `require` is what Node does from 20.19 on, which is the least that `engines` asks for.
    const outOfScope = ['node10', 'node16-cjs']
    const problems = analysis.problems.filter(problem => !('resolutionKind' in problem && outOfScope.includes(problem.resolutionKind)))
    expect(problems).toEqual([])
  })
})

describe('installed in a fresh project', () => {
  let project: Project
  beforeAll(async () => { project = await install() })
  afterAll(() => project.remove())

  it('compiles a model with its own bpc, and the module trains and predicts', async () => {
    project.write('line.bp', 'model Line {\n  input x: real[batch]\n  target y: real[batch]\n  param slope: real ~ zeros()\n  output guess = slope * x\n  loss mean((guess - y)^2)\n}\n')
    expect(await project.shell('bpc line.bp')).toMatchObject({ status: 0, stderr: '' })
    project.write('run.js', `import { Line } from './line.bp.js'
const model = await Line.create()
await model.fit({ x: [1, 2, 3], y: [2, 4, 6] }, { epochs: 1, optimizer: { name: 'sgd', rate: 3 / 28 } })
const { guess } = await model.predict({ x: [10] })
console.log(JSON.stringify(guess.toArray()))
`)
    const { status, stdout, stderr } = await project.run(process.execPath, 'run.js')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    // The slope starts at 0, where the loss has the derivative −2·mean(x y) = −56/3: a step of 3/28 of it leads to 2, in 32 bits.
    const [guess = NaN] = JSON.parse(stdout) as number[]
    expect(Math.abs(guess - 20)).toBeLessThan(20 * 2 ** -20)
  })

  it('has its compiler and its circuits under their own names', async () => {
    project.write('names.js', `import { compile } from 'bp-lang/compiler'
import { GATE_NAMES } from 'bp-lang/quantum'
const text = 'model M {\\n  param w: real\\n  loss w^2\\n}\\n'
const host = { readText: async () => text, readBytes: async () => undefined, resolve: (from, path) => path }
const { ok, files } = await compile('m.bp', host)
console.log(JSON.stringify({ ok, files: files.map(file => file.name), cx: GATE_NAMES.includes('cx') }))
`)
    const { stdout, stderr } = await project.run(process.execPath, 'names.js')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ ok: true, files: ['m.bp.js', 'm.bp.d.ts'], cx: true })
  })

  it('is loaded by require too, from the least version of Node that it asks for', async () => {
    project.write('old.cjs', `console.log(typeof require('bp-lang').defineModel)\n`)
    expect((await project.run(process.execPath, 'old.cjs')).stdout).toBe('function\n')
  })

  it('explains its diagnostics without the clone it was built in', async () => {
    const { status, stdout } = await project.shell('bpc explain BP3004')
    expect(status).toBe(0)
    expect(stdout).toMatch(/shape-mismatch/)
  })
})
