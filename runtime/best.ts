/** The best weights of a run: who stops it early is left with them. */
import type { TypedArray } from './backends/backend'
import type { FloatArray, ParameterStore } from './params'
import type { StateStore } from './states'

export class BestWeights {
  /** 0 where no epoch has been measured. */
  epoch = 0
  loss = Infinity
  /** Free numbers, and states in order; live, for a checkpoint. */
  readonly values: FloatArray
  readonly stateValues: readonly TypedArray[]

  constructor(private readonly parameters: ParameterStore, private readonly states: StateStore) {
    this.values = parameters.values.slice()
    this.stateValues = states.snapshot()
  }

  /** The parameters as they are now belong to this loss. */
  keep(epoch: number, loss: number): void {
    if (!(loss < this.loss)) return
    this.epoch = epoch
    this.loss = loss
    this.values.set(this.parameters.values)
    this.states.list.forEach(({ view }, at) => this.stateValues[at]?.set(view))
  }

  restore(): void {
    this.parameters.values.set(this.values)
    this.parameters.constrain()
    this.states.restore(this.stateValues)
  }
}
