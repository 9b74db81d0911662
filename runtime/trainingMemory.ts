/** What a run of training takes of memory, known before it does. */
import type { Sizes } from '../ir/dim'
import { freeShape, type Plan, type Precision, type Program } from '../ir/plan'
import { DEFAULT_OPTIMIZER, isGradientName, OPTIMIZER_KINDS, type OptimizerPlan } from '../ir/training'
import { memoryOf, type TrainingMemory } from './memory'
import { isGradientPlan, optimizerBytes, ruleOf } from './optim'
import { moving } from './optim/rule'
import { fillOptimizer } from './options'

/** Of one step, with all that stays from step to step; undefined where the plan has no loss. */
export function trainingMemory(
  plan: Plan, sizes: Sizes, precision: Precision, optimizer: OptimizerPlan = plan.train?.optimizer ?? fillOptimizer({ name: DEFAULT_OPTIMIZER }),
): TrainingMemory | undefined {
  if (!plan.entries.step) return undefined
  const programs = stepPrograms(plan, optimizer).map(program => memoryOf(program, sizes, precision))
  const real = precision === 'f32' ? 4 : 8
  const isMoving = isGradientName(optimizer.name)
  const numbers = (parameters: Plan['parameters']) => sumOf(parameters.map(({ shape }) => shape.reduce((product, size) => product * size, 1)))
  const all = numbers(plan.parameters), trained = numbers(plan.parameters.filter(({ frozen }) => !frozen))
  const parts = {
    buffers: sumOf(programs.map(({ buffers }) => buffers)), states: sumOf(programs.map(({ states }) => states)),
    parameters: real * (all + numbers(plan.parameters.filter(({ range }) => range))),
    gradient: isMoving ? 0 : real * trained, copies: real * (isMoving ? 1 : 2) * all,
    optimizer: optimizerBytes(optimizer, trained, precision),
  }
  return { ...parts, total: sumOf(Object.values(parts)) }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)

/** What a step runs, by the optimizer. */
function stepPrograms({ parameters, entries: { step, objective, update, hessian, metric } }: Plan, optimizer: OptimizerPlan): readonly Program[] {
  const kind = OPTIMIZER_KINDS[optimizer.name]
  if (isGradientPlan(optimizer) && step) {
    const rule = ruleOf(optimizer)
    const moved = parameters.filter(({ frozen }) => !frozen).map(parameter => ({ path: parameter.path, shape: freeShape(parameter), rule, part: 0 }))
    return [moving(step, moved, undefined), update].filter(program => program !== undefined)
  }
  const looksAtLosses = kind === 'loss' || kind === 'sinusoid'
  return [looksAtLosses ? objective ?? step : step, update, kind === 'hessian' ? hessian : kind === 'metric' ? metric : undefined].filter(program => program !== undefined)
}
