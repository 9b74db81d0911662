/** The states of a model: saved with its weights, changed after each training step, without a gradient. */
import type { PlanState, Precision } from '../ir/plan'
import { allocate, type TypedArray } from './backends/backend'
import { RunError } from './errors'
import { suggestName } from './suggest'
import { copyTensor, readTensor, type AnyTensor } from './tensor'

export interface State extends PlanState {
  /** Writing to it sets the state. */
  readonly view: TypedArray
}

export class StateStore {
  /** In the plan's order. */
  readonly list: readonly State[]
  private readonly byPath: ReadonlyMap<string, State>

  constructor(declared: readonly PlanState[], private readonly precision: Precision) {
    this.list = declared.map(state => ({
      ...state, view: allocate(state.element, precision, state.shape.reduce((product, size) => product * size, 1)),
    }))
    this.byPath = new Map(this.list.map(state => [state.path, state]))
  }

  find(path: string): State | undefined {
    return this.byPath.get(path)
  }

  get paths(): string[] {
    return this.list.map(state => state.path)
  }

  /**
   * A copy.
   * @throws RunError 'usage' for an unknown path
   */
  get(path: string): AnyTensor {
    const { element, view, shape } = this.state(path)
    return copyTensor(element, view, shape)
  }

  /** @throws RunError 'usage' for an unknown path; 'data' or 'sizes' for a value that does not fit */
  set(path: string, value: unknown): void {
    const { element, view, shape } = this.state(path)
    const { data, shape: given } = readTensor({ role: 'state', name: path }, value, { element, shape }, this.precision)
    if (given.some((size, axis) => size !== shape[axis])) {
      throw new RunError('sizes', `state '${path}' has the shape [${shape.join(', ')}], found [${given.join(', ')}]`)
    }
    view.set(data)
  }

  /** Copies of all, in order: what `restore` takes. */
  snapshot(): readonly TypedArray[] {
    return this.list.map(state => state.view.slice())
  }

  restore(snapshot: readonly TypedArray[]): void {
    this.list.forEach(({ view }, at) => view.set(snapshot[at] ?? []))
  }

  private state(path: string): State {
    const state = this.byPath.get(path)
    if (!state) throw new RunError('usage', `no state '${path}'${suggestName(path, this.paths)}`)
    return state
  }
}
