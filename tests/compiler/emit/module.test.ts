import fc from 'fast-check'
import ts from 'typescript'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LiteralPrinter } from '../../../compiler/6-emit/literal'
import { emitModule } from '../../../compiler/6-emit/module'
import type { Plan } from '../../../ir/plan'
import { SAMPLE } from './samplePlan'

const source = { sourceName: 'moons.bp', version: '0.1.0' }

/** What the module exports, with plans in place of models. */
async function load(js: string): Promise<Record<string, unknown>> {
  const text = js.replace(`import { defineModel } from 'bp-lang'`, 'const defineModel = plan => plan')
  expect(text).not.toBe(js)
  return await import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`) as Record<string, unknown>
}

describe('the emitted module', () => {
  it('holds exactly the plan, numbers that are not finite and −0 included', async () => {
    const { Moons } = await load(emitModule({ ...source, plans: [SAMPLE] }).js)
    // toStrictEqual tells −0 from 0 and takes NaN for itself.
    expect(Moons).toStrictEqual(SAMPLE)
  })

  it('writes what stands in it many times once', () => {
    const { js } = emitModule({ ...source, plans: [SAMPLE] })
    expect(js.match(/qubits: 2/g)).toHaveLength(1)
    expect(js.match(/atoms: \["batch"\]/g)?.length).toBeLessThanOrEqual(2)
  })

  it('names its source and version first, and keeps to lines that a reader can follow', () => {
    const { js } = emitModule({ ...source, plans: [SAMPLE] })
    expect(js.split('\n')[0]).toBe('// Generated from moons.bp by bpc 0.1.0. Changes here are lost; change the source.')
    expect(js.split('\n').filter(line => line.includes('kind: "kernel"') && line.includes('kind: "reshape"'))).toEqual([])
  })

  it('cannot be broken by a name: the source’s stays in its comment, a model’s may be a word of JavaScript', async () => {
    const named = (model: string): Plan => ({ ...SAMPLE, model })
    const { js } = emitModule({ ...source, sourceName: 'a\nthrow 1', plans: [named('class'), named('defineModel'), named('Größe'), named('let')] })
    const module = await load(js)
    expect(Object.keys(module).sort()).toEqual(['Größe', 'class', 'defineModel', 'let'])
    expect(module.class).toMatchObject({ model: 'class' })
  })

  it('reads back any data', async () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(-0, NaN, Infinity, 5e-324, 1.7976931348623157e308))
    const data = fc.array(fc.oneof(number, fc.string({ unit: 'binary' }), fc.boolean(), fc.array(number, { maxLength: 40 }),
      fc.record({ terms: fc.array(fc.record({ coefficient: fc.integer(), atoms: fc.array(fc.string()) }, { noNullPrototype: true })) }, { noNullPrototype: true }),
      fc.record({ steps: fc.array(fc.record({ 'a.b': number, 'ü': fc.string(), if: fc.boolean() }, { noNullPrototype: true })) }, { noNullPrototype: true })))
    await fc.assert(fc.asyncProperty(data, async value => {
      const printer = new LiteralPrinter()
      const text = printer.print(value)
      const { default: read } = await import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(`${printer.preamble()}export default ${text}`).toString('base64')}`) as { default: unknown }
      expect(read).toStrictEqual(value)
    }), { numRuns: 200 })
  })
})

// --------------------------------------------------------------------------------------------------------- types

const room = fileURLToPath(new URL('../../../', import.meta.url))
const OPTIONS: ts.CompilerOptions = {
  strict: true, noEmit: true, skipLibCheck: false, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler, types: ['node'], typeRoots: [`${room}node_modules/@types`],
  paths: { 'bp-lang': [`${room}runtime/index.ts`] },
}

/** Sources of the runtime and the standard library are read once. */
const sources = new Map<string, ts.SourceFile | undefined>()

/** Messages of tsc for programs that use the declarations; one list a program. */
function complaints(dts: string, programs: readonly string[]): readonly (readonly string[])[] {
  const files = new Map([[`${room}virtual.bp.d.ts`, dts], ...programs.map((text, at): [string, string] => [`${room}virtual${at}.ts`, text])])
  const host = ts.createCompilerHost(OPTIONS)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = name => files.has(name) || fileExists(name)
  host.readFile = name => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, options, ...rest) => {
    const text = files.get(name)
    if (text !== undefined) return ts.createSourceFile(name, text, options)
    if (!sources.has(name)) sources.set(name, getSourceFile(name, options, ...rest))
    return sources.get(name)
  }
  const program = ts.createProgram([...files.keys()], OPTIONS, host)
  return [...files.keys()].map(name => {
    const file = program.getSourceFile(name)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  })
}

const uses = (code: string) => `import { Moons } from './virtual.bp.js'\nconst model: Moons = await Moons.create({ seed: 7 })\n${code}\nexport {}\n`

const RIGHT = uses(`
await model.fit({ x: [[1, 2]], größe: 1, label: [0] }, { epochs: 1 })
for await (const { epoch, loss } of model.epochs({ x: [[1, 2]], größe: 1, label: [0] }, { epochs: 1 })) epoch satisfies number, loss satisfies number
const { probability, chosen } = await model.predict({ x: { data: new Float32Array(2), shape: [1, 2] }, größe: 2 })
const rows: number[][] = probability.toArray()
const flags: boolean[] = chosen.toArray()
const four: 4 = probability.shape[1]
const { loss, metrics, gradients } = await model.evaluate({ x: [[1, 2]], größe: 1, label: [1] }, { grad: true })
const accuracy: number | undefined = metrics.accuracy
const weights: number[][] = gradients['features.dense.W'].toArray()
const scale: number = gradients.scale.toArray()
void [rows, flags, four, loss, accuracy, weights, scale]`)

const WRONG: Record<string, string> = {
  'a wrong input name': uses('await model.predict({ y: [[1, 2]], größe: 1 })'),
  'an input that is missing': uses('await model.predict({ x: [[1, 2]] })'),
  'a wrong rank': uses('await model.predict({ x: [1, 2], größe: 1 })'),
  'a wrong rank of a scalar': uses('await model.predict({ x: [[1, 2]], größe: [1] })'),
  'a wrong size in a shape': uses('await model.predict({ x: { data: [1, 2, 3], shape: [1, 3] }, größe: 1 })'),
  'training without a target': uses('await model.fit({ x: [[1, 2]], größe: 1 })'),
  'epochs without a target': uses('for await (const record of model.epochs({ x: [[1, 2]], größe: 1 })) void record'),
  'a wrong output name': uses('void (await model.predict({ x: [[1, 2]], größe: 1 })).probabilities'),
  'a wrong parameter path': uses("void (await model.evaluate({ x: [[1, 2]], größe: 1, label: [0] }, { grad: true })).gradients['features.W']"),
  'a wrong rank of what comes out': uses('const rows: number[] = (await model.predict({ x: [[1, 2]], größe: 1 })).probability.toArray()'),
}

describe('the emitted declarations', () => {
  it('are accepted by tsc, with the right uses; wrong ones are refused', () => {
    const { dts } = emitModule({ ...source, plans: [SAMPLE] })
    const [declarations, right, ...wrong] = complaints(dts, [RIGHT, ...Object.values(WRONG)])
    expect(declarations).toEqual([])
    expect(right).toEqual([])
    expect(Object.keys(WRONG).filter((_, at) => !wrong[at]?.length)).toEqual([])
    expect(wrong.flat().filter(message => !/not assignable|does not exist|missing/.test(message))).toEqual([])
  })

  it('are accepted for models of any name, without parameters, inputs or documentation', () => {
    const plain = (model: string): Plan => ({ ...SAMPLE, model, doc: '', inputs: [], parameters: [], outputs: [], metrics: [] })
    const names = ['class', 'Tensor', 'Record', 'MoonsTypes', 'Moons', 'string', 'defineModel', 'Größe']
    const { dts } = emitModule({ ...source, plans: names.map(plain) })
    const [declarations, use] = complaints(dts, [
      "import { class as Class, Tensor, Record, Moons, string, defineModel, Größe, MoonsTypes } from './virtual.bp.js'\n"
      + 'for (const model of [Class, Tensor, Record, Moons, string, defineModel, Größe, MoonsTypes]) await (await model.create()).predict({})\nexport {}\n',
    ])
    expect(declarations).toEqual([])
    expect(use).toEqual([])
  })

  it('say shapes in words, and what the source documents', () => {
    const { dts } = emitModule({ ...source, plans: [SAMPLE] })
    expect(dts).toContain('`real[batch, 4]`')
    expect(dts).toContain('`int[batch] in 0..2`')
    expect(dts).toContain('Points in the plane.')
    expect(dts).toContain("readonly 'features.dense.W'".replaceAll("'", '"'))
    expect(dts).toContain('[batch: number, 4]')
  })
})
