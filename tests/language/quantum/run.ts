/** Runs quantum programs from text, in f64: their values, their gradients, and central differences to hold those to. */
import { expect } from 'vitest'
import { compile } from '../../../compiler/compile'
import type { CompileOptions } from '../../../compiler/host'
import type { OpAttributes } from '../../../ir/op'
import type { Plan, Program } from '../../../ir/plan'
import type { Model, UntypedModel } from '../../../runtime/model'
import { complaints, flat, hostOf, load, runModel, type Loaded, type Nested } from '../run'

export { complaints }
export type Values = Readonly<Record<string, Nested>>

export interface Running {
  readonly plan: Plan
  /** Outputs, flat, by name. The first run is also held to the graph before optimisation. */
  outputs(values?: Values): Promise<Readonly<Record<string, readonly number[]>>>
  loss(values?: Values): Promise<number>
  /** Gradients of the loss, flat, by parameter. */
  gradients(values?: Values): Promise<Readonly<Record<string, readonly number[]>>>
}

export async function start(text: string, options: CompileOptions = {}): Promise<Running> {
  const loaded = await load(text, options)
  const { model } = loaded
  const inputsOf = (values: Values) => Object.fromEntries(Object.entries(values).filter(([name]) => !setParameter(model, name, values[name])))
  return {
    plan: loaded.model.plan,
    outputs: async (values = {}) => flatAll((await held(loaded, values)).outputs),
    loss: async (values = {}) => (await model.evaluate(inputsOf(values), { draw: 0 })).loss ?? NaN,
    async gradients(values = {}) {
      const { gradients } = await model.evaluate(inputsOf(values), { grad: true, draw: 0 })
      return Object.fromEntries(Object.entries(gradients).map(([name, { data }]) => [name, Array.from(data)]))
    },
  }
}

const held = (loaded: Loaded, values: Values) => runModel(loaded, values)

const flatAll = (tensors: Readonly<Record<string, Nested>>) => Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, flat(value)]))

function setParameter(model: Model<UntypedModel>, name: string, value: Nested | undefined): boolean {
  if (!model.parameters.paths.includes(name)) return false
  model.parameters.set(name, value as never)
  return true
}

/** One output, flat, of a program that is run once. */
export async function outputOf(text: string, values: Values = {}, options: CompileOptions = {}): Promise<readonly number[]> {
  const outputs = await (await start(text, options)).outputs(values)
  const [first] = Object.values(outputs)
  if (!first) throw new Error('the program has no output')
  return first
}

/** Plans of a program without mistakes; it may be odd, as one small enough to be looked through is. */
export async function planOf(text: string, options: CompileOptions = {}): Promise<Plan> {
  const { plans, diagnostics } = await compile('main.bp', hostOf({ 'main.bp': text }), options)
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([])
  const [plan] = plans
  if (!plan) throw new Error('the program has no model')
  return plan
}

/** What the circuit steps of a program run, those inside loops too, in order. */
export function circuitSteps({ steps }: Program): readonly (OpAttributes['circuit'] & { readonly active?: readonly number[] })[] {
  return steps.flatMap(step => {
    if (step.kind === 'loop') return circuitSteps(step.body)
    return step.kind === 'routine' && (step.op === 'circuit' || step.op === 'circuitVjp') ? [step.attributes as OpAttributes['circuit']] : []
  })
}

export function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number, what = ''): void {
  expect(actual.length, what).toBe(expected.length)
  actual.forEach((value, at) => {
    const wanted = expected[at] ?? NaN
    expect(Math.abs(value - wanted), `${what} element ${at}: ${value}, expected ${wanted}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(wanted)))
  })
}

const mapAt = (value: Nested, at: number, change: number): Nested => {
  let seen = 0
  const walk = (part: Nested): Nested => (Array.isArray(part) ? (part as readonly Nested[]).map(walk) : seen++ === at ? Number(part) + change : part)
  return walk(value)
}

/** h = 1e−4 with the four-point stencil leaves h⁴·f⁗/30 < 1e−13 of truncation and 1e−16/h ≈ 1e−12 of rounding. */
const STEP = 1e-4

/** Gradients of the loss by the named parameters, held to fourth-order central differences of the loss. */
export async function expectGradients(text: string, values: Values, names: readonly string[], tolerance = 1e-9, options: CompileOptions = {}): Promise<void> {
  const program = await start(text, options)
  const found = await program.gradients(values)
  for (const name of names) {
    const value = values[name] ?? 0
    const differences: number[] = []
    for (let at = 0; at < flat(value).length; at++) {
      const lossAt = (change: number) => program.loss({ ...values, [name]: mapAt(value, at, change) })
      const [near, far] = [await lossAt(STEP) - await lossAt(-STEP), await lossAt(2 * STEP) - await lossAt(-2 * STEP)]
      differences.push((8 * near - far) / (12 * STEP))
    }
    expectClose(found[name] ?? [], differences, tolerance, `gradient by ${name}`)
  }
}

/** Numbers in (−1.5, 1.5) that no two places share: Weyl's sequence by the golden ratio. */
export function spread(count: number, stream = 0): number[] {
  return Array.from({ length: count }, (_, i) => (((i + 1) * 0.6180339887498949 + stream * 0.0545085 + 0.0137) % 1) * 3 - 1.5)
}

/** A flat list under a shape. */
export function shaped(numbers: readonly number[], ...shape: readonly number[]): Nested {
  const [size, ...rest] = shape
  if (size === undefined) return numbers[0] ?? NaN
  const stride = numbers.length / size
  return Array.from({ length: size }, (_, i) => shaped(numbers.slice(i * stride, (i + 1) * stride), ...rest))
}
