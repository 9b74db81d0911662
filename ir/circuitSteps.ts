/** The runs and gradients of circuits in a program. */
import type { Program, RoutineStep, Step } from './plan'

export type CircuitStep = Extract<RoutineStep, { readonly op: 'circuit' | 'circuitVjp' }>

export function isCircuitStep(step: Step): step is CircuitStep {
  return step.kind === 'routine' && (step.op === 'circuit' || step.op === 'circuitVjp')
}

/** Those in loops as well, each once. */
export function circuitSteps({ steps }: Program): readonly CircuitStep[] {
  return steps.flatMap(step => (step.kind === 'loop' ? circuitSteps(step.body) : isCircuitStep(step) ? [step] : []))
}

/** The order of the derivative that a step gives: each direction behind the slots is one, and so are the cotangents of a gradient. */
export const orderOf = ({ inputs }: CircuitStep): number => inputs.length - 1
