/**
 * The safetensors format, read and written: eight bytes of header length (little endian), a JSON header, then the data.
 * https://github.com/huggingface/safetensors#format. Files come from anywhere, so every number of a header is checked.
 */
import { RunError } from '../errors'

export const DTYPES = ['F64', 'F32', 'I32', 'U8', 'BOOL'] as const
export type Dtype = (typeof DTYPES)[number]

const WIDTHS: { readonly [D in Dtype]: number } = { F64: 8, F32: 4, I32: 4, U8: 1, BOOL: 1 }

export interface StoredTensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

const LARGEST_HEADER = 100 * 2 ** 20
const METADATA = '__metadata__'

// ------------------------------------------------------------------------------------------------------ writing

/** Wide elements first, so that each tensor's data is aligned; among equals, in the order given. */
export function writeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => WIDTHS[b.dtype] - WIDTHS[a.dtype])
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : []
  let end = 0
  for (const [name, { dtype, shape, data }] of ordered) {
    const begin = end
    end += data.length * WIDTHS[dtype]
    header.push([name, { dtype, shape, data_offsets: [begin, end] }])
  }
  const json = new TextEncoder().encode(`{${header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`)
  // Spaces until the data begins at a multiple of eight.
  const headerLength = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + headerLength + end)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(headerLength), true)
  bytes.set(json, 8)
  bytes.fill(0x20, 8 + json.length, 8 + headerLength)
  let at = 8 + headerLength
  for (const [, { dtype, data }] of ordered) at = writeElements(view, at, dtype, data)
  return bytes
}

function writeElements(view: DataView, start: number, dtype: Dtype, data: StoredTensor['data']): number {
  let at = start
  for (let i = 0; i < data.length; i++, at += WIDTHS[dtype]) {
    const value = data[i] as number
    switch (dtype) {
      case 'F64': view.setFloat64(at, value, true); break
      case 'F32': view.setFloat32(at, value, true); break
      case 'I32': view.setInt32(at, value, true); break
      case 'U8': case 'BOOL': view.setUint8(at, value); break
      default: dtype satisfies never
    }
  }
  return at
}

// ------------------------------------------------------------------------------------------------------ reading

interface Entry { readonly name: string; readonly dtype: Dtype; readonly shape: readonly number[]; readonly begin: number; readonly end: number }

/**
 * @param source what the bytes are, for messages: a path
 * @throws RunError 'weights' saying what is wrong with the file
 */
export function readSafetensors(bytes: Uint8Array, source = 'the weights'): SafetensorsFile {
  const fail = (what: string): never => { throw new RunError('weights', `${source} cannot be read as safetensors: ${what}`) }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 8) return fail(`it has ${bytes.length} bytes, and the header's length alone takes 8`)
  const declared = view.getBigUint64(0, true)
  if (declared > BigInt(LARGEST_HEADER)) return fail(`its header would be ${declared} bytes long; the limit is ${LARGEST_HEADER}`)
  const headerLength = Number(declared)
  const dataStart = 8 + headerLength
  if (dataStart > bytes.length) return fail(`it ends within its header: ${dataStart} bytes are needed, ${bytes.length} are there`)
  const header = parseHeader(bytes.subarray(8, dataStart), fail)
  const { entries, metadata } = readHeader(header, fail)
  checkLayout(entries, bytes.length - dataStart, fail)
  return { metadata, tensors: new Map(entries.map(({ name, dtype, shape, begin, end }) =>
    [name, { dtype, shape, data: readElements(view, dataStart + begin, (end - begin) / WIDTHS[dtype], dtype) }])) }
}

type Fail = (what: string) => never

function parseHeader(bytes: Uint8Array, fail: Fail): Readonly<Record<string, unknown>> {
  let header: unknown
  let text = ''
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch {
    return fail('its header is not JSON')
  }
  if (!isRecord(header) || !text.startsWith('{')) return fail('its header is not a JSON object')
  const twice = repeatedKey(text)
  if (twice !== undefined) return fail(`its header has the name ${JSON.stringify(twice)} twice`)
  return header
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON.parse keeps the last of equal keys without a word; two readers could then see two different files. */
function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  // Strings, and what opens or closes a level; text that JSON.parse has accepted needs no more.
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else {
      const keys = open.at(-1)
      if (!keys || !/^\s*:/.test(json.slice(index + token.length, index + token.length + 64))) continue
      const key: string = JSON.parse(token)
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}

function readHeader(header: Readonly<Record<string, unknown>>, fail: Fail): { entries: Entry[]; metadata: Record<string, string> } {
  const entries: Entry[] = []
  // No prototype: a key may be named like one of its members.
  const metadata: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(header)) {
    if (name !== METADATA) {
      entries.push(readEntry(name, value, fail))
      continue
    }
    if (!isRecord(value)) return fail('its metadata is not an object')
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string') return fail(`its metadata ${JSON.stringify(key)} is not a text`)
      metadata[key] = text
    }
  }
  return { entries, metadata }
}

function readEntry(name: string, value: unknown, fail: Fail): Entry {
  const what = `tensor ${JSON.stringify(name)}`
  if (!isRecord(value)) return fail(`${what} is not described by an object`)
  const { dtype, shape, data_offsets: offsets } = value
  const known = DTYPES.find(other => other === dtype)
  if (!known) return fail(`${what} has the type ${JSON.stringify(dtype)}; ${DTYPES.join(', ')} can be read`)
  if (!isSizes(shape)) return fail(`${what} has no shape of whole numbers`)
  if (!isSizes(offsets) || offsets.length !== 2) return fail(`${what} has no two data offsets`)
  const [begin = 0, end = 0] = offsets
  const needed = shape.reduce((product, size) => product * size, WIDTHS[known])
  if (!Number.isSafeInteger(needed) || end - begin !== needed) {
    return fail(`${what} of type ${known} and shape [${shape.join(', ')}] needs ${needed} bytes, but its offsets span ${end - begin}`)
  }
  return { name, dtype: known, shape, begin, end }
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && size >= 0)

/** Tensors must cover the data from end to end, each byte once. */
function checkLayout(entries: readonly Entry[], length: number, fail: Fail): void {
  let at = 0
  let before = ''
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const what = `tensor ${JSON.stringify(name)}`
    if (end > length) return fail(`${what} ends at byte ${end} of the data, which has ${length}`)
    if (begin < at) return fail(`${what} overlaps tensor ${JSON.stringify(before)}`)
    if (begin > at) return fail(`the ${begin - at} bytes before ${what} belong to no tensor`)
    at = end
    before = name
  }
  if (at < length) return fail(`${length - at} bytes at its end belong to no tensor`)
}

function readElements(view: DataView, start: number, count: number, dtype: Dtype): StoredTensor['data'] {
  switch (dtype) {
    case 'F64': return Float64Array.from({ length: count }, (_, i) => view.getFloat64(start + 8 * i, true))
    case 'F32': return Float32Array.from({ length: count }, (_, i) => view.getFloat32(start + 4 * i, true))
    case 'I32': return Int32Array.from({ length: count }, (_, i) => view.getInt32(start + 4 * i, true))
    case 'U8': case 'BOOL': return new Uint8Array(view.buffer.slice(view.byteOffset + start, view.byteOffset + start + count))
    default: return dtype satisfies never
  }
}
