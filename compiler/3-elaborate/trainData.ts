/** The options of a train block that say where inputs come from: `data`, its columns, and `given`. */
import type { BinaryOperator, CallExpression, Expression, TrainOption } from '../1-parse/ast'
import { among } from '../diagnostics/suggest'
import { printType, tensor } from '../../ir/type'
import { COLUMN_FUNCTIONS, dataFormat, DATA_FORMATS, type ColumnFunction, type ColumnSource, type DataPlan, type GivenPlan } from '../../ir/training'
import type { Frame } from './frame'
import { describe, staticNumber } from './meaning'
import type { ElaboratedModel } from './model'

export function dataOf(frame: Frame, option: TrainOption, model: ElaboratedModel): DataPlan | undefined {
  const file = option.values[0]
  if (option.values.length !== 1 || file?.kind !== 'string') {
    frame.sink.report('option-value', option.span, { name: 'data', expected: 'a file name in quotes and `{ input = column, … }`' })
    return undefined
  }
  if (!dataFormat(file.value)) {
    frame.sink.report('unsupported', file.span, { feature: `data from \`${file.value}\``, hint: `data files are ${DATA_FORMATS}` })
    return undefined
  }
  const columns: { input: string; from: ColumnSource }[] = []
  for (const entry of option.entries ?? []) {
    const { name, span } = entry.name
    if (!model.inputs.some(input => input.name === name)) {
      frame.sink.report('unknown-input', span, { name, model: model.name, ...among(name, model.inputs.map(input => input.name)) })
      continue
    }
    if (columns.some(column => column.input === name)) {
      frame.sink.report('duplicate-name', span, { name })
      continue
    }
    const from = columnsOf(frame, entry.value)
    if (from) columns.push({ input: name, from })
  }
  return { file: file.value, columns }
}

/** `given goal = [1, 0]`: the same for all rows. */
export function givenOf(frame: Frame, option: TrainOption, model: ElaboratedModel): Readonly<Record<string, GivenPlan>> {
  const [value] = option.values
  const { word } = option
  if (!word || !value) {
    frame.sink.report('option-value', option.span, { name: 'given', expected: 'an input and its value, as in `given goal = [1, 0]`' })
    return {}
  }
  const input = model.inputs.find(each => each.name === word.name)
  if (!input) {
    frame.sink.report('unknown-input', word.span, { name: word.name, model: model.name, ...among(word.name, model.inputs.map(each => each.name)) })
    return {}
  }
  const meaning = frame.session.evaluate(frame, value)
  if (meaning.kind === 'unknown') return {}
  const { shape, element } = input.type
  const fits = meaning.kind === 'static' && meaning.shape.length === shape.length
    && shape.every((dim, axis) => typeof dim !== 'number' || dim === meaning.shape[axis])
    && (element === 'real' ? meaning.element !== 'bool' : meaning.element === element)
  if (meaning.kind === 'static' && fits) return { [word.name]: { shape: meaning.shape, data: meaning.data } }
  frame.sink.report('type-mismatch', value.span, { expected: `${printType(tensor(element, shape))}, known when the model is compiled`, found: describe(meaning) })
  return {}
}

// ----------------------------------------------------------------------------------------------------- columns

/** An expression over columns: names and strings are columns, so are `columns(a..b)`; a name that is a `const` is its value. */
function columnsOf(frame: Frame, value: Expression): ColumnSource | undefined {
  switch (value.kind) {
    case 'string': return { kind: 'named', names: [value.value] }
    case 'number': return { kind: 'number', value: value.value }
    case 'name': return { kind: 'named', names: [value.name] }
    case 'list': {
      const names = value.items.map(item => (item.kind === 'name' ? item.name : item.kind === 'string' ? item.value : undefined))
      if (names.length > 0 && names.every(name => name !== undefined)) return { kind: 'named', names }
      const parts = value.items.map(item => columnsOf(frame, item))
      return parts.length > 0 && isComplete(parts) ? { kind: 'concat', parts } : refuse(frame, value, parts.length === 0)
    }
    case 'unary': return value.operator === '+' ? operand(frame, value.operand) : value.operator === '-' ? scalar(frame, 'neg', [value.operand]) : refuse(frame, value)
    case 'binary': {
      const fn = OPERATORS[value.operator]
      return fn ? scalar(frame, fn, [value.left, value.right]) : refuse(frame, value)
    }
    case 'pipe': {
      const { call } = value
      const callee = call.kind === 'call' ? call.callee : call
      return columnCall(frame, { kind: 'call', callee, arguments: [{ value: value.value, span: value.value.span }, ...call.kind === 'call' ? call.arguments : []], span: value.span })
    }
    case 'call': return columnCall(frame, value)
    case 'invalid': return undefined
    default: return refuse(frame, value)
  }
}

const OPERATORS: { readonly [Operator in BinaryOperator]?: ColumnFunction } = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div', '%': 'mod', '^': 'pow' }

const isComplete = (parts: readonly (ColumnSource | undefined)[]): parts is readonly ColumnSource[] => parts.every(part => part !== undefined)

/** Inside arithmetic a name may be a `const`. */
function operand(frame: Frame, value: Expression): ColumnSource | undefined {
  if (value.kind !== 'name' || (value.name !== 'pi' && !frame.session.constant(frame.module, value.name))) return columnsOf(frame, value)
  const meaning = frame.session.evaluate(frame, value)
  const number = staticNumber(meaning)
  if (number !== undefined) return { kind: 'number', value: number }
  if (meaning.kind !== 'unknown') frame.sink.report('option-value', value.span, { name: value.name, expected: 'a number here' })
  return undefined
}

function scalar(frame: Frame, fn: ColumnFunction, given: readonly Expression[]): ColumnSource | undefined {
  const args = given.map(each => operand(frame, each))
  return isComplete(args) ? { kind: 'scalar', fn, args } : undefined
}

/** How many arguments a function of columns takes: one, but for these. */
const TWO: ReadonlySet<ColumnFunction> = new Set<ColumnFunction>(['idiv', 'min', 'max'])

function columnCall(frame: Frame, call: CallExpression): ColumnSource | undefined {
  const name = call.callee.kind === 'name' ? call.callee.name : ''
  const positional = call.arguments.filter(argument => !argument.name).map(argument => argument.value)
  const named = new Map(call.arguments.flatMap(argument => (argument.name ? [[argument.name.name, argument.value]] : [])))
  const wrong = (expected: string): undefined => {
    frame.sink.report('option-value', call.span, { name, expected })
    return undefined
  }
  const [first, second] = positional
  switch (name) {
    case 'columns': return (first && positional.length === 1 && named.size === 0 && positions(frame, first)) || wrong('positions from 0, as in `columns(0..4)` or `columns(4)`')
    case 'one_hot': {
      const size = second && positional.length === 2 && named.size === 0 ? staticNumber(frame.session.evaluate(frame, second)) : undefined
      if (!first || size === undefined || !Number.isSafeInteger(size) || size < 1) return wrong('columns and the number of classes, as in `one_hot(label, 10)`')
      const of = columnsOf(frame, first)
      return of && { kind: 'oneHot', of, size }
    }
    case 'chars': {
      const other = named.get('other')
      const code = other && staticNumber(frame.session.evaluate(frame, other))
      const isRight = positional.length === 2 && named.size === (other ? 1 : 0) && (!other || (code !== undefined && Number.isSafeInteger(code)))
      if (!first || second?.kind !== 'string' || second.value === '' || !isRight) {
        return wrong('a text column and the letters in the order of their codes, as in `chars(sequence, "ACGT")`; `other = 4` for letters that are not among them')
      }
      if (new Set(second.value).size !== [...second.value].length) return wrong('each letter once')
      const of = columnsOf(frame, first)
      return of && { kind: 'letters', of, alphabet: second.value, ...(code === undefined ? {} : { other: code }) }
    }
    default: {
      const fn = COLUMN_FUNCTIONS.find(known => known === name && !Object.values(OPERATORS).includes(known) && known !== 'neg')
      if (!fn) return refuse(frame, call)
      const arity = TWO.has(fn) ? 2 : 1
      return positional.length === arity && named.size === 0 ? scalar(frame, fn, positional) : wrong(arity === 2 ? 'two columns or numbers' : 'one column, or several')
    }
  }
}

function positions(frame: Frame, value: Expression): ColumnSource | undefined {
  const bounds = value.kind === 'range' ? [value.low, value.high] : [value]
  const [low, high] = bounds.map(bound => staticNumber(frame.session.evaluate(frame, bound)))
  if (low === undefined || !Number.isSafeInteger(low) || low < 0) return undefined
  if (bounds.length === 1) return { kind: 'positions', low, high: low + 1 }
  return high !== undefined && Number.isSafeInteger(high) && high > low ? { kind: 'positions', low, high } : undefined
}

function refuse(frame: Frame, value: Expression, isNew = true): undefined {
  if (isNew) {
    frame.sink.report('unsupported', value.span, {
      feature: 'this way of reading columns', hint: 'a column, several in brackets, `columns(0..4)`, arithmetic and elementwise functions of these, `one_hot(…, n)` and `chars(…, "ACGT")` can be read',
    })
  }
  return undefined
}
