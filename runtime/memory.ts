/** What programs take of memory: known before they take it, and held against what there is; trainingMemory.ts has runs of training. */
import { evaluateDim, type Sizes } from '../ir/dim'
import type { Precision, Program, Step } from '../ir/plan'
import { stateBytes, type Circuit } from '../quantum/circuit'
import { layoutProgram } from './backends/arena'
import { RunError } from './errors'

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
