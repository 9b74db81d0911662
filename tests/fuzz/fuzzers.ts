/** The kinds of texts, and what each is held to. */
import type { Plan } from '../../ir/plan'
import { flat, run, type Nested, type Values } from '../language/run'
import { Model, type UntypedModel } from '../../runtime/model'
import type { Choices } from './choices'
import { answerTo, judge } from './judge'
import { mutated, randomBytes, randomTokens } from './programs'
import { wellTyped } from './wellTyped'

export const FUZZERS = ['bytes', 'tokens', 'mutated', 'wellTyped'] as const
export type Fuzzer = (typeof FUZZERS)[number]

export interface Tried { readonly text: string; readonly finding?: string }

/** @param about is told each text before it is tried, for whoever watches for hangs */
export async function tryOne(kind: Fuzzer, choices: Choices, corpus: readonly string[], about: (text: string) => void = () => undefined): Promise<Tried> {
  const tried = async (text: string): Promise<Tried> => {
    about(text)
    return { text, finding: await judge(text) }
  }
  switch (kind) {
    case 'bytes': return await tried(randomBytes(choices))
    case 'tokens': return await tried(randomTokens(choices))
    case 'mutated': return await tried(mutated(choices, corpus))
    case 'wellTyped': {
      const { text, values, parameters } = wellTyped(choices)
      const { finding } = await tried(text)
      return { text, finding: finding ?? await wrongValues(text, values, parameters) ?? await otherBackend(text, values) }
    }
    default: return kind satisfies never
  }
}

/** `run` holds every output, `grad` among them, to the plain graph; the plan's own gradients are held to these outputs here. */
async function wrongValues(text: string, values: Parameters<typeof run>[1], parameters: readonly string[]): Promise<string | undefined> {
  try {
    const { outputs, gradients } = await run(text, values)
    for (const name of parameters) {
      const [inside, outside] = [flat(outputs[`g_${name}`] ?? NaN), flat(gradients[name] ?? NaN)]
      // As in `run`: rewrites reorder sums, no more.
      const same = inside.length === outside.length && inside.every((each, i) => Math.abs(each - (outside[i] ?? NaN)) <= 1e-9 * (1 + Math.abs(each)))
      if (!same) return `the gradient by ${name} is ${JSON.stringify(outside)}, and grad gives ${JSON.stringify(inside)}`
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : String(error)
  }
}

/** Values and gradients of the WebAssembly backend against those of the reference, both in f64. */
async function otherBackend(text: string, values: Values): Promise<string | undefined> {
  try {
    const { plans: [plan] } = await answerTo(text)
    if (!plan) return 'no plan'
    const [reference, wasm] = [await numbersOf(plan, 'reference', values), await numbersOf(plan, 'wasm', values)]
    const wrong = Object.entries(reference).find(([name, numbers]) => {
      const other = wasm[name]
      // Sums and functions are done in another order and by other formulas: a few last places of f64 each, over some twenty operations.
      return numbers.length !== other?.length || !numbers.every((each, i) => Math.abs(each - (other[i] ?? NaN)) <= 1e-9 * (1 + Math.abs(each)))
    })
    return wrong && `${wrong[0]} is ${JSON.stringify(wasm[wrong[0]])} by WebAssembly, and ${JSON.stringify(wrong[1])} by the reference`
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : String(error)
  }
}

async function numbersOf(plan: Plan, backend: 'reference' | 'wasm', values: Values): Promise<Readonly<Record<string, readonly number[]>>> {
  const model = await Model.create<UntypedModel>(plan, { backend, precision: 'f64', seed: 0 })
  const { outputs, loss, gradients } = await model.evaluate(values, { grad: true })
  const named = (role: string, tensors: typeof outputs) => Object.entries(tensors).map(([name, tensor]) => [`${role} ${name}`, flat(tensor.toArray() as Nested)] as const)
  return Object.fromEntries([...named('output', outputs), ['loss', [loss ?? NaN]] as const, ...named('gradient', gradients)])
}
