/**
 * Optimizers that treat each number by itself, as scalar code behind the program of a step: parameters, and what an optimizer keeps
 * of each, stay in the program's memory and are moved where they lie.
 */
import type { Program } from '../../ir/plan'
import type { ClipPlan } from '../../ir/training'
import { real } from '../../ir/type'
import { clipped } from './clip'
import { Extension, KernelCode, type Apply, type Term } from './extension'

export type { Term } from './extension'

export interface UpdateRule {
  /** Arrays of its own, one number a parameter, and what each starts with. */
  readonly state: Readonly<Record<string, number>>
  /** Numbers of the whole step. @param t from 1 @param factor of the schedule, on the rate */
  readonly scalars: (t: number, factor: number) => Readonly<Record<string, number>>
  /** The code: new values of `theta` and of every state, from `theta`, `gradient`, the states and the scalars. */
  readonly update: (given: (name: string) => Term, apply: Apply) => Readonly<Record<string, Term>>
}

/** A parameter that is moved. */
export interface Moved {
  readonly path: string
  /** Of its free numbers. */
  readonly shape: readonly number[]
  readonly rule: UpdateRule
  /** Parameters of one part have the scalars of their rule in common. */
  readonly part: number
}

/** Names of inputs; `#` keeps them apart from a user's. */
export const stateInput = (path: string, state: string): string => `#${state} ${path}`
export const scalarInput = (part: number, scalar: string): string => `#${scalar} ${part}`

/**
 * The program of a step that moves its parameters at its end: they and the states of their rules are inputs that hold the new
 * numbers after a run. Gradients and rates are results no more.
 */
export function moving(step: Program, parameters: readonly Moved[], clip: ClipPlan | undefined): Program {
  const extension = new Extension(step)
  const thetas = parameters.map(({ path, shape }) => extension.input(path, real(...shape)))
  // What lies where a parameter does is read after that has moved.
  const results = step.results.map(({ name, buffer }) => ({ name, buffer: extension.apart(buffer, thetas) }))
  const find = (name: string) => results.find(result => result.name === name)?.buffer
  const gradients = parameters.map(({ path }) => {
    const gradient = find(`gradient:${path}`)
    if (gradient === undefined) throw new Error(`the program of a step has no gradient by ${path}`)
    return gradient
  })
  const clipping = clipped(extension, gradients, clip)
  parameters.forEach((parameter, at) => {
    move(extension, parameter, thetas[at] ?? -1, find(`rate:${parameter.path}`), kernel => clipping(kernel, gradients[at] ?? -1))
  })
  return { ...extension.program(), results: results.filter(({ name }) => !/^(gradient|rate):/.test(name)) }
}

function move(extension: Extension, { path, rule, part }: Moved, theta: number, rate: number | undefined, slopeIn: (kernel: KernelCode) => Term): void {
  const type = extension.typeOf(theta)
  const kernel = new KernelCode(type)
  const states = new Map(Object.keys(rule.state).map(name => [name, extension.input(stateInput(path, name), type)]))
  const start = kernel.load(theta)
  const gradient = slopeIn(kernel)
  const loaded = new Map<string, Term>([['theta', start], ['gradient', gradient]])
  const given = (name: string): Term => {
    const known = loaded.get(name)
    if (known !== undefined) return known
    const state = states.get(name)
    const term = state === undefined ? kernel.loadScalar(extension.input(scalarInput(part, name), real())) : kernel.load(state)
    loaded.set(name, term)
    return term
  }
  const { apply } = kernel
  const { theta: moved = start, ...kept } = rule.update(given, apply)
  kernel.store(theta, rate === undefined ? moved : withRate(apply, start, moved, extension.typeOf(rate).shape.length > 0 ? kernel.load(rate) : kernel.loadScalar(rate)))
  for (const [name, buffer] of states) kernel.store(buffer, kept[name] ?? 0)
  extension.add(kernel.finish())
}

/** start + rate · (moved − start); rates of 0 and 1 leave the bits as they were, or as the optimizer made them. */
function withRate(apply: Apply, start: Term, moved: Term, rate: Term): Term {
  const part = apply('add', start, apply('mul', rate, apply('sub', moved, start)))
  return apply('where', apply('equal', rate, 0), start, apply('where', apply('equal', rate, 1), moved, part))
}
