import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors, type StoredTensor } from '../../../runtime/checkpoint/safetensors'
import { RunError } from '../../../runtime/errors'

/** A file from a header's text, or its length as declared, and data. */
function fileOf(header: string | Uint8Array, data = new Uint8Array(0), declared?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

const tensors = new Map<string, StoredTensor>([
  ['flags', { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ['w', { dtype: 'F64', shape: [2, 2], data: Float64Array.of(0.1, -0, NaN, Infinity) }],
  ['θ.W', { dtype: 'F32', shape: [1], data: Float32Array.of(0.1) }],
  ['none', { dtype: 'F64', shape: [0, 4], data: new Float64Array(0) }],
  ['n', { dtype: 'I32', shape: [], data: Int32Array.of(-7) }],
  ['bytes', { dtype: 'U8', shape: [2], data: Uint8Array.of(255, 1) }],
])

describe('safetensors', () => {
  it('come back bit for bit, from an unaligned place too', () => {
    const metadata = { model: 'Moons', note: '"quoted" θ\n' }
    const bytes = writeSafetensors({ tensors, metadata })
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    for (const copy of [bytes, shifted.subarray(3)]) {
      const back = readSafetensors(copy)
      expect({ ...back.metadata }).toEqual(metadata)
      expect(new Map([...back.tensors].sort())).toEqual(new Map([...tensors].sort()))
      expect(Object.is(back.tensors.get('w')?.data[1], -0)).toBe(true)
    }
  })

  it('have the layout of the format', () => {
    const bytes = writeSafetensors({ tensors, metadata: {} })
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, { data_offsets: [number, number]; dtype: string }>
    expect(header.w).toEqual({ dtype: 'F64', shape: [2, 2], data_offsets: [0, 32] })
    expect(header['θ.W']?.data_offsets).toEqual([32, 36])
    expect(bytes.length).toBe(8 + length + 32 + 4 + 4 + 3 + 2)
  })

  const entry = (dtype: string, shape: unknown, offsets: unknown) => JSON.stringify({ dtype, shape, data_offsets: offsets })
  const eight = new Uint8Array(8)
  it.each([
    ['too short', new Uint8Array(3), 'it has 3 bytes, and the header\'s length alone takes 8'],
    ['a huge header', fileOf('{}', eight, 2n ** 63n), 'its header would be 9223372036854775808 bytes long; the limit is 104857600'],
    ['a header past the end', fileOf('{}', eight, 100n), 'it ends within its header: 108 bytes are needed, 18 are there'],
    ['no JSON', fileOf('{"a":'), 'its header is not JSON'],
    ['no UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), 'its header is not JSON'],
    ['an array', fileOf('[]'), 'its header is not a JSON object'],
    ['nested too deep', fileOf('['.repeat(100000)), 'its header is not JSON'],
    ['a name twice', fileOf(`{"a":${entry('U8', [8], [0, 8])},"\\u0061":${entry('U8', [8], [0, 8])}}`, eight), 'its header has the name "a" twice'],
    ['a key twice inside', fileOf('{"a":{"dtype":"U8","shape":[8],"dtype":"F32","data_offsets":[0,8]}}', eight), 'its header has the name "dtype" twice'],
    ['an unknown type', fileOf(`{"a":${entry('F8', [8], [0, 8])}}`, eight), 'tensor "a" has the type "F8"; F64, F32, I32, U8, BOOL can be read'],
    ['a negative size', fileOf(`{"a":${entry('U8', [-8], [0, 8])}}`, eight), 'tensor "a" has no shape of whole numbers'],
    ['a broken size', fileOf(`{"a":${entry('U8', [0.5], [0, 8])}}`, eight), 'tensor "a" has no shape of whole numbers'],
    ['one offset', fileOf(`{"a":${entry('U8', [8], [0])}}`, eight), 'tensor "a" has no two data offsets'],
    ['a mismatch', fileOf(`{"a":${entry('F32', [3], [0, 8])}}`, eight), 'tensor "a" of type F32 and shape [3] needs 12 bytes, but its offsets span 8'],
    ['an overflow', fileOf(`{"a":${entry('U8', [2 ** 40, 2 ** 40], [0, 8])}}`, eight), 'tensor "a" of type U8 and shape'],
    ['offsets backwards', fileOf(`{"a":${entry('U8', [0], [8, 0])}}`, eight), 'needs 0 bytes, but its offsets span -8'],
    ['out of bounds', fileOf(`{"a":${entry('U8', [16], [0, 16])}}`, eight), 'tensor "a" ends at byte 16 of the data, which has 8'],
    ['an overlap', fileOf(`{"a":${entry('U8', [6], [0, 6])},"b":${entry('U8', [4], [4, 8])}}`, eight), 'tensor "b" overlaps tensor "a"'],
    ['a hole', fileOf(`{"a":${entry('U8', [2], [0, 2])},"b":${entry('U8', [4], [4, 8])}}`, eight), 'the 2 bytes before tensor "b" belong to no tensor'],
    ['bytes at the end', fileOf(`{"a":${entry('U8', [6], [0, 6])}}`, eight), '2 bytes at its end belong to no tensor'],
    ['metadata of numbers', fileOf('{"__metadata__":{"a":1}}'), 'its metadata "a" is not a text'],
    ['metadata of a list', fileOf('{"__metadata__":[]}'), 'its metadata is not an object'],
    ['a number for a tensor', fileOf('{"a":1}'), 'tensor "a" is not described by an object'],
  ])('refuses %s', (_, bytes, message) => {
    let failure: unknown
    try {
      readSafetensors(bytes, 'w.safetensors')
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(RunError)
    expect((failure as RunError).kind).toBe('weights')
    expect((failure as RunError).message).toContain(`w.safetensors cannot be read as safetensors: `)
    expect((failure as RunError).message).toContain(message)
  })

  it('reads what others write: spaces, any order, names like prototype members', () => {
    const file = fileOf(`{ "__proto__":${entry('U8', [4], [4, 8])} , "constructor":${entry('U8', [4], [0, 4])} }    `, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    const { tensors: back } = readSafetensors(file)
    expect(back.get('__proto__')?.data).toEqual(Uint8Array.of(5, 6, 7, 8))
    expect(back.get('constructor')?.data).toEqual(Uint8Array.of(1, 2, 3, 4))
  })

  it('any bytes give a file or a RunError', () => {
    const valid = writeSafetensors({ tensors, metadata: { a: 'b' } })
    const attempt = (bytes: Uint8Array) => {
      try {
        readSafetensors(bytes)
      } catch (error) {
        if (!(error instanceof RunError)) throw error
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => attempt(bytes)), { numRuns: 500 })
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }), fc.nat(valid.length), (edits, length) => {
      const bytes = valid.slice(0, length)
      for (const [at, value] of edits) if (at < length) bytes[at] = value
      attempt(bytes)
    }), { numRuns: 2000 })
  })

  it('whatever is written is read back', () => {
    const stored = fc.array(fc.nat(3), { maxLength: 3 }).chain(shape => {
      const count = shape.reduce((product, size) => product * size, 1)
      return fc.array(fc.double(), { minLength: count, maxLength: count }).map((data): StoredTensor => ({ dtype: 'F64', shape, data: Float64Array.from(data) }))
    })
    fc.assert(fc.property(fc.dictionary(fc.string().filter(name => name !== '__metadata__'), stored), fc.dictionary(fc.string(), fc.string()), (all, metadata) => {
      const back = readSafetensors(writeSafetensors({ tensors: new Map(Object.entries(all)), metadata }))
      expect(back.tensors).toEqual(new Map(Object.entries(all)))
      expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort())
    }), { numRuns: 200 })
  })
})
