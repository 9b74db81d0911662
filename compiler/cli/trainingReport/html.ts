/** Pieces of HTML. Whatever comes from a file or a flag goes through `text` or a cell, which escape it. */
import { escaped } from '../../../quantum/draw/richText'

/** Text, in an element or in a quoted attribute. */
export const text = (value: string): string => escaped(value).replaceAll('"', '&quot;')

/** A cell of text, of a number, which stands on the right, or of HTML as it is. */
export type Cell = string | { readonly number: string } | { readonly html: string }

export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumber = heading.map((_, column) => rows.some(row => typeof row[column] === 'object' && 'number' in row[column]))
  const head = heading.map((title, column) => `<th${isNumber[column] ? ' class="n"' : ''}>${text(title)}</th>`)
  const body = rows.map(row => `<tr>${row.map(cell => {
    if (typeof cell === 'string') return `<td>${text(cell)}</td>`
    return 'number' in cell ? `<td class="n">${text(cell.number)}</td>` : `<td>${cell.html}</td>`
  }).join('')}</tr>`)
  return `<div class="scroll"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

/** Names and what they are, without a heading. */
export function facts(rows: readonly (readonly [name: string, value: Cell])[]): string {
  return `<dl>${rows.map(([name, value]) => `<dt>${text(name)}</dt><dd>${typeof value === 'string' ? text(value) : 'number' in value ? text(value.number) : value.html}</dd>`).join('')}</dl>`
}

export const section = (title: string, id: string, content: string): string =>
  content === '' ? '' : `<section id="${id}"><h2>${text(title)}</h2>\n${content}\n</section>`

/** Bars of equal width, as high as their counts. */
export function bars(counts: readonly number[], title: string): string {
  const most = Math.max(1, ...counts)
  const rects = counts.map((count, at) => {
    const height = count === 0 ? 0 : Math.max(1.5, count / most * 26)
    return `<rect x="${at * 5}" y="${(28 - height).toFixed(1)}" width="4" height="${height.toFixed(1)}"/>`
  })
  return `<svg class="bars" viewBox="0 0 ${counts.length * 5} 29" width="${counts.length * 5}" height="29" role="img"><title>${text(title)}</title>${rects.join('')}<line x1="0" x2="${counts.length * 5}" y1="28.5" y2="28.5"/></svg>`
}

/** An SVG whose own rules reach nothing else on the page. */
export function picture(svg: string, title: string): string {
  return `<img alt="${text(title)}" src="data:image/svg+xml,${encodeURIComponent(svg)}">`
}
