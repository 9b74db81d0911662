/**
 * The operations and what each carries besides its inputs. Everything a model computes is made of these; each has a row in
 * OPS (here in ir), in the derivative and mapping tables, and in every backend.
 */
import type { Circuit } from '../quantum/circuit'
import type { GradientMethod } from '../quantum/engine'
import type { Dim } from './dim'
import type { Graph } from './graph'
import type { ScalarName } from './scalar'
import type { Element } from './type'

export type Reduction = 'sum' | 'prod' | 'max' | 'min'
export type Distribution = 'uniform' | 'normal'
/** The three tensors that a convolution ties together. */
export type ConvolutionPart = 'image' | 'kernel' | 'output'

export interface OpAttributes {
  // ------------------------------------------------------------------------------------------------------ leaves
  /** A value given from outside: () → type. */
  input: { readonly name: string; readonly element: Element; readonly shape: readonly Dim[] }
  /** Row-major data: () → element[shape]. */
  constant: { readonly element: Element; readonly shape: readonly number[]; readonly data: readonly number[] }
  /** One number everywhere: () → element[shape]. */
  fill: { readonly element: Element; readonly shape: readonly Dim[]; readonly value: number }
  /** A size as a number: () → int. */
  size: { readonly value: Dim }
  /** 0, 1, 2, …: () → int[size]. */
  iota: { readonly size: Dim }
  /**
   * A fresh draw: (counters: int…) → real[shape]; uniform in [0, 1), or standard normal. The stream names the call site; the
   * counters are those of the enclosing loops.
   */
  random: { readonly distribution: Distribution; readonly shape: readonly Dim[]; readonly stream: string }

  // ------------------------------------------------------------------------------------------------- elementwise
  /** One scalar function over tensors of equal shape. */
  elementwise: { readonly fn: ScalarName }

  // ---------------------------------------------------------------------------------------------------- movement
  /** Input axis i becomes axis axes[i] (ascending) of the shape; new axes and literal ones repeat. */
  broadcast: { readonly shape: readonly Dim[]; readonly axes: readonly number[] }
  reshape: { readonly shape: readonly Dim[] }
  /** Output axis i is input axis permutation[i]. */
  transpose: { readonly permutation: readonly number[] }
  /** Per axis: from starts[i], sizes[i] elements, steps[i] apart (steps may be negative). */
  slice: { readonly starts: readonly Dim[]; readonly sizes: readonly Dim[]; readonly steps: readonly number[] }
  /** Zeros around and between: per axis low[i] before, high[i] after, interior[i] between neighbours. */
  pad: { readonly low: readonly Dim[]; readonly high: readonly Dim[]; readonly interior: readonly number[] }
  concat: { readonly axis: number }
  flip: { readonly axis: number }

  // --------------------------------------------------------------------------------------------------- reduction
  /** Drops the axes. */
  reduce: { readonly fn: Reduction; readonly axes: readonly number[] }
  /** Index of the first greatest or least along the axis, which is dropped: → int. */
  argReduce: { readonly fn: 'argmax' | 'argmin'; readonly axis: number }
  /** Running sum along an axis, from the end where `reverse`. */
  cumulativeSum: { readonly axis: number; readonly reverse: boolean }
  /** Positions of the elements along the axis from least to greatest, equal ones in their order, NaN last: → int. */
  argSort: { readonly axis: number }

  // --------------------------------------------------------------------------------------------- products, index
  /**
   * Σ over the labels that are not in `out` of left · right (einsum of two). Labels are small integers, unique within an
   * operand; every label of an operand stands in the other operand or in `out`.
   */
  contract: { readonly left: readonly number[]; readonly right: readonly number[]; readonly out: readonly number[] }
  /**
   * image[N, G, C, s…], kernel[G, O, C, t…] and output[N, G, O, p…] are tied by
   *
   *   Σ output[n, g, o, p] · kernel[g, o, c, t] · image[n, g, c, p·stride + t·dilation − low],
   *
   * where the image is 0 outside. `part` names the one that is the result, the derivative of that sum by it; the other two are
   * the inputs, in the order above. So 'output' is a convolution in groups G, 'image' a transposed one, and the three are each
   * other's derivatives. `size` holds the spatial sizes of the result; stride, dilation and low have one entry each.
   */
  convolve: {
    readonly part: ConvolutionPart
    readonly stride: readonly number[]
    readonly dilation: readonly number[]
    readonly low: readonly number[]
    readonly size: readonly Dim[]
  }
  /** (a[…, n, n], b[…, n, m]) → x with a x = b; an a that is singular stops the run with a message. */
  solve: { readonly site: string }
  /** Reads the lower triangle of a[…, n, n] as a symmetric matrix → L with L Lᵀ = a; one not positive definite stops the run. */
  cholesky: { readonly site: string }
  /** a[…, n, n] → […] */
  determinant: { readonly site: string }
  /**
   * (a[…, n, n], directions[…, n, n]…) → the derivative by each entry of a of D[directions] det, of singular matrices too:
   * without directions the cofactors.
   */
  cofactors: { readonly site: string }
  /**
   * (density[…, 2·4^k], directions[…, 2·4^k]…) → D[directions]S of the entropy in nats, […], or its gradient by every part of
   * the density matrix, […, 2·4^k]: real parts row-major, then imaginary ones (quantum/entropy.ts).
   */
  entropy: { readonly part: 'value' | 'gradient' }
  /**
   * (x, index: int[…]) → x with axis `axis` replaced by the index's axes. A negative index counts from the end; one out of
   * range stops the run with a message.
   */
  gather: { readonly axis: number; readonly site: string }
  /** (values, index: int[…]) → values added up at their indices: axes axis…axis+rank(index)−1 become one of `size`. */
  segmentSum: { readonly axis: number; readonly size: Dim; readonly site: string }
  /** (index: int[…]) → the same with negatives counted from the end of `size`, checked as in gather. */
  wrapIndex: { readonly size: Dim; readonly site: string }

  // --------------------------------------------------------------------------------------------------- structure
  /**
   * (carries…, constants…, sequences[trip, …]…) → (carries…, yields[trip, …]…). The body's inputs are the counter (int), the
   * carries, the constants and one row of each sequence; its outputs the next carries and one row of each yield. `reverse`
   * runs the counter, and the rows, from trip − 1 to 0.
   */
  loop: { readonly trip: Dim; readonly reverse: boolean; readonly carries: number; readonly constants: number; readonly body: Graph }
  /** (slots[lead…, S], directions[lead…, S]…) → D[directions]E, [lead…, K]. `draw` names the call site of one that draws. */
  circuit: { readonly circuit: Circuit; readonly method: GradientMethod; readonly draw?: string }
  /** (slots[lead…, S], cotangent[lead…, K], directions[lead…, S]…) → gradient by the slots, [lead…, S]; 0 where not active. */
  circuitVjp: { readonly circuit: Circuit; readonly method: GradientMethod; readonly active: readonly number[]; readonly draw?: string }

  /** (slots[lead…, S]) → the metric of the state by the active slots, [lead…, A, A] (quantum/engine.ts). */
  circuitMetric: { readonly circuit: Circuit; readonly active: readonly number[] }

  // ----------------------------------------------------------------------------------------------------- identity
  /** x itself, kept apart from equal expressions so that derivatives can name it; gone after differentiation. */
  mark: { readonly name: string; readonly id: number }
  /** x with no derivative. */
  stop: Record<never, never>
  /** (y, x) → derivative of y by x; expanded by the differentiation phase, innermost first. */
  derivative: { readonly kind: 'grad' | 'jacobian' | 'hessian' }
}

export type OpName = keyof OpAttributes

/** An operation with its attributes, discriminated by `op`. */
export type Operation = { readonly [Op in OpName]: { readonly op: Op; readonly attributes: OpAttributes[Op] } }[OpName]
