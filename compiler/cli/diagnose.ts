/** `bpc diagnose`: an audit of a model's gradients, against differences of its loss and between the methods of its circuits. */
import type { Model } from 'bp-lang'
import { circuitSteps } from '../../ir/circuitSteps'
import type { Plan, Precision } from '../../ir/plan'
import type { GradientMethod } from '../../quantum/engine'
import { auditParameters, comparedMethods, type Audit, type AuditedParameter, type MethodRow } from './audit'
import { columnsText } from './columns'
import { TOLERANCE_TEXT } from './differences'
import { drawInput, drawsFrom, type DrawnTensor } from './drawnInputs'
import { checkNames, readValues, setParameters } from './eval'
import { pickModel } from './models'
import { CommandError, EXIT, wrongUse, type ExitStatus } from './outcome'
import { drawsIn, samplesIn, withExactCircuits } from './planCircuits'
import { completeSizes, printSizes, readSizes, solveSizes, type SizeFlags } from './sizes'
import { compileAll, type SourceFlags } from './sources'
import type { Terminal } from './terminal'

export interface DiagnoseFlags extends SourceFlags, SizeFlags {
  readonly model?: string
  readonly weights?: string
  readonly values?: string
  readonly set?: readonly string[]
  readonly seed?: number
  readonly precision?: Precision
}

/** Distinct, and small enough that every element can be moved. */
const AUDIT_SIZES = [3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 2, 1]

export async function diagnose(file: string, flags: DiagnoseFlags, terminal: Terminal): Promise<ExitStatus> {
  const precision = flags.precision ?? 'f64'
  const [compiled] = await compileAll([file], flags, terminal, { precision }) ?? []
  if (!compiled) return EXIT.program
  const asWritten = pickModel(compiled.compilation.plans, file, flags.model, candidate => candidate.hasLoss)
  if (!asWritten.hasLoss) throw wrongUse(`model ${asWritten.model} has no loss, so it has no gradient to audit`)
  if (samplesIn(asWritten)) throw wrongUse(`model ${asWritten.model} takes single samples of a circuit: its gradient is an estimate, which no difference can check`)
  const notes = drawsIn(asWritten) ? ['circuits run without shots and trajectories, and parameter_shift stands for spsa: estimates cannot be checked by differences'] : []
  const plan = withExactCircuits(asWritten)
  const values = await readValues(flags)
  checkNames(plan, [...values.keys()])

  const { defineModel, loadReference } = await import('bp-lang')
  const model = await defineModel(plan).create({ seed: flags.seed })
  if (flags.weights !== undefined) await model.load(flags.weights)
  const given = setParameters(model, values)
  const sizes = sizesFor(plan, given, flags)
  const inputs = drawMissing(plan, given, sizes, model.seed)
  const executable = (await loadReference()).prepare(plan.entries.evaluate, sizes, precision)
  const audit = await auditParameters({ plan, model, inputs, executable, draw: drawsFrom(model.seed + 1) })
  const evaluate = async (method: GradientMethod) => {
    const other: Model = await defineModel(withExactCircuits(asWritten, method)).create({ seed: flags.seed })
    for (const path of model.parameters.paths) other.parameters.set(path, model.parameters.get(path))
    return await other.evaluate(inputs, { grad: true, draw: 0 })
  }
  const hasCircuits = plan.entries.gradient !== undefined && circuitSteps(plan.entries.gradient).length > 0
  const circuits = hasCircuits ? await comparedMethods(plan, audit.loss, precision, evaluate) : undefined
  const drawn = plan.inputs.map(({ name }) => name).filter(name => !(name in given))
  const report: Report = { plan, seed: model.seed, precision, sizes, drawn, notes, audit, rows: circuits?.rows, refused: circuits?.refused ?? [] }
  terminal.print(flags.json ? JSON.stringify(reportJson(report)) : reportText(report))
  const wrong = [...audit.parameters, ...circuits?.rows ?? []].filter(({ ok }) => !ok)
  if (wrong.length === 0) return EXIT.done
  if (flags.json) return EXIT.run
  const paths = [...new Set(wrong.map(({ path }) => path))]
  throw new CommandError(EXIT.run, `${paths.length === 1 ? 'one gradient is' : `${paths.length} gradients are`} off by more than the tolerance: ${paths.join(', ')}`,
    '`stop`, and a loss that jumps, make a difference on purpose; anything else is worth a report')
}

function sizesFor(plan: Plan, given: Readonly<Record<string, unknown>>, flags: SizeFlags): ReadonlyMap<string, number> {
  const known = readSizes(plan, flags)
  solveSizes(plan, new Map(Object.entries(given).map(([name, value]) => [name, shapeOf(value)])), known)
  return completeSizes(plan, known, () => AUDIT_SIZES, true)
}

/** Of nested arrays, by their first elements: the runtime says where others differ. */
const shapeOf = (value: unknown): readonly number[] => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [])

function drawMissing(plan: Plan, given: Readonly<Record<string, unknown>>, sizes: ReadonlyMap<string, number>, seed: number): Record<string, unknown> {
  const draw = drawsFrom(seed)
  // All are drawn, so that giving one of them leaves the others as they were.
  const drawn = plan.inputs.map((input): [string, DrawnTensor] => [input.name, drawInput(input, sizes, draw)])
  return { ...Object.fromEntries(drawn), ...given }
}

// ------------------------------------------------------------------------------------------------------ printing

interface Report {
  readonly plan: Plan
  readonly seed: number
  readonly precision: Precision
  readonly sizes: ReadonlyMap<string, number>
  readonly drawn: readonly string[]
  readonly notes: readonly string[]
  readonly audit: Audit
  /** The gradients by each method; undefined for a model without circuits. */
  readonly rows: readonly MethodRow[] | undefined
  readonly refused: readonly string[]
}

function reportText({ plan, seed, precision, sizes, drawn, notes, audit, rows, refused }: Report): string {
  const setting = [`loss ${audit.loss}`, `seed ${seed}`, precision, ...(sizes.size > 0 ? [printSizes(sizes)] : []), ...(drawn.length > 0 ? [`drawn: ${drawn.join(', ')}`] : [])]
  const parts = [`${plan.model}: ${setting.join('; ')}`]
  const differences = audit.parameters.map(parameter => {
    const { worst } = parameter
    const numbers = worst ? [digits(worst.compiled), digits(worst.difference), size(worst.error), size(worst.tolerance)] : ['', '', '', '']
    return [worst?.element ?? parameter.path, checkedText(parameter), ...numbers, verdictText(parameter)]
  })
  if (differences.length === 0) parts.push('it has no parameters')
  else {
    parts.push(columnsText(['worst element', 'checked', 'compiled', 'difference', 'error', 'tolerance', ''], differences, new Set([1, 2, 3, 4, 5])), TOLERANCE_TEXT)
    if (audit.parameters.some(({ checked, count }) => checked < count)) parts.push('of large parameters some elements are checked, drawn from the seed')
  }
  if (rows) {
    parts.push(columnsText(['gradients by', ...(rows[0]?.values.map(({ method }) => method) ?? []), 'apart', 'tolerance', ''],
      rows.map(row => [row.element, ...row.values.map(({ value }) => digits(value)), size(row.apart), size(row.tolerance), row.ok ? 'agree' : 'DIFFER']), new Set([1, 2, 3, 4, 5])))
  }
  return [...parts, [...notes, ...refused].map(note => `note: ${note}`).join('\n')].filter(Boolean).join('\n\n')
}

const checkedText = ({ checked, count }: AuditedParameter): string => (checked === count ? String(count) : `${checked} of ${count}`)

function verdictText({ ok, corners, edges }: AuditedParameter): string {
  const apart = [...(corners > 0 ? [`${corners} at a corner of the loss`] : []), ...(edges > 0 ? [`${edges} at the edge of where the loss is finite`] : [])]
  return [ok ? 'right' : 'WRONG', ...apart].join(', ')
}

const digits = (value: number): string => (Number.isFinite(value) ? value.toPrecision(10) : String(value))

const size = (value: number): string => (Number.isFinite(value) ? value.toExponential(1) : String(value))

/** What is not finite is a string, as in eval. */
function reportJson({ plan, seed, precision, sizes, drawn, notes, audit, rows, refused }: Report): object {
  const number = (value: number) => (Number.isFinite(value) ? value : String(value))
  return {
    model: plan.model, seed, precision, sizes: Object.fromEntries(sizes), drawn, loss: number(audit.loss),
    ok: [...audit.parameters, ...rows ?? []].every(({ ok }) => ok),
    parameters: audit.parameters.map(({ worst, ...parameter }) => ({
      ...parameter,
      worst: worst ? {
        element: worst.element, compiled: number(worst.compiled), difference: number(worst.difference), error: number(worst.error), tolerance: number(worst.tolerance),
      } : null,
    })),
    circuits: rows?.map(row => ({
      path: row.path, element: row.element, ...Object.fromEntries(row.values.map(({ method, value }) => [method, number(value)])),
      apart: number(row.apart), tolerance: number(row.tolerance), ok: row.ok,
    })) ?? null,
    notes: [...notes, ...refused],
  }
}
