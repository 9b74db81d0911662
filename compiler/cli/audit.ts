/** The audit itself: every parameter's gradient against differences of the loss, and by each method of the circuits. */
import type { Evaluation, Executable, Model, ModelTypes } from 'bp-lang'
import type { Plan, Precision } from '../../ir/plan'
import type { GradientMethod } from '../../quantum/engine'
import { compareAt, roundingTolerance, type Comparison } from './differences'
import { sampleIndices, type Draw } from './drawnInputs'
import { runFailed } from './outcome'

/** Of one parameter; four evaluations each. */
const MOST_CHECKED = 64

export interface AuditedParameter {
  readonly path: string
  readonly count: number
  readonly checked: number
  /** Elements where the slopes to both sides differ and the compiled one is between them. */
  readonly corners: number
  /** Elements beside which the loss is not finite. */
  readonly edges: number
  readonly ok: boolean
  /** The farthest from its tolerance; undefined where there is nothing but corners and edges. */
  readonly worst: (Comparison & { readonly element: string }) | undefined
}

export interface Audit {
  readonly loss: number
  /** The farthest from their tolerance first. */
  readonly parameters: readonly AuditedParameter[]
}

interface Auditing {
  readonly plan: Plan
  readonly model: Model
  readonly inputs: Record<string, unknown>
  /** Of the plan's `evaluate`: gives the loss alone, with none of the code that is audited. */
  readonly executable: Executable
  readonly draw: Draw
}

export async function auditParameters({ plan, model, inputs, executable, draw }: Auditing): Promise<Audit> {
  const { loss, gradients } = await model.evaluate(inputs, { grad: true, draw: 0 })
  if (loss === null || !Number.isFinite(loss)) throw notFinite(plan, loss)
  const epsilon = epsilonOf(model.precision)
  for (const { name, data } of executable.inputs) data.set(valuesOf(name, model, inputs))
  const lossOf = async () => {
    await executable.run({ seed: model.seed, step: 0 })
    return executable.results.find(({ name }) => name === 'loss')?.data[0] ?? NaN
  }
  const parameters: AuditedParameter[] = []
  for (const { path, shape } of plan.parameters) {
    const gradient = dataOf(gradients[path])
    const read = executable.inputs.find(({ name }) => name === path)
    const indices = sampleIndices(gradient.length, MOST_CHECKED, draw)
    const found: Comparison[] = []
    for (const at of indices) {
      const x = read?.data[at] ?? 0
      const lossAt = async (value: number) => {
        if (read) read.data[at] = value
        return await lossOf()
      }
      found.push(await compareAt(lossAt, x, loss, gradient[at] ?? NaN, epsilon))
      if (read) read.data[at] = x
    }
    parameters.push(audited(path, shape, indices, found))
  }
  return { loss, parameters: parameters.toSorted((a, b) => excess(b.worst) - excess(a.worst)) }
}

function audited(path: string, shape: readonly number[], indices: readonly number[], found: readonly Comparison[]): AuditedParameter {
  const judged = found.map((comparison, i) => ({ ...comparison, element: elementText(path, shape, indices[i] ?? 0) }))
  const [worst] = judged.filter(({ verdict }) => verdict === 'right' || verdict === 'wrong').toSorted((a, b) => excess(b) - excess(a))
  const counted = (kind: Comparison['verdict']) => found.filter(({ verdict }) => verdict === kind).length
  return {
    path, count: shape.reduce((product, size) => product * size, 1), checked: found.length, corners: counted('corner'), edges: counted('edge'), ok: counted('wrong') === 0, worst,
  }
}

/** How many tolerances it is off; what is no number is worst. */
function excess(comparison: Pick<Comparison, 'error' | 'tolerance'> | undefined): number {
  if (!comparison) return -1
  const ratio = comparison.error / comparison.tolerance
  return Number.isNaN(ratio) ? Infinity : ratio
}

// ------------------------------------------------------------------------------------------------------- methods

export const AUDITED_METHODS = ['parameter_shift', 'adjoint', 'finite_difference'] as const satisfies readonly GradientMethod[]

/** The element of a parameter by which the methods are farthest apart. */
export interface MethodRow {
  readonly path: string
  readonly element: string
  readonly values: readonly { readonly method: GradientMethod; readonly value: number }[]
  readonly apart: number
  readonly tolerance: number
  readonly ok: boolean
}

/** @returns a row for each parameter, the farthest apart first, and why a method that is left out was refused */
export async function comparedMethods(
  plan: Plan, loss: number, precision: Precision, evaluate: (method: GradientMethod) => Promise<Evaluation<ModelTypes>>,
): Promise<{ readonly rows: readonly MethodRow[]; readonly refused: readonly string[] }> {
  const refused: string[] = []
  const evaluated: { readonly method: GradientMethod; readonly gradients: Readonly<Record<string, unknown>> }[] = []
  for (const method of AUDITED_METHODS) {
    try {
      const { gradients } = await evaluate(method)
      evaluated.push({ method, gradients: { ...gradients } })
    } catch (error) {
      // What an engine has no rule for names its circuit: no method takes every circuit.
      if (!(error instanceof Error && error.message.startsWith('circuit '))) throw error
      refused.push(`${method} is left out: ${error.message}`)
    }
  }
  const rows = plan.parameters.map(({ path, shape }): MethodRow => {
    const gradients = evaluated.map(({ method, gradients: all }) => ({ method, data: dataOf(all[path]) }))
    const count = gradients[0]?.data.length ?? 0
    let row: MethodRow = { path, element: path, values: [], apart: 0, tolerance: 0, ok: true }
    for (let at = 0; at < count; at++) {
      const values = gradients.map(({ method, data }) => ({ method, value: data[at] ?? NaN }))
      const numbers = values.map(({ value }) => value)
      const apart = Math.max(...numbers) - Math.min(...numbers)
      const tolerance = roundingTolerance(epsilonOf(precision), loss, Math.max(...numbers.map(Math.abs)))
      const found: MethodRow = { path, element: elementText(path, shape, at), values, apart, tolerance, ok: apart <= tolerance }
      if (at === 0 || excess({ error: apart, tolerance }) > excess({ error: row.apart, tolerance: row.tolerance })) row = found
    }
    return row
  })
  const ratio = ({ apart, tolerance }: MethodRow) => excess({ error: apart, tolerance })
  return { rows: rows.toSorted((a, b) => ratio(b) - ratio(a)), refused }
}

// --------------------------------------------------------------------------------------------------------- values

const epsilonOf = (precision: Precision): number => (precision === 'f32' ? 2 ** -23 : 2 ** -52)

/** What a program's input of this name holds: a value of the call, a parameter or a state. */
function valuesOf(name: string, model: Model, inputs: Readonly<Record<string, unknown>>): ArrayLike<number> {
  if (name in inputs) return dataOf(inputs[name])
  return dataOf(model.parameters.paths.includes(name) ? model.parameters.get(name) : model.states.get(name))
}

/** Row-major numbers of a tensor or of nested arrays; bools are 0 and 1. */
function dataOf(value: unknown): ArrayLike<number> {
  if (typeof value === 'object' && value !== null && 'data' in value) return value.data as ArrayLike<number>
  return (Array.isArray(value) ? value.flat(Infinity) : [value]).map(Number)
}

/** `w[1, 0, 2]`. */
function elementText(path: string, shape: readonly number[], at: number): string {
  if (shape.length === 0) return path
  const index: number[] = []
  let rest = at
  for (const size of shape.toReversed()) {
    index.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return `${path}[${index.join(', ')}]`
}

function notFinite(plan: Plan, loss: number | null): Error {
  return runFailed(`the loss of ${plan.model} is ${loss} here, so it has no slope`, 'give values with --values FILE.json or --set NAME=JSON, or another --seed')
}
