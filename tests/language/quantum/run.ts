/** Compiles programs from text and runs them, for tests of what the language means. All numbers are f64. */
import { expect } from 'vitest'
import { compile } from '../../../compiler/compile'
import type { CompileOptions, Host } from '../../../compiler/host'
import { positionAt } from '../../../compiler/source/source'
import type { Plan, Program } from '../../../ir/plan'
import { Model } from '../../../runtime/model'
import type { UntypedModel } from '../../../runtime/model'

export type Values = Readonly<Record<string, unknown>>

/** A compiled program with one model. */
export interface Compiled {
  readonly plan: Plan
  /** Outputs by name, flat. */
  outputs(values?: Values): Promise<Readonly<Record<string, readonly number[]>>>
  /** The loss. */
  loss(values?: Values): Promise<number>
  /** Gradients of the loss by parameter, flat. */
  gradients(values?: Values): Promise<Readonly<Record<string, readonly number[]>>>
}

/** A host whose only files are the given ones; the first is the entry, `main.bp`. */
export function hostOf(text: string, others: Readonly<Record<string, string>> = {}): Host {
  const files = new Map(Object.entries({ 'main.bp': text, ...others }))
  return {
    readText: path => Promise.resolve(files.get(path)),
    readBytes: () => Promise.resolve(undefined),
    resolve: (_, relative) => relative.replace(/^\.\//, ''),
  }
}

/** What the compiler says, one line a diagnostic: `5:8 qubit-out-of-range: …`. */
export async function diagnose(text: string, options: CompileOptions = {}): Promise<readonly string[]> {
  const { diagnostics } = await compile('main.bp', hostOf(text), options)
  return diagnostics.map(({ code, message, span }) => {
    const { line, column } = positionAt(span.file, span.start)
    return `${line}:${column} ${code}: ${message}`
  })
}

/** Compiles a program without mistakes. */
export async function compiled(text: string, options: CompileOptions = {}): Promise<Compiled> {
  const said = await diagnose(text, options)
  expect(said, text).toEqual([])
  const { plans } = await compile('main.bp', hostOf(text), { precision: 'f64', ...options })
  const [plan] = plans
  if (!plan) throw new Error('the program has no model')
  const evaluate = async (values: Values, grad: boolean) => {
    const model = await Model.create<UntypedModel>(plan, { precision: 'f64', backend: 'reference' })
    const parameters = new Set(plan.parameters.map(({ path }) => path))
    for (const [name, value] of Object.entries(values)) if (parameters.has(name)) model.parameters.set(name, value as never)
    const given = Object.fromEntries(Object.entries(values).filter(([name]) => !parameters.has(name)))
    return model.evaluate(given, { grad, draw: 0 } as { grad: true })
  }
  const flat = (tensors: object) => Object.fromEntries(Object.entries(tensors as Record<string, { readonly data: ArrayLike<number> }>).map(([name, { data }]) => [name, Array.from(data)]))
  return {
    plan,
    outputs: async (values = {}) => flat((await evaluate(values, false)).outputs),
    loss: async (values = {}) => (await evaluate(values, false)).loss ?? NaN,
    gradients: async (values = {}) => flat((await evaluate(values, true)).gradients),
  }
}
