/**
 * Steps that have no code of their own, run by the reference's executors on the memory of the program. What few models need is loaded
 * with the first that does: a page of dense layers gets no circuits, and no loop of the reference for what runs as WebAssembly.
 */
import type { RoutineName, RoutineStep } from '../../../ir/plan'
import type { LateThreads } from '../../../quantum/engines/loadEngine'
import type { Executor, RoutineSite } from '../reference/executor'
import { prepareRandom } from '../reference/random'
import type { RoutineMaker, RoutineMakers } from '../reference/routines'
import { prepareConstant, prepareFill, prepareIota, prepareSize } from '../reference/sources'
import type { HostStep } from './site'

/** What nearly every program has. */
const SOURCES = { constant: prepareConstant, fill: prepareFill, size: prepareSize, iota: prepareIota, random: prepareRandom }

export type Host = (step: RoutineStep, site: Omit<RoutineSite, 'circuit'>) => Executor

/**
 * @param steps all that it will be asked to prepare
 * @param threads who may share heavy ones
 */
export async function loadHost(steps: readonly HostStep[], threads: LateThreads | undefined): Promise<Host> {
  const withCircuits = steps.some(({ step }) => 'circuit' in step.attributes) ? await import('./circuits') : undefined
  const circuit = await withCircuits?.loadCircuits(steps, threads) ?? (() => { throw new Error('the host was asked for no circuits') })
  const few: Partial<RoutineMakers> = { ...SOURCES, ...withCircuits?.CIRCUIT_MAKERS }
  const makers = steps.every(({ step }) => step.op in few) ? few : (await import('../reference/routines')).ROUTINE_MAKERS
  return (step, site) => {
    // The table maps each op to a maker of its own attributes; TypeScript loses that link over a union.
    const make = makers[step.op] as RoutineMaker<RoutineName> | undefined
    if (!make) throw new Error(`the host was asked for no '${step.op}'`)
    return make(step.attributes, { ...site, circuit })
  }
}
