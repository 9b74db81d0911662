/** A program that steps are added to, and the scalar code of such steps. */
import type { KernelStep, Program, Step } from '../../ir/plan'
import { SCALARS, type ScalarName } from '../../ir/scalar'
import type { TensorType } from '../../ir/type'

/** A number of the code: given, written down, or computed by an earlier line. */
export type Term = number | { readonly load: number } | { readonly line: number }

export type Apply = (fn: ScalarName, ...args: readonly Term[]) => Term

/** A program that grows. */
export class Extension {
  private readonly buffers: TensorType[]
  private readonly inputs: { readonly name: string; readonly buffer: number }[]
  private readonly steps: Step[]
  private readonly copies = new Map<number, number>()
  /** The buffer whose elements each reshape has. */
  private readonly roots = new Map<number, number>()

  constructor(program: Program) {
    this.buffers = [...program.buffers]
    this.inputs = [...program.inputs]
    this.steps = [...program.steps]
    for (const step of program.steps) if (step.kind === 'reshape') this.roots.set(step.output, this.root(step.input))
  }

  program(): Omit<Program, 'results'> {
    return { buffers: this.buffers, inputs: this.inputs, steps: this.steps }
  }

  buffer(type: TensorType): number {
    return this.buffers.push(type) - 1
  }

  typeOf(buffer: number): TensorType {
    const type = this.buffers[buffer]
    if (!type) throw new Error(`the program has no buffer ${buffer}`)
    return type
  }

  /** One name is one input. */
  input(name: string, type: TensorType): number {
    const known = this.inputs.find(input => input.name === name)
    if (known) return known.buffer
    const buffer = this.buffer(type)
    this.inputs.push({ name, buffer })
    return buffer
  }

  add(step: Step): void {
    this.steps.push(step)
  }

  /** A buffer that shares no element with those: itself, or a copy. */
  apart(buffer: number, from: readonly number[]): number {
    if (!from.some(other => this.root(other) === this.root(buffer))) return buffer
    const known = this.copies.get(buffer)
    if (known !== undefined) return known
    const copy = this.buffer(this.typeOf(buffer))
    const kernel = new KernelCode(this.typeOf(buffer))
    kernel.store(copy, kernel.load(buffer))
    this.add(kernel.finish())
    this.copies.set(buffer, copy)
    return copy
  }

  private root(buffer: number): number {
    return this.roots.get(buffer) ?? buffer
  }
}

/** Scalar code over reals of one shape. */
export class KernelCode {
  private readonly loads: { readonly buffer: number; readonly axes: readonly number[] }[] = []
  private readonly literals: number[] = []
  private readonly lines: { readonly fn: ScalarName; readonly args: readonly Term[] }[] = []
  private readonly stores: { readonly buffer: number; readonly line: number }[] = []

  constructor(private readonly type: TensorType) {}

  load(buffer: number): Term {
    return { load: this.loads.push({ buffer, axes: this.type.shape.map((_, axis) => axis) }) - 1 }
  }

  loadScalar(buffer: number): Term {
    return { load: this.loads.push({ buffer, axes: [] }) - 1 }
  }

  readonly apply: Apply = (fn, ...args) => {
    for (const arg of args) if (typeof arg === 'number' && !this.literals.includes(arg)) this.literals.push(arg)
    return { line: this.lines.push({ fn, args }) - 1 }
  }

  store(buffer: number, term: Term): void {
    // A value that is handed through takes a line: a kernel stores what it computes.
    const { line } = typeof term === 'object' && 'line' in term ? term : this.apply('real', term) as { readonly line: number }
    this.stores.push({ buffer, line })
  }

  finish(): KernelStep {
    const { loads, literals, lines, stores } = this
    const firstLine = loads.length + literals.length
    const register = (term: Term) => (typeof term === 'number' ? loads.length + literals.indexOf(term) : 'load' in term ? term.load : firstLine + term.line)
    return {
      kind: 'kernel', shape: this.type.shape, loads,
      literals: literals.map(value => ({ value, element: 'real' })),
      code: lines.map(({ fn, args }) => ({ fn, args: args.map(register), element: SCALARS[fn].elements === 'compare' ? 'bool' : 'real' })),
      stores: stores.map(({ buffer, line }) => ({ buffer, register: firstLine + line })),
    }
  }
}
