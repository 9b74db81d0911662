import { describe, expect, it } from 'vitest'
import { drawChart, type ChartText } from '../../../compiler/cli/plot/chart'
import { panelsOf } from '../../../compiler/cli/plot/curves'
import { mustBeWellFormed } from '../markup'
import { epochs } from './epochs'

const TEXT: ChartText = { title: 'Line', subtitle: '2 parameters, seed 3', noun: 'epoch' }

/** Points of the paths of one class, by panel. */
function paths(svg: string, kind: 'training' | 'held'): readonly (readonly (readonly [number, number])[])[] {
  return [...svg.matchAll(new RegExp(`<g class="${kind}"><path d="([^"]*)"`, 'g'))].map(([, d = '']) =>
    [...d.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]): readonly [number, number] => [Number(x), Number(y)]))
}

/** Places are rounded to a tenth of a pixel, so differences of neighbours are within two tenths. */
const ROUNDING = 0.21

function isEven(values: readonly number[]): boolean {
  const steps = values.slice(1).map((value, at) => value - (values[at] ?? NaN))
  return Math.max(...steps) - Math.min(...steps) <= ROUNDING
}

describe('a chart', () => {
  it('draws a straight line straight on a linear axis', () => {
    const [[line = []] = []] = [paths(drawChart(panelsOf(epochs(30, { loss: k => 5 + k / 10 })), TEXT), 'training')]
    expect(line).toHaveLength(30)
    expect(isEven(line.map(([x]) => x))).toBe(true)
    expect(isEven(line.map(([, y]) => y))).toBe(true)
  })

  it('draws an exponential straight on a logarithmic axis, and says so', () => {
    const svg = drawChart(panelsOf(epochs(30, { loss: k => Math.exp(-k / 3) })), TEXT)
    expect(isEven((paths(svg, 'training')[0] ?? []).map(([, y]) => y))).toBe(true)
    expect(svg).toContain('>loss (logarithmic)<')
  })

  it('breaks a curve where a value is no number', () => {
    const svg = drawChart(panelsOf(epochs(9, { loss: () => 1, metrics: { odd: k => (k === 5 ? NaN : k) } })), TEXT)
    expect(svg.match(/<g class="training"><path d="([^"]*)"/g)?.[1]?.match(/M/g)).toHaveLength(2)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  })

  it.each([
    ['no epoch', epochs(0, { loss: () => 0 })],
    ['one epoch', epochs(1, { loss: () => 3, isHeld: true })],
    ['a constant', epochs(5, { loss: () => -2, metrics: { zero: () => 0 } })],
    ['nothing but NaN', epochs(5, { loss: () => NaN })],
    ['many epochs', epochs(20_000, { loss: k => 1 / k, metrics: { a: k => k, b: k => -k, c: k => Math.sin(k) }, isHeld: true })],
    ['huge and tiny numbers', epochs(5, { loss: k => 10 ** (60 * k - 200) })],
  ])('of %s is well-formed, with finite places', (_, records) => {
    const svg = drawChart(panelsOf(records), TEXT)
    mustBeWellFormed(svg)
    expect(svg).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/)
    expect(svg.length).toBeLessThan(400_000)
  })

  it('keeps the last values of two curves apart where the curves meet', () => {
    const svg = drawChart(panelsOf(epochs(5, { loss: k => 1 / k, isHeld: true })), TEXT)
    const [first = NaN, second = NaN] = [...svg.matchAll(/<text class="key" x="[\d.]+" y="([\d.]+)">0\.2</g)].map(match => Number(match[1]))
    expect(Math.abs(first - second)).toBeGreaterThanOrEqual(12)
  })

  it('marks the best epoch where it is told of one', () => {
    expect(drawChart(panelsOf(epochs(9, { loss: k => k })), { ...TEXT, best: 4 })).toContain('>best: epoch 4<')
    expect(drawChart(panelsOf(epochs(9, { loss: k => k })), TEXT)).not.toContain('best:')
  })

  it('escapes names', () => {
    const svg = drawChart(panelsOf(epochs(2, { loss: k => k })), { ...TEXT, title: '<b>&' })
    expect(svg).toContain('&lt;b&gt;&amp;')
    mustBeWellFormed(svg)
  })

  it('has colours for light and for dark, and needs nothing from elsewhere', () => {
    const svg = drawChart(panelsOf(epochs(2, { loss: k => k })), TEXT)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import/)
  })
})
