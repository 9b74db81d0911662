/** A few seconds of fuzzing from a fixed seed, for every run of the tests; `npm run fuzz` goes on for as long as one likes. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Choices } from './choices'
import { FUZZERS, tryOne } from './fuzzers'
import { corpusOf } from './programs'

const corpus = corpusOf(fileURLToPath(new URL('../..', import.meta.url)))
/** How many texts of each kind: about two seconds each. */
const COUNTS = { bytes: 300, tokens: 300, mutated: 120, wellTyped: 25 } as const

describe('the compiler', () => {
  it.each(FUZZERS)('neither fails nor hangs on any of the texts: %s', async kind => {
    for (let seed = 1; seed <= COUNTS[kind]; seed++) {
      const { text, finding } = await tryOne(kind, new Choices(seed), corpus)
      expect(finding === undefined ? undefined : `${kind}, seed ${seed}: ${finding}\n${text}`).toBeUndefined()
    }
  })
})
