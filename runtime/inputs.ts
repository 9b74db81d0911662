/** Turns the object of values that a call is given into checked tensors by name. */
import type { Plan, PlanInput, Precision } from '../ir/plan'
import { printType } from '../ir/type'
import { RunError } from './errors'
import type { GivenShape } from './program'
import { suggestName } from './suggest'
import { pathOf, printLabel, readTensor, type HostTensor, type Label } from './tensor'

/** A value given for an input or target of the model. */
export interface GivenTensor extends GivenShape, HostTensor { readonly input: PlanInput }

export type GivenTensors = ReadonlyMap<string, GivenTensor>

/**
 * Reads every value; those that are undefined count as not given.
 * @throws RunError 'usage' for a name the model does not have; 'data' for a value that does not fit its declaration
 */
export function readInputs(plan: Plan, values: object, precision: Precision): GivenTensors {
  const given = new Map<string, GivenTensor>()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const input = plan.inputs.find(other => other.name === name)
    if (!input) {
      throw new RunError('usage', `model ${plan.model} has no input '${name}'${suggestName(name, plan.inputs.map(other => other.name))}`)
    }
    const label: Label = { role: input.role, name }
    const tensor = readTensor(label, value, input.type, precision)
    checkClasses(label, input, tensor)
    given.set(name, { ...tensor, label, type: input.type, input })
  }
  return given
}

function checkClasses(label: Label, { classes }: PlanInput, { data, shape }: HostTensor): void {
  if (!classes) return
  const { low, high } = classes
  const at = data.findIndex(value => value < low || value >= high)
  if (at >= 0) {
    throw new RunError('data', `${printLabel(label)} at ${pathOf(label.name, shape, at)}: class ${data[at]} is not in ${low}..${high} (${low} to ${high - 1})`)
  }
}

/** @throws RunError 'usage' naming the first input that is not there */
export function requireInputs(plan: Plan, given: GivenTensors, needed: readonly PlanInput['role'][]): void {
  for (const { name, role, type } of plan.inputs) {
    if (!needed.includes(role) || given.has(name)) continue
    throw new RunError('usage', `${role} '${name}' of model ${plan.model} is missing: it is ${printType(type)}`)
  }
}

/** Whether all targets are given, so that the loss can be computed. */
export const hasTargets = (plan: Plan, given: GivenTensors): boolean =>
  plan.inputs.every(({ name, role }) => role !== 'target' || given.has(name))
