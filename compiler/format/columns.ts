/**
 * Lines up what the author lined up. Where neighbouring lines have something in the same column, with more than one space before
 * it, all lines of their run get it in one column; everywhere else one space is enough.
 */
import { widthOf, type Printed, type Stop, type StopKind } from './doc'

/** From left to right, as far as they can stand in one line together. */
const KINDS: readonly StopKind[] = ['word', 'type', 'tilde', 'equal', 'assignment', 'operand', 'comment']

interface Cell { readonly line: number; readonly stop: Stop; offset: number }
interface Line { text: string; readonly indent: number; readonly cells: readonly Cell[] }

export function align({ lines, rows, stops }: Printed): readonly string[] {
  const byStatement = new Map<number, Printed['stops'][number][]>()
  for (const each of stops) byStatement.set(each.stop.statement, [...byStatement.get(each.stop.statement) ?? [], each])
  const table = new Map<number, Line>(rows.map(({ statement, line, indent }) => [line, {
    text: lines[line] ?? '', indent,
    cells: (byStatement.get(statement) ?? []).filter(each => each.line === line).map(({ stop, offset }) => ({ line, stop, offset })),
  }]))
  for (const kind of KINDS) for (const run of runsOf(table, kind)) lineUp(columnOf(run), table)
  return lines.map((text, line) => table.get(line)?.text ?? text)
}

/** Neighbouring lines of one block that have such a place. */
function runsOf(table: ReadonlyMap<number, Line>, kind: StopKind): readonly (readonly Cell[])[] {
  const runs: Cell[][] = []
  let last: { readonly line: number; readonly indent: number } | undefined
  for (const [line, { indent, cells }] of [...table].sort(([a], [b]) => a - b)) {
    const cell = cells.find(each => each.stop.kind === kind)
    if (cell === undefined) continue
    if (last === undefined || last.line !== line - 1 || last.indent !== indent) runs.push([])
    runs.at(-1)?.push(cell)
    last = { line, indent }
  }
  return runs
}

/** Those of a run that were lined up, or can be: a line that sticks out on purpose, with one space, is left as it is. */
function columnOf(run: readonly Cell[]): readonly Cell[] {
  const isMeant = run.some(({ stop }, index) => {
    const next = run[index + 1]?.stop
    return next !== undefined && stop.column === next.column && (isSpaced(stop) || isSpaced(next))
  })
  if (!isMeant) return []
  const column = Math.max(...run.map(({ stop }) => (isSpaced(stop) ? stop.column : 0)))
  return run.filter(({ stop }) => isSpaced(stop) || stop.column <= column)
}

/** A comment has two spaces before it by itself. */
function isSpaced({ kind, gap }: Stop): boolean {
  return gap > (kind === 'comment' ? 2 : 1)
}

function lineUp(run: readonly Cell[], table: ReadonlyMap<number, Line>): void {
  const placeOf = ({ line, offset }: Cell) => widthOf((table.get(line)?.text ?? '').slice(0, offset))
  const column = Math.max(...run.map(placeOf))
  for (const cell of run) {
    const line = table.get(cell.line)
    if (line === undefined) continue
    const padding = ' '.repeat(column - placeOf(cell))
    const { offset } = cell
    line.text = line.text.slice(0, offset) + padding + line.text.slice(offset)
    for (const other of line.cells) if (other.offset >= offset) other.offset += padding.length
  }
}
