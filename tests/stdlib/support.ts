/** Numbers of a routine of the standard library, its gradients held to central differences, and the arithmetic to hold them to. */
import { expect } from 'vitest'
import { flat, load, run, type Given, type Nested, type Values } from '../language/run'
import { copyTensor } from '../../runtime/tensor'
import type { Model, UntypedModel } from '../../runtime/model'

/** Sums of a few hundred terms in f64, in whatever order: some hundred roundings of 1e−16. */
export const EXACT = 1e-13

/** The outputs of a program by name. */
export async function outputsOf(text: string, values: Values = {}): Promise<Readonly<Record<string, Nested>>> {
  return (await run(text, values)).outputs
}

/** What one expression gives, the standard library's modules being in sight: `valueOf('std.prob.log_gamma', 'log_gamma(x)', { x: 'real[3]' }, { x })`. */
export async function valueOf(use: string, expression: string, inputs: Readonly<Record<string, string>>, values: Values): Promise<Nested> {
  const declared = Object.entries(inputs).map(([name, type]) => `input ${name}: ${type}\n`).join('')
  const { result } = await outputsOf(`use ${use}\nmodel M {\n${declared}output result = ${expression}\n}`, values)
  return result ?? NaN
}

export function expectClose(found: Nested | undefined, expected: Nested, tolerance: number = EXACT): void {
  const [ours, theirs] = [flat(found ?? []), flat(expected)]
  expect(ours.length).toBe(theirs.length)
  theirs.forEach((number, at) => {
    const allowed = tolerance * (1 + Math.abs(number))
    if (Number.isFinite(number)) expect(Math.abs((ours[at] ?? NaN) - number), `element ${at}: ${ours[at]}, not ${number}`).toBeLessThanOrEqual(allowed)
    else expect(ours[at]).toBe(number)
  })
}

/**
 * Holds the gradients of the loss, of every parameter, to central differences: h = 1e−5 leaves h²·f‴/6 ≈ 1e−10 of
 * truncation and 1e−16·|f|/h ≈ 1e−11 of rounding, and 1e−7 covers third derivatives up to 1000.
 */
export async function expectGradients(text: string, values: Values = {}): Promise<void> {
  const { model } = await load(text)
  const inputs: Record<string, Given> = {}
  for (const [name, value] of Object.entries(values)) {
    if (model.parameters.paths.includes(name)) model.parameters.set(name, value as never)
    else inputs[name] = value
  }
  const { gradients } = await model.evaluate(inputs, { grad: true, draw: 0 })
  expect(Object.keys(gradients).length).toBeGreaterThan(0)
  for (const [path, gradient] of Object.entries(gradients)) {
    for (const [at, found] of gradient.data.entries()) {
      const difference = (await lossAt(model, inputs, path, at, 1e-5) - await lossAt(model, inputs, path, at, -1e-5)) / 2e-5
      expect(Math.abs(Number(found) - difference), `${path}, element ${at}: ${found}, by differences ${difference}`).toBeLessThan(1e-7 * (1 + Math.abs(difference)))
    }
  }
}

async function lossAt(model: Model<UntypedModel>, inputs: Readonly<Record<string, Given>>, path: string, at: number, by: number): Promise<number> {
  const before = model.parameters.get(path)
  const moved = copyTensor('real', before.data, before.shape)
  moved.data[at] = Number(moved.data[at]) + by
  model.parameters.set(path, moved as never)
  const { loss } = await model.evaluate(inputs, { draw: 0 })
  model.parameters.set(path, before as never)
  return loss ?? NaN
}

// ---------------------------------------------------------------------------------------------- plain arithmetic

export type Vector = readonly number[]
export type Matrix = readonly Vector[]

/** Numbers in (−1, 1) without pattern: Weyl's sequence by the golden ratio, shifted for each stream. */
export const spread = (count: number, stream = 0): number[] =>
  Array.from({ length: count }, (_, i) => (((i + 1) * 0.6180339887498949 + (stream + 1) * 0.4142135623730951) % 1) * 2 - 1)

export const spreadMatrix = (rows: number, columns: number, stream = 0): number[][] => {
  const numbers = spread(rows * columns, stream)
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns))
}

export const at = (vector: Vector, i: number): number => vector[i] ?? NaN
export const entry = (matrix: Matrix, i: number, j: number): number => at(matrix[i] ?? [], j)
export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * at(b, i), 0)
export const columns = (matrix: Matrix): Matrix => (matrix[0] ?? []).map((_, j) => matrix.map(row => at(row, j)))
/** A row vector times a matrix. */
export const times = (row: Vector, matrix: Matrix): number[] => columns(matrix).map(column => dot(row, column))
export const plus = (a: Vector, b: Vector): number[] => a.map((x, i) => x + at(b, i))
export const sumOf = (numbers: Vector): number => numbers.reduce((a, b) => a + b, 0)
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** ∫ f from low to high by Simpson's rule: an error of (high − low) h⁴ f⁗/180. */
export function integral(f: (x: number) => number, low: number, high: number, intervals = 20_000): number {
  const h = (high - low) / intervals
  let sum = f(low) + f(high)
  for (let i = 1; i < intervals; i++) sum += (i % 2 === 1 ? 4 : 2) * f(low + i * h)
  return sum * h / 3
}
