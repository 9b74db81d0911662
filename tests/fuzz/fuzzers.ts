/** The kinds of texts, and what each is held to. */
import { run } from '../language/run'
import { flat } from '../language/run'
import type { Choices } from './choices'
import { judge } from './judge'
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
      return { text, finding: finding ?? await wrongValues(text, values, parameters) }
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
