/** What the parts of the reference backend share: the storage of a program, and the functions that its steps become. */
import type { Dim } from '../../../ir/dim'
import type { Precision } from '../../../ir/plan'
import type { Element } from '../../../ir/type'
import type { Circuit } from '../../../quantum/circuit'
import type { GradientMethod, PreparedCircuit } from '../../../quantum/engine'
import type { RunContext, TypedArray } from '../backend'

/** A step made ready: reads and writes the storage it was prepared with. */
export type Executor = (context: RunContext) => void

/** The buffers of a program, by their numbers. */
export interface ProgramStorage {
  readonly arrays: readonly TypedArray[]
  readonly shapes: readonly (readonly number[])[]
  readonly elements: readonly Element[]
  readonly precision: Precision
  readonly sizeOf: (dim: Dim) => number
  /** Circuits are prepared once a program: they hold the state that they run on. */
  readonly circuit: (circuit: Circuit, method: GradientMethod) => PreparedCircuit
}

/** One tensor as a routine sees it. */
export interface Tensor {
  readonly data: TypedArray
  readonly shape: readonly number[]
  readonly element: Element
}

/** What a routine's maker is given besides its attributes. */
export interface RoutineSite {
  readonly inputs: readonly Tensor[]
  readonly output: Tensor
  readonly precision: Precision
  readonly sizeOf: (dim: Dim) => number
  readonly circuit: ProgramStorage['circuit']
}

/** @throws Error when the routine has fewer inputs: a bug of the compiler */
export function inputOf(site: RoutineSite, at: number): Tensor {
  const input = site.inputs[at]
  if (!input) throw new Error(`a routine lacks its input ${at}`)
  return input
}
