/** Indexing by tensors: reading rows, adding them up where they belong, and the places of greatest and least elements. */
import type { OpAttributes } from '../../../ir/op'
import { countOf } from '../reference/layout'
import { addView, copyBytes } from './copy'
import { bulk, f32, f64, i32, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local } from '../../../wasm/module'
import { inputOf } from './movement'
import type { ProgramSite, RoutinePlaces } from './site'
import { bytesOf } from './vectors'

/** @param refuse code that stops the run with a message: an index is out of range */
export function lowerGather({ axis }: OpAttributes['gather'], places: RoutinePlaces, site: ProgramSite, refuse: () => Code): Code {
  const [source, index] = [inputOf(places, 0), inputOf(places, 1)]
  const bytes = bytesOf(source.element, site.precision)
  const size = source.shape[axis] ?? 0
  const row = countOf(source.shape.slice(axis + 1)) * bytes
  return site.module.define(`gather ${site.nextKernel()}`, { parameters: [] }, f => {
    const from = f.local('i32', i32.const(source.address))
    const to = f.local('i32', i32.const(places.output.address))
    f.repeat(countOf(source.shape.slice(0, axis)), () => {
      eachIndex(f, index.address, countOf(index.shape), size, refuse, at => {
        copyBytes(f, to.get, i32.add(from.get, i32.mul(at, i32.const(row))), row)
        f.advance(to, row)
      })
      f.advance(from, size * row)
    })
  })()
}

export function lowerSegmentSum({ axis }: OpAttributes['segmentSum'], places: RoutinePlaces, site: ProgramSite, refuse: () => Code): Code | undefined {
  const [source, index] = [inputOf(places, 0), inputOf(places, 1)]
  const { output } = places
  if (output.element !== 'real') return undefined
  const bytes = bytesOf('real', site.precision)
  const size = output.shape[axis] ?? 0
  const inner = countOf(output.shape.slice(axis + 1))
  return site.module.define(`segment sum ${site.nextKernel()}`, { parameters: [] }, f => {
    const from = f.local('i32', i32.const(source.address))
    const to = f.local('i32', i32.const(output.address))
    f.emit(bulk.fill(to.get, i32.const(0), i32.const(countOf(output.shape) * bytes)))
    f.repeat(countOf(output.shape.slice(0, axis)), () => {
      eachIndex(f, index.address, countOf(index.shape), size, refuse, at => {
        const target = i32.add(to.get, i32.mul(at, i32.const(inner * bytes)))
        addView(f, site.v, [inner], { address: from.get, strides: [bytes] }, { address: target, strides: [bytes] })
        f.advance(from, inner * bytes)
      })
      f.advance(to, size * inner * bytes)
    })
  })()
}

export function lowerWrapIndex({ size }: OpAttributes['wrapIndex'], places: RoutinePlaces, site: ProgramSite, refuse: () => Code): Code {
  const index = inputOf(places, 0)
  return site.module.define(`wrap ${site.nextKernel()}`, { parameters: [] }, f => {
    const to = f.local('i32', i32.const(places.output.address))
    eachIndex(f, index.address, countOf(index.shape), site.sizeOf(size), refuse, at => {
      f.emit(i32.store(to.get, at))
      f.advance(to, 4)
    })
  })()
}

/** Runs the body for each index, negatives counted from the end. */
function eachIndex(f: FunctionWriter, address: number, count: number, size: number, refuse: () => Code, body: (at: Code) => void): void {
  const read = f.local('i32', i32.const(address))
  f.repeat(count, () => {
    const at = f.local('i32', i32.load(read.get))
    f.when(i32.lt(at.get, i32.const(0)), () => f.advance(at, size))
    f.when(i32.eqz(i32.ltUnsigned(at.get, i32.const(size))), () => f.emit(refuse()))
    body(at.get)
    f.advance(read, 4)
  })
}

/** NaN counts as the greatest and as the least, as in NumPy. */
export function lowerArgReduce({ fn, axis }: OpAttributes['argReduce'], places: RoutinePlaces, site: ProgramSite): Code | undefined {
  const { element, shape, address } = inputOf(places, 0)
  const length = shape[axis] ?? 1
  if (length === 0 || element === 'bool') return undefined
  const bytes = bytesOf(element, site.precision)
  const inner = countOf(shape.slice(axis + 1))
  const load = (at: Code): Code => (element === 'int' ? f64.fromI32(i32.load(at)) : bytes === 8 ? f64.load(at) : f64.fromF32(f32.load(at)))
  const isBetter = (x: Local, best: Local) => (fn === 'argmax' ? f64.lt(best.get, x.get) : f64.lt(x.get, best.get))
  return site.module.define(`argument ${site.nextKernel()}`, { parameters: [] }, f => {
    const from = f.local('i32', i32.const(address))
    const to = f.local('i32', i32.const(places.output.address))
    f.repeat(countOf(shape.slice(0, axis)), () => {
      f.repeat(inner, () => {
        const at = f.local('i32', from.get)
        const best = f.local('f64', load(at.get))
        const bestAt = f.local('i32', i32.const(0))
        const step = f.local('i32', i32.const(0))
        f.repeat(length - 1, () => {
          f.advance(at, inner * bytes)
          f.advance(step, 1)
          const x = f.local('f64', load(at.get))
          // A NaN that comes first stays: nothing is better than it, and it equals nothing.
          const isFirstNaN = i32.and(i32.eqz(f64.eq(x.get, x.get)), f64.eq(best.get, best.get))
          f.when(i32.or(isBetter(x, best), isFirstNaN), () => {
            f.set(best, x.get)
            f.set(bestAt, step.get)
          })
        })
        f.emit(i32.store(to.get, bestAt.get))
        f.advance(to, 4)
        f.advance(from, bytes)
      })
      f.advance(from, (length - 1) * inner * bytes)
    })
  })()
}
