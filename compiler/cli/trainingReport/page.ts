/** The report of a training run: one HTML file that needs nothing else. */
import type { EpochRecord, History } from 'bp-lang'
import type { ParameterRange, Plan } from '../../../ir/plan'
import { WHY } from '../progress'
import { dataSection, type DataFacts } from './data'
import { bars, facts, picture, section, table, text, type Cell } from './html'
import { colouredSource } from './source'
import { histogram, shortNumber, summarize } from './statistics'
import { STYLE } from './style'

export interface PageFacts {
  readonly plan: Plan
  /** The command as it was given. */
  readonly command: string
  readonly when: Date
  /** Name and number of what ran it. */
  readonly versions: readonly (readonly [name: string, value: string])[]
  /** What was trained with, flags included. */
  readonly settings: readonly (readonly [name: string, value: string])[]
  readonly epochs: readonly EpochRecord[]
  /** Absent where the run failed. */
  readonly history: History | undefined
  /** The epoch that the weights are of. */
  readonly final: EpochRecord | undefined
  /** What an epoch is called. */
  readonly noun: string
  readonly chart: string
  readonly graph: string
  readonly circuits: readonly { readonly name: string; readonly svg: string; readonly doc: string }[]
  readonly parameters: readonly ParameterFacts[]
  readonly data: DataFacts | undefined
  readonly source: { readonly file: string; readonly text: string }
}

export interface ParameterFacts {
  readonly path: string
  readonly shape: readonly number[]
  readonly frozen: boolean
  readonly range?: ParameterRange
  readonly doc: string
  readonly values: ArrayLike<number>
}

const BINS = 24

export function reportPage(page: PageFacts): string {
  const { plan, epochs, circuits, source } = page
  const sections = [
    section('Curves', 'curves', epochs.length > 0 ? page.chart : '<p class="quiet">no epoch was completed</p>'),
    section('Figures', 'figures', figuresTable(page)),
    section('Model', 'model', page.graph),
    section(circuits.length === 1 ? 'Circuit' : 'Circuits', 'circuits', circuits.map(({ name, svg, doc }) =>
      `<h3><code>${text(name)}</code></h3>${doc ? `<p class="quiet">${text(doc)}</p>` : ''}${picture(svg, `circuit ${name}`)}`).join('\n')),
    section('Parameters', 'parameters', parametersTable(page.parameters)),
    section('Data', 'data', page.data ? dataSection(plan, page.data) : ''),
    section('Run', 'run', facts([
      ['command', { html: `<code>${text(page.command)}</code>` }], ['when', `${page.when.toISOString().slice(0, 19).replace('T', ' ')} UTC`], ...page.settings, ...page.versions,
    ])),
    section('Source', 'source', `<p class="quiet">${text(source.file)}</p>${colouredSource(source.text)}`),
  ].filter(part => part !== '')
  const links = sections.map(part => /id="(\w+)"><h2>(.*?)<\/h2>/.exec(part)).map(match => `<a href="#${match?.[1] ?? ''}">${match?.[2] ?? ''}</a>`)
  return [
    '<!doctype html>', '<html lang="en">', '<head>', '<meta charset="utf-8">', '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(plan.model)}: training report</title>`, `<style>${STYLE}</style>`, '</head>', '<body>', '<main>',
    `<h1>${text(plan.model)}</h1>`, `<p class="lead">${text(plan.doc.trim() || `A training run of ${source.file}`)}</p>`,
    tiles(page), `<nav>${links.join('')}</nav>`, ...sections, '</main>', '</body>', '</html>', '',
  ].join('\n')
}

// --------------------------------------------------------------------------------------------------------- figures

/** What a reader looks for first. */
function tiles({ final, history, parameters, noun }: PageFacts): string {
  const shown = final?.holdout ?? final
  const of = final?.holdout ? 'held out' : 'training'
  const numbers = parameters.reduce((sum, { values }) => sum + values.length, 0)
  const figures: readonly (readonly [string, string])[] = [
    ...shown ? [[shortNumber(shown.loss), `loss, ${of}`] as const, ...Object.entries(shown.metrics).slice(0, 2).map(([name, value]) => [shortNumber(value), `${name}, ${of}`] as const)] : [],
    [String(numbers), numbers === 1 ? 'parameter' : 'parameters'],
    [final ? String(final.epoch) : '0', `${noun}${final?.epoch === 1 ? '' : 's'}, ${history ? WHY[history.stopped] : 'the run failed'}`],
    ...history ? [[secondsText(history.seconds), `${history.steps} steps`] as const] : [],
  ]
  return `<div class="figures">${figures.map(([value, name]) => `<div class="figure"><b>${text(value)}</b><span>${text(name)}</span></div>`).join('')}</div>`
}

/** Two digits of less than ten seconds, else whole ones. */
const secondsText = (seconds: number): string => `${seconds < 10 ? Number(seconds.toPrecision(2)) : Math.round(seconds)} s`

function figuresTable({ epochs, final, history, noun }: PageFacts): string {
  const [first] = epochs
  const last = epochs.at(-1)
  if (!first || !last) return ''
  const best = history?.best && epochs.find(({ epoch }) => epoch === history.best?.epoch)
  const picked = [...new Map([first, ...best ? [best] : [], last].map(record => [record.epoch, record])).values()].sort((a, b) => a.epoch - b.epoch)
  const metrics = Object.keys(last.metrics)
  const measured = (name: string, pick: (record: EpochRecord) => number | undefined): readonly Cell[] => [name, ...picked.map(record => ({ number: shortNumber(pick(record) ?? NaN) }))]
  const rows = [
    measured('loss, training', record => record.loss), ...last.holdout ? [measured('loss, held out', record => record.holdout?.loss)] : [],
    ...metrics.flatMap(name => [
      measured(`${name}, training`, record => record.metrics[name]), ...last.holdout ? [measured(`${name}, held out`, record => record.holdout?.metrics[name])] : [],
    ]),
  ]
  const heading = picked.map(record => `${noun} ${record.epoch}${record === best ? ' (best)' : ''}`)
  const weights = history && final ? `<p class="quiet">The weights are those of ${noun} ${final.epoch}.</p>` : '<p class="quiet">The run failed: the weights are the best so far.</p>'
  return table(['', ...heading], rows) + weights
}

function parametersTable(parameters: readonly ParameterFacts[]): string {
  const rows = parameters.map(({ path, shape, frozen, range, doc, values }): readonly Cell[] => {
    const { mean, deviation, min, max } = summarize(values)
    const notes = [frozen ? 'frozen' : '', range ? rangeText(range) : '', doc].filter(Boolean).join('; ')
    return [
      { html: `<code>${text(path)}</code>${notes ? `<br><span class="quiet">${text(notes)}</span>` : ''}` }, shape.length > 0 ? shape.join(' × ') : 'scalar', { number: String(values.length) },
      ...[mean, deviation, min, max].map(value => ({ number: shortNumber(value) })),
      values.length > 1 ? { html: bars(histogram(values, BINS), `${path}: from ${shortNumber(min)} to ${shortNumber(max)}`) } : '',
    ]
  })
  return rows.length > 0 ? table(['path', 'shape', 'count', 'mean', 'deviation', 'min', 'max', ''], rows) : ''
}

const rangeText = (range: ParameterRange): string => (range.kind === 'simplex' ? 'on the simplex' : `in (${range.low}, ${range.high})`)
