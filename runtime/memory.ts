/** What programs, and runs of training, take of memory: known before they take it, and held against what there is. */
import { evaluateDim, type Sizes } from '../ir/dim'
import { freeShape, type Plan, type Precision, type Program, type Step } from '../ir/plan'
import { DEFAULT_OPTIMIZER, isGradientName, OPTIMIZER_KINDS, type OptimizerPlan } from '../ir/training'
import { stateBytes, type Circuit } from '../quantum/circuit'
import { layoutProgram } from './backends/arena'
import { RunError } from './errors'
import { isGradientPlan, optimizerBytes, ruleOf } from './optim'
import { moving } from './optim/rule'
import { fillOptimizer } from './options'

/** In bytes. */
export interface ProgramMemory {
  /** Of everything it reads and computes, bodies of loops included; what is not needed at the same time shares a place. */
  readonly buffers: number
  /**
   * Of the states that its circuits run on: one, another one for gradients, and one for each slot of a metric. Samples, and gradients
   * by the entries of a matrix, keep more.
   */
  readonly states: number
}

export function memoryOf(program: Program, sizes: Sizes, precision: Precision): ProgramMemory {
  const states = new Map<Circuit, number>()
  for (const [circuit, count] of statesIn(program)) states.set(circuit, Math.max(count, states.get(circuit) ?? 0))
  return {
    buffers: bufferBytes(program, sizes, precision, new Set()),
    states: [...states].reduce((sum, [circuit, count]) => sum + count * stateBytes(circuit), 0),
  }
}

/** @param bound buffers that somebody else keeps */
function bufferBytes(program: Program, sizes: Sizes, precision: Precision, bound: ReadonlySet<number>): number {
  return program.steps.reduce((sum, step) => {
    if (step.kind !== 'loop' || evaluateDim(step.trip, sizes) <= 0) return sum
    const { body, carries, constants } = step
    return sum + bufferBytes(body, sizes, precision, new Set(body.inputs.slice(1 + carries, 1 + carries + constants).map(({ buffer }) => buffer)))
  }, layoutProgram(program, sizes, precision, bound).bytes)
}

const statesIn = ({ steps }: Program): readonly (readonly [Circuit, number])[] => steps.flatMap(statesOf)

function statesOf(step: Step): readonly (readonly [Circuit, number])[] {
  if (step.kind === 'loop') return statesIn(step.body)
  if (step.kind !== 'routine') return []
  switch (step.op) {
    case 'circuit': return [[step.attributes.circuit, 1]]
    case 'circuitVjp': return [[step.attributes.circuit, 2]]
    case 'circuitMetric': return [[step.attributes.circuit, 3 + step.attributes.active.length]]
    default: return []
  }
}

/** In bytes. The data, and the code of the programs, come to it. */
export interface TrainingMemory extends ProgramMemory {
  /** With a range, the values and the free numbers behind them. */
  readonly parameters: number
  /** A copy of it, for optimizers that look at further losses; others work in the program of the step. */
  readonly gradient: number
  /** Of the parameters: the best so far, and for those optimizers as they were before the step. */
  readonly copies: number
  readonly optimizer: number
  readonly total: number
}

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

// ------------------------------------------------------------------------------------------------ what there is

/** Bytes of this machine, or of the part of it that the process may have; Infinity where nobody says, as in a browser. */
export function machineMemory(): number {
  if (typeof process !== 'object') return Infinity
  // Asked for without an import: a browser's bundle has no trace of it. Where there is no limit, the system says 0 or what no machine has.
  return Math.min(process.getBuiltinModule?.('node:os').totalmem() ?? Infinity, process.constrainedMemory?.() || Infinity)
}

/**
 * A system hands out memory that it does not have, and ends the process when it is written to: what cannot fit is refused before.
 * @param what takes it, as in `a prediction of Moons`
 * @throws RunError 'memory' where it is more than the machine has
 */
export function mustFit(what: string, need: ProgramMemory | TrainingMemory, sizes: Sizes, available: number): void {
  const total = 'total' in need ? need.total : need.buffers + need.states
  if (total <= available) return
  const at = sizes.size > 0 ? ` at ${[...sizes].map(([name, size]) => `${name} = ${size}`).join(', ')}` : ''
  const parts = [['buffers', need.buffers], ['states of circuits', need.states], ['parameters and what training keeps of them', total - need.buffers - need.states]] as const
  const largest = parts.reduce((most, part) => (part[1] > most[1] ? part : most))
  const advice = largest[0] === 'states of circuits' ? 'take fewer qubits, or @precision(f32)' : largest[0] === 'buffers' && sizes.size > 0 ? 'take smaller sizes, such as a smaller batch' : 'make the model smaller'
  const listed = parts.filter(([, bytes]) => bytes >= total / 100).map(([name, bytes]) => `${gibibytes(bytes)} of ${name}`).join(', ')
  throw new RunError('memory', `out of memory: ${what}${at} needs ${gibibytes(total)} (${listed}), and this machine has ${gibibytes(available)}; ${advice}`)
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toLocaleString('en', { maximumSignificantDigits: 3 })} GiB`
