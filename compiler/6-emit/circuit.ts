/** A circuit as data: what fills its slots, as a program to run and as angles to read. */
import type { CircuitTemplate } from '../3-elaborate/circuits'
import type { CompiledCircuit } from '../host'
import { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import type { PlanInput } from '../../ir/plan'
import { applyAngle, isAngleFunction, type Angle } from '../../quantum/interop/angle'
import { planOf } from './plan'

/** The name of a slot whose angle is no arithmetic of the arguments' elements, such as one of a matrix product. */
export const SLOT = 'slot'

/** Above this many operations an angle is not shown as one. */
const LONGEST = 40

export function compiledCircuit({ circuit, doc, wireNames, slots }: CircuitTemplate): CompiledCircuit {
  const inputs = slots.inputs.flatMap((value): (PlanInput & { readonly value: Value })[] =>
    (value.node.op === 'input' ? [{ name: value.node.attributes.name, role: 'input', type: value.type, doc: '', value }] : []))
  const [output] = slots.outputs
  if (!output) throw new Error('circuit: a program of slots without its result')
  const outputs = [{ name: 'slots', type: output.type, doc: '' }]
  const elements = new Elements()
  return {
    circuit, doc, wireNames,
    angles: Array.from({ length: circuit.slots }, (_, slot): Angle => elements.of(output, slot) ?? { name: SLOT, indices: [slot] }),
    slots: planOf({ model: {
      name: circuit.name, doc, inputs, parameters: [], states: [], outputs, metrics: [], hasLoss: false, graph: slots,
      results: [{ kind: 'output', name: 'slots', usesTarget: false }], initial: GraphBuilder.create().finish([], []), obligations: [], usesCircuit: true,
    } }, 'f64'),
  }
}

/** Elements of tensors of known shapes as arithmetic over elements of the inputs. */
class Elements {
  private readonly known = new Map<Value, Map<number, Angle | undefined>>()

  /** @param flat row-major index */
  of(value: Value, flat: number): Angle | undefined {
    const mine = this.known.get(value) ?? new Map<number, Angle | undefined>()
    this.known.set(value, mine)
    if (!mine.has(flat)) {
      const found = this.compute(value, flat)
      mine.set(flat, found !== undefined && sizeOf(found) <= LONGEST ? found : undefined)
    }
    return mine.get(flat)
  }

  private compute(value: Value, flat: number): Angle | undefined {
    const { node } = value
    const shape = numbersOf(value.type.shape)
    const [first] = node.inputs
    if (!shape) return undefined
    const place = unravel(flat, shape)
    const from = (source: Value | undefined, at: readonly number[]): Angle | undefined => {
      const sizes = source && numbersOf(source.type.shape)
      return sizes && this.of(source, ravel(at, sizes))
    }
    switch (node.op) {
      case 'input': return { name: node.attributes.name, indices: place }
      case 'constant': return node.attributes.data[flat]
      case 'fill': return node.attributes.value
      case 'size': return typeof node.attributes.value === 'number' ? node.attributes.value : undefined
      case 'iota': return flat
      case 'mark':
      case 'stop':
      case 'reshape': return first && this.of(first, flat)
      case 'broadcast': {
        const sizes = first && numbersOf(first.type.shape)
        return sizes && from(first, sizes.map((size, axis) => (size === 1 ? 0 : place[node.attributes.axes[axis] ?? 0] ?? 0)))
      }
      case 'transpose': {
        const at: number[] = []
        node.attributes.permutation.forEach((axis, position) => { at[axis] = place[position] ?? 0 })
        return from(first, at)
      }
      case 'slice': {
        const starts = numbersOf(node.attributes.starts)
        return starts && from(first, place.map((index, axis) => (starts[axis] ?? 0) + index * (node.attributes.steps[axis] ?? 1)))
      }
      case 'flip': return from(first, place.map((index, axis) => (axis === node.attributes.axis ? (shape[axis] ?? 1) - 1 - index : index)))
      case 'concat': {
        let rest = place[node.attributes.axis] ?? 0
        for (const part of node.inputs) {
          const size = part.type.shape[node.attributes.axis]
          if (typeof size !== 'number') return undefined
          const at = rest
          if (at < size) return from(part, place.map((index, axis) => (axis === node.attributes.axis ? at : index)))
          rest -= size
        }
        return undefined
      }
      case 'gather': {
        const [source, index] = node.inputs
        const sizes = source && numbersOf(source.type.shape), indexShape = index && numbersOf(index.type.shape)
        if (!sizes || !indexShape) return undefined
        const { axis } = node.attributes
        const chosen = this.of(index, ravel(place.slice(axis, axis + indexShape.length), indexShape))
        if (typeof chosen !== 'number') return undefined
        return from(source, [...place.slice(0, axis), chosen < 0 ? chosen + (sizes[axis] ?? 0) : chosen, ...place.slice(axis + indexShape.length)])
      }
      case 'elementwise': {
        const args = node.inputs.map(input => this.of(input, flat))
        const { fn } = node.attributes
        if (!args.every(arg => arg !== undefined)) return undefined
        // A conversion to real changes nothing.
        if (fn === 'real') return args[0]
        return isAngleFunction(fn) ? applyAngle(fn, ...args) : undefined
      }
      default: return undefined
    }
  }
}

function sizeOf(angle: Angle): number {
  return typeof angle === 'number' || !('fn' in angle) ? 1 : angle.args.reduce<number>((sum, arg) => sum + sizeOf(arg), 1)
}

function numbersOf(shape: readonly unknown[]): readonly number[] | undefined {
  return shape.every(size => typeof size === 'number') ? shape : undefined
}

function unravel(flat: number, shape: readonly number[]): readonly number[] {
  const place: number[] = []
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1
    place[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  return place
}

const ravel = (place: readonly number[], shape: readonly number[]): number => shape.reduce((flat, size, axis) => flat * size + (place[axis] ?? 0), 0)
