/** What a project's own TypeScript says of the declarations: the three majors, both ways to resolve, every check on. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../cli/bpc'
import { install, type Project } from './installed'

const COMPILERS = { 'TypeScript 5.9': 'typescript-5.9', 'TypeScript 6': 'typescript', 'TypeScript 7': 'typescript-7' } as const

/** In Node the DOM's types are not there, and in a browser those of Node are not. */
const SETTINGS = {
  'a bundler, in a browser': { module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2022', 'DOM'], types: [] },
  'Node': { module: 'NodeNext', moduleResolution: 'NodeNext', lib: ['ES2022'], types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
} as const

const MODEL = `use std.nn.dense
use std.loss.cross_entropy

/// Twice a tensor, and its squares.
fn both(x: real[n]) -> (real[n], real[n]) { return 2 * x, x^2 }

circuit turn(angle: real[2]) -> real[2] {
  qubits q[2]
  ry(angle) q
  return [expect(Z(q[i])) for i in 0..2]
}

/// Classes of sequences.
model Study {
  /// One row a sequence.
  input  x: real[batch, time, 3]
  input  mask: bool[batch]
  target y: int[batch] in 0..2
  param  scale: real[3] in (0, inf)
  let features = mean(x * scale, axis = 1) |> dense(2)
  let logits = features * reshape(where(mask, 1.0, 0.5), [batch, 1])
  output mixed = turn(features)
  output probability = softmax(logits)
  output class = argmax(logits)
  loss   cross_entropy(logits, y)
  metric accuracy = mean(class == y)
}
`

/** Every `@ts-expect-error` is a test: without a mistake in the next line, tsc complains of it. */
const CONSUMER = `import { Study, both, turn } from './study.bp.js'
import { loadData, RunError, Tensor, type FitOptions, type History } from 'bp-lang'
import { compile, type Diagnostic } from 'bp-lang/compiler'
import { GATES, type Circuit } from 'bp-lang/quantum'

const model: Study = await Study.create({ seed: 7, backend: 'reference', precision: 'f64' })
const x = [[[1, 2, 3]]], mask = [true], y = [0]

// As it is meant.
const options: FitOptions = { epochs: 2, batch: 1, optimizer: { name: 'adam', rate: 0.1 }, onEpoch: epoch => { epoch.loss.toFixed() } }
const history: History = await model.fit({ x, mask, y }, options)
const typed: History<{ readonly accuracy: number }> = await model.fit({ x, mask, y }, { epochs: 1, onEpoch: ({ metrics, holdout }) => { (metrics.accuracy + (holdout?.metrics.accuracy ?? 0)).toFixed() } })
for await (const epoch of model.epochs({ x, mask, y }, options)) if (epoch.loss < 0.1 || epoch.metrics.accuracy > 0.9) break
const { probability, class: chosen, mixed } = await model.predict({ x: { data: new Float32Array(3), shape: [1, 1, 3] }, mask })
const two: 2 = probability.shape[1]
const rows: number[][] = probability.toArray(), classes: number[] = chosen.toArray(), flags: Int32Array = chosen.data
const { loss, metrics, gradients } = await model.evaluate({ x, mask, y }, { grad: true })
const scale: number[] = gradients.scale.toArray(), kernel: [3, 2] = gradients['features.dense.W'].shape
model.parameters.set('scale', [1, 2, 3])
model.parameters.set('features.dense.W', { data: new Float32Array(6), shape: [3, 2] })
const weights: Tensor<[3, 2]> = model.parameters.get('features.dense.W')
await model.save('study.safetensors')
const [double, square] = await both([1, 2])
const measured: number[] = (await turn([0, 1])).toArray()
export const all = [history, typed, two, rows, classes, flags, mixed, loss, metrics.accuracy, scale, kernel, weights, double, square, measured, loadData, RunError, compile, GATES]
export type Named = [Diagnostic, Circuit]

// As it is not.
// @ts-expect-error a wrong input name
await model.predict({ x, masks: mask })
// @ts-expect-error an input that is missing
await model.predict({ x })
// @ts-expect-error a wrong rank
await model.predict({ x: [[1, 2, 3]], mask })
// @ts-expect-error a wrong size
await model.predict({ x: { data: [1, 2], shape: [1, 1, 2] }, mask })
// @ts-expect-error a wrong element
await model.predict({ x, mask: ['yes'] })
// @ts-expect-error a target that is missing
await model.fit({ x, mask })
// @ts-expect-error a wrong option
await model.fit({ x, mask, y }, { epoch: 2 })
// @ts-expect-error a target that is missing
for await (const _ of model.epochs({ x, mask })) break
// @ts-expect-error a metric that the model has not, in the history
void (await model.fit({ x, mask, y })).epochs[0]?.metrics.accurracy
// @ts-expect-error a metric that the model has not, of an epoch
await model.fit({ x, mask, y }, { onEpoch: ({ holdout }) => { void holdout?.metrics.accurracy } })
// @ts-expect-error a wrong optimizer
await model.fit({ x, mask, y }, { optimizer: { name: 'adamm' } })
// @ts-expect-error an option of another optimizer
await model.fit({ x, mask, y }, { optimizer: { name: 'sgd', beta1: 0.9 } })
// @ts-expect-error a wrong backend
await Study.create({ backend: 'cuda' })
// @ts-expect-error a wrong option of create
await Study.create({ seeds: 7 })
// @ts-expect-error a wrong output name
void (await model.predict({ x, mask })).probabilities
// @ts-expect-error a wrong parameter path
model.parameters.get('features.W')
// @ts-expect-error a wrong parameter path
model.parameters.set('feature.dense.W', [[1, 2], [3, 4], [5, 6]])
// @ts-expect-error a wrong rank of a parameter
model.parameters.set('scale', [[1, 2, 3]])
// @ts-expect-error gradients of a wrong path
void gradients['dense.W']
// @ts-expect-error a file name that is no text
await model.save(1)
// @ts-expect-error too many arguments
await turn([0, 1], [2])
// @ts-expect-error a wrong rank of an argument
await both([[1, 2]])
// @ts-expect-error results that are not there
const [one, other, third] = await both([1, 2])
`

describe('the declarations of the package and of a compiled model', () => {
  let project: Project
  beforeAll(async () => {
    project = await install()
    project.write('study.bp', MODEL)
    const { status, stderr } = await project.shell('bpc study.bp')
    if (status !== 0) throw new Error(stderr)
    project.write('consumer.ts', CONSUMER)
  })
  afterAll(() => project.remove())

  const cases = Object.entries(COMPILERS).flatMap(([compiler, alias]) =>
    Object.entries(SETTINGS).map(([setting, options]) => [compiler, setting, alias, options] as const))

  it.each(cases)('%s takes them for %s, and refuses what is wrong', async (_, setting, alias, options) => {
    const config = `tsconfig.${alias}.${setting === 'Node' ? 'node' : 'browser'}.json`
    project.write(config, JSON.stringify({
      compilerOptions: {
        target: 'ES2022', strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true,
        skipLibCheck: false, noEmit: true, ...options,
      },
      files: ['consumer.ts'],
    }))
    const { status, stdout } = await project.run(process.execPath, join(ROOT, 'node_modules', alias, 'bin/tsc'), '-p', config)
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})
