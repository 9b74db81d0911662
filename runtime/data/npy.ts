/**
 * NumPy's .npy files as tables: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The first axis counts the rows.
 * Read piece by piece; of each row only the columns that are used are kept, in elements as small as the file's.
 */
import { RunError } from '../errors'
import { GrowingNumbers, type NumberArray } from './columnStore'
import type { Table } from './table'
import type { WantedColumns } from './wanted'

interface ElementKind {
  readonly width: number
  read(view: DataView, at: number, isLittle: boolean): number
  make(length: number): NumberArray
}

/** Rounded once, as Number(bigint) is: the product is exact. */
const wide = (high: number, low: number): number => high * 2 ** 32 + low

const KINDS: Readonly<Record<string, ElementKind>> = {
  f8: { width: 8, read: (view, at, isLittle) => view.getFloat64(at, isLittle), make: length => new Float64Array(length) },
  f4: { width: 4, read: (view, at, isLittle) => view.getFloat32(at, isLittle), make: length => new Float32Array(length) },
  i8: { width: 8, read: (view, at, isLittle) => wide(view.getInt32(at + (isLittle ? 4 : 0), isLittle), view.getUint32(at + (isLittle ? 0 : 4), isLittle)), make: length => new Float64Array(length) },
  u8: { width: 8, read: (view, at, isLittle) => wide(view.getUint32(at + (isLittle ? 4 : 0), isLittle), view.getUint32(at + (isLittle ? 0 : 4), isLittle)), make: length => new Float64Array(length) },
  i4: { width: 4, read: (view, at, isLittle) => view.getInt32(at, isLittle), make: length => new Int32Array(length) },
  u4: { width: 4, read: (view, at, isLittle) => view.getUint32(at, isLittle), make: length => new Uint32Array(length) },
  i2: { width: 2, read: (view, at, isLittle) => view.getInt16(at, isLittle), make: length => new Int16Array(length) },
  u2: { width: 2, read: (view, at, isLittle) => view.getUint16(at, isLittle), make: length => new Uint16Array(length) },
  i1: { width: 1, read: (view, at) => view.getInt8(at), make: length => new Int8Array(length) },
  u1: { width: 1, read: (view, at) => view.getUint8(at), make: length => new Uint8Array(length) },
  b1: { width: 1, read: (view, at) => view.getUint8(at), make: length => new Uint8Array(length) },
}

/** @throws RunError 'data' saying what is wrong with the file */
export async function readNpy(chunks: AsyncIterable<Uint8Array>, file: string, wanted: WantedColumns): Promise<Table> {
  let reader: NpyReader | undefined
  let rest: Uint8Array = new Uint8Array()
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : joined(rest, chunk)
    if (!reader) {
      const header = readHeader(rest, file)
      if (!header) continue
      reader = new NpyReader(header, file, wanted)
      rest = rest.subarray(header.end)
    }
    rest = rest.subarray(reader.read(rest))
    if (reader.isDone) break
  }
  if (!reader && rest.length === 0) throw new RunError('data', `${file} is empty`)
  if (!reader) return fail(file, 'it ends within its header')
  return reader.finish(rest.length)
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

function fail(file: string, what: string): never {
  throw new RunError('data', `${file} cannot be read as .npy: ${what}`)
}

// ------------------------------------------------------------------------------------------------------ header

interface Header {
  /** Where the elements begin. */
  readonly end: number
  readonly kind: ElementKind
  readonly isLittle: boolean
  readonly shape: readonly number[]
  /** The first axis runs fastest, so that columns follow each other. */
  readonly isFortran: boolean
}

/** Bytes; headers of plain elements have about a hundred. */
const LONGEST_HEADER = 1 << 20

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')]

/** @returns undefined where it goes on beyond these bytes */
function readHeader(bytes: Uint8Array, file: string): Header | undefined {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return fail(file, 'it does not begin as one')
  if (bytes.length < 12) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Version 1 has a header length of two bytes, later ones of four.
  const isFirst = view.getUint8(6) === 1
  const start = isFirst ? 10 : 12
  const end = start + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true))
  if (end > LONGEST_HEADER) return fail(file, 'it does not begin as one')
  if (end > bytes.length) return undefined
  const header = new TextDecoder().decode(bytes.subarray(start, end))
  const [, order = '', type = ''] = /'descr':\s*'([<>|=])(\w+)'/.exec(header) ?? []
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  if (!kind) return fail(file, `elements are ${/'descr':\s*(\[.*?\](?=,\s*')|'[^']*')/.exec(header)?.[1] ?? 'unknown'}; ${Object.keys(KINDS).join(', ')} can be read`)
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]?.split(',').map(size => size.trim()).filter(Boolean).map(Number)
  if (!shape || !shape.every(size => Number.isSafeInteger(size) && size >= 0)) return fail(file, 'it has no shape')
  if (shape.length === 0) return fail(file, 'it holds one number, not rows')
  return { end, kind, isLittle: order !== '>', shape, isFortran: /'fortran_order':\s*True/.test(header) }
}

// ---------------------------------------------------------------------------------------------------- elements

class NpyReader {
  private readonly rows: number
  private readonly width: number
  /** Places of the columns among those that are kept, −1 for those that are not. */
  private readonly places: Int32Array
  private readonly kept: number
  private readonly numbers: GrowingNumbers
  /** The columns in the order in which the file has them. */
  private readonly order: Int32Array
  /** Elements that have been passed. */
  private passed = 0

  constructor(private readonly header: Header, private readonly file: string, wanted: WantedColumns) {
    const { shape: [rows = 0, ...sizes], kind, isFortran } = header
    this.rows = rows
    this.width = sizes.reduce((product, size) => product * size, 1)
    if (rows * this.width === 0) throw new RunError('data', `${file} is empty`)
    this.order = isFortran ? fortranOrder(sizes, this.width) : Int32Array.from({ length: this.width }, (_, at) => at)
    this.places = new Int32Array(this.width).fill(-1)
    let kept = 0
    for (const column of this.order) if (wanted.use(undefined, column)) this.places[column] = kept++
    this.kept = kept
    this.numbers = new GrowingNumbers(kind.make)
  }

  get isDone(): boolean {
    return this.passed === this.rows * this.width
  }

  /** @returns bytes taken: whole elements */
  read(bytes: Uint8Array): number {
    const { header: { kind, isLittle, isFortran }, rows, width, places, order, numbers } = this
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const count = Math.min(Math.floor(bytes.length / kind.width), rows * width - this.passed)
    // Place in the inner run, and which run: a row of columns, or a column of rows.
    const run = isFortran ? rows : width
    let inner = this.passed % run, outer = Math.floor(this.passed / run)
    for (let i = 0; i < count; i++) {
      const column = order[isFortran ? outer : inner] as number
      if ((places[column] as number) >= 0) numbers.push(kind.read(view, i * kind.width, isLittle))
      if (++inner === run) {
        inner = 0
        outer++
      }
    }
    this.passed += count
    return count * kind.width
  }

  /** @param left bytes that are no whole element */
  finish(left: number): Table {
    const { file, header: { kind, shape, isFortran }, rows, width, places, kept, numbers } = this
    if (!this.isDone) fail(file, `shape (${shape.join(', ')}) needs ${rows * width * kind.width} bytes, and ${this.passed * kind.width + left} are there: it is cut off`)
    return {
      file, rows, width, names: undefined, isText: false,
      cell: (row, column) => {
        const place = places[column] ?? -1
        return place < 0 ? undefined : numbers.at(isFortran ? place * rows + row : row * kept + place)
      },
      place: row => `${file}: row ${row + 1}`,
    }
  }
}

/** Columns are counted with the last axis running fastest; in this order it is the first one. */
function fortranOrder(sizes: readonly number[], width: number): Int32Array {
  return Int32Array.from({ length: width }, (_, at) => {
    let rest = at
    const index = sizes.map(size => {
      const i = rest % size
      rest = Math.floor(rest / size)
      return i
    })
    return index.reduce((column, i, axis) => column * (sizes[axis] ?? 1) + i, 0)
  })
}
