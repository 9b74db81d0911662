/** A program through `bpc eval --grad --precision f64`, held against values worked out by hand. */
import { expect } from 'vitest'
import { folder } from '../bpc'

export type Numbers = number | readonly Numbers[]

export interface Expected {
  readonly loss?: number
  readonly outputs?: Readonly<Record<string, Numbers>>
  readonly metrics?: Readonly<Record<string, number>>
  readonly gradients?: Readonly<Record<string, Numbers>>
}

/** Closed forms in f64 agree to rounding; 1e-10 leaves room for some thousand operations. */
const TOLERANCE = 1e-10

export async function accept(program: string, values: Readonly<Record<string, Numbers>>, expected: Expected): Promise<void> {
  const at = folder({ 'model.bp': program, 'values.json': JSON.stringify(values) })
  const { status, stdout, stderr } = await at.bpc('eval', 'model.bp', '--values', 'values.json', '--grad', '--precision', 'f64')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const found = JSON.parse(stdout) as Required<Expected>
  if (expected.loss !== undefined) near('loss', found.loss, expected.loss)
  for (const part of ['outputs', 'metrics', 'gradients'] as const) {
    for (const [name, value] of Object.entries(expected[part] ?? {})) near(`${part}.${name}`, found[part][name], value)
  }
}

function near(what: string, found: unknown, expected: Numbers): void {
  if (typeof expected === 'number') {
    expect(found, what).toBeTypeOf('number')
    expect(Math.abs(Number(found) - expected), `${what}: ${String(found)} is not ${expected}`).toBeLessThanOrEqual(TOLERANCE * Math.max(1, Math.abs(expected)))
    return
  }
  expect(Array.isArray(found) && found.length, what).toBe(expected.length)
  expected.forEach((value, i) => near(`${what}[${i}]`, (found as unknown[])[i], value))
}
