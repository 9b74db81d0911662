/** `bpc explain`: a diagnostic's page; where the pages are not installed, what the registry knows of it. */
import { existsSync, readFileSync } from 'node:fs'
import { codeOf, REGISTRY, type Code, type Row } from '../diagnostics/registry'
import { suggest } from '../diagnostics/suggest'
import { wrongUse } from './outcome'
import { renderPage } from './terminalPage'
import type { Terminal } from './terminal'

export function explain(name: string, terminal: Terminal): void {
  const code = codeOf(name)
  if (!code) throw wrongUse(`there is no diagnostic '${name}'`, suggestionFor(name))
  const text = page(REGISTRY[code].id)
  terminal.print(text === undefined ? summary(code) : renderPage(text, terminal.printStyle))
}

function suggestionFor(name: string): string | undefined {
  const known = Object.entries(REGISTRY).flatMap(([code, row]) => [code, row.id])
  // Numbers that differ by a digit are not what was meant: only names have slips.
  const near = /^bp\d/i.test(name) ? undefined : suggest(name.toLowerCase(), known)
  return near ? `did you mean ${near}?` : 'a diagnostic is named as in its message: BP3004, or shape-mismatch'
}

/** docs/ lies beside the bundle's folder, in the repository and in the package; beside the compiler where its sources are run. */
function page(id: string): string | undefined {
  const file = ['../docs', '../../docs'].map(docs => new URL(`${docs}/diagnostics/${id}.md`, import.meta.url)).find(url => existsSync(url))
  return file && readFileSync(file, 'utf8').trimEnd()
}

export function summary(code: Code): string {
  const row: Row = REGISTRY[code]
  const lines = [`${row.id} ${code} (${row.severity})`, '', readable(row.message)]
  // Help that is made for its place says nothing here.
  if (row.help && row.help !== '{hint}' && row.help !== '{signature}') lines.push('', `help: ${readable(row.help)}`)
  return lines.join('\n')
}

/** `{expected}` is not for people. */
function readable(template: string): string {
  return template.replace(/\{(\w+)\}/g, '‹$1›')
}
