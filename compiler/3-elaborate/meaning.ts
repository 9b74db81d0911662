/** What an expression means while a program is elaborated: a value known now, a node of the graph, or something quantum. */
import type { Routine } from '../1-parse/ast'
import type { Declared } from '../2-check/modules'
import type { GraphBuilder } from '../../ir/builder'
import { printDim, type Dim, type Polynomial } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { applyScalar, scalarElement, type ScalarName } from '../../ir/scalar'
import { int, printType, tensor, type Element, type TensorType } from '../../ir/type'
import type { Term } from '../../quantum/circuit'

/** Numbers known now, row-major. */
export interface StaticMeaning {
  readonly kind: 'static'
  readonly element: Element
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** Its type may be known before there is a value: `CircuitScalar`. */
export interface TensorMeaning { readonly kind: 'tensor'; readonly type: TensorType; readonly value: Value }

/** A static int that a call binds: `batch`, `n + 1`. */
export interface SizeMeaning { readonly kind: 'size'; readonly dim: Polynomial }

/** coefficient · word; the coefficient is a real scalar, static or not. */
export interface ObservableTerm { readonly coefficient: StaticMeaning | TensorMeaning; readonly word: Term['word'] }

export type Meaning =
  | StaticMeaning
  | TensorMeaning
  | SizeMeaning
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tuple'; readonly items: readonly Meaning[] }
  | { readonly kind: 'list'; readonly items: readonly Meaning[] }
  /** Qubits of the circuit at hand, by wire number. */
  | { readonly kind: 'wires'; readonly wires: readonly number[]; readonly single: boolean; readonly register: string }
  | { readonly kind: 'observable'; readonly terms: readonly ObservableTerm[] }
  /** A named instance of a layer: the arguments that are no tensors, by parameter name. */
  | { readonly kind: 'instance'; readonly routine: Declared<Routine>; readonly given: ReadonlyMap<string, Meaning>; readonly path: string; readonly count: number | undefined; readonly stacks: readonly Stack[] }
  /** Already reported; absorbs. */
  | { readonly kind: 'unknown' }

/** A stacked instance's size, and which of it a call means. */
export interface Stack { readonly count: number; readonly index: Numeric }

export const UNKNOWN: Meaning = { kind: 'unknown' }

export const staticScalar = (element: Element, value: number): StaticMeaning => ({ kind: 'static', element, shape: [], data: [value] })
export const staticInt = (value: number): StaticMeaning => staticScalar('int', value)
export const staticReal = (value: number): StaticMeaning => staticScalar('real', value)
export const tensorMeaning = (value: Value): TensorMeaning => ({ kind: 'tensor', type: value.type, value })

export function dimMeaning(dim: Dim): StaticMeaning | SizeMeaning {
  return typeof dim === 'number' ? staticInt(dim) : { kind: 'size', dim }
}

/** A static int as a dimension. */
export function dimOf(meaning: Meaning): Dim | undefined {
  if (meaning.kind === 'size') return meaning.dim
  if (meaning.kind === 'static' && meaning.element === 'int' && meaning.shape.length === 0) return meaning.data[0]
  return undefined
}

export function staticNumber(meaning: Meaning): number | undefined {
  return meaning.kind === 'static' && meaning.shape.length === 0 ? meaning.data[0] : undefined
}

/** Numbers, known or not: what arithmetic takes. */
export type Numeric = StaticMeaning | TensorMeaning | SizeMeaning

export const isNumeric = (meaning: Meaning): meaning is Numeric =>
  meaning.kind === 'static' || meaning.kind === 'tensor' || meaning.kind === 'size'

export function typeOf(meaning: Numeric): TensorType {
  switch (meaning.kind) {
    case 'static': return tensor(meaning.element, meaning.shape)
    case 'tensor': return meaning.type
    case 'size': return int()
    default: return meaning satisfies never
  }
}

export function toValue(builder: GraphBuilder, meaning: Numeric): Value {
  switch (meaning.kind) {
    case 'tensor': return meaning.value
    case 'size': return builder.add('size', { value: meaning.dim }, [])
    case 'static': {
      const [first] = meaning.data
      const uniform = first !== undefined && meaning.data.every(value => Object.is(value, first))
      return uniform ? builder.fill(meaning.element, meaning.shape, first) : builder.constant(meaning.element, meaning.shape, meaning.data)
    }
    default: return meaning satisfies never
  }
}

/** A static tensor under a scalar function; shapes must broadcast. */
export function foldScalar(fn: ScalarName, args: readonly StaticMeaning[], shape: readonly number[]): StaticMeaning | undefined {
  const element = scalarElement(fn, args.map(arg => arg.element))
  if (!element) return undefined
  if (shape.length === 0) return staticScalar(element, applyScalar(fn, args.map(({ data: [number = NaN] }) => number)))
  const count = shape.reduce((a, b) => a * b, 1)
  const readers = args.map(arg => staticReader(arg, shape))
  return { kind: 'static', element, shape, data: Array.from({ length: count }, (_, at) => applyScalar(fn, readers.map(read => read(at)))) }
}

/** Reads a static tensor as if it had the broadcast shape. */
function staticReader({ shape: own, data }: StaticMeaning, shape: readonly number[]): (flat: number) => number {
  const added = shape.length - own.length
  return flat => {
    let rest = flat
    let at = 0
    let stride = 1
    for (let axis = shape.length - 1; axis >= added; axis--) {
      const size = shape[axis] ?? 1
      const ownSize = own[axis - added] ?? 1
      if (ownSize !== 1) at += (rest % size) * stride
      stride *= ownSize
      rest = Math.floor(rest / size)
    }
    return data[at] ?? NaN
  }
}

export function castStatic(meaning: StaticMeaning, element: Element): StaticMeaning {
  return meaning.element === element ? meaning : { ...meaning, element }
}

/** For messages: `real[batch, 3]`, `a string`. */
export function describe(meaning: Meaning): string {
  switch (meaning.kind) {
    case 'static': case 'tensor': return printType(typeOf(meaning))
    case 'size': return `the size ${printDim(meaning.dim)}`
    case 'text': return 'a string'
    case 'tuple': return `${meaning.items.length} results`
    case 'list': return 'a list'
    case 'wires': return meaning.single ? 'a qubit' : `${meaning.wires.length} qubits`
    case 'observable': return 'an observable'
    case 'instance': return 'a layer'
    case 'unknown': return 'unknown'
    default: return meaning satisfies never
  }
}
