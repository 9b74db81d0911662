/** A page of the documentation as a terminal shows it: headings, paragraphs in lines of its width, programs set off. */
import type { PrintStyle } from './terminal'

/** Longer lines are hard to read, however wide the window. */
const WIDEST = 92
const INDENT = '    '

export function renderPage(markdown: string, { paint, columns }: PrintStyle): string {
  const width = Math.min(WIDEST, columns)
  const parts = markdown.replace(/<!--.*?-->\n?/g, '').split(/^(```\w*\n[^]*?^```$)/m)
  return parts.map(part => {
    const block = /^```(\w*)\n([^]*?)```$/.exec(part)
    if (block) return set(block[2] ?? '', block[1] === 'bp' ? paint.cyan : plain)
    return part.trim().split(/\n{2,}/).filter(Boolean).map(paragraph => {
      const heading = /^#+ (.*)$/.exec(paragraph)
      return heading ? paint.bold(heading[1] ?? '') : wrap(paragraph, width).map(line => line.replace(/`[^`]+`/g, code => paint.cyan(code))).join('\n')
    }).join('\n\n')
  }).filter(Boolean).join('\n\n')
}

const plain = (text: string): string => text

function set(program: string, colour: (text: string) => string): string {
  return program.trimEnd().split('\n').map(line => (line === '' ? '' : INDENT + colour(line))).join('\n')
}

/** Code in backticks stays in one line. */
function wrap(paragraph: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of paragraph.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
