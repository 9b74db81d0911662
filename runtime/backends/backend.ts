/** What a backend is: it turns a program of the plan, with sizes and a precision, into something that runs. */
import type { Sizes } from '../../ir/dim'
import type { Precision, Program } from '../../ir/plan'
import type { Element } from '../../ir/type'

/** real is Float32Array or Float64Array by precision, int Int32Array, bool Uint8Array with 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** What real tensors are. */
export type FloatArray = Float32Array | Float64Array

/** What a run depends on besides its inputs: random draws are a function of these, the call site and the loop counters. */
export interface RunContext {
  readonly seed: number
  /** Of training, from 1; 0 in an evaluation. */
  readonly step: number
}

/** A named tensor of an executable, row-major, in storage that the executable owns. */
export interface Port {
  readonly name: string
  readonly element: Element
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/**
 * A program made ready for one set of sizes. Fill the inputs' data, run, read the results' data. Inputs keep what they hold
 * from run to run, or what the program stores to them; results are good until the next run. One caller at a time.
 */
export interface Executable {
  /** In the order of the program. */
  readonly inputs: readonly Port[]
  /** In the order of the program; may share storage with inputs where the program hands one through. */
  readonly results: readonly Port[]
  /** Bytes of storage it holds. */
  readonly bytes: number
  /** @throws RunError 'index' where an index is out of range; it names the place. */
  run(context: RunContext): void | Promise<void>
}

export interface Backend {
  readonly name: string
  /**
   * @param sizes of every dimension name that stands in the program
   * @throws RunError 'unsupported' with the reason, where the backend cannot run the program; 'memory' where it does not fit
   */
  prepare(program: Program, sizes: Sizes, precision: Precision): Executable | Promise<Executable>
}

/** A fresh array for `count` elements, zeros. */
export function allocate(element: Element, precision: Precision, count: number): TypedArray {
  switch (element) {
    case 'real': return precision === 'f32' ? new Float32Array(count) : new Float64Array(count)
    case 'int': return new Int32Array(count)
    case 'bool': return new Uint8Array(count)
    default: return element satisfies never
  }
}

/**
 * Fills inputs by name, runs, and hands out the results by name: for tests and single evaluations, not for hot loops.
 * @throws Error when a name is missing or a length is wrong
 */
export async function runByName(
  executable: Executable, values: ReadonlyMap<string, ArrayLike<number>>, context: RunContext = { seed: 0, step: 0 },
): Promise<ReadonlyMap<string, Port>> {
  for (const { name, data } of executable.inputs) {
    const value = values.get(name)
    if (value === undefined) throw new Error(`no value for '${name}'`)
    if (value.length !== data.length) throw new Error(`'${name}' has ${value.length} elements, not ${data.length}`)
    data.set(value)
  }
  await executable.run(context)
  return new Map(executable.results.map(result => [result.name, result]))
}
