/** How cost grows: a curve a contender over a logarithmic axis of time, as an SVG that reads in light and in dark. */
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { escaped } from '../../quantum/draw/richText'
import type { Point } from './runRow'
import { shortNumber, unitFor } from './statistics'

/** Pixels. */
const WIDTH = 880
const HEIGHT = 470
const PLOT = { left: 74, right: 566, top: 66, bottom: 412 }
const FONT = 12
const LINE = 16

/** Told apart by nearly everybody who sees few colours (Okabe and Ito, 2008), darker where the page is white; ours is the first. */
const LIGHT = ['#0b62a4', '#c2570c', '#00795a', '#a4407d', '#7a6a00', '#1f86b4', '#52606d', '#8c3b1f']
const DARK = ['#6cabe8', '#f2994a', '#3fc79a', '#dd8fbf', '#e0cf4c', '#7fd0f5', '#a9b4bf', '#e0886a']

interface Series { readonly name: string; readonly points: readonly Point[]; readonly isOurs: boolean }

/** @param axis linear for qubits, where twice the cost a qubit is a straight line; else logarithmic, where powers are straight */
export function drawGrowth(title: string, axis: { readonly x: string; readonly isLinear?: boolean }, points: readonly Point[]): string {
  const series = seriesOf(points)
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b)
  const seconds = points.map(point => point.seconds)
  const x = (axis.isLinear ? scaleLinear() : scaleLog()).domain([xs[0] ?? 1, xs.at(-1) ?? 10]).range([PLOT.left, PLOT.right])
  const y = scaleLog().domain([Math.min(...seconds) / 1.3, Math.max(...seconds) * 1.3]).range([PLOT.bottom, PLOT.top])
  const labels = apart(series.map(each => ({ each, at: y(each.points.at(-1)?.seconds ?? 1) })))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="bp-growth" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escaped(title)}</title>`, `<style>${style(series.length)}</style>`, `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(title, 20, 32, 'title'), text('time, logarithmic; less is better', PLOT.left - 54, PLOT.top - 12, 'tick'),
    ...powers(y.domain()).map(value => `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y(value))}" y2="${round(y(value))}"/>${text(duration(value), PLOT.left - 8, y(value) + 4, 'tick end')}`),
    ...xs.map(value => `<line class="axis" x1="${round(x(value))}" x2="${round(x(value))}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 5}"/>${text(String(value), x(value), PLOT.bottom + 20, 'tick middle')}`),
    `<line class="axis" x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}"/>`,
    text(axis.x, (PLOT.left + PLOT.right) / 2, PLOT.bottom + 42, 'tick middle'),
    ...series.map((each, at) => curve(each, at, value => x(value), value => y(value))),
    ...labels.map(({ each, at }) => label(each, series.indexOf(each), at, xs.at(-1) ?? 0, value => x(value), value => y(value))), '</svg>', '',
  ].join('\n')
}

/** Ours first. */
function seriesOf(points: readonly Point[]): readonly Series[] {
  const names = [...new Set(points.map(({ series }) => series))]
  const all = names.map(name => ({ name, isOurs: name.startsWith('bp'), points: points.filter(({ series }) => series === name).sort((a, b) => a.x - b.x) }))
  return [...all.filter(({ isOurs }) => isOurs), ...all.filter(({ isOurs }) => !isOurs)]
}

type Scale = (value: number) => number

function curve({ name, points, isOurs }: Series, at: number, x: Scale, y: Scale): string {
  const path = line<Point>(point => round(x(point.x)), point => round(y(point.seconds)))([...points]) ?? ''
  const dots = points.map(point => `<circle cx="${round(x(point.x))}" cy="${round(y(point.seconds))}" r="3"><title>${escaped(`${name}, ${point.x}: ${duration(point.seconds)}`)}</title></circle>`)
  return `<g class="s${at}${isOurs ? ' ours' : ''}"><path d="${path}"/>${dots.join('')}</g>`
}

/** At the right, joined to the curve's end by a thin line where it had to move, or the curve ends earlier. */
function label({ name, points }: Series, index: number, at: number, last: number, x: Scale, y: Scale): string {
  const end = points.at(-1)
  if (!end) return ''
  const from = [round(x(end.x) + 5), round(y(end.seconds))]
  const value = end.x < last ? `${duration(end.seconds)} at ${end.x}` : duration(end.seconds)
  return `<g class="s${index}"><line class="lead" x1="${from[0]}" y1="${from[1]}" x2="${PLOT.right + 22}" y2="${round(at)}"/>${text(`${name} `, PLOT.right + 26, at + 4, 'key')}${text(value, WIDTH - 12, at + 4, 'key end')}</g>`
}

/** Moves labels so that none touches another, in their order from the top, within the plot. */
function apart<T extends { readonly at: number }>(labels: readonly T[]): readonly T[] {
  const sorted = [...labels].sort((a, b) => a.at - b.at)
  const down: number[] = []
  for (const { at } of sorted) down.push(Math.max(at, (down.at(-1) ?? -Infinity) + LINE))
  // What was pushed below the plot comes up again.
  let floor = PLOT.bottom + LINE
  const placed = [...down].reverse().map(at => { floor = Math.min(at, floor - LINE); return floor }).reverse()
  return sorted.map((one, index) => ({ ...one, at: placed[index] ?? one.at }))
}

const powers = ([low = 1, high = 1]: readonly number[]): readonly number[] => {
  const [from, to] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))]
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => 10 ** (from + i))
}

const duration = (seconds: number): string => {
  const { unit, perSecond } = unitFor(seconds, seconds)
  return `${shortNumber(seconds * perSecond, 2)} ${unit}`
}

const text = (content: string, x: number, y: number, kind: string): string => `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(content)}</text>`

const round = (value: number): number => Math.round(value * 10) / 10

const colours = (palette: readonly string[], count: number): string => Array.from({ length: count }, (_, at) => {
  const colour = palette[at % palette.length] ?? 'currentColor'
  return `.bp-growth .s${at} path, .bp-growth .s${at} line { stroke: ${colour} } .bp-growth .s${at} circle, .bp-growth .s${at} text { fill: ${colour} }`
}).join('\n')

const plain = (page: string, ink: string, quiet: string, grid: string): string =>
  `.bp-growth .page { fill: ${page} } .bp-growth text { fill: ${ink} } .bp-growth .tick { fill: ${quiet} } .bp-growth .grid { stroke: ${grid} } .bp-growth .axis { stroke: ${quiet} }`

/** The class keeps the rules to this drawing where a page holds several. */
const style = (count: number): string => `
.bp-growth text { font: ${FONT}px Inter, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums }
.bp-growth path { fill: none; stroke-width: 1.8 } .bp-growth .ours path { stroke-width: 3.2 } .bp-growth .lead { stroke-width: 0.8; opacity: 0.6 }
.bp-growth .title { font-size: 16px; font-weight: 600 } .bp-growth .key { font-weight: 600 } .bp-growth .end { text-anchor: end } .bp-growth .middle { text-anchor: middle }
${plain('#fff', '#1f2933', '#52606d', '#e4e7eb')}
${colours(LIGHT, count)}
@media (prefers-color-scheme: dark) {
${plain('#14191f', '#e4e7eb', '#9aa5b1', '#2b3440')}
${colours(DARK, count)}
}
`.trim()
