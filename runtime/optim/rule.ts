/**
 * Optimizers that treat each number by itself, as scalar code: the backend that runs the model runs them too, and their arrays
 * stay in its memory.
 */
import { namedDim } from '../../ir/dim'
import type { KernelStep, Precision, Program } from '../../ir/plan'
import type { ScalarName } from '../../ir/scalar'
import { real, type TensorType } from '../../ir/type'
import { layoutProgram } from '../backends/arena'
import type { Backend, Executable, Port } from '../backends/backend'
import type { FloatArray } from '../params'
import type { GradientOptimizer, OptimizerState } from './optimizer'

/** A number of the code: given, written down, or computed by an earlier line. */
export type Term = number | { readonly load: number } | { readonly line: number }

export interface UpdateRule {
  /** Arrays of its own, one number a parameter, and what each starts with. */
  readonly state: Readonly<Record<string, number>>
  /** Numbers of the whole step. @param t from 1 @param factor of the schedule, on the rate */
  readonly scalars: (t: number, factor: number) => Readonly<Record<string, number>>
  /** The code: new values of `theta` and of every state, from `theta`, `gradient`, the states and the scalars. */
  readonly update: (given: (name: string) => Term, apply: (fn: ScalarName, ...args: readonly Term[]) => Term) => Readonly<Record<string, Term>>
}

/** @param count how many numbers are trained */
export async function prepareRule(rule: UpdateRule, count: number, precision: Precision, backend: Backend): Promise<GradientOptimizer> {
  const states = Object.keys(rule.state)
  const scalars = Object.keys(rule.scalars(1, 1))
  const executable = await backend.prepare(programOf(rule, states, scalars), new Map([['n', count]]), precision)
  return new RuleOptimizer(rule, executable, states, scalars, count)
}

/** Bytes that it takes, its own copies of parameters and gradient included. @param count how many numbers are trained */
export function ruleBytes(rule: UpdateRule, count: number, precision: Precision): number {
  const program = programOf(rule, Object.keys(rule.state), Object.keys(rule.scalars(1, 1)))
  return layoutProgram(program, new Map([['n', count]]), precision, new Set()).bytes
}

const SIZE = namedDim('n')
const EACH: TensorType = real(SIZE)

function programOf(rule: UpdateRule, states: readonly string[], scalars: readonly string[]): Program {
  const inputs = ['theta', 'gradient', ...states, ...scalars].map((name, buffer) => ({ name, buffer }))
  const results = ['theta', ...states].map((name, i) => ({ name, buffer: inputs.length + i }))
  const literals: number[] = []
  const lines: { readonly fn: ScalarName; readonly args: readonly Term[] }[] = []
  const code = rule.update(
    name => ({ load: inputs.findIndex(input => input.name === name) }),
    (fn, ...args) => ({ line: lines.push({ fn, args }) - 1 }),
  )
  // A value that is handed through takes a line: a kernel stores what it computes.
  const stored = results.map(({ name }) => {
    const term = code[name] ?? 0
    return typeof term === 'object' && 'line' in term ? term.line : lines.push({ fn: 'real', args: [term] }) - 1
  })
  for (const arg of lines.flatMap(({ args }) => args)) if (typeof arg === 'number' && !literals.includes(arg)) literals.push(arg)
  const firstLine = inputs.length + literals.length
  const register = (term: Term) => (typeof term === 'number' ? inputs.length + literals.indexOf(term) : 'load' in term ? term.load : firstLine + term.line)
  const kernel: KernelStep = {
    kind: 'kernel', shape: [SIZE],
    loads: inputs.map(({ buffer }) => ({ buffer, axes: buffer < 2 + states.length ? [0] : [] })),
    literals: literals.map(value => ({ value, element: 'real' })),
    code: lines.map(({ fn, args }) => ({ fn, args: args.map(register), element: 'real' })),
    stores: results.map(({ buffer }, i) => ({ buffer, register: firstLine + (stored[i] ?? 0) })),
  }
  return { buffers: [...inputs.map(({ buffer }) => (buffer < 2 + states.length ? EACH : real())), ...results.map(() => EACH)], inputs, steps: [kernel], results }
}

const CONTEXT = { seed: 0, step: 0 }

class RuleOptimizer implements GradientOptimizer {
  readonly state: OptimizerState
  private readonly steps = new Float64Array(1)
  private readonly theta: Port
  private readonly gradient: Port
  private readonly moved: Port
  private readonly kept: readonly { readonly from: Port; readonly to: Port }[]
  private readonly scalars: readonly { readonly name: string; readonly data: FloatArray }[]

  constructor(private readonly rule: UpdateRule, private readonly executable: Executable, states: readonly string[], scalars: readonly string[], private readonly count: number) {
    const input = (name: string) => portOf(executable.inputs, name)
    this.theta = input('theta')
    this.gradient = input('gradient')
    this.moved = portOf(executable.results, 'theta')
    this.kept = states.map(name => ({ from: portOf(executable.results, name), to: input(name) }))
    this.scalars = scalars.map(name => ({ name, data: input(name).data as FloatArray }))
    for (const name of states) input(name).data.fill(rule.state[name] ?? 0)
    this.state = new Map<string, FloatArray>([...states.map(name => [name, input(name).data as FloatArray] as const), ['steps', this.steps]])
  }

  update(parameters: FloatArray, gradient: FloatArray, factor: number): void | Promise<void> {
    const t = (this.steps[0] as number) + 1
    this.steps[0] = t
    const numbers = this.rule.scalars(t, factor)
    for (let i = 0; i < this.scalars.length; i++) {
      const { name, data } = this.scalars[i] as { name: string; data: FloatArray }
      data[0] = numbers[name] ?? NaN
    }
    // Frozen parameters stand behind the trained ones.
    const trained = parameters.length === this.count ? parameters : parameters.subarray(0, this.count)
    this.theta.data.set(trained)
    this.gradient.data.set(gradient)
    const running = this.executable.run(CONTEXT)
    return running ? running.then(() => this.take(trained)) : this.take(trained)
  }

  private take(parameters: FloatArray): void {
    parameters.set(this.moved.data)
    for (let i = 0; i < this.kept.length; i++) {
      const { from, to } = this.kept[i] as { from: Port; to: Port }
      to.data.set(from.data)
    }
  }
}

function portOf(ports: readonly Port[], name: string): Port {
  const port = ports.find(other => other.name === name)
  if (!port) throw new Error(`the code of an optimizer has no ${name}`)
  return port
}
