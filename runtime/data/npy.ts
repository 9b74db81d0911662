/** NumPy's .npy files as tables: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The first axis counts the rows. */
import { RunError } from '../errors'
import type { Table } from './table'

interface ElementKind { readonly width: number; read(view: DataView, at: number, isLittle: boolean): number }

const KINDS: Readonly<Record<string, ElementKind>> = {
  f8: { width: 8, read: (view, at, isLittle) => view.getFloat64(at, isLittle) },
  f4: { width: 4, read: (view, at, isLittle) => view.getFloat32(at, isLittle) },
  i8: { width: 8, read: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)) },
  u8: { width: 8, read: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)) },
  i4: { width: 4, read: (view, at, isLittle) => view.getInt32(at, isLittle) },
  u4: { width: 4, read: (view, at, isLittle) => view.getUint32(at, isLittle) },
  i2: { width: 2, read: (view, at, isLittle) => view.getInt16(at, isLittle) },
  u2: { width: 2, read: (view, at, isLittle) => view.getUint16(at, isLittle) },
  i1: { width: 1, read: (view, at) => view.getInt8(at) },
  u1: { width: 1, read: (view, at) => view.getUint8(at) },
  b1: { width: 1, read: (view, at) => view.getUint8(at) },
}

/** @throws RunError 'data' saying what is wrong with the file */
export function parseNpy(bytes: Uint8Array, file: string): Table {
  const fail = (what: string): never => { throw new RunError('data', `${file} cannot be read as .npy: ${what}`) }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || view.getUint8(0) !== 0x93 || new TextDecoder().decode(bytes.subarray(1, 6)) !== 'NUMPY') return fail('it does not begin as one')
  // Version 1 has a header length of two bytes, later ones of four.
  const isFirst = view.getUint8(6) === 1
  const headerStart = isFirst ? 10 : 12
  const start = headerStart + (isFirst ? view.getUint16(8, true) : view.getUint32(8, true))
  if (start > bytes.length) return fail('it ends within its header')
  const header = new TextDecoder().decode(bytes.subarray(headerStart, start))
  const [, order = '', type = ''] = /'descr':\s*'([<>|=])(\w+)'/.exec(header) ?? []
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  if (!kind) return fail(`elements are ${/'descr':\s*(\[.*?\](?=,\s*')|'[^']*')/.exec(header)?.[1] ?? 'unknown'}; ${Object.keys(KINDS).join(', ')} can be read`)
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]?.split(',').map(size => size.trim()).filter(Boolean).map(Number)
  if (!shape || !shape.every(size => Number.isSafeInteger(size) && size >= 0)) return fail('it has no shape')
  if (shape.length === 0) return fail('it holds one number, not rows')
  const [rows = 0, ...rest] = shape
  const width = rest.reduce((product, size) => product * size, 1)
  if (width > 1 && /'fortran_order':\s*True/.test(header)) return fail('it is in Fortran order; save np.ascontiguousarray(x)')
  if (start + rows * width * kind.width > bytes.length) return fail(`shape (${shape.join(', ')}) needs ${rows * width * kind.width} bytes, and ${bytes.length - start} are there`)
  if (rows === 0) throw new RunError('data', `${file} is empty`)
  const isLittle = order !== '>'
  return {
    file, rows, width, names: undefined, isText: false,
    cell: (row, column) => kind.read(view, start + (row * width + column) * kind.width, isLittle),
    place: row => `${file}: row ${row + 1}`,
  }
}
