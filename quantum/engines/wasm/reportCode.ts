/**
 * From a state to the numbers that a circuit reports, and from their cotangents to λ = Σₖ ctₖ Oₖ ψ, by records in memory: one for each
 * word of Z that is measured together with others (diagonal.ts), and one for each term that is measured by itself (observables.ts).
 */
import { f32x4, f64, f64x2, i32, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter } from '../../../wasm/module'
import type { StateDistances } from './tileCode'
import type { Lanes } from './lanes'
import { TERM_BYTES, TERM_NUMBER, type TermCode } from './observables'
import type { Records } from './room'

/** A word: its cell's address, where its result is, its coefficient, the signs of the cell's lanes, and whether words of the same cell stand before it. */
export const WORD_BYTES = 48
export const WORD = { cell: 0, result: 4, coefficient: 8, signs: 16, isMore: 32 } as const

/** A single term: the addresses of its expectation's record and of its products', where its result is, and the factors of both. */
export const SINGLE_BYTES = 32
export const SINGLE = { expectation: 0, products: 4, result: 8, factor: 16, productFactor: 24 } as const

export interface ReadoutPlaces { readonly measure: Records; readonly multiply: Records; readonly words: Records; readonly singles: Records }

interface Site { readonly module: ModuleWriter; readonly v: Lanes; readonly distances: StateDistances; readonly terms: TermCode }

/** All are functions of the image (machine.ts), and then `report` of a state and where the numbers are added, `pull` of cotangents and a state. */
export interface ReportCode { readonly report: Callee; readonly pull: Callee }

/** Exports `report(image, state, results)` and `pull(image, cotangents, state)`. */
export function writeReports(site: Site, places: ReadoutPlaces): ReportCode {
  const { module } = site
  const report = module.define('report', { parameters: ['i32', 'i32', 'i32'] }, f => writeReport(f, site, places))
  const pull = module.define('pull', { parameters: ['i32', 'i32', 'i32'] }, f => writePull(f, site, places))
  for (const [name, callee] of Object.entries({ report, pull })) {
    module.export(name, f => f.emit(callee(...f.parameters.map(({ get }) => get))), { parameters: ['i32', 'i32', 'i32'] })
  }
  return { report, pull }
}

function writeReport(f: FunctionWriter, { v, terms }: Site, { measure, words, singles }: ReadoutPlaces): void {
  const [image, state, results] = f.parameters as [Local, Local, Local]
  if (measure.end > measure.first) f.emit(terms.run(moved(image, measure.first), moved(image, measure.end), state.get))
  const add = (result: Code, value: Code) => {
    const place = f.local('i32', i32.add(results.get, result)).get
    f.emit(f64.store(place, f64.add(f64.load(place), value)))
  }
  overRecords(f, image, words, WORD_BYTES, at => {
    const signed = f.local('v128', v128.xor(v128.load(i32.load(at, WORD.cell)), v128.load(at, WORD.signs))).get
    add(i32.load(at, WORD.result), f64.mul(f64.load(at, WORD.coefficient), v.sum(signed)))
  })
  overRecords(f, image, singles, SINGLE_BYTES, at =>
    add(i32.load(at, SINGLE.result), f64.mul(f64.load(at, SINGLE.factor), f64.load(i32.load(at, SINGLE.expectation), TERM_NUMBER))))
}

function writePull(f: FunctionWriter, { v, terms, distances }: Site, { multiply, words, singles }: ReadoutPlaces): void {
  const [image, cotangents, state] = f.parameters as [Local, Local, Local]
  /** 1 as soon as there is something in λ. */
  const isSet = f.local('i32')
  const cotangent = (at: Code, result: number) => f64.load(i32.add(cotangents.get, i32.load(at, result)))
  const isOther = (weight: Code) => i32.eqz(f64.eq(weight, f64.const(0)))
  overRecords(f, image, words, WORD_BYTES, at => {
    const weight = f.local('f64', f64.mul(f64.load(at, WORD.coefficient), cotangent(at, WORD.result))).get
    const signed = f.local('v128', v128.xor(v.bytes === 8 ? f64x2.splat(weight) : f32x4.splat([weight, 0xb6]), v128.load(at, WORD.signs)))
    const cell = f.local('i32', i32.load(at, WORD.cell)).get
    f.when(i32.load(at, WORD.isMore), () => f.set(signed, v.add(v128.load(cell), signed.get)))
    f.emit(v128.store(cell, signed.get))
    f.set(isSet, i32.or(isSet.get, isOther(weight)))
  })
  if (words.end > words.first) f.when(isSet.get, () => f.emit(terms.run(moved(image, multiply.first), moved(image, multiply.end), state.get)))
  overRecords(f, image, singles, SINGLE_BYTES, at => {
    const weight = f.local('f64', cotangent(at, SINGLE.result)).get
    f.when(isOther(weight), () => {
      // The product sets λ, and the sum behind it adds to it.
      const record = f.local('i32', i32.add(i32.load(at, SINGLE.products), i32.mul(isSet.get, i32.const(TERM_BYTES)))).get
      f.emit(f64.store(record, f64.mul(f64.load(at, SINGLE.productFactor), weight), TERM_NUMBER))
      f.emit(terms.run(record, i32.add(record, i32.const(TERM_BYTES)), state.get))
      f.set(isSet, i32.const(1))
    })
  })
  f.when(i32.eqz(isSet.get), () => f.emit(terms.clear(i32.add(state.get, i32.const(distances.lambda)))))
}

/** An address of the first image, in another. */
export const moved = (image: Local, address: number): Code => i32.add(image.get, i32.const(address))

/** Runs the body for each record of an image, if there are any. */
export function overRecords(f: FunctionWriter, image: Local, { first, end }: Records, bytes: number, body: (at: Code) => void): void {
  if (end <= first) return
  const at = f.local('i32', moved(image, first))
  f.doWhile(() => {
    body(at.get)
    f.advance(at, bytes)
    return i32.ltUnsigned(at.get, moved(image, end))
  })
}
