/**
 * Many words of Z at once. The sums Σ (−1)^|i & z| |ψᵢ|² for several z are a Walsh–Hadamard transform of which only some branches are
 * taken: the squares are folded in half by one bit after the other, added where z has the bit at 0 and subtracted where it is 1, so
 * that words share what they have in common, and each further fold is half as long. Sums in pairs lose fewer digits, too.
 *
 * The way back, unfolding weights, makes the diagonal Σ w (−1)^|i & z| of the operator that a cotangent is contracted with.
 */
import { i32, v128, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local, Signature } from '../../../wasm/module'
import type { ObservableSite } from './observables'

/** What a record's function is given: the address of the record, and of the state. */
const RECORD: Signature = { parameters: ['i32', 'i32'] }

type Action = 'square' | 'foldPlus' | 'foldMinus' | 'vector' | 'unfoldPlus' | 'unfoldMinus' | 'unfoldMore' | 'scale'

/** One action: fields are the addresses it reads and writes, and the bytes of half of the longer one. */
export interface DiagonalRecord { readonly number: number; readonly fields: readonly [from: number, to: number, bytes: number] }

/** Words that differ in bits within a vector alone. */
interface Leaf { readonly cell: number; readonly words: readonly number[] }

export interface DiagonalPlan {
  readonly measure: readonly DiagonalRecord[]
  readonly multiply: readonly DiagonalRecord[]
  readonly leaves: readonly Leaf[]
}

/**
 * @param words the z of each
 * @param take room in memory: one array for each length, and a vector for each leaf
 */
export function planDiagonal(site: ObservableSite, bits: number, words: readonly number[], take: (bytes: number) => number): DiagonalPlan {
  const { v } = site
  const buffers = Array.from({ length: bits + 1 }, (_, level) => (level < v.bits ? 0 : take(2 ** level * v.bytes)))
  const measure: DiagonalRecord[] = [], multiply: DiagonalRecord[] = [], leaves: Leaf[] = []
  const record = (action: Action, from: number, to: number, bytes: number): DiagonalRecord => ({ number: numberOf(site, action), fields: [from, to, bytes] })
  const visit = (level: number, chosen: readonly number[]): void => {
    const here = buffers[level] ?? 0
    if (level === v.bits) {
      const cell = take(16)
      leaves.push({ cell, words: chosen })
      measure.push(record('vector', here, cell, 16))
      multiply.push(record('vector', cell, here, 16))
      return
    }
    const bit = 1 << (level - 1), half = bit * v.bytes, next = buffers[level - 1] ?? 0
    const plus = chosen.filter(k => ((words[k] ?? 0) & bit) === 0), minus = chosen.filter(k => ((words[k] ?? 0) & bit) !== 0)
    if (plus.length > 0) {
      measure.push(record('foldPlus', here, next, half))
      visit(level - 1, plus)
      multiply.push(record('unfoldPlus', next, here, half))
    }
    if (minus.length > 0) {
      measure.push(record('foldMinus', here, next, half))
      visit(level - 1, minus)
      multiply.push(record(plus.length > 0 ? 'unfoldMore' : 'unfoldMinus', next, here, half))
    }
  }
  const root = buffers[bits] ?? 0
  measure.push(record('square', 0, root, 2 ** bits * v.bytes))
  visit(bits, [...words.keys()])
  multiply.push(record('scale', root, 0, 2 ** bits * v.bytes))
  return { measure, multiply, leaves }
}

const numberOf = (site: ObservableSite, action: Action): number => site.module.number(`diagonal ${action}`, RECORD, f => write(f, site, action))

function write(f: FunctionWriter, { v, distances: { imaginary, lambda } }: ObservableSite, action: Action): void {
  const [record, state] = f.parameters as [Local, Local]
  const field = (k: number) => f.local('i32', i32.load(record.get, 4 * k))
  const from = field(1), to = field(2), bytes = field(3).get
  const load = (at: Code, offset = 0) => f.local('v128', v128.load(at, offset)).get
  const far = (at: Local) => i32.add(at.get, bytes)
  const body = (): void => {
    switch (action) {
      case 'square': {
        const re = load(from.get), im = load(from.get, imaginary)
        return f.emit(v128.store(to.get, v.add(v.mul(re, re), v.mul(im, im))))
      }
      case 'foldPlus': case 'foldMinus': return f.emit(v128.store(to.get, (action === 'foldPlus' ? v.add : v.sub)(v128.load(from.get), v128.load(far(from)))))
      case 'vector': return f.emit(v128.store(to.get, v128.load(from.get)))
      case 'unfoldPlus': case 'unfoldMinus': {
        const value = load(from.get)
        return f.emit(v128.store(to.get, value), v128.store(far(to), action === 'unfoldPlus' ? value : v.neg(value)))
      }
      case 'unfoldMore': {
        const value = load(from.get)
        return f.emit(v128.store(to.get, v.add(v128.load(to.get), value)), v128.store(far(to), v.sub(v128.load(far(to)), value)))
      }
      case 'scale': {
        const weight = load(from.get)
        return f.emit(v128.store(to.get, v.mul(weight, v128.load(to.get)), lambda), v128.store(to.get, v.mul(weight, v128.load(to.get, imaginary)), lambda + imaginary))
      }
      default: return action satisfies never
    }
  }
  // ψ is read as it stands, and what a weight makes of it goes to λ, at its distance from there.
  if (action === 'square') f.set(from, state.get)
  if (action === 'scale') f.set(to, state.get)
  const end = f.local('i32', i32.add(from.get, bytes)).get
  f.doWhile(() => {
    body()
    f.advance(from, 16)
    f.advance(to, 16)
    return i32.ltUnsigned(from.get, end)
  })
}
