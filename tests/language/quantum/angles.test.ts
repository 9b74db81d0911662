/** Angles however they are written: a circuit reads the same numbers by the same few nodes. */
import { describe, expect, it } from 'vitest'
import { compile, compileCircuits } from '../../../compiler/compile'
import { hostOf } from '../run'
import { expectClose, outputOf, planOf } from './run'

const rotations = (body: string) => `circuit c(w: real[2, 3], k: int[3]) -> real[3] {
  qubits q[3]
  ${body}
  return [expect(Z(q[i])) for i in 0..3]
}
model M {
  input k: int[3]
  param w: real[2, 3] ~ zeros()
  output y = c(w, k)
}`

const W = [[0.1, 0.5, -0.7], [1.3, 0.2, 0.9]], K = [2, -1, 3]
const w = (row: number, column: number): number => W[row]?.[column] ?? NaN
/** Six gates in 64 bits; results are cosines of sums of a few angles. */
const TOLERANCE = 1e-14

const ROW_BY_ROW = {
  'whole rows': 'for l in 0..2 { ry(w[l]) q }',
  elements: 'for l in 0..2 { for i in 0..3 { ry(w[l, i]) q[i] } }',
  'elements of rows': 'for l in 0..2 { for i in 0..3 { ry(w[l][i]) q[i] } }',
  'places from the end': 'for l in 0..2 { for i in 0..3 { ry(w[l - 2, i - 3]) q[i] } }',
  'rows with a name': 'for l in 0..2 { let row = w[l, ...]\n for i in 0..3 { ry(row[i]) q[i] } }',
}

describe('angles', () => {
  it.each(Object.entries({
    ...ROW_BY_ROW,
    'rows gone through': 'for row in w { ry(row) q }',
    columns: 'for i in 0..3 { let column = w[:, i]\n ry(column[0]) q[i]\n ry(column[1]) q[i] }',
  }))('%s: y_i = cos(w_0i + w_1i)', async (_, body) => {
    expectClose(await outputOf(rotations(body), { w: W, k: K }), [0, 1, 2].map(i => Math.cos(w(0, i) + w(1, i))), TOLERANCE)
  })

  it('are one plan, however their elements are reached', async () => {
    const plans = await Promise.all(Object.values(ROW_BY_ROW).map(async body => (await planOf(rotations(body))).entries))
    for (const plan of plans) expect(plan).toEqual(plans[0])
  })

  it('of ints become reals, and go through arithmetic with what is known: y_i = cos(2 k_i w_0i + i − 0.5)', async () => {
    const text = rotations('for i in 0..3 { ry(2 * k[i] * w[0, i] + (i - 0.5)) q[i] }')
    expectClose(await outputOf(text, { w: W, k: K }), K.map((k, i) => Math.cos(2 * k * w(0, i) + i - 0.5)), TOLERANCE)
  })

  it('that only a function of three numbers gives are chosen by it', async () => {
    const text = rotations('for i in 0..3 { ry(where(w[0, i] > w[1, i], w[0, i], 3 * w[1, i])) q[i] }')
    expectClose(await outputOf(text, { w: W, k: K }), [0, 1, 2].map(i => Math.cos(w(0, i) > w(1, i) ? w(0, i) : 3 * w(1, i))), TOLERANCE)
  })
})

describe('ten thousand gates', () => {
  const text = rotations('for t in 0..1000 { for l in 0..2 { for i in 0..3 { ry(w[l, i] + 0.5 * k[i]) q[i] } }\n h q\n rz(0.001 * t) q[0] }')

  it('have their angles by no more nodes than one has, but for the rows of numbers', async () => {
    const { entries: { predict } } = await planOf(text)
    expect(predict.steps.length).toBeLessThan(12)
  })

  it('share what is equal in them: lists of wires, lists of controls, and gates without an angle', async () => {
    const controlled = text.replace('rz(0.001 * t) q[0]', 'ctrl rz(0.001 * t) q[1], q[0]')
    const { circuits } = await compileCircuits('main.bp', hostOf({ 'main.bp': controlled }))
    const operations = circuits[0]?.circuit.operations ?? []
    expect(operations).toHaveLength(10_000)
    expect(new Set(operations.map(({ wires }) => wires)).size).toBe(3)
    // None, and that of the rotations under control.
    expect(new Set(operations.map(({ controls }) => controls)).size).toBe(2)
    expect(new Set(operations.filter(operation => operation.kind === 'gate' && operation.name === 'h')).size).toBe(3)
  })

  it('are written as a row of numbers, which the module makes the same operations of', async () => {
    const { files, plans } = await compile('main.bp', hostOf({ 'main.bp': text }))
    const js = files[0]?.text.replace(/^import .*$/m, 'const defineModel = plan => plan, defineFunction = plan => plan') ?? ''
    const module = await import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(js).toString('base64')}`) as { readonly M: unknown }
    expect(module.M).toStrictEqual(plans[0])
    // A gate written out takes a hundred characters.
    expect(js.length).toBeLessThan(10_000 * 20)
  })
})
