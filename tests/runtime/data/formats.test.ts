/** The other data formats, expressions over columns, and files of many rows. */
import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { namedDim } from '../../../ir/dim'
import type { PlanInput } from '../../../ir/plan'
import type { ColumnSource, TrainPlan } from '../../../ir/training'
import { int, real, type TensorType } from '../../../ir/type'
import { readJson } from '../../../runtime/data/json'
import { readNpy } from '../../../runtime/data/npy'
import { loadData, type DataContent, type LoadOptions } from '../../../runtime'
import { regressionPlan } from '../support'

const [batch, n] = [namedDim('batch'), namedDim('n')]
const input = (name: string, type: TensorType, classes?: PlanInput['classes']): PlanInput => ({ name, type, doc: '', role: 'input', classes })
const named = (...names: string[]): ColumnSource => ({ kind: 'named', names })
const at = (low: number, high: number): ColumnSource => ({ kind: 'positions', low, high })

const OPTIMIZER: TrainPlan['optimizer'] = { name: 'sgd', rate: 0.1, momentum: 0, nesterov: false, decay: 0 }

async function read(file: string, content: DataContent, columns: Record<string, ColumnSource>, inputs: readonly PlanInput[], options: LoadOptions & { readonly holdoutFile?: string } = {}) {
  const data = { file, columns: Object.entries(columns).map(([name, from]) => ({ input: name, from })) }
  const holdout = options.holdoutFile === undefined ? undefined : { file: options.holdoutFile }
  return await loadData({ ...regressionPlan(2), inputs, train: { standardize: [], optimizer: OPTIMIZER, data, holdout } }, content, options)
}

const X2 = [input('x', real(batch, 2))]
const text = (value: string) => new TextEncoder().encode(value)

describe('compressed files', () => {
  it('are unpacked by their name', async () => {
    const { values } = await read('d.csv.gz', gzipSync('a,b\n1,2\n3,4\n'), { x: named('b', 'a') }, X2)
    expect(values.x).toEqual({ data: Float64Array.of(2, 1, 4, 3), shape: [2, 2] })
    await expect(read('d.csv.gz', text('a,b\n1,2\n'), { x: named('b', 'a') }, X2)).rejects.toThrow('d.csv.gz is not gzip: unless it is damaged, its name should end without .gz')
    await expect(read('d.csv.gz', gzipSync('a,b\n1,2\n3,4\n').subarray(0, 20), { x: named('b', 'a') }, X2)).rejects.toThrow('d.csv.gz cannot be unpacked: it is damaged, or cut off')
    await expect(read('d.csv.gz', new Uint8Array(), { x: named('b', 'a') }, X2)).rejects.toThrow('d.csv.gz is empty')
    await expect(read('d.csv', Uint8Array.of(97, 10, 0xff), { x: at(0, 1) }, X2)).rejects.toThrow('d.csv:2: this line is not UTF-8 text: save the file as UTF-8')
    await expect(read('d.csv', Uint8Array.of(97, 10, 0xc3), { x: at(0, 1) }, X2)).rejects.toThrow('d.csv:2: this line is not UTF-8 text')
    await expect(read('d.xls', '', { x: at(0, 1) }, X2)).rejects.toThrow('d.xls cannot be read: data files are .csv')
  })
})

describe('a file under a wrong name', () => {
  it.each([
    ['d.csv', new Uint8Array(gzipSync('a,b\n1,2\n')), 'd.csv is compressed: let its name end in .gz'],
    ['d.csv', Uint8Array.of(0xff, 0xfe, 97, 0), 'd.csv is UTF-16 text: save it as UTF-8'],
    ['d.csv', Uint8Array.of(0x50, 0x4b, 3, 4, 20), 'd.csv is a zip archive, as spreadsheets are: save it as CSV'],
    ['d.json', readFileSync(new URL('points.parquet', import.meta.url)), 'd.json is a Parquet file: let its name end in .parquet'],
    ['d.parquet', text('a,b\n1,2\n'), 'd.parquet is no Parquet file'],
  ])('is told (%s, %#)', async (file, content, message) => {
    await expect(read(file, content, { x: named('a', 'b') }, X2)).rejects.toThrow(message)
  })
})

describe('a Blob', () => {
  it('is read as bytes are, in every format', async () => {
    const parquet = readFileSync(new URL('points.parquet', import.meta.url))
    expect((await read('d.csv.gz', new Blob([gzipSync('a,b\n1,2\n') as BlobPart]), { x: named('b', 'a') }, X2)).values.x?.data).toEqual(Float64Array.of(2, 1))
    expect((await read('d.json', new Blob(['[{"a":1,"b":2}]']), { x: named('b', 'a') }, X2)).values.x?.data).toEqual(Float64Array.of(2, 1))
    expect((await read('d.npy', new Blob([npy('<f8', '1, 2', Float64Array.of(1, 2)) as BlobPart]), { x: at(0, 2) }, X2)).values.x?.data).toEqual(Float64Array.of(1, 2))
    expect((await read('d.parquet', new Blob([parquet]), { x: named('a', 'n') }, X2)).values.x?.data).toEqual(Float64Array.of(1.5, 1, -2, 2, 3.25, 3))
  })
})

describe('JSON', () => {
  it.each([
    ['an array of objects', [{ a: 1, b: 2, l: 'q' }, { b: 4, a: 3, l: 'p' }]], ['an object of arrays', { a: [1, 3], b: [2, 4], l: ['q', 'p'] }],
  ])('is %s', async (_, value) => {
    const { values, classes } = await read('d.json', JSON.stringify(value), { x: named('b', 'a'), y: named('l') }, [...X2, input('y', int(batch))])
    expect(values.x).toEqual({ data: Float64Array.of(2, 1, 4, 3), shape: [2, 2] })
    expect(values.y?.data).toEqual(Int32Array.of(1, 0))
    expect(classes).toEqual({ y: ['p', 'q'] })
  })

  it('may have lists in its cells', async () => {
    const rows = [{ a: [[1, 2], [3, 4]], b: 5 }, { a: [[6, 7], [8, 9]], b: 10 }]
    const { values } = await read('d.json', JSON.stringify(rows), { x: named('a'), z: named('b', 'a') }, [input('x', real(batch, 2, 2)), input('z', real(batch, n))])
    expect(values.x).toEqual({ data: Float64Array.of(1, 2, 3, 4, 6, 7, 8, 9), shape: [2, 2, 2] })
    expect(values.z).toEqual({ data: Float64Array.of(5, 1, 2, 3, 4, 10, 6, 7, 8, 9), shape: [2, 5] })
  })

  it.each([
    ['an array of objects', '[ {"a": 1, "b": [2, 3], "t": "],[{\\"\\\\"} , {"a": -4e1,"b":[5,6],"t":"{"}\n]'],
    ['an object of arrays', '{"a" : [1 ,-4e1], "b":[[2,3],[5, 6]],\n "t":["],[{\\"\\\\", "{"] }'],
    ['an object of arrays, its names escaped', '{"\\u0061" : [1 ,-4e1], "b":[[2,3],[5, 6]],\n "\\u0074":["],[{\\"\\\\", "{"] }'],
  ])('gives the same however it comes in pieces (%s)', async (_, json) => {
    const wanted = { byName: true, use: (name: string | undefined) => (name === 't' ? 'cell' as const : 'number' as const) }
    for (const length of [1, 2, 3, 5, 8, 13, 1000]) {
      async function* pieces() { for (let from = 0; from < json.length; from += length) yield await Promise.resolve(json.slice(from, from + length)) }
      const table = await readJson(pieces(), 'd.json', wanted)
      expect(table.names).toEqual([{ name: 'a', low: 0, high: 1 }, { name: 'b', low: 1, high: 3 }, { name: 't', low: 3, high: 4 }])
      expect([0, 1].map(row => [0, 1, 2, 3].map(column => table.cell(row, column)))).toEqual([[1, 2, 3, '],[{"\\'], [-40, 5, 6, '{']])
    }
  })

  it('may hold NaN and Infinity as Python writes them, in numbers and not in texts', async () => {
    const { values, classes } = await read('d.json', '{"a": [NaN, -Infinity], "b": [Infinity, 1], "l": ["NaN", "x"]}', { x: named('a', 'b'), y: named('l') }, [...X2, input('y', int(batch))])
    expect(values.x?.data).toEqual(Float64Array.of(NaN, Infinity, -Infinity, 1))
    expect(classes).toEqual({ y: ['NaN', 'x'] })
    await expect(read('d.json', '[{"a": 1}, {"a": NaN}]', { x: named('a') }, [input('x', int(batch))])).rejects.toThrow("d.json: row 2: column 'a': an integer was expected, found NaN")
    await expect(read('d.json', '[{"a": NaN, "b": nul}]', { x: named('a') }, [input('x', real(batch))])).rejects.toThrow('d.json is not JSON: ')
  })

  it.each([
    ['[1', 'd.json is not JSON: it is cut off'],
    ['{"a": [1, 2], "b": [2', 'd.json is not JSON: it is cut off'],
    ['{"a": {"0": 1, "1": 2}, "b": {"0": 1, "1": 2}}', "d.json: 'a' is no array: an array of objects, or an object of arrays, was expected; pandas writes one by to_json(orient=\"records\")"],
    ['{"a": [], "b": []}', 'd.json is empty'],
    ['{}', 'd.json is empty'],
    ['{"a": [[1, 2], [3]], "b": [1, 2]}', "d.json: row 2: column 'a': 1 value, but the first row has 2"],
    ['3', 'd.json: an array of objects, or an object of arrays, was expected'],
    ['[]', 'd.json is empty'],
    [' ', 'd.json is empty'],
    ['{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', 'd.json has one object a line: put them in an array, [{ … }, { … }]'],
    ['[[1, 2]]', 'd.json: row 1 is no object'],
    ['[{"a": 1, "b": 2}, 3]', 'd.json: row 2 is no object'],
    ['{"a": [1], "b": 2}', "d.json: 'b' is no array"],
    ['{"a": [1, 2], "b": [2]}', "d.json: 'b' has 1 value, but 'a' has 2"],
    ['[{"a": 1, "b": 2}, {"a": 1}]', "d.json: row 2: column 'b': a number was expected, found an empty cell"],
    ['[{"a": 1, "b": null}]', "d.json: row 1: column 'b': a number was expected, found an empty cell"],
    ['[{"a": 1, "b": "2"}]', "d.json: row 1: column 'b': a number was expected, found '2'"],
    ['[{"a": 1, "c": 2}]', "d.json has no column 'b' for x; there are: a, c"],
    ['[{"a": [1, 2], "b": 2}, {"a": [1], "b": 2}]', "d.json: row 2: column 'a': 1 value, but the first row has 2"],
    ['[{"a": [1, 2], "b": 2}, {"a": 1, "b": 2}]', "d.json: row 2: column 'a': a list was expected, as in the first row"],
  ])('refuses %j', async (content, message) => {
    await expect(read('d.json', content, { x: named('a', 'b') }, X2)).rejects.toThrow(message)
  })
})

/** A file as numpy.save writes it: magic, version 1, header padded to 64 bytes. */
function npy(descr: string, shape: string, data: ArrayBufferView, extra = "'fortran_order': False, "): Uint8Array {
  const header = `{'descr': ${descr.startsWith('[') ? descr : `'${descr}'`}, ${extra}'shape': (${shape}), }`.padEnd(117) + '\n'
  const start = Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, header.length & 255, header.length >> 8)
  return Buffer.concat([start, text(header), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)])
}

describe('.npy', () => {
  const columns = { x: at(0, 2) }

  it.each<[string, ArrayBufferView]>([
    ['<f8', Float64Array.of(1, 2, 3, 4)], ['<f4', Float32Array.of(1, 2, 3, 4)], ['<i8', BigInt64Array.of(1n, 2n, 3n, 4n)], ['<i4', Int32Array.of(1, 2, 3, 4)],
    ['|u1', Uint8Array.of(1, 2, 3, 4)], ['<u2', Uint16Array.of(1, 2, 3, 4)], ['|b1', Uint8Array.of(1, 2, 3, 4)], ['>i2', Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 4)],
  ])('holds rows of %s', async (descr, data) => {
    expect((await read('d.npy', npy(descr, '2, 2', data), columns, X2)).values.x).toEqual({ data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] })
  })

  it('of more axes fills an input row by row, and one axis is one column', async () => {
    const image = npy('|u1', '2, 2, 2', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    expect((await read('d.npy', image, { x: at(0, 4) }, [input('x', real(batch, 1, 2, 2))])).values.x?.shape).toEqual([2, 1, 2, 2])
    expect((await read('d.npy.gz', gzipSync(npy('<f4', '3,', Float32Array.of(1, 2, 3))), { x: at(0, 1) }, [input('x', real(batch))])).values.x?.data).toEqual(Float64Array.of(1, 2, 3))
  })

  it.each([
    [text('not one at all'), 'd.npy cannot be read as .npy: it does not begin as one'],
    [npy('<c16', '2, 2', Float64Array.of(1)), "elements are '<c16'; f8, f4"],
    [npy("[('a', '<f8'), ('b', '<f8')]", '2', Float64Array.of(1)), "elements are [('a', '<f8'), ('b', '<f8')]; f8, f4"],
    [npy('<f8', '2, 2', Float64Array.of(1)), 'shape (2, 2) needs 32 bytes, and 8 are there'],
    [new Uint8Array(), 'd.npy is empty'],
    [npy('<f8', '2, 2', Float64Array.of(1)).subarray(0, 100), 'd.npy cannot be read as .npy: it ends within its header'],
    [npy('<f8', '2, 2', Float64Array.of(1, 2, 3, 4)).subarray(0, 150), 'shape (2, 2) needs 32 bytes, and 22 are there: it is cut off'],
    [npy('<f8', '', Float64Array.of(1)), 'it holds one number, not rows'],
    [npy('<f8', '0, 2', Float64Array.of()), 'd.npy is empty'],
    [npy('<f8', '2, 1', Float64Array.of(1, 2)), 'd.npy has 1 column, but x takes columns(0..2)'],
  ])('refuses what it cannot read', async (content, message) => {
    await expect(read('d.npy', content, columns, X2)).rejects.toThrow(message)
  })

  it('in Fortran order has its first axis run fastest', async () => {
    // Element [i, j, k] of shape (2, 3, 2) is 100i + 10j + k, and stands at i + 2j + 6k.
    const data = Float64Array.from({ length: 12 }, (_, at) => 100 * (at % 2) + 10 * (Math.floor(at / 2) % 3) + Math.floor(at / 6))
    const file = npy('<f8', '2, 3, 2', data, "'fortran_order': True, ")
    const { values } = await read('d.npy', file, { x: at(0, 6), y: at(3, 5) }, [input('x', real(batch, 3, 2)), input('y', real(batch, 2))])
    expect(values.x?.data).toEqual(Float64Array.of(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121))
    expect(values.y?.data).toEqual(Float64Array.of(11, 20, 111, 120))
  })

  it.each([['C', 'False'], ['Fortran', 'True']])('gives the same however it comes in pieces (%s order)', async (_, isFortran) => {
    const file = npy('>f4', '2, 2', Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0, 0x40, 0x40, 0, 0, 0x40, 0x80, 0, 0), `'fortran_order': ${isFortran}, `)
    const wanted = { byName: false, use: () => 'number' as const }
    for (const length of [1, 3, 7, 64, 1000]) {
      async function* pieces() { for (let from = 0; from < file.length; from += length) yield await Promise.resolve(file.subarray(from, from + length)) }
      const table = await readNpy(pieces(), 'd.npy', wanted)
      expect([[0, 0], [0, 1], [1, 0], [1, 1]].map(([row = 0, column = 0]) => table.cell(row, column))).toEqual(isFortran === 'True' ? [1, 3, 2, 4] : [1, 2, 3, 4])
    }
  })

  it('of 64-bit integers gives the nearest number', async () => {
    const wide = [2n ** 53n + 1n, -(2n ** 62n) - 1n, -1n, 2n ** 63n - 1n]
    const signed = await read('d.npy', npy('<i8', '2, 2', BigInt64Array.from(wide)), columns, X2)
    expect(signed.values.x?.data).toEqual(Float64Array.from(wide.map(Number)))
    const unsigned = await read('d.npy', npy('<u8', '1, 2', BigUint64Array.of(2n ** 64n - 1n, 2n ** 32n)), columns, X2)
    expect(unsigned.values.x?.data).toEqual(Float64Array.of(2 ** 64, 2 ** 32))
  })

  it('has no names', async () => {
    await expect(read('d.npy', npy('<f8', '2, 2', Float64Array.of(1, 2, 3, 4)), { x: named('a', 'b') }, X2)).rejects.toThrow('d.npy has no names for its columns: pick them by position, as in columns(0..2)')
  })
})

describe('Parquet', () => {
  // Written by pyarrow, with columns a (double), n (int64), l (string), v (lists of two floats); compressed by Snappy and by Zstandard.
  const file = (name: string) => readFileSync(new URL(name, import.meta.url))

  it.each(['points.parquet', 'points.zstd.parquet'])('has columns with names, also of lists (%s)', async name => {
    const columns = { x: named('n', 'a'), y: named('l'), v: named('v') }
    const { values, classes } = await read(name, file(name), columns, [...X2, input('y', int(batch)), input('v', real(batch, n))])
    expect(values.x?.data).toEqual(Float64Array.of(1, 1.5, 2, -2, 3, 3.25))
    expect(values.y?.data).toEqual(Int32Array.of(1, 0, 1))
    expect(values.v).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })
    expect(classes).toEqual({ y: ['a', 'b'] })
  })

  it('says what is wrong', async () => {
    const whole = file('points.parquet')
    const damaged = whole.map((byte, i) => (i > whole.length - 40 && i < whole.length - 8 ? 0xff : byte))
    await expect(read('d.parquet', text('PAR1'), { x: at(0, 2) }, X2)).rejects.toThrow('d.parquet cannot be read as Parquet: it is cut off')
    await expect(read('d.parquet', whole.subarray(0, 600), { x: at(0, 2) }, X2)).rejects.toThrow('d.parquet cannot be read as Parquet: it is cut off')
    await expect(read('d.parquet', damaged, { x: at(0, 2) }, X2)).rejects.toThrow('d.parquet cannot be read as Parquet: it is damaged')
    await expect(read('d.parquet', new Uint8Array(), { x: at(0, 2) }, X2)).rejects.toThrow('d.parquet is empty')
    await expect(read('d.parquet', whole, { x: named('b') }, X2)).rejects.toThrow("d.parquet has no column 'b' for x; there are: a, n, l, v")
    await expect(read('d.parquet', file('points.parquet'), { x: named('a', 'l') }, X2)).rejects.toThrow("d.parquet: row 1: column 'l': a number was expected, found 'b'")
    await expect(read('d.parquet', 'text', { x: at(0, 2) }, X2)).rejects.toThrow('d.parquet is no text: give its bytes')
  })
})

describe('expressions over columns', () => {
  const csv = (content: string, from: ColumnSource, type: TensorType, classes?: PlanInput['classes']) => read('d.csv', content, { x: from }, [input('x', type, classes)])
  const scalar = (fn: 'div' | 'add' | 'log' | 'mul', ...args: ColumnSource[]): ColumnSource => ({ kind: 'scalar', fn, args })
  const number = (value: number): ColumnSource => ({ kind: 'number', value })

  it('are worked out row by row', async () => {
    const content = 'a,b,c\n1,2,3\n4,5,6\n'
    expect((await csv(content, scalar('div', at(0, 3), number(2)), real(batch, 3))).values.x?.data).toEqual(Float64Array.of(0.5, 1, 1.5, 2, 2.5, 3))
    expect((await csv(content, scalar('add', named('a', 'b'), named('c')), real(batch, 2))).values.x?.data).toEqual(Float64Array.of(4, 5, 10, 11))
    expect((await csv(content, { kind: 'concat', parts: [scalar('log', named('a')), named('c')] }, real(batch, 2))).values.x?.data).toEqual(Float64Array.of(0, 3, Math.log(4), 6))
    expect((await csv(content, scalar('mul', named('a'), number(3)), int(batch), { low: 0, high: 13 })).values.x?.data).toEqual(Int32Array.of(3, 12))
    await expect(csv(content, scalar('mul', named('a'), number(3)), int(batch), { low: 0, high: 12 })).rejects.toThrow('d.csv:3: x: a class in 0..12 (0 to 11) was expected, found 12')
    await expect(csv(content, scalar('div', named('a'), number(2)), int(batch))).rejects.toThrow('d.csv:2: x: an integer was expected, found 0.5')
    await expect(csv(content, scalar('add', at(0, 3), at(0, 2)), real(batch, 3))).rejects.toThrow('d.csv: x: add of 2 columns and 3 columns')
  })

  it('one_hot codes classes, of numbers or of text in sorted order', async () => {
    const oneHot = (of: ColumnSource, size: number): ColumnSource => ({ kind: 'oneHot', of, size })
    expect((await csv('a\n1\n0\n', oneHot(named('a'), 3), real(batch, 3))).values.x?.data).toEqual(Float64Array.of(0, 1, 0, 1, 0, 0))
    const { values, classes } = await csv('a\nz\nm\n', oneHot(named('a'), 2), real(batch, 2))
    expect(values.x?.data).toEqual(Float64Array.of(0, 1, 1, 0))
    expect(classes).toEqual({ x: ['m', 'z'] })
    await expect(csv('a\n1\n3\n', oneHot(named('a'), 3), real(batch, 3))).rejects.toThrow("d.csv:3: column 'a': a class in 0..3 (0 to 2) was expected, found '3'")
    await expect(csv('a\nx\ny\n', oneHot(named('a'), 1), real(batch, 1))).rejects.toThrow("d.csv: column 'a' has 2 classes (x, y), but 0..1 has 1")
  })

  it('chars codes a text letter by letter', async () => {
    const letters = (other?: number): ColumnSource => ({ kind: 'letters', of: named('s'), alphabet: 'ACGT', ...(other === undefined ? {} : { other }) })
    expect((await csv('s\nGAT\nTCA\n', letters(), int(batch, n))).values.x).toEqual({ data: Int32Array.of(2, 0, 3, 3, 1, 0), shape: [2, 3] })
    expect((await csv('s\nGN\n', letters(4), int(batch, 2))).values.x?.data).toEqual(Int32Array.of(2, 4))
    const coded = await csv('s\nGN\n', { kind: 'oneHot', of: letters(4), size: 4 }, real(batch, 2, 4))
    // A letter that is coded as no class is all zeros.
    expect(coded.values.x?.data).toEqual(Float64Array.of(0, 0, 1, 0, 0, 0, 0, 0))
    await expect(csv('s\nGA\nGN\n', letters(), int(batch, 2))).rejects.toThrow("d.csv:3: column 's': letter 2 is 'N', which is not in \"ACGT\"; give such letters a code, as in chars(…, \"ACGT\", other = 4)")
    await expect(csv('s\nGA\nG\n', letters(), int(batch, 2))).rejects.toThrow("d.csv:3: column 's': 2 letters were expected, as in the first row, found 1")
  })
})

describe('a number that is not finite', () => {
  it('says where it is from, in every format', async () => {
    const json = await read('d.json', '[{"a": 1, "b": 2}, {"a": 3, "b": NaN}]', { x: named('a', 'b') }, X2)
    expect(json.values.x?.origin?.(3)).toBe("d.json: row 2: column 'b' is NaN")
    const list = await read('d.json', '{"a": [[1, 2], [3, NaN]]}', { x: named('a') }, X2)
    expect(list.values.x?.origin?.(3)).toBe("d.json: row 2: column 'a', element 1 is NaN")
    const numpy = await read('d.npy', npy('<f8', '2, 2', Float64Array.of(1, 2, Infinity, 4)), { x: at(0, 2) }, X2)
    expect(numpy.values.x?.origin?.(2)).toBe('d.npy: row 2: column 0 (counted from 0) is Infinity')
    expect((await read('d.csv', 'a,b\n1,2\n', { x: named('a', 'b') }, X2)).values.x).not.toHaveProperty('origin')
  })

  it('may be one of 64 bits that 32 cannot hold', async () => {
    const { values } = await read('d.csv', 'a,b\n1,1e39\n', { x: named('a', 'b') }, X2, { precision: 'f32' })
    expect(values.x?.origin?.(1)).toBe('d.csv:2: x is 1e+39, too large for 32 bits (precision f64 holds it)')
  })

  it('is told apart by its file where one is held out', async () => {
    const options = { holdoutFile: 't.csv', holdout: 'a,b\n5,6\nnan,8\n' }
    const { values } = await read('d.csv', 'a,b\n1,inf\n', { x: named('a', 'b') }, X2, options)
    expect([1, 4].map(i => values.x?.origin?.(i))).toEqual(["d.csv:2: column 'b' is Infinity", "t.csv:3: column 'a' is NaN"])
  })
})

describe('a held-out file', () => {
  const inputs = [input('x', real(batch)), input('y', int(batch), { low: 0, high: 3 })]
  const columns = { x: named('x'), y: named('y') }

  it('stands behind the data, its classes being those of the training data', async () => {
    const options = { holdoutFile: 'test.json.gz', holdout: gzipSync(JSON.stringify({ y: ['b'], x: [7] })) }
    const loaded = await read('d.csv', 'x,y\n1,a\n2,c\n3,b\n', columns, inputs, options)
    expect([loaded.rows, loaded.held]).toEqual([4, 1])
    expect(loaded.values.x).toEqual({ data: Float64Array.of(1, 2, 3, 7), shape: [4] })
    expect(loaded.values.y?.data).toEqual(Int32Array.of(0, 2, 1, 1))
    await expect(read('d.csv', 'x,y\n1,a\n2,c\n', columns, inputs, options)).rejects.toThrow("test.json.gz: row 1: column 'y': one of the classes of the training data (a, c) was expected, found 'b'")
  })
})

describe('a large file', () => {
  it('is told where it breaks off, or breaks the rules (JSON)', async () => {
    const start = `[${'{"a":1,"b":[2]},'.repeat(100_000)}`
    const x = { x: named('a', 'b') }
    await expect(read('d.json', `${start}{"a":1`, x, X2)).rejects.toThrow('d.json is not JSON: it is cut off, after row 100000')
    await expect(read('d.json', `${start}{"a":tru}]`, x, X2)).rejects.toThrow(/^d.json is not JSON, after row \d+: /)
    await expect(read('d.json', `${start}{"a":1,"b":"],[{"}]`, x, X2)).rejects.toThrow("d.json: row 100001: column 'b': a list was expected, as in the first row")
    await expect(read('d.json', `${start}3]`, x, X2)).rejects.toThrow('d.json: row 100001 is no object')
    await expect(read('d.json', `${start}]`, x, X2)).rejects.toThrow('d.json is not JSON, after row 100000: a comma that nothing follows')
  })

  it('is told where it breaks off, or breaks the rules (JSON of columns)', async () => {
    const start = `{"a":[${'1.5,'.repeat(500_000)}`
    const x = { x: named('a', 'b') }
    await expect(read('d.json', `${start}1`, x, X2)).rejects.toThrow("d.json is not JSON: it is cut off, after value 500000 of 'a'")
    await expect(read('d.json', `${start}tru]}`, x, X2)).rejects.toThrow(/^d.json is not JSON, after value \d+ of 'a': /)
    await expect(read('d.json', `${start}]}`, x, X2)).rejects.toThrow("d.json is not JSON, after value 500000 of 'a': a comma that nothing follows")
    await expect(read('d.json', `${start}1], "b": [2]}`, x, X2)).rejects.toThrow("d.json: 'b' has 1 value, but 'a' has 500001")
    await expect(read('d.json', `${start}1], "b": 2}`, x, X2)).rejects.toThrow("d.json: 'b' is no array")
    await expect(read('d.json', `${start}1], "b": [${'1,'.repeat(500_000)}2], "a": [1]}`, x, X2)).rejects.toThrow("d.json has several columns 'a'")
    await expect(read('d.json', `${start}1], "b": [${'1,'.repeat(500_000)}"2"]}`, x, X2)).rejects.toThrow("d.json: row 500001: column 'b': a number was expected, found '2'")
  })

  it.each([['csv', (rows: number[][]) => `a,b,c\n${rows.map(row => row.join(',')).join('\n')}\n`], ['json', (rows: number[][]) => JSON.stringify(rows.map(([a, b, c]) => ({ a, b, c })))],
    ['json of columns', (rows: number[][]) => JSON.stringify({ a: rows.map(([a]) => a), b: rows.map(([, b]) => b), c: rows.map(([, , c]) => c) })]] as const)(
    'of 200,000 rows is read (%s)', async (format, write) => {
      // Several pieces of a megabyte, whose cuts must not show.
      const rows = Array.from({ length: 200_000 }, (_, i) => [i, i / 2, i % 7])
      const { values } = await read(`d.${format.split(' ')[0]}`, write(rows), { x: named('a', 'b'), y: named('c') }, [...X2, input('y', int(batch), { low: 0, high: 7 })])
      expect(values.x?.shape).toEqual([200_000, 2])
      expect(values.x?.data[399_999]).toBe(99_999.5)
      expect(values.y?.data[199_999]).toBe(199_999 % 7)
    })
})
