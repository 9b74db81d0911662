/** What the lowerings of a program share: where its buffers lie, and the module that its code goes into. */
import type { Dim } from '../../../ir/dim'
import type { Precision, RoutineStep } from '../../../ir/plan'
import type { Element } from '../../../ir/type'
import type { Code } from '../../../wasm/instructions'
import type { FunctionWriter, ModuleWriter } from '../../../wasm/module'
import type { Vectors } from './vectors'

/** A tensor in the memory: its first byte, at a multiple of 16. Room up to the next such multiple is its own. */
export interface Place {
  readonly address: number
  readonly shape: readonly number[]
  readonly element: Element
}

/** The tensors of a routine. */
export interface RoutinePlaces { readonly inputs: readonly Place[]; readonly output: Place }

/** A step that has no code of its own, and the shape of what it gives. */
export interface HostStep { readonly step: RoutineStep; readonly shape: readonly number[] }

export interface ProgramSite {
  readonly module: ModuleWriter
  readonly precision: Precision
  readonly v: Vectors
  readonly wide: Vectors
  readonly sizeOf: (dim: Dim) => number
  readonly place: (buffer: number) => Place
  /** Room for numbers that only one step uses, at a multiple of 16: steps take turns in it. */
  readonly scratch: (bytes: number) => number
  /** A number that no other kernel of the module has. */
  readonly nextKernel: () => number
  /** How steps are shared among threads; undefined where the program runs on one. */
  readonly sharing: Sharing | undefined
}

/** sharing.ts cuts steps into pieces by it. */
export interface Sharing {
  /** Nanoseconds of work from which on a step is shared. */
  readonly worth: number
  /**
   * Code that has all threads do the pieces of a step.
   * @param write writes the function of one piece; its calls of the host are of Math's functions alone
   */
  readonly job: (pieces: number, write: (f: FunctionWriter, piece: Code, scratch: (bytes: number) => Code) => void) => Code
}
