/** An optimizer that treats each number by itself, alone: behind a program whose gradient is what it is given. */
import type { ClipPlan, GradientName, OptimizerPlan } from '../../../ir/training'
import type { Program } from '../../../ir/plan'
import { real } from '../../../ir/type'
import type { Backend } from '../../../runtime/backends/backend'
import { ParameterStore, type FloatArray } from '../../../runtime/params'
import { ExecutableRunner } from '../../../runtime/runner'
import { StateStore } from '../../../runtime/states'
import { MovingUpdate } from '../../../runtime/updates'

/** @param count how many numbers it moves */
export async function movingOptimizer(
  optimizer: OptimizerPlan & { readonly name: GradientName }, count: number, precision: 'f32' | 'f64', backend: Backend, clip?: ClipPlan,
): Promise<{ readonly state: ReadonlyMap<string, FloatArray>; readonly update: (theta: FloatArray, gradient: FloatArray, factor: number) => Promise<void> }> {
  // The gradient is a parameter that is not trained.
  const store = new ParameterStore([{ path: 'w', shape: [count], frozen: false, doc: '' }, { path: 'g', shape: [count], frozen: true, doc: '' }], precision)
  const moving = new MovingUpdate(store, { optimizer, groups: [], clip })
  const step: Program = {
    buffers: [real(count), real(count)], inputs: [{ name: 'w', buffer: 0 }, { name: 'g', buffer: 1 }], steps: [],
    results: [{ name: 'gradient:w', buffer: 1 }],
  }
  const executable = await backend.prepare(moving.moves.programOf(step), new Map(), precision)
  const runner = new ExecutableRunner(executable, new Map(), { parameters: store, states: new StateStore([], precision), free: true }, new Set(), moving.moves.resident)
  return {
    get state() {
      moving.settleState()
      return moving.state
    },
    async update(theta, gradient, factor) {
      store.values.set(theta.subarray(0, count))
      store.parameter('g').view.set(gradient)
      moving.begin(runner, factor)
      await runner.run({ seed: 0, step: 0 })
      moving.settle()
      theta.set(store.parameter('w').view)
    },
  }
}
