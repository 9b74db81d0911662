/** Train blocks: options folded to numbers, held against the model. */
import type { Expression, Train, TrainOption } from '../1-parse/ast'
import { optionOfForeign } from '../2-check/foreignFunctions'
import { OPTIONS, type OptionName } from '../2-check/knownNames'
import type { Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import { among, suggest } from '../diagnostics/suggest'
import type { Span } from '../source/source'
import { hasNoise, hasProjection } from '../../quantum/circuit'
import { dataFormat, DATA_FORMATS, isGradientName, OPTIMIZER_KINDS, takesAllRows, takesGroups, type CheckpointPlan, type SpectrumPlan, type TrainPlan } from '../../ir/training'
import { circuitsBehind } from './circuitCalls'
import { elementCount } from './elementPlaces'
import { staticFrame, type Frame, type Session } from './frame'
import { staticNumber } from './meaning'
import type { ElaboratedModel } from './model'
import { dataOf, givenOf } from './trainData'
import { spectraOf } from './spectra'
import { clipOf, defaultOptimizer, groupOf, optimizerOf, scheduleOf } from './trainOptions'


/** Options that may stand several times; group and given then name different things. */
const REPEATED: ReadonlySet<string> = new Set<OptionName>(['standardize', 'group', 'given'])

/** Options that are held against the model's inputs and parameters. */
const OF_MODEL = ['data', 'given', 'standardize', 'group'] as const satisfies readonly OptionName[]
type ModelFree = Exclude<OptionName, (typeof OF_MODEL)[number]>
const isModelFree = (name: OptionName): name is ModelFree => !OF_MODEL.some(other => other === name)

/** Reports what is wrong with a block whatever its model is, which is wrong itself. */
export function checkTrainAlone(session: Session, module: Module, train: Train, sink: DiagnosticSink): void {
  const frame = staticFrame(session, module, sink, 'const')
  const seen = new Map<string, Span>()
  for (const option of train.options) {
    const name = OPTIONS.find(known => known === option.name.name)
    if (!isFirst(frame, option, seen)) continue
    if (name === undefined) reportUnknown(frame, option)
    else if (name === 'optimizer') optimizerOf(frame, option)
    else if (isModelFree(name)) readModelFree(frame, name, option)
  }
}

function reportUnknown(frame: Frame, { name }: TrainOption): void {
  const { suggestion, known } = among(name.name, OPTIONS)
  frame.sink.report('unknown-option', name.span, { name: name.name, suggestion: optionOfForeign(name.name) ?? suggestion, known })
}

export function elaborateTrain(session: Session, module: Module, train: Train, model: ElaboratedModel, sink: DiagnosticSink): TrainPlan {
  const frame = staticFrame(session, module, sink, 'const')
  if (!model.hasLoss) sink.report('no-loss', train.name.span, { model: model.name })
  const seen = new Map<string, Span>()
  const options = train.options.filter(option => isFirst(frame, option, seen))
  // The options of a group are those of the optimizer, wherever that stands.
  const chosen = options.find(option => option.name.name === 'optimizer')
  let plan: TrainPlan = { standardize: [], optimizer: (chosen && optimizerOf(frame, chosen)) ?? defaultOptimizer() }
  for (const option of options) {
    if (option === chosen) continue
    const name = OPTIONS.find(known => known === option.name.name)
    if (name) plan = { ...plan, ...readOption(frame, name, option, model, plan) }
    else reportUnknown(frame, option)
  }
  checkTogether(frame, plan, seen, model)
  checkMapped(frame, options, plan, model)
  return OPTIMIZER_KINDS[plan.optimizer.name] === 'sinusoid' ? { ...plan, spectra: spectraFor(frame, plan.optimizer.name, chosen, model) } : plan
}

/** Another of the same name is reported and left out. */
function isFirst(frame: Frame, option: TrainOption, seen: Map<string, Span>): boolean {
  const { name } = option.name
  const key = REPEATED.has(name) && name !== 'standardize' ? `${name} ${option.word?.name ?? ''}` : name
  const earlier = seen.get(key)
  if (!earlier) seen.set(key, option.name.span)
  if (!earlier || name === 'standardize') return true
  const shown = option.word && key !== name ? option.word : option.name
  frame.sink.report('duplicate-name', shown.span, { name: shown.name }, { related: [{ span: earlier, message: 'first given here' }] })
  return false
}

function readOption(frame: Frame, name: OptionName, option: TrainOption, model: ElaboratedModel, plan: TrainPlan): Partial<TrainPlan> {
  switch (name) {
    case 'data': return { data: dataOf(frame, option, model) }
    case 'given': return { given: { ...plan.given, ...givenOf(frame, option, model) } }
    case 'standardize': return { standardize: [...plan.standardize, ...standardized(frame, option, model)] }
    case 'group': {
      const group = groupOf(frame, option, model, plan)
      return group ? { groups: [...plan.groups ?? [], group] } : {}
    }
    default: return readModelFree(frame, name, option)
  }
}

function readModelFree(frame: Frame, name: ModelFree, option: TrainOption): Partial<TrainPlan> {
  switch (name) {
    case 'optimizer': return {}
    case 'holdout': return { holdout: holdoutOf(frame, option) }
    case 'schedule': return { schedule: scheduleOf(frame, option) }
    case 'clip': return { clip: clipOf(frame, option) }
    case 'epochs': case 'steps': case 'batch': case 'patience': return { [name]: countOf(frame, option, 1) }
    case 'seed': return { seed: countOf(frame, option, 0) }
    case 'checkpoint': return { checkpoint: checkpointOf(frame, option) }
    default: return name satisfies never
  }
}

/** What does not go together. */
function checkTogether(frame: Frame, { optimizer: { name }, holdout }: TrainPlan, seen: ReadonlyMap<string, Span>, model: ElaboratedModel): void {
  const conflict = (first: string, second: string, span: Span | undefined, hint?: string) => {
    const other = seen.get(first) ?? (first === name ? seen.get('optimizer') : undefined)
    const related = other && other !== span ? [{ span: other, message: `\`${first}\` is given here` }] : []
    if (span) frame.sink.report('conflicting-options', span, { first, second, hint }, { related })
  }
  const ownSteps = (option: string) => `\`${name}\` chooses the steps of all parameters itself: leave \`${option}\` out, or take an optimizer such as \`adam\``
  if (seen.has('epochs')) conflict('epochs', 'steps', seen.get('steps'))
  if (!isGradientName(name)) {
    // They look at the loss itself and choose their own steps.
    for (const option of ['schedule', 'clip']) conflict(name, option, seen.get(option), ownSteps(option))
    for (const [key, span] of seen) if (key.startsWith('group ') && !takesGroups(name)) conflict(name, 'group', span, ownSteps('group'))
    if (takesAllRows(name)) conflict(name, 'batch', seen.get('batch'), `\`${name}\` takes all rows at once: leave \`batch\` out, or take an optimizer such as \`adam\``)
    if (OPTIMIZER_KINDS[name] === 'metric') checkMetric(frame, name, seen.get('optimizer'), model)
    if (name !== 'spsa') {
      if (model.results.some(result => result.kind === 'rate')) conflict(name, 'rate', seen.get('optimizer'), ownSteps('rate'))
    }
  }
  if (holdout && 'file' in holdout && !seen.has('data')) {
    const span = seen.get('holdout')
    if (span) frame.sink.report('option-value', span, { name: 'holdout', expected: 'a file only where `data` says what its columns are' })
  }
}

/** A metric is that of pure states, known exactly; one complaint, for the circuit that is met first. */
function checkMetric(frame: Frame, name: string, span: Span | undefined, { graph, results, hasLoss }: ElaboratedModel): void {
  const loss = graph.outputs[results.findIndex(result => result.kind === 'loss')]
  if (!span || !hasLoss || !loss) return
  const circuits = circuitsBehind(loss)
  if (circuits.size === 0) frame.sink.report('option-value', span, { name, expected: 'a loss that calls a circuit; without one, take an optimizer such as `adam`' })
  for (const circuit of circuits) {
    const reason = hasNoise(circuit) ? 'has channels' : circuit.shots !== undefined ? 'is sampled' : hasProjection(circuit) ? 'takes the overlap with amplitudes' : undefined
    if (reason === undefined) continue
    frame.sink.report('unsupported', span, { feature: `\`${name}\` for the circuit \`${circuit.name}\`, which ${reason},`, hint: 'take an optimizer such as `adam`' })
    return
  }
}

/** By which frequencies the loss turns with each trained number; one complaint, for the number that is met first. */
function spectraFor(frame: Frame, optimizer: string, option: TrainOption | undefined, { graph, parameters, results, hasLoss }: ElaboratedModel): TrainPlan['spectra'] {
  const loss = graph.outputs[results.findIndex(result => result.kind === 'loss')]
  if (!option || !hasLoss || !loss) return undefined
  const refuse = (parameter: string, reason: string, hint: string): undefined => {
    frame.sink.report('no-closed-form', option.values[0]?.span ?? option.span, { optimizer, parameter, reason, hint })
  }
  const trained = parameters.filter(parameter => !parameter.frozen)
  const ranged = trained.find(parameter => parameter.range)
  if (ranged) return refuse(ranged.path, 'what is trained is the free number behind its range, in which the loss is no sinusoid', 'leave the range out, or take an optimizer such as `adam`')
  const spectra = spectraOf(loss, trained.map(parameter => parameter.input))
  const of = trained.flatMap(({ path, shape }) => Array.from({ length: elementCount(shape) }, () => path))
  const hint = 'take an optimizer such as `adam`, or make the parameter `frozen`'
  if ('reason' in spectra) return refuse(of[spectra.number] ?? '', spectra.reason, hint)
  const plans = trained.map(({ path }): SpectrumPlan => {
    const own = spectra.filter((_, at) => of[at] === path)
    return { path, units: own.map(({ unit }) => unit), counts: own.map(({ count }) => count) }
  })
  const still = plans.find(({ counts }) => counts.every(count => count === 0))
  return still ? refuse(still.path, 'it enters no rotation of a circuit behind the loss', hint) : plans
}

/** Each input is read from the data or given, not both. What was tried and wrong has been reported. */
function checkMapped(frame: Frame, options: readonly TrainOption[], { given }: TrainPlan, model: ElaboratedModel): void {
  const data = options.find(option => option.name.name === 'data')
  if (!data) return
  const mapped = new Set(data.entries?.map(entry => entry.name.name))
  for (const { name, role } of model.inputs) {
    const whole = options.find(option => option.name.name === 'given' && option.word?.name === name)
    if (mapped.has(name) && whole && given && Object.hasOwn(given, name)) frame.sink.report('conflicting-options', whole.name.span, { first: 'data', second: `given ${name}` })
    if (!mapped.has(name) && !whole) frame.sink.report('unmapped-input', data.name.span, { name, role })
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
  return value && staticCount(frame, value, option.name.name, least)
}

function staticCount(frame: Frame, value: Expression, name: string, least: number): number | undefined {
  const meaning = frame.session.evaluate(frame, value)
  if (meaning.kind === 'unknown') return undefined
  const number = staticNumber(meaning)
  if (number !== undefined && Number.isSafeInteger(number) && number >= least) return number
  frame.sink.report('option-value', value.span, { name, expected: `an int from ${least}` })
  return undefined
}

function holdoutOf(frame: Frame, option: TrainOption): TrainPlan['holdout'] {
  const value = single(frame, option)
  if (!value) return undefined
  const meaning = frame.session.evaluate(frame, value)
  if (meaning.kind === 'text' && !option.word) {
    if (dataFormat(meaning.text)) return { file: meaning.text }
    frame.sink.report('unsupported', value.span, { feature: `data from \`${meaning.text}\``, hint: `data files are ${DATA_FORMATS}` })
    return undefined
  }
  const number = staticNumber(meaning)
  if (option.word?.name === 'last' && number !== undefined && Number.isSafeInteger(number) && number >= 1) return { last: number }
  if (!option.word && number !== undefined && number >= 0 && number < 1) return { fraction: number }
  if (meaning.kind !== 'unknown') {
    frame.sink.report('option-value', value.span, { name: 'holdout', expected: option.word ? 'a number of rows, as in `holdout last 100`' : 'a fraction from 0 up to 1, or a file in quotes' })
  }
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

/** `checkpoint "run.safetensors"`, after every epoch; `{ epochs = 5 }` or `{ steps = 100 }` for how often. */
function checkpointOf(frame: Frame, option: TrainOption): CheckpointPlan | undefined {
  const file = option.values[0]
  if (option.values.length !== 1 || file?.kind !== 'string' || file.value === '') {
    frame.sink.report('option-value', option.span, { name: 'checkpoint', expected: 'a file name in quotes' })
    return undefined
  }
  const [entry, second] = option.entries ?? []
  if (second) {
    frame.sink.report('conflicting-options', second.name.span, { first: entry?.name.name ?? '', second: second.name.name })
    return undefined
  }
  if (!entry) return { file: file.value, every: 1, unit: 'epochs' }
  const { name } = entry.name
  if (name !== 'epochs' && name !== 'steps') {
    frame.sink.report('unknown-argument', entry.name.span, { name: 'checkpoint', argument: name, suggestion: suggest(name, ['epochs', 'steps']) })
    return undefined
  }
  const every = staticCount(frame, entry.value, name, 1)
  return every === undefined ? undefined : { file: file.value, every, unit: name }
}
