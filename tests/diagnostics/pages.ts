/**
 * The pages of docs/diagnostics, one a code. Their prose is written by hand, and lives there alone; the heading, the wrong program
 * and its message are made anew from the registry and from the case that the page names in a comment. A test holds each page
 * to what is made of it, and `vitest --update` writes that down.
 */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from '../../compiler/compile'
import { REGISTRY, type Code, type Row } from '../../compiler/diagnostics/registry'
import { renderDiagnostics } from '../../compiler/diagnostics/render'
import type { Diagnostic } from '../../compiler/diagnostics/sink'
import type { Host } from '../../compiler/host'

const ROOM = dirname(fileURLToPath(import.meta.url))
export const PAGES = fileURLToPath(new URL('../../docs/diagnostics', import.meta.url))

export const codes = Object.keys(REGISTRY) as readonly Code[]
export const idOf = (code: Code): string => REGISTRY[code].id
export const pagePath = (code: Code): string => join(PAGES, `${idOf(code)}.md`)

/** `<!-- case: typo -->`, and the wrong program with its message behind it. */
const EXAMPLE = /<!-- case: ([\w-]+) -->\n```bp\n[^]*?```\n\n```text\n[^]*?```\n/

export interface Page {
  /** Of the wrong program, in tests/diagnostics/CODE; without where no program can be kept. */
  readonly case: string | undefined
  /** Programs behind the example: each is right. */
  readonly right: readonly string[]
  readonly text: string
}

export function readPage(code: Code): Page {
  const text = readFileSync(pagePath(code), 'utf8')
  const example = EXAMPLE.exec(text)
  const behind = example ? text.slice(example.index + example[0].length) : text
  return { case: example?.[1], right: [...behind.matchAll(/```bp\n([^]*?)```/g)].map(match => match[1] ?? ''), text }
}

/** The page with everything that is not prose made anew. */
export async function remade(code: Code, page: Page): Promise<string> {
  const heading = `# ${idOf(code)} ${code}\n`
  const text = page.text.replace(/^# .*\n/, heading)
  if (page.case === undefined) return text
  const program = caseProgram(code, page.case)
  const message = renderDiagnostics(await diagnose(code, `${page.case}.bp`, program))
  const example = `<!-- case: ${page.case} -->\n\`\`\`bp\n${program.trimEnd()}\n\`\`\`\n\n\`\`\`text\n${message}\n\`\`\`\n`
  return text.replace(EXAMPLE, () => example)
}

/** A case without its first line, which is for the test. */
export function caseProgram(code: Code, name: string): string {
  return readFileSync(join(ROOM, code, `${name}.bp`), 'utf8').replace(/^\/\/ expect .*\n/, '')
}

/** @param name under which the program is known to files that it uses */
export async function diagnose(code: Code, name: string, program: string): Promise<readonly Diagnostic[]> {
  const host: Host = {
    readText: path => (path === name ? Promise.resolve(program) : readFile(join(ROOM, code, path), 'utf8').catch(() => undefined)),
    readBytes: () => Promise.resolve(undefined),
    resolve: (from, to) => join(dirname(from), to).replaceAll('\\', '/'),
  }
  return (await compile(name, host)).diagnostics
}

const GROUPS: readonly (readonly [digit: string, title: string])[] = [
  ['1', 'Text'], ['2', 'Names'], ['3', 'Types and shapes'], ['4', 'Quantum'], ['5', 'Gradients'], ['6', 'Training'], ['9', 'Bugs in bpc'],
]

/** The list of all pages. */
export function index(): string {
  const groups = GROUPS.map(([digit, title]) => {
    const rows = codes.filter(code => idOf(code)[2] === digit).sort((a, b) => idOf(a).localeCompare(idOf(b)))
    return `## ${title}\n\n| | | |\n| --- | --- | --- |\n${rows.map(line).join('\n')}\n`
  })
  return `# Diagnostics\n\nWhat the compiler can say, a page each. \`bpc explain BP3004\` and \`bpc explain shape-mismatch\` print one in the terminal.\n\n${groups.join('\n')}`
}

function line(code: Code): string {
  const { id, severity, message }: Row = REGISTRY[code]
  return `| [${id}](${id}.md) | ${code}${severity === 'error' ? '' : ` (${severity})`} | ${message.replace(/`?\{(\w+)\}`?/g, '…').replaceAll('|', '\\|')} |`
}
