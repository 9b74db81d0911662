/**
 * Reductions. Every one is seen as [outer, length, inner] → [outer, inner]; axes that do not fit that form are brought
 * together by a copy first.
 *
 * Sums are accumulated in 64 bits in two levels, pieces of about √length elements and then the pieces, so the rounding error
 * grows with √length instead of with length.
 */
import type { OpAttributes, Reduction } from '../../../ir/op'
import type { Element } from '../../../ir/type'
import { RunError } from '../../errors'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { copyRows, countOf, rowsOf, stridesOf } from './layout'

/** How many elements are added up before their sum joins the others; short sums are one piece. */
const pieceOf = (length: number): number => Math.max(128, Math.ceil(Math.sqrt(length)))

interface Form { readonly outer: number; readonly length: number; readonly inner: number }

/** Reads [outer, length, inner], writes [outer, inner]; `total` and `piece` have inner elements each. */
type ReduceLoop = (form: Form, source: TypedArray, out: TypedArray, total: Float64Array, piece: Float64Array) => void

export function prepareReduce({ fn, axes }: OpAttributes['reduce'], site: RoutineSite): Executor {
  const input = inputOf(site, 0)
  const { data, form, gather } = bringTogether(input.data, input.shape, axes)
  const out = site.output.data
  if (form.length === 0) {
    const identity = IDENTITIES[fn](input.element)
    return () => { out.fill(identity) }
  }
  const loop = fn === 'prod' && input.element === 'int' ? multiplyInts : form.inner === 1 ? ROW_LOOPS[fn] : COLUMN_LOOPS[fn]
  const total = new Float64Array(form.inner)
  const piece = new Float64Array(form.inner)
  return () => {
    gather()
    loop(form, data, out, total, piece)
  }
}

/** The input as [outer, length, inner], by a copy where the reduced axes are not neighbours. */
function bringTogether(
  source: TypedArray, shape: readonly number[], axes: readonly number[],
): { data: TypedArray; form: Form; gather: () => void } {
  // Axes of one element may be reduced or kept as suits.
  const long = axes.filter(axis => shape[axis] !== 1).sort((a, b) => a - b)
  const first = long[0] ?? shape.length
  const last = long.at(-1) ?? first - 1
  const between = shape.slice(first, last + 1)
  const sizes = { outer: countOf(shape.slice(0, first)), length: countOf(long.map(axis => shape[axis] ?? 1)), inner: countOf(shape.slice(last + 1)) }
  if (countOf(between) === sizes.length) return { data: source, form: sizes, gather: () => {} }
  const order = [...shape.keys()].filter(axis => !long.includes(axis)).concat(long)
  const strides = stridesOf(shape)
  const rows = rowsOf(order.map(axis => shape[axis] ?? 1), order.map(axis => strides[axis] ?? 0))
  const data = source.slice()
  return {
    data,
    form: { outer: countOf(shape) / Math.max(1, sizes.length), length: sizes.length, inner: 1 },
    gather: () => copyRows(rows, source, data, 0),
  }
}

const IDENTITIES: { readonly [Fn in Reduction]: (element: Element) => number } = {
  sum: () => 0,
  prod: () => 1,
  max: element => (element === 'real' ? -Infinity : element === 'int' ? -(2 ** 31) : 0),
  min: element => (element === 'real' ? Infinity : element === 'int' ? 2 ** 31 - 1 : 1),
}

/** inner = 1: each row is contiguous. */
const ROW_LOOPS: { readonly [Fn in Reduction]: ReduceLoop } = {
  sum: ({ outer, length }, source, out) => {
    for (let o = 0; o < outer; o++) out[o] = sumOf(source, o * length, length)
  },
  prod: ({ outer, length }, source, out) => {
    for (let o = 0, at = 0; o < outer; o++) {
      let product = 1
      for (let i = 0; i < length; i++) product *= source[at++] as number
      out[o] = product
    }
  },
  // A comparison with NaN is false both ways, so one test keeps it and one lets it in.
  max: ({ outer, length }, source, out) => {
    for (let o = 0, at = 0; o < outer; o++) {
      let best = -Infinity
      for (let i = 0; i < length; i++) {
        const x = source[at++] as number
        if (x > best || x !== x) best = x
      }
      out[o] = best
    }
  },
  min: ({ outer, length }, source, out) => {
    for (let o = 0, at = 0; o < outer; o++) {
      let best = Infinity
      for (let i = 0; i < length; i++) {
        const x = source[at++] as number
        if (x < best || x !== x) best = x
      }
      out[o] = best
    }
  },
}

/** Modulo 2³², digit by digit: doubles would lose the last ones behind 53 bits. Sums stay far below that. */
const multiplyInts: ReduceLoop = ({ outer, length, inner }, source, out) => {
  out.fill(1)
  for (let o = 0, at = 0; o < outer; o++) {
    for (let r = 0; r < length; r++) {
      for (let i = o * inner; i < (o + 1) * inner; i++) out[i] = Math.imul(out[i] as number, source[at++] as number)
    }
  }
}

function sumOf(source: TypedArray, start: number, length: number): number {
  const size = pieceOf(length)
  let sum = 0
  for (let done = 0; done < length; done += size) {
    const end = start + Math.min(length, done + size)
    let piece = 0
    for (let i = start + done; i < end; i++) piece += source[i] as number
    sum += piece
  }
  return sum
}

/** inner > 1: whole rows of `inner` elements are folded into `total`, in the order of memory. */
const COLUMN_LOOPS: { readonly [Fn in Reduction]: ReduceLoop } = {
  sum: ({ outer, length, inner }, source, out, total, piece) => {
    const size = pieceOf(length)
    for (let o = 0, at = 0; o < outer; o++) {
      total.fill(0)
      for (let done = 0; done < length; done += size) {
        const rows = Math.min(size, length - done)
        const into = length <= size ? total : piece
        into.fill(0)
        for (let r = 0; r < rows; r++) {
          for (let i = 0; i < inner; i++) into[i] = (into[i] as number) + (source[at++] as number)
        }
        if (into === piece) for (let i = 0; i < inner; i++) total[i] = (total[i] as number) + (piece[i] as number)
      }
      out.set(total, o * inner)
    }
  },
  prod: ({ outer, length, inner }, source, out, total) => {
    for (let o = 0, at = 0; o < outer; o++) {
      total.fill(1)
      for (let r = 0; r < length; r++) {
        for (let i = 0; i < inner; i++) total[i] = (total[i] as number) * (source[at++] as number)
      }
      out.set(total, o * inner)
    }
  },
  max: ({ outer, length, inner }, source, out, total) => {
    for (let o = 0, at = 0; o < outer; o++) {
      total.fill(-Infinity)
      for (let r = 0; r < length; r++) {
        for (let i = 0; i < inner; i++) {
          const x = source[at++] as number
          if (x > (total[i] as number) || x !== x) total[i] = x
        }
      }
      out.set(total, o * inner)
    }
  },
  min: ({ outer, length, inner }, source, out, total) => {
    for (let o = 0, at = 0; o < outer; o++) {
      total.fill(Infinity)
      for (let r = 0; r < length; r++) {
        for (let i = 0; i < inner; i++) {
          const x = source[at++] as number
          if (x < (total[i] as number) || x !== x) total[i] = x
        }
      }
      out.set(total, o * inner)
    }
  },
}

/**
 * NaN counts as the greatest and as the least, as in NumPy.
 * @throws RunError 'sizes' when there is nothing to choose from
 */
export function prepareArgReduce({ fn, axis }: OpAttributes['argReduce'], site: RoutineSite): Executor {
  const { data, shape } = inputOf(site, 0)
  const out = site.output.data
  const length = shape[axis] ?? 1
  const inner = countOf(shape.slice(axis + 1))
  if (length === 0 && out.length > 0) throw new RunError('sizes', `${fn} has nothing to choose from: its axis ${axis} has no elements`)
  const sign = fn === 'argmax' ? 1 : -1
  return () => {
    for (let o = 0; o < out.length; o++) {
      const start = Math.floor(o / inner) * length * inner + (o % inner)
      let bestAt = 0
      let best = sign * (data[start] as number)
      for (let i = 1; i < length && best === best; i++) {
        const x = sign * (data[start + i * inner] as number)
        if (x > best || x !== x) {
          best = x
          bestAt = i
        }
      }
      out[o] = bestAt
    }
  }
}

export function prepareCumulativeSum({ axis, reverse }: OpAttributes['cumulativeSum'], site: RoutineSite): Executor {
  const { data, shape } = inputOf(site, 0)
  const out = site.output.data
  const length = shape[axis] ?? 1
  const inner = countOf(shape.slice(axis + 1))
  const outer = countOf(shape.slice(0, axis))
  const running = new Float64Array(inner)
  return () => {
    for (let o = 0; o < outer; o++) {
      running.fill(0)
      for (let step = 0; step < length; step++) {
        const row = (o * length + (reverse ? length - 1 - step : step)) * inner
        for (let i = 0; i < inner; i++) {
          running[i] = (running[i] as number) + (data[row + i] as number)
          out[row + i] = running[i] as number
        }
      }
    }
  }
}
