/**
 * Scalars of a circuit that only a run knows: elements of tensors, and arithmetic over such. A circuit may have millions of
 * them, and the graph gets few vectors for all; so each is one small record, made once, with a node only where its value is asked for.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { scalarElement, type ScalarName } from '../../ir/scalar'
import type { Element, TensorType } from '../../ir/type'
import { tensorMeaning, type StaticMeaning, type TensorMeaning } from './meaning'

const TYPES: { readonly [E in Element]: TensorType } = {
  real: { element: 'real', shape: [] }, int: { element: 'int', shape: [] }, bool: { element: 'bool', shape: [] },
}

/** Stands where a tensor of shape [] may. Equal ones of a circuit are the same object, of which there may be millions: no field is there twice. */
abstract class ScalarRecord implements TensorMeaning {
  /** @param id ascending within a circuit */
  constructor(readonly id: number) {}

  get kind(): 'tensor' { return 'tensor' }
  abstract get type(): TensorType
  abstract get value(): Value
}

/** A tensor of known shape whose elements are read. */
interface Source { readonly builder: GraphBuilder; readonly tensor: Value; readonly elements: (ElementScalar | undefined)[] }

/** One number of a tensor, by its flat index. */
export class ElementScalar extends ScalarRecord {
  constructor(id: number, private readonly source: Source, readonly index: number) { super(id) }

  get tensor(): Value { return this.source.tensor }
  get type(): TensorType { return TYPES[this.tensor.type.element] }
  get value(): Value { return readElement(this.source.builder, this.tensor, this.index) }
}

export class AppliedScalar extends ScalarRecord {
  private made: Value | undefined

  constructor(id: number, private readonly builder: GraphBuilder, readonly fn: ScalarName, readonly type: TensorType, readonly args: readonly CircuitScalar[]) { super(id) }

  get value(): Value { return this.made ??= this.builder.scalar(this.fn, ...this.args.map(({ value }) => value)) }
}

/** A number known now, beside one that is not. */
export class KnownScalar extends ScalarRecord {
  constructor(id: number, private readonly builder: GraphBuilder, readonly type: TensorType, readonly known: number) { super(id) }

  get value(): Value { return this.builder.fill(this.type.element, [], this.known) }
}

/** Any other scalar of the graph. */
export class NodeScalar extends ScalarRecord {
  constructor(id: number, readonly value: Value) { super(id) }

  get type(): TensorType { return this.value.type }
}

/** A part of a tensor that lies in one piece, such as a row; its elements are read from the tensor itself. */
export class CircuitRow implements TensorMeaning {
  readonly kind = 'tensor'
  private made: Value | undefined

  /** @param offset flat index of the first element in `tensor` */
  constructor(readonly tensor: Value, readonly offset: number, readonly type: TensorType, private readonly make: () => Value) {}

  get value(): Value {
    return this.made ??= this.make()
  }
}

export type CircuitScalar = ElementScalar | AppliedScalar | KnownScalar | NodeScalar

export const isCircuitScalar = (meaning: object): meaning is CircuitScalar => meaning instanceof ScalarRecord

/** The scalars of one circuit. */
export class CircuitScalars {
  private count = 0
  private readonly sources = new Map<Value, Source>()
  /** By the function, and then by the numbers of the arguments. */
  private readonly applied = new Map<ScalarName, Map<number, AppliedScalar>>()
  private readonly known = new Map<string, KnownScalar>()
  private readonly nodes = new Map<Value, NodeScalar>()

  constructor(readonly builder: GraphBuilder) {}

  element(tensor: Value, index: number): CircuitScalar {
    if (tensor.type.shape.length === 0) return this.of(tensorMeaning(tensor))
    const source = madeOnce(this.sources, tensor, (): Source => ({ builder: this.builder, tensor, elements: [] }))
    return source.elements[index] ??= new ElementScalar(this.count++, source, index)
  }

  /** @returns undefined for functions of three numbers, which are too seldom for it, and for what the function does not take */
  apply(fn: ScalarName, args: readonly CircuitScalar[]): AppliedScalar | undefined {
    const [first, second] = args
    const element = scalarElement(fn, args.map(({ type }) => type.element))
    if (!first || !element || args.length > 2) return undefined
    const own = madeOnce(this.applied, fn, () => new Map<number, AppliedScalar>())
    return madeOnce(own, second ? first.id * PAIRS + second.id : first.id, () => new AppliedScalar(this.count++, this.builder, fn, TYPES[element], args))
  }

  of(meaning: StaticMeaning | TensorMeaning): CircuitScalar {
    if (isCircuitScalar(meaning)) return meaning
    if (meaning.kind === 'tensor') return madeOnce(this.nodes, meaning.value, () => new NodeScalar(this.count++, meaning.value))
    const { element, data: [number = NaN] } = meaning
    return madeOnce(this.known, `${element} ${Object.is(number, -0) ? '-0' : number}`, () => new KnownScalar(this.count++, this.builder, TYPES[element], number))
  }
}

/** More than there are scalars; a pair of numbers below it is one exact number. */
const PAIRS = 2 ** 26

function madeOnce<Key, Made>(known: Map<Key, Made>, key: Key, make: () => Made): Made {
  const earlier = known.get(key)
  if (earlier !== undefined) return earlier
  const made = make()
  known.set(key, made)
  return made
}

/** Reads one element from the tensor as it is. */
export function readElement(builder: GraphBuilder, value: Value, index: number): Value {
  const shape = value.type.shape.map(Number)
  const starts: number[] = []
  let rest = index
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1
    starts[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  const sliced = shape.every(size => size === 1) ? value : builder.add('slice', { starts, sizes: shape.map(() => 1), steps: shape.map(() => 1) }, [value])
  return builder.reshape(sliced, [])
}
