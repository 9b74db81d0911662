/** Gives each buffer of a program its storage: views of one piece of memory. */
import type { Sizes } from '../../../ir/dim'
import type { Precision, Program, Step } from '../../../ir/plan'
import type { Element } from '../../../ir/type'
import { RunError } from '../../errors'
import { layoutProgram } from '../arena'
import type { TypedArray } from '../backend'
import { countOf } from './layout'

export interface PlannedStorage {
  readonly arrays: readonly TypedArray[]
  readonly shapes: readonly (readonly number[])[]
  /** Steps that depend on nothing but sizes: they run once, when the program is prepared. */
  readonly fixed: ReadonlySet<Step>
  readonly bytes: number
}

/** @param bound arrays of some of the program's inputs, kept by whoever runs the program */
export function planStorage(
  program: Program, sizes: Sizes, precision: Precision, bound: ReadonlyMap<number, TypedArray>,
): PlannedStorage {
  const { shapes, roots, offsets, fixed, bytes } = layoutProgram(program, sizes, precision, new Set(bound.keys()))
  const memory = allocateBytes(bytes)
  const arrays = program.buffers.map(({ element }, buffer) => bound.get(roots[buffer] ?? buffer)
    ?? viewOf(memory, offsets[buffer] ?? 0, element, precision, countOf(shapes[buffer] ?? [])))
  return { arrays, shapes, fixed, bytes }
}

function allocateBytes(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes)
  } catch (cause) {
    const size = `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 0 })} MiB`
    throw new RunError('memory', `out of memory: the numbers of one step need ${size}; take a smaller batch`, { cause })
  }
}

/** `count` elements of a memory, from a byte on. */
export function viewOf(memory: ArrayBufferLike, offset: number, element: Element, precision: Precision, count: number): TypedArray {
  switch (element) {
    case 'real': return precision === 'f32' ? new Float32Array(memory, offset, count) : new Float64Array(memory, offset, count)
    case 'int': return new Int32Array(memory, offset, count)
    case 'bool': return new Uint8Array(memory, offset, count)
    default: return element satisfies never
  }
}
