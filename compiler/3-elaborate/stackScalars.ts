/**
 * Joins scalars to vectors with few nodes: scalars computed alike become one computation over vectors, and reads of one
 * tensor one gather. So a circuit of a thousand rotations `rx(2 * w[i])` costs a gather and a product, not a thousand.
 */
import type { GraphBuilder } from '../../ir/builder'
import { productOfDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'

/** Members of one group were computed alike; `members` are their positions in the list that was given. */
export interface ScalarGroup { readonly value: Value; readonly members: readonly number[] }

/** Scalars, [], in groups, each a vector [members.length]. */
export function groupScalars(builder: GraphBuilder, scalars: readonly Value[]): readonly ScalarGroup[] {
  const signatures = new Map<Value, string>()
  const groups = new Map<string, number[]>()
  scalars.forEach((scalar, at) => {
    const signature = signatureOf(scalar, signatures)
    const group = groups.get(signature)
    if (group) group.push(at)
    else groups.set(signature, [at])
  })
  return [...groups.values()].map(members => ({ value: vectorOf(builder, members.map(at => scalars[at] ?? never())), members }))
}

/** Scalars as one vector, in their order. */
export function stackScalars(builder: GraphBuilder, scalars: readonly Value[]): Value {
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
export function elementOfTensor(builder: GraphBuilder, value: Value, index: number): Value {
  let budget = ELEMENT_BUDGET
  const element = (of: Value, flat: number): Value | undefined => {
    const { node } = of
    const [inner] = node.inputs
    switch (node.op) {
      case 'fill': return builder.fill(of.type.element, [], node.attributes.value)
      case 'constant': return builder.fill(of.type.element, [], node.attributes.data[flat] ?? NaN)
      case 'reshape': return inner && element(inner, flat)
      case 'broadcast': {
        const source = inner && throughBroadcast(node.attributes.axes, of.type.shape, inner.type.shape, flat)
        return inner && source !== undefined ? element(inner, source) : undefined
      }
      case 'elementwise': {
        if (--budget < 0) return undefined
        const inputs = node.inputs.map(input => element(input, flat))
        return inputs.every(input => input !== undefined) ? builder.scalar(node.attributes.fn, ...inputs) : undefined
      }
      default: return readElement(builder, of, flat)
    }
  }
  return element(value, index) ?? readElement(builder, value, index)
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
  if (shape.length === 0) return value
  return builder.reshape(builder.add('slice', { starts, sizes: shape.map(() => 1), steps: shape.map(() => 1) }, [value]), [])
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

/**
 * One element of a tensor of known shape, however it was reached: `w[l][i]` is a slice of a reshaped slice. Sizes and starts
 * are numbers on the way, so a flat index is carried down through each.
 */
function elementRead(scalar: Value): { readonly tensor: Value; readonly index: number } | undefined {
  if (scalar.type.shape.length > 0) return undefined
  let value = scalar
  let index = 0
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
  return value !== scalar && isPlaced ? { tensor: value, index } : undefined
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

function scalarConstant(value: Value): number | undefined {
  return value.node.op === 'fill' ? value.node.attributes.value : undefined
}

/** Equal for scalars that one vector computation can stand for. */
function signatureOf(scalar: Value, known: Map<Value, string>): string {
  const earlier = known.get(scalar)
  if (earlier !== undefined) return earlier
  const read = elementRead(scalar)
  const { node } = scalar
  const signature = scalarConstant(scalar) !== undefined ? `c:${scalar.type.element}`
    : read ? `r:${valueKey(read.tensor)}`
    : node.op === 'elementwise' ? `${node.attributes.fn}(${node.inputs.map(input => signatureOf(input, known)).join(',')})`
    : `v:${valueKey(scalar)}`
  // A signature as long as a program would make comparing slower than what it saves.
  const bounded = signature.length > 500 ? `v:${valueKey(scalar)}` : signature
  known.set(scalar, bounded)
  return bounded
}

/** Scalars of one signature as a vector. */
function vectorOf(builder: GraphBuilder, scalars: readonly Value[]): Value {
  const [first] = scalars
  if (!first) return never()
  const size = scalars.length
  if (scalars.every(scalar => scalar === first)) {
    return size === 1 ? builder.reshape(first, [1]) : builder.add('broadcast', { shape: [size], axes: [] }, [first])
  }
  const constants = scalars.map(scalarConstant)
  if (constants.every(constant => constant !== undefined)) return builder.constant(first.type.element, [size], constants)
  const reads = scalars.map(elementRead)
  if (reads.every(read => read !== undefined)) return readVector(builder, reads.map(read => read.index), reads[0]?.tensor ?? never())
  const { node } = first
  if (node.op !== 'elementwise') return concatVectors(builder, scalars.map(scalar => builder.reshape(scalar, [1])))
  return builder.scalar(node.attributes.fn, ...node.inputs.map((_, at) => vectorOf(builder, scalars.map(scalar => scalar.node.inputs[at] ?? never()))))
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
