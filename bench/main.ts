/** `npm run bench [row…]`: the table of goals, measured side by side with the peers. docs/benchmarks.md tells more. */
import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { drawGrowth } from './harness/chart'
import { PATIENT, QUICK } from './harness/interleave'
import { machine, type Machine } from './harness/machine'
import { BENCH, BUILD } from './harness/places'
import { jsonLine } from './harness/record'
import { HEADING, page, terminalLine, terminalLines, writePage } from './harness/report'
import { runRow, type RowResult } from './harness/runRow'
import { Peers } from './peers/index'
import { ROWS } from './rows/index'

const USAGE = `npm run bench -- [--json] [--quick] [row…]

  --json    one JSON object a line, and nothing else, on standard output
  --quick   few repetitions: shows that rows work, not how fast they are

rows: ${ROWS.map(({ name }) => name).join(', ')}
`

async function main(): Promise<number> {
  const { values: { json, quick, help, ...others }, positionals } = parseArgs({
    allowPositionals: true, strict: false, options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const unknown = [...Object.keys(others).map(name => `no flag --${name}`), ...positionals.filter(name => !ROWS.some(row => row.name === name)).map(name => `no row ${name}`)]
  if (help || unknown.length > 0) {
    process.stderr.write(unknown.length > 0 ? `there is ${unknown.join(', and ')}\n\n${USAGE}` : USAGE)
    return unknown.length > 0 ? 2 : 0
  }
  const rows = positionals.length > 0 ? ROWS.filter(({ name }) => positionals.includes(name)) : ROWS
  const where = await machine()
  const peers = new Peers()
  const results: RowResult[] = []
  // On a terminal the line is overwritten; elsewhere it would be noise.
  const progress = (text: string) => { if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text} …\r`) }
  if (!json) process.stdout.write(`${terminalLine(HEADING)}\n`)
  try {
    for (const row of rows) {
      const result = await runRow(row, peers, { patience: quick ? QUICK : PATIENT, progress })
      results.push(result)
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      for (const outcome of result.outcomes) {
        if (!json) process.stdout.write(`${terminalLines(outcome)}\n`)
        else if (outcome.kind === 'omitted') process.stderr.write(`${terminalLines(outcome)}\n`)
        else process.stdout.write(`${jsonLine(outcome)}\n`)
      }
    }
    // What was measured in part or in haste must not stand in for the whole.
    const folder = rows === ROWS && !quick ? BENCH : BUILD
    const path = writeResults(folder, results, where, await peers.versions())
    process.stderr.write(`written: ${relative(process.cwd(), path)}\n`)
  } finally {
    await peers.close()
  }
  return results.some(({ outcomes }) => outcomes.some(({ kind }) => kind === 'failed')) ? 1 : 0
}

function writeResults(folder: string, results: readonly RowResult[], where: Machine, versions: Readonly<Record<string, string>>): string {
  mkdirSync(join(folder, 'plots'), { recursive: true })
  const charts = new Map<string, string>()
  for (const { row, points } of results) {
    if (!row.chart || points.length === 0) continue
    const name = `plots/${row.name}.svg`
    writePage(join(folder, name), drawGrowth(row.title, row.chart, points))
    charts.set(row.name, name)
  }
  const path = join(folder, 'results.md')
  writePage(path, page(results, where, versions, charts))
  return path
}

// Peers may leave timers and workers behind.
process.exit(await main())
