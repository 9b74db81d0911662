/** The names that stand behind `bpc`, for "did you mean". */
import { existsSync } from 'node:fs'
import { suggest } from '../diagnostics/suggest'
import { wrongUse, type CommandError } from './outcome'

export const VERBS = ['build', 'check', 'train', 'eval', 'diagnose', 'info', 'draw', 'export', 'fmt', 'explain', 'init', 'lsp', 'completions', 'help'] as const

/** What the scripts of `completions` ask; nobody types it. */
const HIDDEN = ['complete'] as const

/** @returns what to say where the first word is neither a verb nor a file */
export function unknownVerb(word: string): CommandError | undefined {
  const looksLikeFile = /[./\\]/.test(word) || existsSync(word)
  if (looksLikeFile || isOneOf(VERBS, word) || isOneOf(HIDDEN, word)) return undefined
  if (existsSync(`${word}.bp`)) return wrongUse(`there is no verb '${word}'`, `did you mean the file ${word}.bp?`)
  const near = suggest(word, VERBS)
  return wrongUse(`there is no verb '${word}'`, near ? `did you mean '${near}'?` : `there are: ${VERBS.join(', ')}; a file ends in .bp`)
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word)
}
