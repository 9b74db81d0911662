/** `bpc eval`: one evaluation of a model on given values, printed as one JSON object. */
import type { Evaluation, Model, ModelTypes } from 'bp-lang'
import type { Plan } from '../../ir/plan'
import { suggest } from '../diagnostics/suggest'
import { readAssignment } from './constants'
import { pickModel } from './models'
import { readNamed } from './nodeHost'
import { numberText, tensorText, withNonFinite } from './numbers'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import { runOptions, type RunFlags } from './runFlags'
import { compileAll } from './sources'
import type { Terminal } from './terminal'

export interface EvalFlags extends RunFlags {
  readonly values?: string
  readonly set?: readonly string[]
  readonly grad?: boolean
}

export async function evaluate(file: string, flags: EvalFlags, terminal: Terminal): Promise<ExitStatus> {
  const [compiled] = await compileAll([file], flags, terminal, runOptions(flags)) ?? []
  if (!compiled) return EXIT.program
  const plan = pickModel(compiled.compilation.plans, file, flags.model)
  const values = await readValues(flags)
  checkNames(plan, [...values.keys()])

  const { defineModel } = await import('bp-lang')
  const model = await defineModel(plan).create({ seed: flags.seed, backend: flags.backend })
  if (flags.weights !== undefined) await model.load(flags.weights)
  const given = setParameters(model, values)
  const evaluation = await model.evaluate(given, { grad: flags.grad ?? false })
  terminal.print(evaluationText(plan, evaluation, flags.grad ?? false, model.precision === 'f32'))
  return EXIT.done
}

// -------------------------------------------------------------------------------------------------------- values

/** By name; what --set says goes before what the file says. */
export async function readValues(flags: Pick<EvalFlags, 'values' | 'set'>): Promise<Map<string, unknown>> {
  const values = new Map<string, unknown>()
  if (flags.values !== undefined) {
    const found = parse(await readNamed(flags.values, 'file'), `${flags.values} is`)
    if (typeof found !== 'object' || found === null || Array.isArray(found)) {
      throw wrongUse(`${flags.values} must be one JSON object, with a value for each name`)
    }
    for (const [name, value] of Object.entries(found)) values.set(name, withNonFinite(value))
  }
  for (const setting of flags.set ?? []) {
    const { name, text } = readAssignment('--set', setting)
    values.set(name, withNonFinite(parse(text, `the value of --set ${name} is`)))
  }
  return values
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw wrongUse(`${what} not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function checkNames(plan: Plan, names: readonly string[]): void {
  const known = [...plan.inputs.map(input => input.name), ...plan.parameters.map(parameter => parameter.path)]
  for (const name of names) {
    if (known.includes(name)) continue
    const near = suggest(name, known)
    const help = near ? `did you mean '${near}'?` : `there are: ${known.join(', ') || 'none'}`
    throw wrongUse(`model ${plan.model} has no input, target or parameter '${name}'`, help)
  }
}

/** @returns what is left: inputs and targets */
export function setParameters(model: Model, values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  const paths = new Set<string>(model.parameters.paths)
  for (const [name, value] of values) {
    // The runtime checks it, as it checks what a program without types gives it.
    if (paths.has(name)) model.parameters.set(name as never, value as never)
    else given[name] = value
  }
  return given
}

// ------------------------------------------------------------------------------------------------------ printing

function evaluationText(plan: Plan, evaluation: Evaluation<ModelTypes>, withGradients: boolean, isSingle: boolean): string {
  const number = (value: number) => numberText(value, isSingle)
  const value = (found: unknown): string => {
    if (typeof found === 'number') return number(found)
    const { element, data, shape } = found as { element: string; data: ArrayLike<number>; shape: readonly number[] }
    switch (element) {
      case 'bool': return tensorText(data, shape, entry => String(entry !== 0))
      case 'int': return tensorText(data, shape, String)
      default: return tensorText(data, shape, number)
    }
  }
  const object = (entries: object): string =>
    `{${Object.entries(entries).map(([name, entry]) => `${JSON.stringify(name)}:${value(entry)}`).join(',')}}`
  const parts = [
    `"model":${JSON.stringify(plan.model)}`, `"outputs":${object(evaluation.outputs)}`,
    `"loss":${evaluation.loss === null ? 'null' : number(evaluation.loss)}`, `"metrics":${object(evaluation.metrics)}`,
  ]
  if (withGradients) parts.push(`"gradients":${object(evaluation.gradients)}`)
  return `{${parts.join(',')}}`
}
