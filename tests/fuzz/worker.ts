/** What scripts/fuzz.mjs watches: tries one text after the other, each kept in a file first, for when it is the last. */
import { writeFileSync } from 'node:fs'
import { Choices } from './choices'
import { FUZZERS, tryOne, type Fuzzer } from './fuzzers'
import { corpusOf } from './programs'

/** Mutants find most; a well-typed model takes a hundred times as long as a row of tokens. */
const SHARES: readonly Fuzzer[] = ['mutated', 'mutated', 'tokens', 'mutated', 'mutated', 'bytes', 'mutated', 'mutated', 'mutated', 'wellTyped']

const [root = '.', current = '', from = '1', kinds = ''] = process.argv.slice(2)
const corpus = corpusOf(root)
const wanted = FUZZERS.filter(kind => kinds.split(',').includes(kind))
for (let seed = Number(from); ; seed++) {
  const choices = new Choices(seed)
  const kind = choices.of(wanted.length > 0 ? wanted : SHARES)
  const { text, finding } = await tryOne(kind, choices, corpus, each => writeFileSync(current, each))
  await new Promise(resolve => process.send?.({ kind, seed, finding, ...(finding === undefined ? {} : { text }) }, resolve))
}
