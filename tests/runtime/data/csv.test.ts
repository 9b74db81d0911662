import { describe, expect, it } from 'vitest'
import { namedDim } from '../../../ir/dim'
import type { ColumnSource, PlanInput } from '../../../ir/plan'
import { bool, int, real, type TensorType } from '../../../ir/type'
import { loadData } from '../../../runtime'
import { readCsv } from '../../../runtime/data/csv'
import { readTable } from '../../../runtime/data/read'
import { wantedColumns } from '../../../runtime/data/wanted'
import { regressionPlan } from '../support'

const [batch, n] = [namedDim('batch'), namedDim('n')]
const input = (name: string, type: TensorType, classes?: PlanInput['classes']): PlanInput => ({ name, type, doc: '', role: 'input', classes })
const named = (...names: string[]): ColumnSource => ({ kind: 'named', names })
const at = (low: number, high: number): ColumnSource => ({ kind: 'positions', low, high })

/** Cut into pieces of some length, which must make no difference. */
async function readPieces(text: string, length: number, columns: Record<string, ColumnSource>, inputs: readonly PlanInput[]) {
  const data = { file: 'moons.csv', columns: Object.entries(columns).map(([name, from]) => ({ input: name, from })) }
  const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length))
  async function* given() { yield* await Promise.resolve(pieces) }
  const table = readTable(await readCsv(given(), 'moons.csv', wantedColumns(data, inputs)), data, inputs, 'f64')
  const odd = Object.values(table.values).flatMap(({ data: numbers, origin }) => Array.from(numbers).flatMap((value, i) => (Number.isFinite(value) ? [] : [origin?.(i)])))
  return { ...table, values: Object.fromEntries(Object.entries(table.values).map(([name, { data: numbers, shape }]) => [name, { data: numbers, shape }])), odd }
}

async function read(text: string, columns: Record<string, ColumnSource>, ...inputs: PlanInput[]) {
  const [whole, ...inPieces] = await Promise.allSettled([text.length + 1, 1, 3, 8].map(length => readPieces(text, length, columns, inputs)))
  inPieces.forEach(other => expect(other).toEqual(whole))
  if (whole?.status !== 'fulfilled') throw whole?.reason
  return whole.value
}

const MOONS = 'x1,x2,label\n1,2.5,b\n-3e1,.5,a\n5,6,b\n'

describe('a table of CSV', () => {
  it('fills an input\'s shape row by row, and makes classes in sorted order of text', async () => {
    const { values, classes, rows } = await read(MOONS, { x: named('x2', 'x1'), y: named('label') }, input('x', real(batch, 2)), input('y', int(batch), { low: 0, high: 2 }))
    expect(values.x).toEqual({ data: Float64Array.of(2.5, 1, 0.5, -30, 6, 5), shape: [3, 2] })
    expect(values.y).toEqual({ data: Int32Array.of(1, 0, 1), shape: [3] })
    expect(classes).toEqual({ y: ['a', 'b'] })
    expect(rows).toBe(3)
  })

  it('reads shapes of several axes, open sizes, classes from 1 on and booleans', async () => {
    const text = 'a,b,c,d,e\n1,2,3,4,true\n5,6,7,8,0\n'
    expect((await read(text, { x: at(0, 4) }, input('x', real(batch, 2, 2)))).values.x?.shape).toEqual([2, 2, 2])
    expect((await read(text, { x: at(0, 4) }, input('x', real(batch, n, 2)))).values.x?.shape).toEqual([2, 2, 2])
    expect((await read(text, { x: at(1, 4) }, input('x', int(batch, n)))).values.x).toEqual({ data: Int32Array.of(2, 3, 4, 6, 7, 8), shape: [2, 3] })
    expect((await read(text, { x: named('e') }, input('x', bool(batch)))).values.x?.data).toEqual(Uint8Array.of(1, 0))
    expect((await read('k\nz\ny\n', { y: named('k') }, input('y', int(batch), { low: 1, high: 3 }))).values.y?.data).toEqual(Int32Array.of(2, 1))
  })

  it('does without a header where columns are picked by position', async () => {
    const iris = '5.1,3.5,setosa\n7.0,3.2,versicolor\n'
    const columns = { x: at(0, 2), y: at(2, 3) }
    const inputs = [input('x', real(batch, 2)), input('y', int(batch))]
    expect((await read(iris, columns, ...inputs)).rows).toBe(2)
    expect((await read(`a,b,c\n${iris}`, columns, ...inputs)).rows).toBe(2)
  })

  it('takes quotes, byte order marks, carriage returns, blank lines, semicolons and spaces', async () => {
    for (const text of ['\uFEFFx\r\n1\r\n\r\n2\r\n', '"x"\n"1"\n 2 \n', 'x;y\n1;0\n2;0\n', 'x\ty\n1\t0\n2\t0\n']) {
      expect((await read(text, { x: named('x') }, input('x', real(batch)))).values.x?.data).toEqual(Float64Array.of(1, 2))
    }
    expect((await read('x,"note, or\nnot"\n1,"a\n\n""b"""\n\n2,c\n', { x: named('x') }, input('x', real(batch)))).values.x?.data).toEqual(Float64Array.of(1, 2))
    expect((await read('a\tx\n\t1\n\t2\n', { x: named('x') }, input('x', real(batch)))).values.x?.data).toEqual(Float64Array.of(1, 2))
    expect((await read('x\r1\r2\r', { x: named('x') }, input('x', real(batch)))).values.x?.data).toEqual(Float64Array.of(1, 2))
    expect((await read('x\n1.\n+.5\n-1E3\n1e999\n', { x: named('x') }, input('x', real(batch)))).values.x?.data).toEqual(Float64Array.of(1, 0.5, -1000, Infinity))
    expect((await read('x\nnan\n-Inf\n', { x: named('x') }, input('x', real(batch)))).values.x?.data).toEqual(Float64Array.of(NaN, -Infinity))
  })

  it('knows where a number that is not finite is from', async () => {
    const scalar = (fn: 'div' | 'log' | 'neg', ...args: ColumnSource[]): ColumnSource => ({ kind: 'scalar', fn, args })
    const text = 'a,b\n1,nan\n\n0,2\n-inf,"3"\n'
    const odd = async (from: ColumnSource, type = real(batch)) => (await read(text, { x: from }, input('x', type))).odd
    expect(await odd(named('a', 'b'), real(batch, 2))).toEqual(["moons.csv:2: column 'b' is NaN", "moons.csv:5: column 'a' is -Infinity"])
    expect(await odd(scalar('neg', { kind: 'concat', parts: [named('b'), at(0, 1)] }), real(batch, 2))).toEqual(["moons.csv:2: column 'b' is NaN", "moons.csv:5: column 'a' is -Infinity"])
    expect(await odd(scalar('log', named('a')))).toEqual(['moons.csv:4: x: log(0) is -Infinity', "moons.csv:5: column 'a' is -Infinity"])
    expect(await odd(scalar('div', { kind: 'number', value: 1 }, named('a')))).toEqual(['moons.csv:4: x: 1 / 0 is Infinity'])
  })

  it.each([
    ['', { x: named('x') }, real(batch), undefined, 'moons.csv is empty'],
    ['\n\n', { x: named('x') }, real(batch), undefined, 'moons.csv is empty'],
    ['x,y\n', { x: named('x') }, real(batch), undefined, 'moons.csv has a header, but no rows'],
    [MOONS, { x: named('lable') }, int(batch), undefined, "moons.csv has no column 'lable' for x (did you mean 'label'?); there are: x1, x2, label"],
    ['x,x\n1,2\n', { x: named('x') }, real(batch), undefined, "moons.csv has several columns 'x': pick one by position, columns(0..1)"],
    [MOONS, { x: named('label') }, real(batch), undefined, "moons.csv:2: column 'label': a number was expected, found 'b'"],
    ['x,y\n1,2\n3\n', { x: named('x') }, real(batch), undefined, 'moons.csv:3: 1 cell, but the first row has 2'],
    ['x,y\n1,2\n,3\n', { x: named('x') }, real(batch), undefined, "moons.csv:3: column 'x': a number was expected, found an empty cell"],
    ['x\n1\n2.5\n', { x: named('x') }, int(batch), undefined, "moons.csv:3: column 'x': an integer was expected, found '2.5'"],
    ['x\n1\nb\n', { x: named('x') }, int(batch), undefined, "moons.csv:3: column 'x': an integer was expected, found 'b'"],
    ['x\n1\n5\n', { x: named('x') }, int(batch), { low: 0, high: 5 }, "moons.csv:3: column 'x': a class in 0..5 (0 to 4) was expected, found '5'"],
    ['x\na\nb\nc\n', { x: named('x') }, int(batch), { low: 0, high: 2 }, "moons.csv: column 'x' has 3 classes (a, b, c), but 0..2 has 2"],
    ['x\nmaybe\n', { x: named('x') }, bool(batch), undefined, "moons.csv:2: column 'x': true or false was expected, found 'maybe'"],
    ['1,2\n3,4\n', { x: at(0, 3) }, real(batch, 3), undefined, 'moons.csv has 2 columns, but x takes columns(0..3)'],
    ['1,2\n3,b\n', { x: at(0, 2) }, real(batch, 2), undefined, "moons.csv:2: column 1 (counted from 0): a number was expected, found 'b'"],
    ['1,2\n', { x: at(0, 2) }, real(batch, 3), undefined, 'moons.csv: 2 columns do not fill a row of x, which is real[batch, 3]'],
    ['1,2\n', { x: at(0, 2) }, real(batch), undefined, 'moons.csv: 2 columns do not fill a row of x, which is real[batch]'],
    ['x\n"1\n', { x: named('x') }, real(batch), undefined, 'moons.csv:2: a quote is opened here and never closed'],
    ['n,x\n"a\nb",1\n"a, ""b""",c\n', { x: named('x') }, real(batch), undefined, "moons.csv:4: column 'x': a number was expected, found 'c'"],
    ['x,n\n1,a\n2,5" pipe\n3,6" pipe\n', { x: named('x') }, real(batch), undefined, 'moons.csv:3: a quote within a cell: write the cell in quotes, and its own quotes twice, as in "5"" pipe"'],
    ['x;y\n1;0\n2,5;0\n', { x: named('x') }, real(batch), undefined, "moons.csv:3: column 'x': a number was expected, found '2,5': decimals are written with a dot"],
    ['x\n1\n0x10\n', { x: named('x') }, real(batch), undefined, "moons.csv:3: column 'x': a number was expected, found '0x10'"],
    ['x y\n1 2\n', { x: named('x') }, real(batch), undefined, "moons.csv has no column 'x' for x; there are: x y; cells are parted by commas, semicolons or tabs"],
    ['x\n1\n99999999999999999999\n', { x: named('x') }, int(batch), undefined, "moons.csv:3: column 'x': an integer was expected, found '99999999999999999999'"],
    [MOONS, { z: named('x1') }, real(batch), undefined, "data maps 'z', which is no input; there are: x"],
  ])('refuses %j with %j as %j', async (text, columns, type, classes, message) => {
    await expect(read(text, columns, input('x', type, classes))).rejects.toThrow(message)
  })
})

describe('loadData', () => {
  it('reads as the plan\'s train block says', async () => {
    const plan = regressionPlan(2)
    const train = {
      standardize: [], optimizer: { name: 'sgd', rate: 0.1, momentum: 0, nesterov: false, decay: 0 },
      data: { file: 'd.csv', columns: [{ input: 'x', from: named('a', 'b') }, { input: 'y', from: named('c') }] },
    } as const
    const { values } = await loadData({ ...plan, train }, 'a,b,c\n1,2,3\n')
    expect(values).toEqual({ x: { data: Float64Array.of(1, 2), shape: [1, 2] }, y: { data: Float64Array.of(3), shape: [1] } })
    await expect(loadData(plan, '')).rejects.toThrow('model Regression names no data file')
  })
})
