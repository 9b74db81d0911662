/** One update of the parameters: the optimizer's, multiplied by the model's own rates where it has some. */
import type { OptimizerPlan } from '../ir/plan'
import { makeOptimizer, type Optimizer } from './optim'
import type { FloatArray, ParameterStore } from './params'
import type { ExecutableRunner } from './runner'

export class ParameterUpdate {
  private readonly gradient: FloatArray
  /** The parameters before the update, kept for those that have a rate. */
  private readonly before: FloatArray
  readonly optimizer: Optimizer

  constructor(private readonly store: ParameterStore, plan: OptimizerPlan) {
    this.gradient = store.values.slice(0, store.trainable)
    this.before = store.values.slice()
    this.optimizer = makeOptimizer(plan, this.gradient)
  }

  /** @param stepper a run of the step program, whose gradients and rates are taken */
  apply(stepper: ExecutableRunner): void {
    const { store, gradient, before } = this
    stepper.readGradient(gradient)
    if (stepper.rates.length > 0) before.set(store.values)
    this.optimizer.update(store.values, gradient)
    for (const { data, offset } of stepper.rates) {
      for (let i = 0; i < data.length; i++) {
        const rate = data[i] as number
        const start = before[offset + i] as number
        // Rates of 0 and 1 leave the bits as they were, or as the optimizer made them.
        if (rate === 0) store.values[offset + i] = start
        else if (rate !== 1) store.values[offset + i] = start + rate * ((store.values[offset + i] as number) - start)
      }
    }
    store.constrain()
  }
}
