/** Curves of a training run as an SVG that reads in light and in dark. */
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale'
import { line } from 'd3-shape'
import { escaped, textWidth } from '../../../quantum/draw/richText'
import { rangeOf, thinned, type Curve, type Panel, type Point } from './curves'

export interface ChartText {
  readonly title: string
  readonly subtitle: string
  /** What an x is: `epoch`, or `step` where there are no data to go through. */
  readonly noun: string
  /** The epoch whose weights are the best. */
  readonly best?: number
}

/** Pixels. */
const WIDTH = 880
const PAD = 20
const HEAD = 74
const LEFT = 62
/** For the last values, beside the ends of the curves. */
const RIGHT = 78
const TITLE = 26
const FOOT = 52
const LOSS_HEIGHT = 270
const METRIC_HEIGHT = 170
const FONT = 12
/** Up to so many epochs each is a dot too. */
const DOTS = 40

interface Frame { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** @param panels the loss, then metrics; two in a row where there are several */
export function drawChart(panels: readonly Panel[], text: ChartText): string {
  const frames = framesOf(panels.length)
  const height = Math.max(...frames.map(({ top, height: own }) => top + own)) + FOOT + PAD - 8
  const roles = [...new Set(panels.flatMap(({ curves }) => curves.map(({ role }) => role)))]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="bp-chart" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(`${text.title}: ${panels.map(({ title }) => title).join(', ')}`)}</title>`, `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    label(text.title, PAD, PAD + 17, 'title'), label(text.subtitle, PAD, PAD + 37, 'note'),
    ...legend(roles),
    ...panels.map((panel, at) => drawPanel(panel, frames[at] ?? { left: 0, top: 0, width: 1, height: 1 }, text, at === 0)), '</svg>', '',
  ].join('\n')
}

function framesOf(count: number): readonly Frame[] {
  const columns = count > 2 ? 2 : 1
  const width = (WIDTH - 2 * PAD) / columns - LEFT - RIGHT
  const top = PAD + HEAD - 20 + TITLE
  return Array.from({ length: count }, (_, at) => {
    if (at === 0) return { left: PAD + LEFT, top, width: WIDTH - 2 * PAD - LEFT - RIGHT, height: LOSS_HEIGHT }
    const row = Math.floor((at - 1) / columns)
    const left = PAD + LEFT + ((at - 1) % columns) * (WIDTH - 2 * PAD) / columns
    return { left, top: top + LOSS_HEIGHT + FOOT + TITLE + row * (METRIC_HEIGHT + FOOT + TITLE), width, height: METRIC_HEIGHT }
  })
}

function legend(roles: readonly Curve['role'][]): readonly string[] {
  if (roles.length < 2) return []
  let right = WIDTH - PAD
  return [...roles].reverse().map(role => {
    const end = right
    const start = end - textWidth(role, FONT, true)
    right = start - 56
    return `<g class="${classOf(role)}"><line x1="${round(start - 30)}" x2="${round(start - 8)}" y1="${PAD + 12}" y2="${PAD + 12}"/>${label(role, start, PAD + 16, 'key')}</g>`
  })
}

// --------------------------------------------------------------------------------------------------------- a panel

function drawPanel(panel: Panel, frame: Frame, { noun, best }: ChartText, isFirst: boolean): string {
  const { left, top, width, height } = frame
  const x = xScale(panel, frame)
  const y = yScale(panel, frame)
  const bottom = top + height
  const grid = yTicks(y, panel.isLog, height).map(({ value, text }) =>
    `<line class="grid" x1="${round(left)}" x2="${round(left + width)}" y1="${round(y(value))}" y2="${round(y(value))}"/>${label(text, left - 8, y(value) + 4, 'tick end')}`)
  const format = x.tickFormat(8)
  const ticks = x.ticks(Math.min(8, width / 70)).filter(Number.isInteger).map(value =>
    `<line class="axis" x1="${round(x(value))}" x2="${round(x(value))}" y1="${bottom}" y2="${bottom + 5}"/>${label(format(value), x(value), bottom + 19, 'tick middle')}`)
  return [
    `<g><title>${escaped(panel.title)}</title>`,
    label(panel.isLog ? `${panel.title} (logarithmic)` : panel.title, left, top - 10, 'name'),
    ...grid, ...ticks,
    `<line class="axis" x1="${round(left)}" x2="${round(left + width)}" y1="${bottom}" y2="${bottom}"/>`,
    label(noun, left + width / 2, bottom + 36, 'tick middle'),
    ...isFirst && best !== undefined ? [bestMark(x(best), frame, `best: ${noun} ${best}`)] : [],
    ...panel.curves.map(curve => drawCurve(curve, x, y, width)), ...endLabels(panel, x, y, frame), '</g>',
  ].join('\n')
}

type Scale = ScaleContinuousNumeric<number, number>

function xScale({ curves }: Panel, { left, width }: Frame): Scale {
  const epochs = curves.flatMap(({ points }) => [points[0]?.[0] ?? 1, points.at(-1)?.[0] ?? 1])
  const [low, high] = [Math.min(...epochs), Math.max(...epochs)]
  // One point stands in the middle.
  return scaleLinear().domain(low === high ? [low - 1, high + 1] : [low, high]).range([left, left + width])
}

function yScale({ curves, isLog }: Panel, { top, height }: Frame): Scale {
  const [low, high] = rangeOf(curves)
  const range = [top + height, top]
  if (low > high) return scaleLinear().domain([0, 1]).range(range)
  if (isLog) return scaleLog().domain([low / 1.2, high * 1.2]).range(range)
  // A constant stands in the middle, and what nearly touches zero is shown with it.
  const margin = low === high ? Math.max(Math.abs(low) * 0.1, 1e-3) : 0
  const from = low > 0 && low < high / 3 ? 0 : low
  return scaleLinear().domain([from - margin, high + margin]).range(range).nice(5)
}

/** Of a logarithmic axis all powers of ten, and 2 and 5 times them where there is room. */
function yTicks(scale: Scale, isLog: boolean, height: number): readonly { readonly value: number; readonly text: string }[] {
  const most = Math.max(3, Math.floor(height / 40))
  const format = isLog ? scale.tickFormat(Infinity, '~g') : scale.tickFormat(most)
  const printed = (values: readonly number[]) => values.map(value => ({ value, text: format(value) }))
  if (!isLog) return printed(scale.ticks(most))
  const all = scale.ticks(most)
  const mantissa = (value: number) => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9))
  const powers = all.filter(value => mantissa(value) === 1)
  const some = all.filter(value => [1, 2, 5].includes(mantissa(value)))
  if (some.length <= most) return printed(some)
  const every = Math.ceil(powers.length / most)
  return printed(powers.filter((_, at) => at % every === 0))
}

function drawCurve({ role, points }: Curve, x: Scale, y: Scale, width: number): string {
  const shown = thinned(points, Math.floor(width))
  const isThere = ([, value]: Point) => Number.isFinite(value)
  const path = line<Point>(point => round(x(point[0])), point => round(y(point[1]))).defined(isThere)([...shown]) ?? ''
  const dots = points.length > DOTS ? [] : points.filter(isThere).map(([epoch, value]) => `<circle cx="${round(x(epoch))}" cy="${round(y(value))}" r="2.4"><title>${escaped(`${epoch}: ${short(value)}`)}</title></circle>`)
  return `<g class="${classOf(role)}"><path d="${path}"/>${dots.join('')}</g>`
}

/** The last value of each curve beside its end, one above the other where they would touch. */
function endLabels({ curves }: Panel, x: Scale, y: Scale, { left, width }: Frame): readonly string[] {
  const ends = curves.flatMap(({ role, points }) => {
    const last = points.findLast(([, value]) => Number.isFinite(value))
    return last ? [{ role, value: last[1], at: y(last[1]), x: Math.min(x(last[0]), left + width) }] : []
  }).sort((a, b) => a.at - b.at)
  const [first, second] = ends
  const overlap = first && second ? Math.max(0, FONT + 2 - (second.at - first.at)) / 2 : 0
  return ends.map(({ role, value, at, x: end }, index) => {
    const shift = ends.length < 2 ? 0 : index === 0 ? -overlap : overlap
    return `<g class="${classOf(role)}">${label(short(value), end + 9, at + 4 + shift, 'key')}</g>`
  })
}

function bestMark(x: number, { left, top, width, height }: Frame, text: string): string {
  const isLeft = x > left + width - textWidth(text, FONT, true) - 8
  return `<line class="best" x1="${round(x)}" x2="${round(x)}" y1="${top}" y2="${top + height}"/>${label(text, x + (isLeft ? -6 : 6), top + 12, isLeft ? 'tick end' : 'tick')}`
}

const label = (text: string, x: number, y: number, kind: string): string => `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(text)}</text>`

/** Four digits tell curves apart. */
const short = (value: number): string => String(Number(value.toPrecision(4))).replaceAll('-', '−')

const round = (value: number): number => Math.round(value * 10) / 10

const classOf = (role: Curve['role']): string => (role === 'training' ? 'training' : 'held')

// --------------------------------------------------------------------------------------------------------- colours

interface Palette { readonly page: string; readonly ink: string; readonly quiet: string; readonly grid: string; readonly training: string; readonly held: string }

/** Blue and orange are told apart by nearly everybody who sees few colours. */
const LIGHT: Palette = { page: '#fff', ink: '#1f2933', quiet: '#52606d', grid: '#e4e7eb', training: '#2f6fb5', held: '#c2570c' }
const DARK: Palette = { page: '#14191f', ink: '#e4e7eb', quiet: '#9aa5b1', grid: '#2b3440', training: '#6cabe8', held: '#f2994a' }

const coloured = ({ page, ink, quiet, grid, training, held }: Palette): string => `
.bp-chart .page { fill: ${page} } .bp-chart text { fill: ${ink} } .bp-chart .tick, .bp-chart .note { fill: ${quiet} }
.bp-chart .grid { stroke: ${grid} } .bp-chart .axis, .bp-chart .best { stroke: ${quiet} }
.bp-chart .training path, .bp-chart .training line { stroke: ${training} } .bp-chart .training circle, .bp-chart .training text { fill: ${training} }
.bp-chart .held path, .bp-chart .held line { stroke: ${held} } .bp-chart .held circle, .bp-chart .held text { fill: ${held} }`.trim()

/** The class keeps the rules to this drawing where a page holds several. */
const STYLE = `
.bp-chart text { font: ${FONT}px Inter, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums }
.bp-chart path, .bp-chart .training line, .bp-chart .held line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.bp-chart .title { font-size: 18px; font-weight: 600 } .bp-chart .name { font-size: 13px; font-weight: 600 }
.bp-chart .end { text-anchor: end } .bp-chart .middle { text-anchor: middle } .bp-chart .key { font-weight: 600 } .bp-chart .best { stroke-dasharray: 3 4 }
${coloured(LIGHT)}
@media (prefers-color-scheme: dark) {
${coloured(DARK)}
}
`.trim()
