/**
 * The parameters of a model. Optimizers see one flat array of free numbers, users values by name; the two are the same but
 * for parameters with a range.
 */
import type { PlanParameter, Precision } from '../ir/plan'
import type { FloatArray } from './backends/backend'
import { RunError } from './errors'
import { transformOf, type RangeTransform } from './ranges'
import { suggestName } from './suggest'
import { pathOf, readTensor, Tensor, type AnyTensor } from './tensor'

export type { FloatArray } from './backends/backend'

export interface Parameter extends PlanParameter {
  /** Where its free numbers start in the flat array. */
  readonly offset: number
  /** Its part of the flat array. */
  readonly free: FloatArray
  /** Its values: the same array as `free` where it has no range. */
  readonly view: FloatArray
  readonly transform?: RangeTransform
}

export class ParameterStore {
  /** Free numbers: parameters that are trained come first, in the plan's order, then the frozen ones. */
  readonly values: FloatArray
  /** How many numbers, from the front, are trained. */
  readonly trainable: number
  /** In the plan's order. */
  readonly list: readonly Parameter[]
  private readonly byPath: ReadonlyMap<string, Parameter>
  private readonly ranged: readonly Parameter[]

  constructor(declared: readonly PlanParameter[], private readonly precision: Precision) {
    const epsilon = precision === 'f32' ? 2 ** -23 : 2 ** -52
    const transforms = new Map(declared.map(({ path, range, shape }) => [path, range && transformOf(range, shape, epsilon)]))
    const freeCount = ({ path, shape }: PlanParameter) => countOf(transforms.get(path)?.freeShape ?? shape)
    const make = (count: number): FloatArray => (precision === 'f32' ? new Float32Array(count) : new Float64Array(count))
    const trained = declared.filter(parameter => !parameter.frozen)
    const ordered = [...trained, ...declared.filter(parameter => parameter.frozen)]
    const values = make(ordered.reduce((sum, parameter) => sum + freeCount(parameter), 0))
    const byPath = new Map<string, Parameter>()
    let offset = 0
    for (const parameter of ordered) {
      const count = freeCount(parameter)
      const free = values.subarray(offset, offset + count)
      const transform = transforms.get(parameter.path)
      byPath.set(parameter.path, { ...parameter, offset, free, transform, view: transform ? make(countOf(parameter.shape)) : free })
      offset += count
    }
    this.values = values
    this.trainable = trained.reduce((sum, parameter) => sum + freeCount(parameter), 0)
    this.byPath = byPath
    this.list = declared.flatMap(({ path }) => byPath.get(path) ?? [])
    this.ranged = this.list.filter(parameter => parameter.transform)
    this.constrain()
  }

  /** @throws RunError 'usage' for an unknown path, with the nearest one */
  parameter(path: string): Parameter {
    const parameter = this.byPath.get(path)
    if (!parameter) throw new RunError('usage', `no parameter '${path}'${suggestName(path, this.paths)}`)
    return parameter
  }

  get paths(): string[] {
    return this.list.map(parameter => parameter.path)
  }

  /** A copy. */
  get(path: string): AnyTensor {
    const { view, shape } = this.parameter(path)
    return new Tensor<readonly number[], 'real'>('real', view.slice(), shape) as AnyTensor
  }

  /**
   * Sets a parameter from nested arrays or `{ data, shape }`.
   * @throws RunError 'usage' for an unknown path; 'data' or 'sizes' for a value that does not fit, or is out of its range
   */
  set(path: string, value: unknown): void {
    const parameter = this.parameter(path)
    const { shape } = parameter
    const { data, shape: given } = readTensor({ role: 'parameter', name: path }, value, { element: 'real', shape }, this.precision)
    if (given.some((size, axis) => size !== shape[axis])) {
      throw new RunError('sizes', `parameter '${path}' has the shape [${shape.join(', ')}], found [${given.join(', ')}]`)
    }
    const outside = parameter.transform?.outside(data)
    if (outside) {
      throw new RunError('data', `parameter '${path}' at ${pathOf(path, shape, outside.at)}: ${outside.expected} was expected, found ${data[outside.at]}`)
    }
    this.assign(parameter, data)
  }

  /** Sets values that come from training, where rounding may have moved one onto the end of its range. */
  assign({ view, free, transform }: Parameter, data: ArrayLike<number>): void {
    view.set(data)
    transform?.release(view, free)
  }

  /** Brings the values up to date with the free numbers, after these were changed. */
  constrain(): void {
    for (const { free, view, transform } of this.ranged) transform?.constrain(free, view)
  }
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
