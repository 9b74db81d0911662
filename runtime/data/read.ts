/** A model's inputs out of a table, as its `data` line says. */
import type { PlanInput, Precision } from '../../ir/plan'
import type { ColumnSource, DataPlan } from '../../ir/training'
import { printType } from '../../ir/type'
import { allocate } from '../backends/backend'
import { RunError } from '../errors'
import { suggestName } from '../suggest'
import type { TensorData } from '../tensor'
import { codesOf, evaluateColumns, printClasses, type Block, type Classes } from './columns'
import { areFinite } from './notFinite'
import { failCell, positionsOf, truthIn, type Table } from './table'

export interface DataTable {
  /** By input name, for `fit` or `evaluate`. */
  readonly values: Readonly<Record<string, TensorData>>
  /** Names of the classes of inputs that were read from text, in order: class i is names[i]. */
  readonly classes: Readonly<Record<string, readonly string[]>>
  readonly rows: number
}

/**
 * @param inputs of the plan; those that no column is mapped to are left out
 * @param known classes of an earlier file, that this one must keep to
 * @throws RunError 'data' naming the file, the row and the column
 */
export function readTable(
  table: Table, plan: DataPlan, inputs: readonly PlanInput[], precision: Precision, known: DataTable['classes'] = {},
): DataTable {
  const values: Record<string, TensorData> = {}
  const classes: Record<string, readonly string[]> = {}
  for (const { input: name, from } of plan.columns) {
    const input = inputs.find(other => other.name === name)
    if (!input) throw new RunError('usage', `data maps '${name}', which is no input${suggestName(name, inputs.map(other => other.name))}`)
    const block = blockOf(table, from, input, { known: known[name], found: names => { classes[name] = names } })
    const shape = shapeOf(input, table.rows, block.width, table.file)
    const data = allocate(input.type.element, precision, table.rows * block.width)
    let at = 0
    for (let row = 0; row < table.rows; row++) for (let i = 0; i < block.width; i++) data[at++] = block.at(row, i)
    values[name] = { data, shape, ...areFinite(data) ? {} : { origin: originIn(table, block, name) } }
  }
  return { values, classes, rows: table.rows }
}

/** The table is kept for it, so only where it may be asked for. */
function originIn(table: Table, block: Block, name: string): NonNullable<TensorData['origin']> {
  return at => {
    const row = Math.floor(at / block.width), i = at % block.width
    const value = block.at(row, i)
    const what = Number.isFinite(value) ? `${name} is ${value}, too large for 32 bits (precision f64 holds it)` : block.describe?.(row, i) ?? `${name} is ${value}`
    return `${table.place(row)}: ${what}`
  }
}

function blockOf(table: Table, from: ColumnSource, input: PlanInput, classes: Classes): Block {
  const isPlain = from.kind === 'named' || from.kind === 'positions'
  switch (input.type.element) {
    case 'real': return evaluateColumns(table, from, input.name, classes)
    case 'int': return isPlain ? codesOf(table, from, input.name, input.classes, classes) : checkedIntegers(table, evaluateColumns(table, from, input.name, classes), input)
    case 'bool': {
      if (!isPlain) throw new RunError('usage', `data: ${input.name} is bool, and takes columns as they are`)
      const columns = positionsOf(table, from, input.name)
      return { width: columns.length, at: (row, i) => truthIn(table.cell(row, columns[i] ?? 0)) ?? failCell(table, row, columns[i] ?? 0, 'true or false') }
    }
    default: return input.type.element satisfies never
  }
}

function checkedIntegers({ place }: Table, { width, at }: Block, { name, classes }: PlanInput): Block {
  return { width, at: (row, i) => {
    const value = at(row, i)
    if ((value | 0) !== value) throw new RunError('data', `${place(row)}: ${name}: an integer was expected, found ${value}`)
    if (!classes || (value >= classes.low && value < classes.high)) return value
    throw new RunError('data', `${place(row)}: ${name}: ${printClasses(classes)} was expected, found ${value}`)
  } }
}

/** The columns fill one row of the input's shape; an open size is worked out where there is one. */
function shapeOf({ name, type }: PlanInput, rows: number, columns: number, file: string): number[] {
  const fail = (): never => {
    throw new RunError('data', `${file}: ${columns} ${columns === 1 ? 'column does' : 'columns do'} not fill a row of ${name}, which is ${printType(type)}`)
  }
  if (type.shape.length === 0) return fail()
  const sizes = type.shape.slice(1)
  const known = sizes.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1)
  const open = sizes.filter(dim => typeof dim !== 'number').length
  if (open > 1 || columns % known !== 0 || (open === 0 && columns !== known)) return fail()
  return [rows, ...sizes.map(dim => (typeof dim === 'number' ? dim : columns / known))]
}
