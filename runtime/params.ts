/** The parameters of a model: one flat array, with a named view for each. Optimizers see the array, users the names. */
import type { PlanParameter, Precision } from '../ir/plan'
import { RunError } from './errors'
import { suggestName } from './suggest'
import { readTensor, Tensor, type AnyTensor } from './tensor'

export type FloatArray = Float32Array | Float64Array

export interface Parameter extends PlanParameter {
  /** Where it starts in the flat array. */
  readonly offset: number
  /** Its part of the flat array; writing to it sets the parameter. */
  readonly view: FloatArray
}

export class ParameterStore {
  /** Parameters that are trained come first, in the plan's order, then the frozen ones. */
  readonly values: FloatArray
  /** How many elements, from the front, are trained. */
  readonly trainable: number
  /** In the plan's order. */
  readonly list: readonly Parameter[]
  private readonly byPath: ReadonlyMap<string, Parameter>

  constructor(declared: readonly PlanParameter[], private readonly precision: Precision) {
    const countOf = ({ shape }: PlanParameter) => shape.reduce((product, size) => product * size, 1)
    const total = declared.reduce((sum, parameter) => sum + countOf(parameter), 0)
    const values = precision === 'f32' ? new Float32Array(total) : new Float64Array(total)
    const ordered = [...declared.filter(parameter => !parameter.frozen), ...declared.filter(parameter => parameter.frozen)]
    const byPath = new Map<string, Parameter>()
    let offset = 0
    for (const parameter of ordered) {
      const count = countOf(parameter)
      byPath.set(parameter.path, { ...parameter, offset, view: values.subarray(offset, offset + count) })
      offset += count
    }
    this.values = values
    this.trainable = declared.filter(parameter => !parameter.frozen).reduce((sum, parameter) => sum + countOf(parameter), 0)
    this.byPath = byPath
    this.list = declared.flatMap(({ path }) => byPath.get(path) ?? [])
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
   * @throws RunError 'usage' for an unknown path; 'data' or 'sizes' for a value that does not fit
   */
  set(path: string, value: unknown): void {
    const { view, shape } = this.parameter(path)
    const { data, shape: given } = readTensor({ role: 'parameter', name: path }, value, { element: 'real', shape }, this.precision)
    if (given.some((size, axis) => size !== shape[axis])) {
      throw new RunError('sizes', `parameter '${path}' has the shape [${shape.join(', ')}], found [${given.join(', ')}]`)
    }
    view.set(data)
  }
}
