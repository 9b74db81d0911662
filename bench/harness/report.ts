/** The table for people: on the terminal, and as a page. */
import { writeFileSync } from 'node:fs'
import { isMet, type Failed, type Measured, type Omitted, type Outcome } from './record'
import type { RowResult } from './runRow'
import { shortNumber } from './statistics'
import type { Machine } from './machine'

const MARKS = { true: '✓', false: '✗', null: '' } as const

const cells = (one: Measured): readonly string[] => [
  one.row, one.against, `${shortNumber(one.ratio)}×`, one.goal === null ? '' : `≥ ${shortNumber(one.goal)}×`, MARKS[`${isMet(one)}`],
  shortNumber(one.ours), shortNumber(one.theirs), one.unit, one.detail ?? '',
]

export const HEADING = ['row', 'against', 'ratio', 'goal', '', 'ours', 'theirs', 'unit', '']

/** Columns that are wide enough for most; the table comes line by line, so none can be measured. */
const WIDTHS = [24, 36, 9, 9, 2, 9, 9, 5]
const IS_NUMBER = [false, false, true, true, false, true, true, false]

export const terminalLine = (texts: readonly string[]): string =>
  texts.map((text, at) => (IS_NUMBER[at] ? text.padStart(WIDTHS[at] ?? 0) : text.padEnd(WIDTHS[at] ?? 0))).join(' ').trimEnd()

export function terminalLines(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'measured': return terminalLine(cells(outcome))
    case 'failed': return `${terminalLine([outcome.row, outcome.against])} FAILED: ${outcome.problem}`
    case 'omitted': return `${terminalLine([outcome.row, outcome.against])} left out: ${outcome.reason}`
    default: return outcome satisfies never
  }
}

const tableOf = (rows: readonly (readonly string[])[]): string => rows.map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')

/** @param charts by row, file names beside the page */
export function page(results: readonly RowResult[], where: Machine, versions: Readonly<Record<string, string>>, charts: ReadonlyMap<string, string>): string {
  const all = results.flatMap(({ outcomes }) => outcomes)
  const measured = all.filter((one): one is Measured => one.kind === 'measured')
  const held = measured.filter(one => one.goal !== null)
  const facts = [
    ['date', where.date], ['machine', where.processor], ['system', where.system], ['load at the start', where.load.toFixed(2)], ['bp', where.bp],
    ['peers', Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')],
    ['goals', `${held.filter(one => isMet(one)).length} of ${held.length} met`],
  ]
  return [
    '# Results', '', 'Written by `npm run bench`; [docs/benchmarks.md](../docs/benchmarks.md) says how to read it.', '',
    tableOf([['', ''], ['---', '---'], ...facts]), '',
    ...results.flatMap(({ row, outcomes }) => [
      `## ${row.name}: ${row.title}`, '', `Ours: ${row.how}.`, '', ...sectionOf(outcomes),
      ...charts.has(row.name) ? [`![${row.title}](${charts.get(row.name)})`, ''] : [],
    ]),
  ].join('\n')
}

function sectionOf(outcomes: readonly Outcome[]): readonly string[] {
  const measured = outcomes.filter((one): one is Measured => one.kind === 'measured')
  const failed = outcomes.filter((one): one is Failed => one.kind === 'failed')
  const omitted = outcomes.filter((one): one is Omitted => one.kind === 'omitted')
  return [
    ...measured.length > 0 ? [tableOf([HEADING, ['---', '---', '---:', '---:', '---', '---:', '---:', '---', '---'], ...measured.map(cells)]), ''] : [],
    ...failed.map(({ row, against, problem }) => `- **Failed**: ${row} against ${against}: ${problem}`),
    ...omitted.map(({ row, against, reason }) => `- Left out: ${row} against ${against}: ${reason}`),
    ...failed.length + omitted.length > 0 ? [''] : [],
  ]
}

export const writePage = (path: string, text: string): void => { writeFileSync(path, text) }
