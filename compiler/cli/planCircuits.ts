/** The circuits of a plan, and the same plan with its circuits run in another way. */
import { circuitSteps, isCircuitStep } from '../../ir/circuitSteps'
import type { Entries, Plan, Program, Step } from '../../ir/plan'
import type { Circuit } from '../../quantum/circuit'
import type { GradientMethod } from '../../quantum/engine'

/** Whether a gradient of it is an estimate from random draws: shots, trajectories, or spsa. */
export const drawsIn = (plan: Plan): boolean => Object.values(plan.entries).some((program: Program) => circuitSteps(program).some(step => step.attributes.draw !== undefined))

export const samplesIn = (plan: Plan): boolean => Object.values(plan.entries).some((program: Program) =>
  circuitSteps(program).some(({ attributes }) => attributes.circuit.measurements.some(({ kind }) => kind === 'sample')))

/** The same model with exact values: no shots or trajectories, and states in 64 bits; and by this method, where one is given, or by the plan's own, but never by spsa. */
export function withExactCircuits(plan: Plan, method?: GradientMethod): Plan {
  // A circuit that several steps run stays one object, which backends share their preparations by.
  const exact = new Map<Circuit, Circuit>()
  const exactOf = (circuit: Circuit): Circuit => {
    const { shots: _, trajectories: __, precision: ___, ...rest } = circuit
    const known = exact.get(circuit) ?? rest
    exact.set(circuit, known)
    return known
  }
  const changeStep = (step: Step): Step => {
    if (step.kind === 'loop') return { ...step, body: change(step.body) }
    if (!isCircuitStep(step)) return step
    const own = step.attributes.method === 'spsa' ? 'parameter_shift' : step.attributes.method
    const changed = { circuit: exactOf(step.attributes.circuit), method: method ?? own, draw: undefined }
    return step.op === 'circuit' ? { ...step, attributes: changed } : { ...step, attributes: { ...changed, active: step.attributes.active } }
  }
  const change = (program: Program): Program => ({ ...program, steps: program.steps.map(changeStep) })
  const entries = Object.fromEntries(Object.entries(plan.entries).map(([name, program]) => [name, change(program as Program)]))
  return { ...plan, entries: entries as unknown as Entries }
}
