/**
 * Expectation values and products of Pauli words with projectors, as passes over a state. With P|i⟩ = i^ys (−1)^|i & z| |i ⊕ x⟩ on
 * the basis states of a condition, and a state ψ,
 *
 *     ⟨ψ|P|ψ⟩ = Σ i^ys (−1)^|i & z| ψ̄_{i⊕x} ψ_i    and    (Pψ)_{i⊕x} = i^ys (−1)^|i & z| ψ_i.
 *
 * A term's function takes the address of its masks in bytes and where the states are; few functions serve all terms.
 */
import { bulk, f32x4, f64, f64x2, i32, i32x4, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter, Signature } from '../../../wasm/module'
import type { Term } from '../../circuit'
import { bitOf, wordMasks } from '../subspace'
import type { StateDistances } from './tileCode'
import type { Lanes } from './lanes'
import type { Condition } from './primitives'
import { holds, isOdd } from './registers'

/** A word with projectors as masks. */
export interface WordTerm { readonly x: number; readonly z: number; readonly where: Condition; /** Of i^ys. */ readonly phaseRe: number; readonly phaseIm: number }

export function wordTerm(qubits: number, word: Term['word']): WordTerm {
  const where = word.reduce(({ mask, value }, [wire, letter]) => (letter === '0' || letter === '1'
    ? { mask: mask | bitOf(qubits, wire), value: letter === '1' ? value | bitOf(qubits, wire) : value } : { mask, value }), { mask: 0, value: 0 })
  return { ...wordMasks(qubits, word), where }
}

/** A term in memory: its function's number, x, z, mask and value in bytes, and at 24 a double, its weight or its result. */
export const TERM_BYTES = 32
export const TERM_NUMBER = 24

const TERM: Signature = { parameters: ['i32', 'i32'] }

export type TermUse = 'expectation' | 'product' | 'sum'

export interface ObservableSite { readonly module: ModuleWriter; readonly v: Lanes; readonly distances: StateDistances; /** Of the parts of a state. */ readonly bytes: number }

/**
 * The function that leaves ⟨ψ|P|ψ⟩ as a term's number, or without its phase the real or the imaginary sum; or makes λ the number's multiple
 * of Pψ, or adds that to λ.
 */
export function termFunction(site: ObservableSite, use: TermUse, { x, z, where, phaseIm }: WordTerm): number {
  const lanes = (1 << site.v.bits) - 1
  const shape: Shape = {
    hasX: x !== 0, laneX: x & lanes, laneZ: z & lanes, hasZ: (z & ~lanes) !== 0, laneWhere: { mask: where.mask & lanes, value: where.value & lanes },
    isConditional: (where.mask & ~lanes) !== 0, isImaginary: phaseIm !== 0,
  }
  return site.module.number(`${use} ${JSON.stringify(shape)}`, TERM, f => (use === 'expectation' ? writeExpectation : writeProduct)(f, site, shape, use))
}

interface Shape {
  readonly hasX: boolean
  readonly laneX: number
  readonly laneZ: number
  readonly hasZ: boolean
  readonly laneWhere: Condition
  readonly isConditional: boolean
  readonly isImaginary: boolean
}

interface Vector { readonly at: Code; readonly partner: Code; readonly chosen: (x: Code) => Code }

/** Bytes after which a sum is put aside: a million small numbers added to one large lose digits. */
const BLOCK = 4096

/** Masks as the function reads them, and its loop over the vectors of a state. */
function overVectors(f: FunctionWriter, { v, bytes }: ObservableSite, shape: Shape, body: (vector: Vector) => void, afterBlock: () => void): void {
  const [term] = f.parameters as [Local]
  const field = (k: number) => f.local('i32', i32.load(term.get, 4 * k)).get
  const x = shape.hasX ? field(1) : [], z = shape.hasZ ? field(2) : []
  const mask = shape.isConditional ? field(3) : [], value = shape.isConditional ? field(4) : []
  const at = f.local('i32'), blockEnd = f.local('i32')
  const overBlock = () => f.doWhile(() => {
    const sign = shape.hasZ ? f.local('v128', v.oddSigns(i32.popcnt(i32.and(at.get, z)))).get : undefined
    const kept = shape.isConditional ? f.local('v128', i32x4.splat(i32.sub(i32.const(0), i32.eq(i32.and(at.get, mask), value)))).get : undefined
    const chosen = (vector: Code): Code => {
      let chosenVector = vector
      if (sign) chosenVector = v128.xor(chosenVector, sign)
      if (shape.laneZ !== 0) chosenVector = v128.xor(chosenVector, v.signsOf(k => isOdd(k & shape.laneZ)))
      if (kept) chosenVector = v128.and(chosenVector, kept)
      return shape.laneWhere.mask === 0 ? chosenVector : v128.and(chosenVector, v.maskOf(k => holds(shape.laneWhere, k)))
    }
    body({ at: at.get, partner: shape.hasX ? f.local('i32', i32.xor(at.get, x)).get : at.get, chosen })
    f.advance(at, 16)
    return i32.ltUnsigned(at.get, blockEnd.get)
  })
  f.doWhile(() => {
    f.set(blockEnd, i32.add(at.get, i32.const(Math.min(bytes, BLOCK))))
    overBlock()
    afterBlock()
    return i32.ltUnsigned(at.get, i32.const(bytes))
  })
}

function writeExpectation(f: FunctionWriter, site: ObservableSite, shape: Shape): void {
  const { v, distances } = site
  const [term, state] = f.parameters as [Local, Local]
  const sums = v.bytes === 8 ? [f.local('v128')] : [f.local('v128'), f.local('v128')]
  const total = f.local('v128')
  overVectors(f, site, shape, ({ at, partner, chosen }) => {
    const here = (offset: number) => f.local('v128', v128.load(i32.add(state.get, at), offset)).get
    const xr = here(0), xi = here(distances.imaginary)
    const there = (offset: number) => f.local('v128', swapped(v, v128.load(i32.add(state.get, partner), offset), f, shape.laneX)).get
    const yr = shape.hasX ? there(0) : xr, yi = shape.hasX ? there(distances.imaginary) : xi
    const product = shape.isImaginary ? v.sub(v.mul(yr, xi), v.mul(yi, xr)) : v.add(v.mul(yr, xr), v.mul(yi, xi))
    const part = f.local('v128', chosen(product)).get
    // Floats are added up as doubles: there may be a million of them.
    const halves = v.bytes === 8 ? [part] : [f64x2.fromF32(part), f64x2.fromF32(v128.shuffle(part, part, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]))]
    sums.forEach((sum, k) => f.set(sum, f64x2.add(sum.get, halves[k] ?? [])))
  }, () => {
    f.set(total, f64x2.add(total.get, sums.map(({ get }) => get).reduce(f64x2.add)))
    for (const sum of sums) f.set(sum, f64x2.const(0))
  })
  f.emit(f64.store(term.get, f64.add(f64x2.extract(total.get, 0), f64x2.extract(total.get, 1)), TERM_NUMBER))
}

function writeProduct(f: FunctionWriter, site: ObservableSite, shape: Shape, use: TermUse): void {
  const { v, distances } = site
  const [term, state] = f.parameters as [Local, Local]
  const number = f64.load(term.get, TERM_NUMBER)
  const weight = f.local('v128', v.bytes === 8 ? f64x2.splat(number) : f32x4.splat([number, 0xb6])).get
  overVectors(f, site, shape, ({ at, partner, chosen }) => {
    const to = f.local('i32', i32.add(state.get, at)).get
    const from = (offset: number) => f.local('v128', v.mul(weight, chosen(swapped(v, v128.load(i32.add(state.get, partner), offset), f, shape.laneX)))).get
    const re = from(0), im = from(distances.imaginary)
    const [first, second] = shape.isImaginary ? [v.neg(im), re] : [re, im]
    const put = (value: Code, offset: number) => f.emit(v128.store(to, use === 'sum' ? v.add(v128.load(to, offset), value) : value, offset))
    put(first, distances.lambda)
    put(second, distances.lambda + distances.imaginary)
  }, () => {})
}

function swapped(v: Lanes, x: Code, f: FunctionWriter, laneX: number): Code {
  if (laneX === 0) return x
  const { get } = f.local('v128', x)
  return v.shuffle(get, get, k => k ^ laneX)
}

/** `run(first, end, state)` runs the functions of records in memory, and `clear(state)` makes a state 0. */
export interface TermCode { readonly run: Callee; readonly clear: Callee }

export function writeTerms({ module, distances, bytes }: ObservableSite): TermCode {
  const run = module.define('terms', { parameters: ['i32', 'i32', 'i32'] }, f => {
    const [term, end, state] = f.parameters as [Local, Local, Local]
    f.doWhile(() => {
      f.emit(module.callNumber(TERM, i32.load(term.get), [term.get, state.get]))
      f.advance(term, TERM_BYTES)
      return i32.ltUnsigned(term.get, end.get)
    })
  })
  const clear = module.define('clear', { parameters: ['i32'] }, f => {
    const [state] = f.parameters as [Local]
    for (const offset of [0, distances.imaginary]) f.emit(bulk.fill(i32.add(state.get, i32.const(offset)), i32.const(0), i32.const(bytes)))
  })
  return { run, clear }
}
