/** `bpc info`: what a model holds, and what a step of it costs. */
import type { ProgramMemory, TrainingMemory } from 'bp-lang'
import type { ParameterRange, Plan, Precision, Program } from '../../ir/plan'
import type { Sizes } from '../../ir/dim'
import { printType } from '../../ir/type'
import { stateBytes, stateKind, type Circuit } from '../../quantum/circuit'
import type { GradientMethod } from '../../quantum/engine'
import { columnsText } from './columns'
import { engineChoice, type EngineChoice } from '../../quantum/engines/engineChoice'
import { costOf, type CircuitRuns } from './flops'
import { pickModel } from './models'
import { EXIT, type ExitStatus } from './outcome'
import { completeSizes, printSizes, readSizes, rowsName, type SizeFlags } from './sizes'
import { compileAll, type SourceFlags } from './sources'
import type { Terminal } from './terminal'

export interface InfoFlags extends SourceFlags, SizeFlags {
  readonly model?: string
  readonly precision?: Precision
  readonly gradient?: GradientMethod
}

/** One, or the least that the model can have. */
const LEAST_SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 32, 64]

export async function info(file: string, flags: InfoFlags, terminal: Terminal): Promise<ExitStatus> {
  const [compiled] = await compileAll([file], flags, terminal, { precision: flags.precision, gradient: flags.gradient }) ?? []
  if (!compiled) return EXIT.program
  const plan = pickModel(compiled.compilation.plans, file, flags.model)
  const sizes = sizesFor(plan, flags)
  const { chooseBackend, memoryOf, trainingMemory } = await import('bp-lang')
  const measure = (program: Program): EntryInfo => {
    const { flops, circuits } = costOf(program, sizes)
    return { flops, runs: circuits, memory: memoryOf(program, sizes, plan.precision) }
  }
  const { predict, step } = plan.entries
  const about: ModelInfo = {
    plan, sizes, backend: (await chooseBackend('auto')).choice, rows: sizes.get(rowsName(plan) ?? '') ?? 1,
    forward: measure(predict), step: step && measure(step), training: await trainingMemory(plan, sizes, plan.precision),
  }
  terminal.print(flags.json ? JSON.stringify(infoJson(about)) : infoText(about))
  return EXIT.done
}

/** As many rows as a step of its training takes, where the train block says that. */
function sizesFor(plan: Plan, flags: SizeFlags): Sizes {
  const rows = rowsName(plan), batch = plan.train?.batch
  return completeSizes(plan, readSizes(plan, flags), name => (name === rows && batch !== undefined ? [batch, ...LEAST_SIZES] : LEAST_SIZES), false)
}

interface EntryInfo {
  readonly flops: number
  readonly runs: readonly CircuitRuns[]
  readonly memory: ProgramMemory
}

interface ModelInfo {
  readonly plan: Plan
  readonly sizes: Sizes
  readonly backend: { readonly name: string; readonly why: string }
  readonly rows: number
  readonly forward: EntryInfo
  readonly step: EntryInfo | undefined
  readonly training: TrainingMemory | undefined
}

interface CircuitInfo {
  readonly name: string
  readonly qubits: number
  readonly operations: number
  readonly slots: number
  readonly method: GradientMethod
  /** Amplitudes; where there is noise, the entries of a density matrix, or one history of amplitudes after the other. */
  readonly state: ReturnType<typeof stateKind>
  /** 2^n amplitudes or 4^n entries of two numbers each. */
  readonly stateBytes: number
  /** Of this machine. */
  readonly engine: EngineChoice
  readonly forwardRunsPerRow: number
  readonly stepRunsPerRow: number
}

function circuitsOf({ forward, step, rows }: ModelInfo): readonly CircuitInfo[] {
  const runs = step?.runs ?? forward.runs
  const isSame = (a: Circuit, b: Circuit) => a.name === b.name && a.qubits === b.qubits && a.slots === b.slots
  const others = forward.runs.filter(({ circuit }) => !runs.some(each => isSame(each.circuit, circuit)))
  return [...runs, ...others].map(({ circuit, method }) => {
    const isThis = (each: CircuitRuns) => isSame(each.circuit, circuit) && each.method === method
    const perRow = (entry: EntryInfo | undefined) => (entry?.runs.filter(isThis).reduce((sum, each) => sum + each.runs, 0) ?? 0) / rows
    return {
      name: circuit.name, qubits: circuit.qubits, operations: circuit.operations.length, slots: circuit.slots, method, state: stateKind(circuit),
      stateBytes: stateBytes(circuit), engine: engineChoice(circuit), forwardRunsPerRow: perRow(forward), stepRunsPerRow: perRow(step),
    }
  })
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

const bytesPerReal = ({ precision }: Plan): number => (precision === 'f32' ? 4 : 8)

// ------------------------------------------------------------------------------------------------------ printing

function infoText(about: ModelInfo): string {
  const { plan, backend } = about
  const numbers = plan.parameters.reduce((sum, { shape }) => sum + countOf(shape), 0)
  const parts = [[
    `${plan.model}: ${plural(numbers, 'parameter')}, ${bytesText(numbers * bytesPerReal(plan))}; ${plan.precision}; backend ${backend.name}: ${backend.why}`,
    ...plan.inputs.map(({ name, role, type, classes }) => `${role.padEnd(6)}  ${name}: ${printType(type)}${classes ? ` in ${classes.low}..${classes.high}` : ''}`),
    ...plan.outputs.map(({ name, type }) => `output  ${name}: ${printType(type)}`),
    ...plan.metrics.map(name => `metric  ${name}`),
    ...plan.states.map(({ path, element, shape }) => `state   ${path}: ${printType({ element, shape })}`),
  ].join('\n')]
  if (plan.parameters.length > 0) {
    parts.push(columnsText(['parameter', 'shape', 'count', 'bytes', ''], plan.parameters.map(({ path, shape, frozen, range }) => {
      const held = range && (range.kind === 'simplex' ? 'in simplex' : `in (${range.low}, ${range.high})`)
      return [path, `[${shape.join(', ')}]`, String(countOf(shape)), String(countOf(shape) * bytesPerReal(plan)), [frozen ? 'frozen' : '', held ?? ''].filter(Boolean).join(', ')]
    }), new Set([2, 3])))
  }
  const circuits = circuitsOf(about)
  if (circuits.length > 0) {
    const engines = circuits.map(({ name, engine }) => `circuit ${name}: engine ${engine.name}: ${engine.why}`)
    parts.push(columnsText(['circuit', 'qubits', 'gates', 'slots', 'gradient', 'state', 'runs/row forward', 'runs/row step'], circuits.map(each => [
      each.name, String(each.qubits), String(each.operations), String(each.slots), each.method, `${each.state}, ${bytesText(each.stateBytes)}`,
      amount(each.forwardRunsPerRow), amount(each.stepRunsPerRow),
    ]), new Set([1, 2, 3, 6, 7])), [...new Set(engines)].join('\n'))
  }
  parts.push(costText(about))
  if (about.training) parts.push(memoryText(about.training, plan))
  return parts.join('\n\n')
}

function costText({ plan, sizes, rows, forward, step }: ModelInfo): string {
  // A model without outputs predicts nothing.
  const entries = [...plan.outputs.length > 0 ? [['forward', forward] as const] : [], ...step ? [['step', step] as const] : []]
  const hasRows = rowsName(plan) !== undefined
  const hasCircuits = [forward, ...step ? [step] : []].some(({ runs }) => runs.length > 0)
  const columns = [
    { title: '', of: ([name]: Entry) => name },
    { title: 'FLOPs', of: ([, { flops }]: Entry) => amount(flops) },
    ...hasRows ? [{ title: 'FLOPs/row', of: ([, { flops }]: Entry) => amount(flops / rows) }] : [],
    ...hasCircuits ? [{ title: 'circuit runs', of: ([, entry]: Entry) => amount(runsOf(entry)) }] : [],
    { title: 'buffers', of: ([, { memory }]: Entry) => bytesText(memory.buffers) },
  ]
  return [
    sizes.size > 0 ? `at ${printSizes(sizes)}, which --size NAME=N changes` : 'one evaluation',
    columnsText(columns.map(({ title }) => title), entries.map(entry => columns.map(({ of }) => of(entry))), new Set([1, 2, 3, 4])),
    ...(hasCircuits ? ['FLOPs are counted outside of circuits'] : []),
    ...(step ? [] : ['no loss, so there is no step']),
  ].join('\n')
}

type Entry = readonly [name: string, entry: EntryInfo]

function memoryText(training: TrainingMemory, plan: Plan): string {
  const optimizer = plan.train?.optimizer.name
  const rows = ([
    ['buffers of a step', training.buffers, 'those that are not needed at the same time share a place'],
    ['states of circuits', training.states, optimizer === 'natural_gradient' ? 'for runs, gradients and the metric' : 'one to run on, and one more for gradients'],
    ['parameters', training.parameters, plan.parameters.some(({ range }) => range) ? 'with the free numbers behind those with a range' : ''],
    ['gradient', training.gradient, ''],
    ['copies of parameters', training.copies, training.gradient > 0 ? 'before the step, and the best so far' : 'the best so far'],
    ['optimizer', training.optimizer, optimizer ?? 'adam, as there is no train block'],
  ] as const).filter(([, bytes]) => bytes > 0)
  return columnsText(['memory of training', 'bytes', ''], [
    ...rows.map(([name, bytes, note]) => [name, bytesText(bytes), note]),
    ['together', bytesText(training.total), 'without the data, and the code of the programs'],
  ], new Set([1]))
}

const runsOf = ({ runs }: EntryInfo): number => runs.reduce((sum, each) => sum + each.runs, 0)

const plural = (count: number, noun: string): string => `${amount(count)} ${noun}${count === 1 ? '' : 's'}`

/** At most one digit behind the point. */
const amount = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 })

function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const unit = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${amount(bytes / 1024 ** unit)} ${units[unit] ?? ''}`
}

/** What is not finite is a string, as in eval. */
function rangeJson(range: ParameterRange): object {
  const end = (value: number) => (Number.isFinite(value) ? value : String(value))
  return range.kind === 'simplex' ? range : { kind: range.kind, low: end(range.low), high: end(range.high) }
}

function infoJson(about: ModelInfo): object {
  const { plan, sizes, rows, backend, forward, step, training } = about
  const entry = (found: EntryInfo) => ({
    flops: found.flops, flopsPerRow: found.flops / rows, circuitRuns: runsOf(found), circuitRunsPerRow: runsOf(found) / rows,
    bufferBytes: found.memory.buffers, stateBytes: found.memory.states,
  })
  const parameters = plan.parameters.map(({ path, shape, frozen, range }) =>
    ({ path, shape, count: countOf(shape), bytes: countOf(shape) * bytesPerReal(plan), frozen, range: range ? rangeJson(range) : null }))
  return {
    model: plan.model, precision: plan.precision, backend: { name: backend.name, why: backend.why }, sizes: Object.fromEntries(sizes), rows,
    inputs: plan.inputs.map(({ name, role, type, classes }) => ({ name, role, type: printType(type), classes: classes ?? null })),
    outputs: plan.outputs.map(({ name, type }) => ({ name, type: printType(type) })), metrics: plan.metrics,
    states: plan.states.map(({ path, element, shape }) => ({ path, type: printType({ element, shape }) })),
    parameters, count: parameters.reduce((sum, { count }) => sum + count, 0), bytes: parameters.reduce((sum, { bytes }) => sum + bytes, 0),
    circuits: circuitsOf(about), forward: entry(forward), step: step ? entry(step) : null, training: training ?? null,
  }
}
