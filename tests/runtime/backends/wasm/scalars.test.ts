/** Every scalar function as vector code: against its row of the table, element by element. */
import { describe, expect, it } from 'vitest'
import type { Precision } from '../../../../ir/plan'
import { applyScalar, SCALARS, scalarElement, type ScalarName } from '../../../../ir/scalar'
import { tensor, type Element } from '../../../../ir/type'
import { runByName } from '../../../../runtime/backends/backend'
import { WASM } from '../../../../runtime/backends/wasm'
import { ProgramBuilder, randomNumbers } from '../../support'

const NAMES = Object.keys(SCALARS) as ScalarName[]
const SPECIAL = [
  0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 1e-9, 40, -40, 88, -88, 104, 708, -708, 745, -745, 800, -800, 1e5, 1e7, 1e20, NaN, Infinity, -Infinity,
  2 ** -126, 2 ** -149, 2 ** -1022, 2 ** -1074, Math.PI, Math.PI / 2, Math.SQRT2, Math.SQRT1_2,
]
const WHOLE = [0, 1, -1, 2, -2, 3, 7, -7, 100, -100, 46341, 2 ** 30, -(2 ** 31), 2 ** 31 - 1]

/** Elements that each function takes. */
function argumentElements(name: ScalarName): Element[][] {
  const { arity, elements } = SCALARS[name]
  const all = (element: Element) => Array.from({ length: arity }, () => element)
  switch (elements) {
    case 'logic': return [all('bool')]
    case 'choose': return [['bool', 'real', 'real'], ['bool', 'int', 'int'], ['bool', 'bool', 'bool']]
    case 'real': return [all('real')]
    case 'arithmetic': return [all('real'), all('int')]
    case 'compare': case 'toReal': case 'toInt': case 'toBool': return [all('real'), all('int'), all('bool')]
    default: return elements satisfies never
  }
}

/** Every combination of special values, and random ones of all sizes of exponent near 1. */
function rowsFor(elements: readonly Element[]): number[][] {
  const next = randomNumbers(11)
  const values = (element: Element) => (element === 'bool' ? [0, 1] : element === 'int' ? WHOLE : SPECIAL)
  let rows: number[][] = [[]]
  for (const element of elements) rows = rows.flatMap(row => values(element).map(value => [...row, value]))
  const random = (element: Element) => (element === 'bool' ? Number(next() > 0) : element === 'int' ? Math.round(next() * 1000) : next() * 10 ** Math.floor(next() * 4))
  return [...rows, ...Array.from({ length: 500 }, () => elements.map(random))]
}

/** In units of the last place of the result: what vectors may lose against Math's own. */
const ULPS = 4

function expectClose(actual: number, expected: number, precision: Precision, what: string): void {
  if (!Number.isFinite(expected) || expected === 0) {
    // A result below the least normal number may be rounded to nothing on the way.
    expect(Number.isFinite(expected) ? Math.abs(actual) <= 2 ** (precision === 'f32' ? -148 : -1073) : Object.is(actual, expected), `${what}: ${actual}, not ${expected}`).toBe(true)
    return
  }
  const epsilon = precision === 'f32' ? 2 ** -23 : 2 ** -52
  const least = precision === 'f32' ? 2 ** -149 : 2 ** -1074
  expect(Math.abs(actual - expected), `${what}: ${actual}, not ${expected}`).toBeLessThanOrEqual(ULPS * Math.max(least, epsilon * Math.abs(expected)))
}

for (const precision of ['f64', 'f32'] as const) {
  describe(`scalar functions in vectors of ${precision}`, () => {
    for (const name of NAMES) for (const elements of argumentElements(name)) {
      it(`${name} of ${elements.join(', ')} is within ${ULPS} units in the last place of the table's`, async () => {
        const round = (x: number, element: Element) => (element === 'real' && precision === 'f32' ? Math.fround(x) : x)
        const rows = rowsFor(elements).map(row => row.map((x, i) => round(x, elements[i] ?? 'real')))
        const builder = new ProgramBuilder()
        const out = scalarElement(name, elements) ?? 'real'
        const args = elements.map((element, i) => builder.input(`a${i}`, tensor(element, [rows.length])))
        builder.result('out', builder.map(name, args, tensor(out, [rows.length])))
        const executable = await WASM.prepare(builder.build(), new Map(), precision)
        const results = await runByName(executable, new Map(elements.map((_, i) => [`a${i}`, rows.map(row => row[i] ?? 0)])))
        const data = results.get('out')?.data ?? []
        rows.forEach((row, i) => {
          const exact = applyScalar(name, row)
          // What an int cannot hold is nobody's: the table's number is not in the language's range.
          if (out === 'int' && (!Number.isFinite(exact) || Math.abs(exact) > 2 ** 31 - 1)) return
          expectClose(data[i] ?? NaN, out === 'int' ? Math.trunc(exact) : round(exact, out), precision, `${name}(${row.join(', ')})`)
        })
      })
    }
  })
}
