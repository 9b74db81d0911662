/**
 * The table of routines: for each op its lowering, or 'host' where the reference's executor runs on the same memory. A row that
 * lacks here fails the type check.
 */
import type { OpAttributes } from '../../../ir/op'
import type { Program, RoutineName, RoutineStep } from '../../../ir/plan'
import { lowerContract } from './contract'
import { lowerArgReduce, lowerGather, lowerSegmentSum, lowerWrapIndex } from './gather'
import type { Code } from '../../../wasm/instructions'
import { lowerBroadcast, lowerConcat, lowerFlip, lowerPad, lowerSlice, lowerTranspose } from './movement'
import { lowerReduce } from './reduce'
import type { ProgramSite, RoutinePlaces } from './site'

/**
 * @param onHost code that runs the step by the reference's executor
 * @returns undefined where this case of the op has no code: then the host runs it
 */
export type Lowering<Op extends RoutineName> = (attributes: OpAttributes[Op], places: RoutinePlaces, site: ProgramSite, onHost: () => Code) => Code | undefined

export type Lowerings = { readonly [Op in RoutineName]: Lowering<Op> | 'host' }

const LOWERINGS: Omit<Lowerings, 'convolve'> = {
  // Computed once, when the program is prepared.
  constant: 'host', fill: 'host', size: 'host', iota: 'host',
  // Counter-based draws of integers: the same bits as everywhere.
  random: 'host',
  broadcast: lowerBroadcast,
  transpose: lowerTranspose,
  slice: lowerSlice,
  pad: lowerPad,
  concat: lowerConcat,
  flip: lowerFlip,
  reduce: lowerReduce,
  argReduce: lowerArgReduce,
  cumulativeSum: 'host',
  argSort: 'host',
  contract: lowerContract,
  // Cubic work on few numbers, in 64 bits.
  solve: 'host', cholesky: 'host', determinant: 'host', cofactors: 'host', entropy: 'host',
  gather: lowerGather,
  segmentSum: lowerSegmentSum,
  wrapIndex: lowerWrapIndex,
  // Circuits have engines of their own.
  circuit: 'host', circuitVjp: 'host', circuitMetric: 'host',
}

/** All that a program needs; the code of convolutions is as much as that of all products, and few pages have some. */
export async function loadLowerings(program: Program): Promise<Lowerings> {
  return { ...LOWERINGS, convolve: hasRoutine(program, 'convolve') ? (await import('./convolve')).lowerConvolve : 'host' }
}

const hasRoutine = ({ steps }: Program, op: RoutineName): boolean =>
  steps.some(step => (step.kind === 'loop' ? hasRoutine(step.body, op) : step.kind === 'routine' && step.op === op))

export function lowerRoutine<Op extends RoutineName>(
  step: RoutineStep & { readonly op: Op }, lowerings: Lowerings, site: ProgramSite, onHost: () => Code,
): Code {
  // The table maps each op to a lowering of its own attributes; TypeScript loses that link over a union.
  const lowering = lowerings[step.op] as Lowering<Op> | 'host'
  if (lowering === 'host') return onHost()
  return lowering(step.attributes as OpAttributes[Op], { inputs: step.inputs.map(site.place), output: site.place(step.output) }, site, onHost) ?? onHost()
}
