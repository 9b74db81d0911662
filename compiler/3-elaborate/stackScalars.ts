/**
 * Joins scalars to vectors with few nodes: scalars computed alike become one computation over vectors, and reads of one
 * tensor one gather. So a circuit of a thousand rotations `rx(2 * w[i])` costs a gather and a product, not a thousand.
 */
import type { GraphBuilder } from '../../ir/builder'
import { productOfDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { ScalarName } from '../../ir/scalar'
import { AppliedScalar, ElementScalar, isCircuitScalar, KnownScalar, NodeScalar, type CircuitScalar, type CircuitScalars } from './circuitScalars'
import { staticScalar } from './meaning'

/** A node, or what a circuit keeps in its place. */
type Scalar = Value | CircuitScalar

/** Members of one group were computed alike; `members` are their positions in the list that was given. */
export interface ScalarGroup { readonly value: Value; readonly members: readonly number[] }

/** Scalars, [], in groups, each a vector [members.length]. */
export function groupScalars(builder: GraphBuilder, scalars: readonly Scalar[]): readonly ScalarGroup[] {
  const signatures = new Signatures()
  const groups = new Map<number, number[]>()
  scalars.forEach((scalar, at) => {
    const signature = signatures.of(scalar)
    const group = groups.get(signature)
    if (group) group.push(at)
    else groups.set(signature, [at])
  })
  return [...groups.values()].map(members => ({ value: vectorOf(builder, members.length === scalars.length ? scalars : members.map(at => scalars[at] ?? never())), members }))
}

/** Scalars as one vector, in their order. */
export function stackScalars(builder: GraphBuilder, scalars: readonly Scalar[]): Value {
  const groups = groupScalars(builder, scalars)
  const joined = concatVectors(builder, groups.map(group => group.value))
  const order = groups.flatMap(group => group.members)
  if (order.every((member, at) => member === at)) return joined
  const positions: number[] = []
  order.forEach((member, at) => { positions[member] = at })
  return builder.add('gather', { axis: 0, site: 'a list' }, [joined, builder.constant('int', [positions.length], positions)])
}

/** Above this many operations behind an element the tensor is computed as a whole and read from. */
const ELEMENT_BUDGET = 12

/**
 * One element of a tensor of known shape, by its flat index. It is taken below elementwise operations and broadcasts, so that
 * `rx(2 * w[l, :]) q` in a loop over l reads `w` itself, and all of the loop's angles are one gather and one product.
 */
export function elementOfTensor(scalars: CircuitScalars, value: Value, index: number): CircuitScalar {
  let budget = ELEMENT_BUDGET
  const element = (of: Value, flat: number): CircuitScalar | undefined => {
    const { node } = of
    const [inner] = node.inputs
    switch (node.op) {
      case 'fill': return scalars.of(staticScalar(of.type.element, node.attributes.value))
      case 'constant': return scalars.of(staticScalar(of.type.element, node.attributes.data[flat] ?? NaN))
      case 'reshape': return inner && element(inner, flat)
      case 'broadcast': {
        const source = inner && throughBroadcast(node.attributes.axes, of.type.shape, inner.type.shape, flat)
        return inner && source !== undefined ? element(inner, source) : undefined
      }
      case 'elementwise': {
        if (--budget < 0) return undefined
        const inputs = node.inputs.map(input => element(input, flat))
        return inputs.every(input => input !== undefined) ? scalars.apply(node.attributes.fn, inputs) : undefined
      }
      default: return scalars.element(of, flat)
    }
  }
  return element(value, index) ?? scalars.element(value, index)
}

/** The flat index in what is broadcast. */
function throughBroadcast(axes: readonly number[], shape: readonly Dim[], inner: readonly Dim[], flat: number): number | undefined {
  let rest = flat
  const place: number[] = []
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]
    if (typeof size !== 'number') return undefined
    place[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  let index = 0
  for (const [at, size] of inner.entries()) {
    if (typeof size !== 'number') return undefined
    index = index * size + (size === 1 ? 0 : place[axes[at] ?? 0] ?? 0)
  }
  return index
}

export function concatVectors(builder: GraphBuilder, vectors: readonly Value[]): Value {
  const [first] = vectors
  return first && vectors.length === 1 ? first : builder.add('concat', { axis: 0 }, vectors)
}

interface Read { readonly tensor: Value; readonly index: number }

/**
 * One element of a tensor of known shape, however it was reached: `w[l][i]` is a slice of a reshaped slice. Sizes and starts
 * are numbers on the way, so a flat index is carried down through each.
 */
function readOf(scalar: Scalar): Read | undefined {
  if (scalar instanceof ElementScalar) return readBelow(scalar.tensor, scalar.index)
  const value = nodeOf(scalar)
  if (!value || value.type.shape.length > 0) return undefined
  const read = readBelow(value, 0)
  return read?.tensor === value ? undefined : read
}

function readBelow(from: Value, flat: number): Read | undefined {
  let value = from
  let index = flat
  for (;;) {
    const { node } = value
    const [inner] = node.inputs
    if (node.op === 'reshape' && inner) { value = inner; continue }
    if (node.op !== 'slice' || !inner) break
    const below = throughSlice(node.attributes, value.type.shape, inner.type.shape, index)
    if (below === undefined) break
    value = inner
    index = below
  }
  // The size of a vector does not matter: an element stands where it stands.
  const isPlaced = value.type.shape.length === 1 || value.type.shape.every(size => typeof size === 'number')
  return isPlaced ? { tensor: value, index } : undefined
}

/** The flat index in what a slice is taken of. */
function throughSlice({ starts, steps }: { readonly starts: readonly Dim[]; readonly steps: readonly number[] }, shape: readonly Dim[], inner: readonly Dim[], flat: number): number | undefined {
  let rest = flat
  let index = 0
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [size, start, whole] = [shape[axis], starts[axis], inner[axis]]
    if (typeof size !== 'number' || typeof start !== 'number' || (typeof whole !== 'number' && axis > 0)) return undefined
    index += (start + (rest % size) * (steps[axis] ?? 1)) * stride
    rest = Math.floor(rest / size)
    stride *= Number(whole)
  }
  return index
}

const valueKey = (value: Value) => `${value.node.id}.${value.index}`

/** A scalar that is a node of the graph already. */
function nodeOf(scalar: Scalar): Value | undefined {
  return scalar instanceof NodeScalar ? scalar.value : isCircuitScalar(scalar) ? undefined : scalar
}

const valueOf = (scalar: Scalar): Value => (isCircuitScalar(scalar) ? scalar.value : scalar)

function constantOf(scalar: Scalar): number | undefined {
  if (scalar instanceof KnownScalar) return scalar.known
  const node = nodeOf(scalar)?.node
  return node?.op === 'fill' ? node.attributes.value : undefined
}

interface Application { readonly fn: ScalarName; readonly args: readonly Scalar[] }

function applicationOf(scalar: Scalar): Application | undefined {
  if (scalar instanceof AppliedScalar) return scalar
  const node = nodeOf(scalar)?.node
  return node?.op === 'elementwise' ? { fn: node.attributes.fn, args: node.inputs } : undefined
}

/** A signature as long as a program would make comparing slower than what it saves. */
const LONGEST_SIGNATURE = 500

/** Equal numbers for scalars that one vector computation can stand for. */
class Signatures {
  private readonly numbers = new Map<string, number>()
  /** Of each signature, how long it is when written out. */
  private readonly lengths: number[] = []
  private readonly ofNodes = new Map<Value, number>()
  /** By their ids. */
  private readonly ofScalars: number[] = []
  private readonly ofTensors = new Map<Value, number>()

  of(scalar: Scalar): number {
    const earlier = isCircuitScalar(scalar) ? this.ofScalars[scalar.id] : this.ofNodes.get(scalar)
    if (earlier !== undefined) return earlier
    const signature = this.make(scalar)
    if (isCircuitScalar(scalar)) this.ofScalars[scalar.id] = signature
    else this.ofNodes.set(scalar, signature)
    return signature
  }

  private make(scalar: Scalar): number {
    if (constantOf(scalar) !== undefined) return this.number(`c:${scalar.type.element}`)
    const read = readOf(scalar)
    if (read) {
      const known = this.ofTensors.get(read.tensor) ?? this.number(`r:${valueKey(read.tensor)}`)
      this.ofTensors.set(read.tensor, known)
      return known
    }
    const application = applicationOf(scalar)
    if (!application) return this.number(`v:${valueKey(valueOf(scalar))}`)
    const args = application.args.map(arg => this.of(arg))
    const length = args.reduce((sum, arg) => sum + (this.lengths[arg] ?? 0) + 1, application.fn.length + 1)
    return length > LONGEST_SIGNATURE ? this.number(`v:${valueKey(valueOf(scalar))}`) : this.number(`${application.fn}(${args.join(',')})`, length)
  }

  private number(text: string, length = text.length): number {
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    this.numbers.set(text, this.lengths.length)
    this.lengths.push(length)
    return this.lengths.length - 1
  }
}

/** Scalars of one signature as a vector. */
function vectorOf(builder: GraphBuilder, scalars: readonly Scalar[]): Value {
  const [first] = scalars
  if (!first) return never()
  const size = scalars.length
  if (scalars.every(scalar => scalar === first)) {
    return size === 1 ? builder.reshape(valueOf(first), [1]) : builder.add('broadcast', { shape: [size], axes: [] }, [valueOf(first)])
  }
  const constants = numbersOf(scalars, constantOf)
  if (constants) return builder.constant(first.type.element, [size], constants)
  const read = readOf(first)
  const indices = read && numbersOf(scalars, scalar => readOf(scalar)?.index)
  if (read && indices) return readVector(builder, indices, read.tensor)
  const application = applicationOf(first)
  if (!application) return concatVectors(builder, scalars.map(scalar => builder.reshape(valueOf(scalar), [1])))
  return builder.scalar(application.fn, ...application.args.map((_, at) => vectorOf(builder, scalars.map(scalar => applicationOf(scalar)?.args[at] ?? never()))))
}

/** One number of each scalar, where each has one. */
function numbersOf(scalars: readonly Scalar[], numberOf: (scalar: Scalar) => number | undefined): readonly number[] | undefined {
  const numbers: number[] = []
  for (const scalar of scalars) {
    const number = numberOf(scalar)
    if (number === undefined) return undefined
    numbers.push(number)
  }
  return numbers
}

/** Elements of a tensor by their flat index. */
function readVector(builder: GraphBuilder, indices: readonly number[], tensor: Value): Value {
  const flat = tensor.type.shape.length === 1 ? tensor : builder.reshape(tensor, [productOfDims(tensor.type.shape)])
  const start = indices[0] ?? 0
  if (indices.every((index, at) => index === start + at)) {
    return start === 0 && indices.length === flat.type.shape[0] ? flat : builder.sliceAxis(flat, 0, start, indices.length)
  }
  return builder.add('gather', { axis: 0, site: 'a list' }, [flat, builder.constant('int', [indices.length], indices)])
}

function never(): never {
  throw new Error('stackScalars: a list without its elements')
}
