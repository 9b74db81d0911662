/** The text of a .bp file with its words coloured. */
import { text } from './html'

/** Comments, strings, words and numbers; whatever else stands between them is left as it is. */
const TOKEN = /(?<comment>\/\/.*|\/\*[^]*?\*\/)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<word>[\p{L}_][\p{L}\p{Nd}_]*)|(?<number>\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)/giu

const KEYWORDS: ReadonlySet<string> = new Set(('use const fn layer gate circuit model train input target param state let var output loss metric rate frozen update assert '
  + 'for in if then else yield return and or not true false inf qubits ctrl negctrl inv pow').split(' '))

export function colouredSource(source: string): string {
  let html = '', at = 0
  for (const match of source.matchAll(TOKEN)) {
    html += text(source.slice(at, match.index))
    at = match.index + match[0].length
    const { comment, string, word, number } = match.groups ?? {}
    const kind = comment !== undefined ? 'comment' : string !== undefined ? 'string' : number !== undefined ? 'number' : KEYWORDS.has(word ?? '') ? 'keyword' : undefined
    html += kind ? `<span class="${kind}">${text(match[0])}</span>` : text(match[0])
  }
  return `<pre><code>${html}${text(source.slice(at))}</code></pre>`
}
