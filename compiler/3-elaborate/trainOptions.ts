/** The options of a train block that say how a step is taken: optimizer, schedule, clip, group. */
import type { Argument, Expression, Identifier, TrainOption } from '../1-parse/ast'
import { among, argumentHelp, suggest } from '../diagnostics/suggest'
import type { Span } from '../source/source'
import {
  DEFAULT_OPTIMIZER, OPTIMIZERS, OPTION_KINDS, SCHEDULES, takesOption,
  type ClipPlan, type GroupPlan, type OptimizerPlan, type OptionRow, type ScheduleName, type SchedulePlan, type TrainPlan,
} from '../../ir/training'
import type { Frame } from './frame'
import type { ElaboratedModel } from './model'

type Rows = Readonly<Record<string, OptionRow>>
type Settings = Readonly<Record<string, number | boolean>>

export const defaultOptimizer = (): OptimizerPlan => ({ name: DEFAULT_OPTIMIZER, ...fallbacks(OPTIMIZERS[DEFAULT_OPTIMIZER]) }) as OptimizerPlan

export function optimizerOf(frame: Frame, option: TrainOption): OptimizerPlan | undefined {
  const called = callOf(frame, option.values[0], option)
  if (!called || !isAlone(frame, option)) return undefined
  const { name, span } = called.callee
  if (!Object.hasOwn(OPTIMIZERS, name)) {
    frame.sink.report('unknown-optimizer', span, { name: name || 'this', ...among(name, Object.keys(OPTIMIZERS)) })
    return undefined
  }
  const rows: Rows = OPTIMIZERS[name as keyof typeof OPTIMIZERS]
  const settings = argumentsOf(frame, name, rows, called.arguments)
  // The table's row of this name and its options belong together.
  return settings && { name, ...fallbacks(rows), ...settings } as OptimizerPlan
}

/** `schedule cosine(epochs = 40)`, `schedule warmup(100), cosine()`. */
export function scheduleOf(frame: Frame, option: TrainOption): readonly SchedulePlan[] | undefined {
  const plans: SchedulePlan[] = []
  for (const value of option.values.length > 0 ? option.values : [undefined]) {
    const called = callOf(frame, value, option)
    const plan = called && schedule(frame, called)
    if (!plan) return undefined
    const [before] = plans
    if (before && (before.name !== 'warmup' || plans.length > 1)) {
      frame.sink.report('option-value', called.callee.span, { name: 'schedule', expected: 'one schedule, or a warmup and another, as in `schedule warmup(100), cosine()`' })
      return undefined
    }
    plans.push(plan)
  }
  return plans
}

function schedule(frame: Frame, { callee: { name, span }, arguments: given }: Called): SchedulePlan | undefined {
  if (!Object.hasOwn(SCHEDULES, name)) {
    const known = Object.keys(SCHEDULES)
    const near = suggest(name, known)
    frame.sink.report('option-value', span, { name: 'schedule', expected: `one of ${known.map(each => `\`${each}\``).join(', ')}${near === undefined ? '' : `; did you mean \`${near}\`?`}` })
    return undefined
  }
  const rows: Rows = SCHEDULES[name as ScheduleName]
  const settings = argumentsOf(frame, name, rows, given)
  if (!settings) return undefined
  if (settings.steps !== undefined && settings.epochs !== undefined) {
    frame.sink.report('conflicting-options', span, { first: 'steps', second: 'epochs' })
    return undefined
  }
  if (name === 'warmup' && settings.steps === undefined && settings.epochs === undefined) {
    frame.sink.report('option-value', span, { name: 'warmup', expected: 'its length, as in `warmup(100)` for steps or `warmup(epochs = 2)`' })
    return undefined
  }
  return { name, ...fallbacks(rows), ...settings } as SchedulePlan
}

/** `clip norm(1)`, `clip value(0.5)`. */
export function clipOf(frame: Frame, option: TrainOption): ClipPlan | undefined {
  const called = callOf(frame, option.values[0], option)
  if (!called || !isAlone(frame, option)) return undefined
  const { name: kind, span } = called.callee
  if (kind !== 'norm' && kind !== 'value') {
    frame.sink.report('option-value', span, { name: 'clip', expected: '`norm(…)` or `value(…)`' })
    return undefined
  }
  const settings = argumentsOf(frame, kind, { limit: { fallback: undefined, kind: 'positive', doc: '' } }, called.arguments)
  if (!settings) return undefined
  if (typeof settings.limit === 'number') return { kind, limit: settings.limit }
  frame.sink.report('option-value', span, { name: kind, expected: `${OPTION_KINDS.positive.words}, as in \`clip ${kind}(1)\`` })
  return undefined
}

/** `group enc { rate = 0.1 }`. */
export function groupOf(frame: Frame, option: TrainOption, model: ElaboratedModel, { optimizer, groups = [] }: TrainPlan): GroupPlan | undefined {
  const path = option.word
  if (!path || option.values.length > 0 || !option.entries || option.entries.length === 0) {
    frame.sink.report('option-value', option.span, { name: 'group', expected: 'a parameter and options of the optimizer, as in `group w { rate = 0.1 }`' })
    return undefined
  }
  const within = (prefix: string) => model.parameters.filter(parameter => parameter.path === prefix || parameter.path.startsWith(`${prefix}.`))
  const matching = within(path.name)
  if (matching.length === 0) {
    const known = model.parameters.map(parameter => parameter.path)
    const near = suggest(path.name, known)
    frame.sink.report('unknown-parameter', path.span, { name: path.name, known: `${near === undefined ? '' : `did you mean \`${near}\`? `}the parameters are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}` })
    return undefined
  }
  const taken = groups.find(group => within(group.path).some(parameter => matching.includes(parameter)))
  if (taken) {
    frame.sink.report('second-update', path.span, { name: matching.find(parameter => within(taken.path).includes(parameter))?.path ?? path.name, what: 'group' })
    return undefined
  }
  const given = option.entries.map(({ name, value }): Argument => ({ name, value, span: value.span }))
  const settings = argumentsOf(frame, optimizer.name, OPTIMIZERS[optimizer.name], given)
  return settings && { path: path.name, options: settings }
}

// ------------------------------------------------------------------------------------------------------- calls

interface Called { readonly callee: { readonly name: string; readonly span: Span }; readonly arguments: readonly Argument[] }

/** `adam(rate = 0.1)`, or `adam` alone. */
function callOf(frame: Frame, value: Expression | undefined, option: TrainOption): Called | undefined {
  if (value?.kind === 'invalid') return undefined
  const callee = value?.kind === 'call' ? value.callee : value
  if (value && callee?.kind === 'name') return { callee, arguments: value.kind === 'call' ? value.arguments : [] }
  frame.sink.report('option-value', value?.span ?? option.span, { name: option.name.name, expected: `a name and its options, as in \`${EXAMPLES[option.name.name] ?? ''}\`` })
  return undefined
}

const EXAMPLES: Readonly<Record<string, string>> = { optimizer: 'optimizer adam(rate = 0.01)', schedule: 'schedule cosine()', clip: 'clip norm(1)' }

function isAlone(frame: Frame, option: TrainOption): boolean {
  const second = option.values[1]
  const extra: Identifier | Expression | undefined = second ?? option.word ?? option.entries?.[0]?.name
  if (!extra) return true
  frame.sink.report('option-value', extra.span, { name: option.name.name, expected: 'one value' })
  return false
}

const fallbacks = (rows: Rows): Settings =>
  Object.fromEntries(Object.entries(rows).flatMap(([key, { fallback }]) => (fallback === undefined ? [] : [[key, fallback]])))

/** What was written; every mistake is reported. @returns undefined where there was one */
function argumentsOf(frame: Frame, owner: string, rows: Rows, given: readonly Argument[]): Settings | undefined {
  const names = Object.keys(rows)
  const settings: Record<string, number | boolean> = {}
  let isRight = true
  let next = 0
  for (const argument of given) {
    const key = argument.name?.name ?? names[next++]
    const row = key !== undefined && Object.hasOwn(rows, key) ? rows[key] : undefined
    if (key === undefined || !row) {
      frame.sink.report('unknown-argument', argument.name?.span ?? argument.span, { name: owner, argument: key ?? 'so many', ...argumentHelp(key ?? '', names) })
      isRight = false
    } else if (Object.hasOwn(settings, key)) {
      frame.sink.report('repeated-argument', argument.name?.span ?? argument.span, { name: owner, argument: key })
      isRight = false
    } else {
      const value = optionValue(frame, argument.value)
      if (value === 'reported') isRight = false
      else if (takesOption(row.kind, value)) settings[key] = value
      else {
        frame.sink.report('option-value', argument.value.span, { name: key, expected: OPTION_KINDS[row.kind].words })
        isRight = false
      }
    }
  }
  return isRight ? settings : undefined
}

function optionValue(frame: Frame, expression: Expression): number | boolean | undefined | 'reported' {
  const meaning = frame.session.evaluate(frame, expression)
  if (meaning.kind === 'unknown') return 'reported'
  if (meaning.kind !== 'static' || meaning.shape.length > 0) return undefined
  const [value] = meaning.data
  return meaning.element === 'bool' ? value !== 0 : value
}
