/** What the annotations of a circuit say about how it is run and differentiated. */
import type { Routine } from '../1-parse/ast'
import { GRADIENT_METHODS, type GradientMethod } from '../../quantum/engine'
import type { Running } from './circuitFrame'
import type { Frame } from './frame'
import { describe, dimOf, staticNumber } from './meaning'

/** Of `@shots`, `@trajectories` and `@precision`. */
export function runningOf(frame: Frame, routine: Routine): Running {
  const given = (name: string) => routine.annotations.find(annotation => annotation.name.name === name)
  const shots = countBy(frame, given('shots'), 'shots'), trajectories = countBy(frame, given('trajectories'), 'trajectories')
  const second = given('trajectories')
  if (shots !== undefined && trajectories !== undefined && second) frame.sink.report('shots-and-trajectories', second.span, { shots, trajectories })
  const [precision] = given('precision')?.arguments ?? []
  return { shots, trajectories, precision: precision?.value.kind === 'name' && precision.value.name === 'f32' ? 'f32' : undefined }
}

/** Of `@shots(n)`, `@trajectories(n)`. */
function countBy(frame: Frame, annotation: Routine['annotations'][number] | undefined, what: string): number | undefined {
  const [argument] = annotation?.arguments ?? []
  if (!annotation || !argument) return undefined
  const meaning = frame.session.evaluate(frame, argument.value)
  const count = dimOf(meaning)
  if (typeof count === 'number' && count >= 1) return count
  if (meaning.kind !== 'unknown') frame.sink.report('type-mismatch', argument.span, { expected: `a number of ${what}, from 1`, found: typeof count === 'number' ? count : describe(meaning), hint: staticNumber(meaning) === undefined ? undefined : 'it is an int: `1000`, not `1e3`' })
  return undefined
}

/** Of `@gradient(method)`, or what is asked of all circuits. */
export function methodOf(frame: Frame, routine: Routine, { shots, trajectories }: Running): GradientMethod {
  const { gradient } = frame.session.options
  // A method for all circuits passes over those that it cannot serve.
  if (gradient && ((shots === undefined && trajectories === undefined) || gradient === 'parameter_shift' || gradient === 'spsa')) return gradient
  const [argument] = routine.annotations.find(annotation => annotation.name.name === 'gradient')?.arguments ?? []
  const name = argument?.value.kind === 'name' ? argument.value.name : 'parameter_shift'
  return GRADIENT_METHODS.find(method => method === name) ?? 'parameter_shift'
}
