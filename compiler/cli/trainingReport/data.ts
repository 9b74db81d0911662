/** What the report says of the data: the file, its rows and their split, and each input column by column. */
import type { LoadedData } from 'bp-lang'
import type { Plan, PlanInput } from '../../../ir/plan'
import type { ColumnSource } from '../../../ir/training'
import { printType } from '../../../ir/type'
import { bars, facts, table, text, type Cell } from './html'
import { histogram, shortNumber, summarize } from './statistics'

export interface DataFacts {
  readonly file: string
  readonly data: LoadedData
  /** Rows to train on, and held out. */
  readonly rows: number
  readonly held: number
}

/** Columns of an input that have a line of their own. */
const MOST_COLUMNS = 16
const MOST_CLASSES = 24
const BINS = 24

export function dataSection(plan: Plan, { file, data, rows, held }: DataFacts): string {
  const split = held > 0 ? `${rows} to train on, ${held} held out (${shortNumber(100 * held / (rows + held))} %)` : `all ${rows} to train on`
  const summary = facts([['file', { html: `<code>${text(file)}</code>` }], ['rows', `${data.rows}: ${split}`], ...standardized(plan)])
  return summary + plan.inputs.map(input => inputPart(plan, input, data)).join('')
}

function standardized({ train }: Plan): readonly (readonly [string, string])[] {
  const names = train?.standardize ?? []
  return names.length > 0 ? [['standardised', `${names.join(', ')}, by the rows to train on; below as in the file`]] : []
}

function inputPart(plan: Plan, input: PlanInput, { values, classes }: LoadedData): string {
  const tensor = values[input.name]
  const heading = `<h3>${input.role} <code>${text(input.name)}: ${printType(input.type)}</code></h3>`
  const from = plan.train?.data?.columns.find(column => column.input === input.name)?.from
  if (!tensor || !from) return `${heading}<p class="quiet">given in the train block</p>`
  const { data } = tensor
  const width = tensor.shape.slice(1).reduce((product, size) => product * size, 1)
  if (input.type.element !== 'real') return heading + classTable(data, classes[input.name])
  const names = columnNames(from)
  const column = (at: number) => Array.from({ length: tensor.shape[0] ?? 0 }, (_, row) => Number(data[row * width + at]))
  const shown = Math.min(width, MOST_COLUMNS)
  const line = (name: string, numbers: ArrayLike<number>): readonly Cell[] => {
    const { min, mean, deviation, max, strange } = summarize(numbers)
    const title = strange > 0 ? `${name} (${strange} not finite)` : name
    return [title, ...[min, mean, max, deviation].map(value => ({ number: shortNumber(value) })), { html: bars(histogram(numbers, BINS), `${name}: from ${shortNumber(min)} to ${shortNumber(max)}`) }]
  }
  const rows = Array.from({ length: shown }, (_, at) => line(names.length === width ? names[at] ?? '' : `[${at}]`, column(at)))
  if (width > shown) rows.push(line(`all ${width}`, data))
  return heading + table(['column', 'min', 'mean', 'max', 'deviation', ''], rows)
}

/** How often each class, or whole number, is there. */
function classTable(values: ArrayLike<number>, names: readonly string[] | undefined): string {
  const counts = new Map<number, number>()
  for (let at = 0; at < values.length; at++) counts.set(Number(values[at]), (counts.get(Number(values[at])) ?? 0) + 1)
  const all = [...counts].sort(([a], [b]) => a - b)
  const most = Math.max(1, ...counts.values())
  const rows = all.slice(0, MOST_CLASSES).map(([value, count]): readonly Cell[] => [
    { number: String(value) }, names?.[value] ?? '', { number: String(count) }, { number: `${shortNumber(100 * count / values.length)} %` },
    { html: `<svg class="bars" width="160" height="12" role="img"><rect width="${(160 * count / most).toFixed(1)}" height="12" rx="2"/></svg>` },
  ])
  const more = all.length > MOST_CLASSES ? `<p class="quiet">and ${all.length - MOST_CLASSES} more values</p>` : ''
  return table(['value', names ? 'class' : '', 'count', 'part', ''], rows) + more
}

/** As the data line names them; empty where a column has no name of its own. */
function columnNames(from: ColumnSource): readonly string[] {
  switch (from.kind) {
    case 'named': return from.names
    case 'positions': return Array.from({ length: from.high - from.low }, (_, at) => `column ${from.low + at}`)
    case 'number': return [String(from.value)]
    case 'concat': return from.parts.flatMap(columnNames)
    case 'scalar': {
      const [only, ...others] = from.args.filter(arg => arg.kind !== 'number')
      return only && others.length === 0 ? columnNames(only).map(name => `${from.fn} of ${name}`) : []
    }
    case 'oneHot': return Array.from({ length: from.size }, (_, at) => `${columnNames(from.of)[0] ?? ''} = ${at}`)
    case 'letters': return []
    default: return from satisfies never
  }
}
