/** Train blocks: options folded to numbers, columns held against the model's inputs. */
import type { Expression, Train, TrainOption } from '../1-parse/ast'
import type { Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import { suggest } from '../diagnostics/suggest'
import type { Span } from '../source/source'
import { GraphBuilder } from '../../ir/builder'
import type { ColumnSource, DataPlan, OptimizerPlan, TrainPlan } from '../../ir/plan'
import { Environment, type Frame, type Session } from './frame'
import { staticNumber } from './meaning'
import type { ElaboratedModel } from './model'

const OPTIONS = ['data', 'holdout', 'standardize', 'optimizer', 'epochs', 'steps', 'batch', 'seed', 'patience'] as const
const LATER = ['schedule', 'clip', 'checkpoint', 'group', 'given']

/** Options of each optimizer with their defaults; `rate` always stands first. */
const OPTIMIZERS = {
  sgd: { rate: 0.01, momentum: 0, nesterov: 0 },
  adam: { rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
} as const
const OPTIMIZERS_LATER = ['adamw', 'rmsprop', 'adagrad', 'lion', 'lbfgs', 'newton', 'natural_gradient', 'rotosolve', 'spsa']

/** What trains without an `optimizer` line. */
const DEFAULT_OPTIMIZER: OptimizerPlan = { name: 'adam', rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

export function elaborateTrain(session: Session, module: Module, train: Train, model: ElaboratedModel, sink: DiagnosticSink): TrainPlan {
  const frame: Frame = {
    session, sink, place: 'const', module, builder: GraphBuilder.create(), environment: new Environment(), unrolled: true, loops: [],
    callPath: '', pathPrefix: '', target: '', stacks: [], within: [], circuit: undefined, model: undefined,
  }
  if (!model.hasLoss) sink.report('no-loss', train.name.span, { model: model.name })
  let plan: TrainPlan = { standardize: [], optimizer: DEFAULT_OPTIMIZER }
  const seen = new Map<string, Span>()
  for (const option of train.options) {
    const name = option.name.name
    const earlier = seen.get(name)
    if (earlier && name !== 'standardize') {
      sink.report('duplicate-name', option.name.span, { name }, { related: [{ span: earlier, message: 'first given here' }] })
      continue
    }
    seen.set(name, option.name.span)
    plan = { ...plan, ...readOption(frame, option, model) }
  }
  if (plan.epochs !== undefined && plan.steps !== undefined) {
    sink.report('conflicting-options', seen.get('steps') ?? train.name.span, { first: 'epochs', second: 'steps' })
  }
  return plan
}

function readOption(frame: Frame, option: TrainOption, model: ElaboratedModel): Partial<TrainPlan> {
  const name = option.name.name
  switch (name) {
    case 'data': return { data: dataOf(frame, option, model) }
    case 'holdout': return { holdout: holdoutOf(frame, option) }
    case 'standardize': return { standardize: standardized(frame, option, model) }
    case 'optimizer': return { optimizer: optimizerOf(frame, option) ?? DEFAULT_OPTIMIZER }
    case 'epochs': case 'steps': case 'batch': case 'patience': return { [name]: countOf(frame, option, 1) }
    case 'seed': return { seed: countOf(frame, option, 0) }
    default:
      if (LATER.includes(name)) frame.sink.report('unsupported', option.name.span, { feature: `\`${name}\` in a train block` })
      else frame.sink.report('unknown-option', option.name.span, { name, suggestion: suggest(name, OPTIONS) })
      return {}
  }
}

function single(frame: Frame, option: TrainOption): Expression | undefined {
  const [value] = option.values
  if (value && option.values.length === 1) return value
  frame.sink.report('option-value', option.span, { name: option.name.name, expected: 'one value' })
  return undefined
}

function countOf(frame: Frame, option: TrainOption, least: number): number | undefined {
  const value = single(frame, option)
  if (!value) return undefined
  const meaning = frame.session.evaluate(frame, value)
  if (meaning.kind === 'unknown') return undefined
  const number = staticNumber(meaning)
  if (number !== undefined && Number.isSafeInteger(number) && number >= least) return number
  frame.sink.report('option-value', value.span, { name: option.name.name, expected: `an int from ${least}` })
  return undefined
}

function holdoutOf(frame: Frame, option: TrainOption): TrainPlan['holdout'] {
  const value = single(frame, option)
  if (!value) return undefined
  const meaning = frame.session.evaluate(frame, value)
  if (meaning.kind === 'text') {
    frame.sink.report('unsupported', value.span, { feature: '`holdout` from a file' })
    return undefined
  }
  const number = staticNumber(meaning)
  if (option.word?.name === 'last' && number !== undefined && Number.isSafeInteger(number) && number >= 1) return { last: number }
  if (!option.word && number !== undefined && number >= 0 && number < 1) return { fraction: number }
  if (meaning.kind !== 'unknown') frame.sink.report('option-value', value.span, { name: 'holdout', expected: option.word ? 'a number of rows, as in `holdout last 100`' : 'a fraction from 0 up to 1' })
  return undefined
}

function standardized(frame: Frame, option: TrainOption, model: ElaboratedModel): readonly string[] {
  const names: string[] = []
  for (const value of option.values) {
    const input = value.kind === 'name' ? model.inputs.find(each => each.name === value.name) : undefined
    if (input?.type.element === 'real') names.push(input.name)
    else frame.sink.report('option-value', value.span, { name: 'standardize', expected: 'a real input of the model' })
  }
  return names
}

// --------------------------------------------------------------------------------------------------- optimizer

const isOptimizer = (name: string): name is keyof typeof OPTIMIZERS => Object.hasOwn(OPTIMIZERS, name)

function optimizerOf(frame: Frame, option: TrainOption): OptimizerPlan | undefined {
  const value = single(frame, option)
  if (!value) return undefined
  const callee = value.kind === 'call' ? value.callee : value
  const name = callee.kind === 'name' ? callee.name : ''
  if (!isOptimizer(name)) {
    if (OPTIMIZERS_LATER.includes(name)) frame.sink.report('unsupported', callee.span, { feature: `the optimizer \`${name}\`` })
    else frame.sink.report('unknown-optimizer', callee.span, { name: name || 'this', suggestion: suggest(name, Object.keys(OPTIMIZERS)) })
    return undefined
  }
  const settings: Record<string, number> = { ...OPTIMIZERS[name] }
  const names = Object.keys(settings)
  let next = 0
  for (const argument of value.kind === 'call' ? value.arguments : []) {
    const key = argument.name?.name ?? names[next++]
    if (key === undefined || !names.includes(key)) {
      frame.sink.report('unknown-argument', argument.name?.span ?? argument.span, { name, argument: key ?? 'so many', suggestion: key && suggest(key, names) })
      return undefined
    }
    const meaning = frame.session.evaluate(frame, argument.value)
    if (meaning.kind === 'unknown') return undefined
    const number = staticNumber(meaning)
    if (number === undefined || !(number >= 0)) {
      frame.sink.report('option-value', argument.span, { name: key, expected: key === 'nesterov' ? '`true` or `false`' : 'a number from 0' })
      return undefined
    }
    settings[key] = number
  }
  const of = (key: string) => settings[key] ?? 0
  return name === 'sgd'
    ? { name, rate: of('rate'), momentum: of('momentum'), nesterov: of('nesterov') !== 0 }
    : { name, rate: of('rate'), beta1: of('beta1'), beta2: of('beta2'), epsilon: of('epsilon') }
}

// -------------------------------------------------------------------------------------------------------- data

function dataOf(frame: Frame, option: TrainOption, model: ElaboratedModel): DataPlan | undefined {
  const file = option.values[0]
  if (option.values.length !== 1 || file?.kind !== 'string') {
    frame.sink.report('option-value', option.span, { name: 'data', expected: 'a file name in quotes and `{ input = column, … }`' })
    return undefined
  }
  if (!/\.csv$/i.test(file.value)) {
    frame.sink.report('unsupported', file.span, { feature: `data from \`${file.value}\`` }, { help: 'this version reads .csv files' })
    return undefined
  }
  const columns: { input: string; from: ColumnSource }[] = []
  for (const entry of option.entries ?? []) {
    if (!model.inputs.some(input => input.name === entry.name.name)) {
      frame.sink.report('unknown-input', entry.name.span, { name: entry.name.name, model: model.name, suggestion: suggest(entry.name.name, model.inputs.map(input => input.name)) })
      continue
    }
    const from = columnsOf(frame, entry.value)
    if (from) columns.push({ input: entry.name.name, from })
  }
  const missing = model.inputs.find(input => !(option.entries ?? []).some(entry => entry.name.name === input.name))
  if (missing) frame.sink.report('unmapped-input', option.span, { name: missing.name, role: missing.role })
  return { file: file.value, columns }
}

/** A column by name or string, several in brackets, or `columns(a..b)` by position. */
function columnsOf(frame: Frame, value: Expression): ColumnSource | undefined {
  const name = (expression: Expression) => (expression.kind === 'name' ? expression.name : expression.kind === 'string' ? expression.value : undefined)
  const own = name(value)
  if (own !== undefined) return { kind: 'named', names: [own] }
  if (value.kind === 'list') {
    const names = value.items.map(name)
    if (names.length > 0 && names.every(each => each !== undefined)) return { kind: 'named', names }
  }
  const [range] = value.kind === 'call' && value.callee.kind === 'name' && value.callee.name === 'columns' ? value.arguments : []
  if (range) {
    const bounds = range.value.kind === 'range' ? [range.value.low, range.value.high] : [range.value]
    const [low, high] = bounds.map(bound => staticNumber(frame.session.evaluate(frame, bound)))
    if (low !== undefined && low >= 0 && (bounds.length === 1 || (high !== undefined && high > low))) return { kind: 'positions', low, high: high ?? low + 1 }
  }
  frame.sink.report('unsupported', value.span, { feature: 'this way of naming columns' }, { help: 'name a column, several in brackets, or `columns(0..4)` by position' })
  return undefined
}

