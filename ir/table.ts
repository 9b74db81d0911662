/**
 * OPS: what each operation gives back. `infer` states the exact rules; the checker has worded every mistake of a user before
 * a node is built, so a violation here is a bug of the compiler and throws.
 */
import { resultWidth } from '../quantum/circuit'
import { addDims, mulDims, printShape, productOfDims, sameCount, sameDim, sameShape, subDims, type Dim } from './dim'
import type { OpAttributes, OpName } from './op'
import { scalarElement } from './scalar'
import { int, printType, real, sameType, tensor, type TensorType } from './type'

/** What kind of work an op is, so that code asks for the kind and not for a list of names. */
export type OpKind = 'leaf' | 'elementwise' | 'movement' | 'reduction' | 'product' | 'linearAlgebra' | 'index' | 'loop' | 'circuit' | 'identity' | 'derivative'

export interface OpRow<Op extends OpName> {
  readonly kind: OpKind
  /** Equal nodes may become one. */
  readonly pure: boolean
  infer(attributes: OpAttributes[Op], inputs: readonly TensorType[]): readonly TensorType[]
}

export const OPS: { readonly [Op in OpName]: OpRow<Op> } = {
  input: { kind: 'leaf', pure: false, infer: ({ element, shape }) => [tensor(element, shape)] },
  constant: {
    kind: 'leaf', pure: true,
    infer({ element, shape, data }) {
      require(data.length === shape.reduce((a, b) => a * b, 1), () => `constant of shape [${shape}] with ${data.length} values`)
      return [tensor(element, shape)]
    },
  },
  fill: { kind: 'leaf', pure: true, infer: ({ element, shape }) => [tensor(element, shape)] },
  size: { kind: 'leaf', pure: true, infer: () => [int()] },
  iota: { kind: 'leaf', pure: true, infer: ({ size }) => [int(size)] },
  random: { kind: 'leaf', pure: true, infer: ({ shape }) => [real(...shape)] },

  elementwise: {
    kind: 'elementwise', pure: true,
    infer({ fn }, inputs) {
      const [first] = inputs
      const element = scalarElement(fn, inputs.map(input => input.element))
      if (!first || !element) throw new Error(`elementwise ${fn} over (${inputs.map(printType).join(', ')})`)
      for (const input of inputs) require(sameShape(input.shape, first.shape), () => `elementwise ${fn} over (${inputs.map(printType).join(', ')})`)
      return [tensor(element, first.shape)]
    },
  },

  broadcast: {
    kind: 'movement', pure: true,
    infer({ shape, axes }, [x]) {
      const { element, shape: from } = given(x)
      require(axes.length === from.length, 'broadcast: one axis for each axis of the input')
      axes.forEach((axis, at) => {
        require(at === 0 || axis > (axes[at - 1] ?? -1), 'broadcast: axes ascend')
        require(from[at] === 1 || sameDim(dimAt(shape, axis), dimAt(from, at)), () => `broadcast of ${printShape(from)} to ${printShape(shape)}`)
      })
      return [tensor(element, shape)]
    },
  },
  reshape: {
    kind: 'movement', pure: true,
    infer({ shape }, [x]) {
      const { element, shape: from } = given(x)
      require(holdAsMany(from, shape), () => `reshape of ${printShape(from)} to ${printShape(shape)}`)
      return [tensor(element, shape)]
    },
  },
  transpose: {
    kind: 'movement', pure: true,
    infer({ permutation }, [x]) {
      const { element, shape } = given(x)
      require(permutation.length === shape.length && new Set(permutation).size === shape.length, () => `transpose of ${printShape(shape)} by [${permutation}]`)
      return [tensor(element, permutation.map(axis => dimAt(shape, axis)))]
    },
  },
  slice: {
    kind: 'movement', pure: true,
    infer({ starts, sizes, steps }, [x]) {
      const { element, shape } = given(x)
      require(starts.length === shape.length && sizes.length === shape.length && steps.length === shape.length, 'slice: one start, size and step an axis')
      return [tensor(element, sizes)]
    },
  },
  pad: {
    kind: 'movement', pure: true,
    infer({ low, high, interior }, [x]) {
      const { element, shape } = given(x)
      require(low.length === shape.length && high.length === shape.length && interior.length === shape.length, 'pad: one width an axis')
      return [tensor(element, shape.map((dim, axis) => paddedDim(dim, dimAt(low, axis), dimAt(high, axis), interior[axis] ?? 0)))]
    },
  },
  concat: {
    kind: 'movement', pure: true,
    infer({ axis }, inputs) {
      const first = given(inputs[0])
      for (const input of inputs) {
        require(input.element === first.element && input.shape.length === first.shape.length
          && input.shape.every((dim, at) => at === axis || sameDim(dim, dimAt(first.shape, at))), () => `concat of ${inputs.map(printType).join(', ')}`)
      }
      const along = inputs.reduce<Dim>((sum, input) => addDims(sum, dimAt(input.shape, axis)), 0)
      return [tensor(first.element, first.shape.map((dim, at) => (at === axis ? along : dim)))]
    },
  },
  flip: { kind: 'movement', pure: true, infer: (_, [x]) => [given(x)] },

  reduce: {
    kind: 'reduction', pure: true,
    infer({ axes }, [x]) {
      const { element, shape } = given(x)
      require(element !== 'bool' && axes.every(axis => axis >= 0 && axis < shape.length), () => `reduce of ${printType(given(x))}`)
      return [tensor(element, shape.filter((_, axis) => !axes.includes(axis)))]
    },
  },
  argReduce: {
    kind: 'reduction', pure: true,
    infer: ({ axis }, [x]) => [int(...given(x).shape.filter((_, at) => at !== axis))],
  },
  cumulativeSum: { kind: 'reduction', pure: true, infer: (_, [x]) => [given(x)] },
  argSort: {
    kind: 'reduction', pure: true,
    infer({ axis }, [x]) {
      require(axis >= 0 && axis < given(x).shape.length, () => `argSort of ${printType(given(x))}`)
      return [int(...given(x).shape)]
    },
  },

  contract: {
    kind: 'product', pure: true,
    infer({ left, right, out }, [a, b]) {
      const x = given(a)
      const y = given(b)
      require(x.element === y.element && x.element !== 'bool', () => `contract of ${printType(x)} and ${printType(y)}`)
      const sizes = new Map<number, Dim>()
      for (const [labels, { shape }] of [[left, x], [right, y]] as const) {
        require(labels.length === shape.length && new Set(labels).size === labels.length, () => `contract: labels [${labels}] of ${printShape(shape)}`)
        labels.forEach((label, axis) => {
          const size = dimAt(shape, axis)
          require(sameDim(sizes.get(label) ?? size, size), () => `contract of ${printType(x)} [${left}] and ${printType(y)} [${right}]`)
          sizes.set(label, size)
          require(out.includes(label) || (left.includes(label) && right.includes(label)), 'contract: every label is shared or kept')
        })
      }
      return [tensor(x.element, out.map(label => sizes.get(label) ?? fail('contract: an unknown label in the result')))]
    },
  },
  convolve: { kind: 'product', pure: true, infer: (attributes, [a, b]) => [inferConvolve(attributes, given(a), given(b))] },
  solve: {
    kind: 'linearAlgebra', pure: true,
    infer(_, [a, b]) {
      const size = squareSize('solve', given(a))
      const { shape } = given(b)
      require(given(b).element === 'real' && sameShape(shape.slice(0, -1), given(a).shape.slice(0, -1)) && sameDim(dimAt(shape, shape.length - 2), size),
        () => `solve of ${printType(given(a))} and ${printType(given(b))}`)
      return [given(b)]
    },
  },
  cholesky: {
    kind: 'linearAlgebra', pure: true,
    infer(_, [a]) {
      squareSize('cholesky', given(a))
      return [given(a)]
    },
  },
  determinant: {
    kind: 'linearAlgebra', pure: true,
    infer(_, [a]) {
      squareSize('determinant', given(a))
      return [real(...given(a).shape.slice(0, -2))]
    },
  },
  cofactors: {
    kind: 'linearAlgebra', pure: true,
    infer(_, [a, ...directions]) {
      squareSize('cofactors', given(a))
      for (const direction of directions) require(sameType(direction, given(a)), 'cofactors: a direction has the shape of the matrix')
      return [given(a)]
    },
  },
  entropy: {
    kind: 'linearAlgebra', pure: true,
    infer({ part }, [density, ...directions]) {
      const { element, shape } = given(density)
      const size = dimAt(shape, shape.length - 1)
      require(element === 'real' && typeof size === 'number' && Number.isInteger(Math.log2(size / 2) / 2), () => `entropy of ${printType(given(density))}`)
      for (const direction of directions) require(sameType(direction, given(density)), 'entropy: a direction has the shape of the density matrix')
      return [part === 'gradient' ? given(density) : real(...shape.slice(0, -1))]
    },
  },
  gather: {
    kind: 'index', pure: true,
    infer({ axis }, [x, index]) {
      const { element, shape } = given(x)
      require(given(index).element === 'int' && axis < shape.length, 'gather: an int index and an axis of the tensor')
      return [tensor(element, [...shape.slice(0, axis), ...given(index).shape, ...shape.slice(axis + 1)])]
    },
  },
  segmentSum: {
    kind: 'index', pure: true,
    infer({ axis, size }, [values, index]) {
      const { element, shape } = given(values)
      const rank = given(index).shape.length
      require(sameShape(shape.slice(axis, axis + rank), given(index).shape), () => `segmentSum of ${printType(given(values))} by ${printType(given(index))}`)
      return [tensor(element, [...shape.slice(0, axis), size, ...shape.slice(axis + rank)])]
    },
  },
  wrapIndex: { kind: 'index', pure: true, infer: (_, [index]) => [given(index)] },

  loop: {
    kind: 'loop', pure: true,
    infer({ trip, carries, constants, body }, inputs) {
      require(body.inputs.length === 1 + inputs.length && body.outputs.length >= carries, 'loop: the body takes the counter and every input')
      inputs.forEach((input, at) => {
        const inner = given(body.inputs[at + 1]?.type)
        const expected = at < carries + constants ? inner : tensor(inner.element, [trip, ...inner.shape])
        require(sameType(input, expected), () => `loop: input ${at} is ${printType(input)}, the body takes ${printType(expected)}`)
      })
      return body.outputs.map(({ type }, at) => {
        if (at >= carries) return tensor(type.element, [trip, ...type.shape])
        require(sameType(type, given(inputs[at])), () => `loop: carry ${at} is ${printType(given(inputs[at]))}, its next value ${printType(type)}`)
        return type
      })
    },
  },
  circuit: {
    kind: 'circuit', pure: true,
    infer({ circuit }, [slots, ...directions]) {
      const { shape } = given(slots)
      require(shape.at(-1) === circuit.slots, () => `circuit '${circuit.name}' has ${circuit.slots} slots, not ${printShape(shape)}`)
      for (const direction of directions) require(sameType(direction, given(slots)), 'circuit: a direction has the shape of the slots')
      return [real(...shape.slice(0, -1), resultWidth(circuit))]
    },
  },
  circuitVjp: {
    kind: 'circuit', pure: true,
    infer({ circuit }, [slots, cotangent, ...directions]) {
      const { shape } = given(slots)
      require(shape.at(-1) === circuit.slots && sameShape(given(cotangent).shape, [...shape.slice(0, -1), resultWidth(circuit)]),
        () => `circuitVjp of '${circuit.name}': ${printShape(shape)}, ${printShape(given(cotangent).shape)}`)
      for (const direction of directions) require(sameType(direction, given(slots)), 'circuitVjp: a direction has the shape of the slots')
      return [given(slots)]
    },
  },
  circuitMetric: {
    kind: 'circuit', pure: true,
    infer({ circuit, active }, [slots]) {
      const { shape } = given(slots)
      require(shape.at(-1) === circuit.slots, () => `circuitMetric of '${circuit.name}': ${circuit.slots} slots, not ${printShape(shape)}`)
      return [real(...shape.slice(0, -1), active.length, active.length)]
    },
  },

  mark: { kind: 'identity', pure: false, infer: (_, [x]) => [given(x)] },
  stop: { kind: 'identity', pure: true, infer: (_, [x]) => [given(x)] },
  derivative: {
    kind: 'derivative', pure: true,
    infer({ kind }, [y, x]) {
      const by = given(x).shape
      const of = given(y).shape
      return [real(...(kind === 'grad' ? by : kind === 'jacobian' ? [...of, ...by] : [...by, ...by]))]
    },
  },
}

/** low + (dim − 1)·(interior + 1) + 1 + high; an empty axis has nothing between its elements. */
function paddedDim(dim: Dim, low: Dim, high: Dim, interior: number): Dim {
  const stretched = interior === 0 || dim === 0 ? dim : subDims(mulDims(dim, interior + 1), interior)
  return addDims(addDims(low, stretched), high)
}

function inferConvolve({ part, stride, dilation, low, size }: OpAttributes['convolve'], a: TensorType, b: TensorType): TensorType {
  const said = `convolve for its ${part} of ${printType(a)} and ${printType(b)}`
  const rank = size.length
  require(a.element === 'real' && b.element === 'real' && a.shape.length === rank + 3 && b.shape.length === rank + 3, said)
  require([stride, dilation, low].every(numbers => numbers.length === rank) && stride.every(step => step > 0) && dilation.every(step => step > 0), said)
  const [a0, a1, a2] = [dimAt(a.shape, 0), dimAt(a.shape, 1), dimAt(a.shape, 2)]
  const [b0, b1, b2] = [dimAt(b.shape, 0), dimAt(b.shape, 1), dimAt(b.shape, 2)]
  switch (part) {
    case 'output': // image[N, G, C], kernel[G, O, C]
      require(sameDim(a1, b0) && sameDim(a2, b2), said)
      return real(a0, a1, b1, ...size)
    case 'image': // kernel[G, O, C], output[N, G, O]
      require(sameDim(a0, b1) && sameDim(a1, b2), said)
      return real(b0, b1, a2, ...size)
    case 'kernel': // image[N, G, C], output[N, G, O]
      require(sameDim(a0, b0) && sameDim(a1, b1), said)
      return real(a1, b2, a2, ...size)
    default: return part satisfies never
  }
}

/** Whether two shapes have as many elements, seen from the sizes that they do not share: products of polynomials take time. */
function holdAsMany(a: readonly Dim[], b: readonly Dim[]): boolean {
  const rest = [...b]
  const others = a.filter(dim => {
    const at = dim === 0 ? -1 : rest.findIndex(other => sameDim(dim, other))
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  return sameCount(productOfDims(others), productOfDims(rest))
}

/** n of a real[…, n, n]. */
function squareSize(op: OpName, { element, shape }: TensorType): Dim {
  const size = dimAt(shape, shape.length - 1)
  require(element === 'real' && shape.length >= 2 && sameDim(size, dimAt(shape, shape.length - 2)), () => `${op} of ${element}${printShape(shape)}`)
  return size
}

function given(type: TensorType | undefined): TensorType {
  return type ?? fail('an input is missing')
}

function dimAt(shape: readonly Dim[], axis: number): Dim {
  return shape[axis] ?? fail(`no axis ${axis} in ${printShape(shape)}`)
}

/** The words are made only when they are needed: this runs for every node. */
function require(condition: boolean, what: string | (() => string)): asserts condition {
  if (!condition) fail(typeof what === 'string' ? what : what())
}

function fail(what: string): never {
  throw new Error(`graph: ${what}`)
}
