/** Assertions on programs: results against closed forms, gradients against central differences of the compiled loss. */
import { expect } from 'vitest'
import { flat, load, run, runModel, type Given, type Nested, type Outcome, type RunOptions, type Values } from './run'

/** Double precision: a few roundings of numbers near 1 to 1000. */
const ROUNDING = 1e-12

/** Runs the program and holds the named outputs to their values; outputs that are not named are free. */
export async function expectOutputs(text: string, values: Values, expected: Readonly<Record<string, Nested>>, options: RunOptions = {}): Promise<Outcome> {
  const outcome = await run(text, values, options)
  for (const [name, value] of Object.entries(expected)) expectClose(outcome.outputs[name], value, name)
  return outcome
}

export function expectClose(found: Nested | undefined, expected: Nested, name: string, tolerance = ROUNDING): void {
  expect(shapeOf(found), `shape of ${name}`).toEqual(shapeOf(expected))
  const numbers = found === undefined ? [] : flat(found)
  flat(expected).forEach((value, at) => {
    const given = numbers[at] ?? NaN
    const close = Object.is(given, value) || Math.abs(given - value) <= tolerance * (1 + Math.abs(value))
    expect(close, `${name}[${at}] is ${given}, not ${value}`).toBe(true)
  })
}

const shapeOf = (value: Nested | undefined): unknown => (Array.isArray(value) ? [value.length, shapeOf((value as readonly Nested[])[0])] : typeof value)

/** A model of one expression. */
export const ofExpression = (expression: string, declarations = ''): string => `model M {\n${declarations}\n  output y = ${expression}\n}\n`

export async function expectValue(expression: string, value: Nested, declarations = '', values: Values = {}): Promise<void> {
  await expectOutputs(ofExpression(expression, declarations), values, { y: value })
}

/** h = 1e−5 leaves h²·f‴/6 ≈ 1e−10 of truncation and 1e−16·|f|/h ≈ 1e−11 of rounding; 1e−6 covers third derivatives up to 1e4. */
const STEP = 1e-5
const DIFFERENCE = 1e-6

/** Every gradient of the loss against central differences; draws are those of evaluation 0 each time. */
export async function expectGradients(text: string, values: Values, options: RunOptions = {}): Promise<Outcome> {
  const fixed = { ...options, draw: 0 }
  const model = await load(text, options)
  const outcome = await runModel(model, values, fixed)
  for (const [path, start] of Object.entries(outcome.parameters)) {
    const numbers = flat(start)
    const gradient = flat(outcome.gradients[path] ?? [])
    expect(gradient.length, `size of the gradient of ${path}`).toBe(numbers.length)
    for (const [at, number] of numbers.entries()) {
      const lossAt = async (moved: number) => {
        const given: Record<string, Given> = { ...values, ...outcome.parameters, [path]: likeNested(start, numbers.with(at, moved)) }
        return (await runModel(model, given, fixed)).loss ?? NaN
      }
      const difference = (await lossAt(number + STEP) - await lossAt(number - STEP)) / (2 * STEP)
      const found = gradient[at] ?? NaN
      expect(Math.abs(found - difference), `${path}[${at}]: ${found}, by differences ${difference}`).toBeLessThan(DIFFERENCE * (1 + Math.abs(difference)))
    }
  }
  return outcome
}

/** The same nesting with other numbers. */
function likeNested(like: Nested, numbers: readonly number[]): Nested {
  let next = 0
  const fill = (value: Nested): Nested => (Array.isArray(value) ? (value as readonly Nested[]).map(fill) : numbers[next++] ?? NaN)
  return fill(like)
}
