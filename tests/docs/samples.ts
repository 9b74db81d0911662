/**
 * The code samples of a page. A fence says what it holds: \`\`\`bp, \`\`\`ts, or something that nothing checks; a second word names
 * the file that it is, which later samples of the page may use. Where a sample is a part of something, a comment before it,
 * which no reader sees, says of what; the line `…` is where the sample stands:
 *
 *     <!-- around:
 *     model M {
 *       input x: real[batch, 4]
 *     …
 *     }
 *     -->
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../cli/bpc'

export interface Sample {
  /** `docs/language.md:17`, where its fence opens. */
  readonly place: string
  readonly page: string
  readonly kind: string
  /** Of the file that it is. */
  readonly name: string | undefined
  /** With what stands around it. */
  readonly text: string
}

const FENCE = /^(?:<!-- around:\n(?<around>[^]*?)\n-->\n)?```(?<info>[^\n]*)\n(?<text>[^]*?)^```$/gm

/** Pages of people: those of the diagnostics hold wrong programs, and have a test of their own. */
export const PAGES: readonly string[] = ['README.md', ...pagesIn('docs'), ...pagesIn('examples')].filter(path => !/^docs\/(diagnostics|\.vitepress)\//.test(path)).sort()

function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md')).map(name => `${folder}/${name.replaceAll('\\', '/')}`)
}

export function samplesOf(page: string): readonly Sample[] {
  const source = readFileSync(join(ROOT, page), 'utf8')
  return [...source.matchAll(FENCE)].map(({ index, 0: whole, groups }) => {
    const { around, info = '', text = '' } = groups ?? {}
    const [kind = '', name] = info.split(' ')
    const line = source.slice(0, index + whole.indexOf('```')).split('\n').length
    return { place: `${page}:${line}`, page, kind, name, text: around === undefined ? text : around.replace(/^…$/m, () => text) }
  })
}
