/** Text in SVG: how wide it is, about, and indices set low. */

/** Widths in ems of a sans-serif face, rounded up: text must fit its box in any. */
const NARROW = /[ilj|.,:;'!()[\]·−\- ]/
const WIDE = /[mwMWGOQ@⟨⟩√⊗…∑]/

/** Pixels, an estimate from above. Indices, `[0,1]`, are set smaller. */
export function textWidth(text: string, size: number, isPlain = false): number {
  return (isPlain ? [{ text, isIndex: false }] : pieces(text)).reduce((sum, { text: piece, isIndex }) =>
    sum + [...piece].reduce((width, character) => width + (NARROW.test(character) ? 0.38 : WIDE.test(character) ? 0.92 : 0.64), 0) * size * (isIndex ? INDEX_SIZE : 1), 0)
}

const INDEX_SIZE = 0.72

/** `w[0,1]` has the index `0,1`, and `Rx` the index `x`. */
function pieces(text: string): readonly { readonly text: string; readonly isIndex: boolean }[] {
  const rotation = /^R([xyz]+|i)$/.exec(text)
  if (rotation) return [{ text: 'R', isIndex: false }, { text: rotation[1] ?? '', isIndex: true }]
  return text.split(/(?<=[\p{L}\p{Nd}_])(\[[\d,]+\])/u).flatMap(piece => {
    if (piece === '') return []
    const index = /^\[([\d,]+)\]$/.exec(piece)
    return [index ? { text: index[1] ?? '', isIndex: true } : { text: piece, isIndex: false }]
  })
}

/** A `text` element at a baseline; indices go down by a fifth of the size, and what follows them comes up again. */
export function richText(text: string, x: number, y: number, size: number, kind: string): string {
  return textElement(pieces(text), x, y, size, kind)
}

/** The same as it stands, `q[0]`: names of wires are those of the program. */
export function plainText(text: string, x: number, y: number, size: number, kind: string): string {
  return textElement([{ text, isIndex: false }], x, y, size, kind)
}

function textElement(list: ReturnType<typeof pieces>, x: number, y: number, size: number, kind: string): string {
  const drop = Math.round(size * 2) / 10
  let isLow = false
  const parts = list.map(({ text: piece, isIndex }) => {
    const shift = isIndex === isLow ? '' : ` dy="${isIndex ? drop : -drop}"`
    isLow = isIndex
    const small = isIndex ? ` font-size="${Math.round(size * INDEX_SIZE * 10) / 10}"` : ''
    return shift || small ? `<tspan${shift}${small}>${escaped(piece)}</tspan>` : escaped(piece)
  })
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" font-size="${size}" xml:space="preserve">${parts.join('')}</text>`
}

const round = (value: number): number => Math.round(value * 10) / 10

/** For text and attributes of XML. */
export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
