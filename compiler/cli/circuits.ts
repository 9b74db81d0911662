/** The circuit that `bpc draw` and `bpc export` are asked for: of a .bp file by its name, or of an OpenQASM file. */
import { basename } from 'node:path'
import { suggest } from '../diagnostics/suggest'
import type { CircuitCompilation, CompiledCircuit } from '../host'
import { printType } from '../../ir/type'
import type { Circuit } from '../../quantum/circuit'
import { parametersOf, substituteAngle, type Angle } from '../../quantum/interop/angle'
import { fromOpenQasm } from '../../quantum/interop/openqasmImport'
import { OpenQasmError } from '../../quantum/interop/openqasmTokens'
import { readValues } from './eval'
import { readNamed } from './nodeHost'
import { CommandError, EXIT, wrongUse } from './outcome'
import { circuitsOf, type SourceFlags } from './sources'
import type { Terminal } from './terminal'

export interface CircuitFlags extends SourceFlags {
  readonly values?: string
  readonly set?: readonly string[]
}

export interface FoundCircuit {
  readonly circuit: Circuit
  /** Numbers where values were given for all that they need. */
  readonly angles: readonly Angle[]
  readonly wireNames: readonly string[]
  /** Arguments that still have no value. */
  readonly missing: readonly string[]
}

/** @returns undefined where the file has an error, which has been reported */
export async function findCircuit(file: string, name: string | undefined, flags: CircuitFlags, terminal: Terminal, verb: 'draw' | 'export'): Promise<FoundCircuit | undefined> {
  const values = await readValues(flags)
  if (file.endsWith('.qasm')) return await ofOpenQasm(file, name, values, terminal, verb === 'draw' ? 'file' : 'kets')
  const compiled = await circuitsOf(file, flags, terminal)
  if (!compiled) return undefined
  const chosen = pickCircuit(compiled, file, name, values, terminal, verb)
  const { circuit, wireNames, slots } = chosen
  mustBeArguments(circuit.name, [...values.keys()], slots.inputs.map(input => input.name))
  const missing = slots.inputs.map(input => input.name).filter(input => !values.has(input))
  if (missing.length === 0 && circuit.slots > 0) return { circuit, wireNames, missing, angles: await slotValues(chosen, values) }
  const angles = chosen.angles.map(angle => withValues(angle, values))
  const used = new Set(angles.flatMap(parametersOf).map(parameter => parameter.name))
  return { circuit, wireNames, angles, missing: used.size === 0 ? [] : missing }
}

// ------------------------------------------------------------------------------------------------------- choosing

function pickCircuit(
  { circuits, models, open }: CircuitCompilation, file: string, name: string | undefined, values: ReadonlyMap<string, unknown>, terminal: Terminal, verb: 'draw' | 'export',
): CompiledCircuit {
  const names = [...new Set(circuits.map(({ circuit }) => circuit.name))]
  const chosen = name ?? (names.length === 1 ? names[0] : undefined)
  const listed = names.length > 0 ? `there are: ${names.join(', ')}` : undefined
  if (chosen === undefined) {
    if (names.length > 1) throw wrongUse(`${file} has several circuits: say which one, \`bpc ${verb} ${file} NAME\``, listed)
    if (open.length > 0) throw openSizes(open[0] ?? '')
    throw wrongUse(`${file} has ${verb === 'draw' ? 'neither a model nor a' : 'no'} circuit`)
  }
  const all = circuits.filter(({ circuit }) => circuit.name === chosen)
  const [first, ...others] = all
  if (first) {
    // Given values say which sizes are meant.
    const fitting = all.find(each => each.slots.inputs.every(({ name: argument, type }) => !values.has(argument) || fits(values.get(argument), type.shape))) ?? first
    if (others.length > 0) {
      terminal.complain(`note: ${chosen} is called with ${all.length} sets of sizes; this is ${signature(fitting)}, and ${all.filter(each => each !== fitting).map(signature).join(', and ')} is not shown`)
    }
    return fitting
  }
  if (models.includes(chosen)) {
    throw wrongUse(`${chosen} is a model, and models are exported with --to onnx`, names.length > 0 ? `circuits of the file: ${names.join(', ')}` : undefined)
  }
  if (open.includes(chosen)) throw openSizes(chosen)
  const near = suggest(chosen, [...names, ...open, ...verb === 'draw' ? models : []])
  throw wrongUse(`${file} has ${verb === 'draw' && models.length > 0 ? 'neither a model nor a' : 'no'} circuit '${chosen}'`, near ? `did you mean '${near}'?` : listed ?? 'it has none')
}

function openSizes(name: string): CommandError {
  return wrongUse(`circuit ${name} leaves sizes open, and nothing in the file calls it`, 'give its arguments constant sizes, or call it in a model')
}

const signature = ({ slots }: CompiledCircuit): string => `(${slots.inputs.map(({ name, type }) => `${name}: ${printType(type)}`).join(', ')})`

function fits(value: unknown, shape: readonly unknown[]): boolean {
  if (shape.length === 0) return !Array.isArray(value)
  return Array.isArray(value) && value.length === shape[0] && value.every(item => fits(item, shape.slice(1)))
}

// --------------------------------------------------------------------------------------------------------- values

function mustBeArguments(circuit: string, given: readonly string[], known: readonly string[]): void {
  for (const name of given) {
    if (known.includes(name)) continue
    const near = suggest(name, known)
    throw wrongUse(`circuit ${circuit} has no argument '${name}'`, near ? `did you mean '${near}'?` : `there are: ${known.join(', ') || 'none'}`)
  }
}

/** The slots as the model computes them. */
async function slotValues({ slots }: CompiledCircuit, values: ReadonlyMap<string, unknown>): Promise<readonly number[]> {
  const { defineModel } = await import('bp-lang')
  const model = await defineModel(slots).create()
  const given = Object.fromEntries(values)
  const { slots: found } = await model.predict(given)
  if (!found || typeof found === 'number' || !('data' in found)) throw new Error('export: a circuit without its slots')
  return Array.from(found.data as ArrayLike<number>)
}

/** Elements of the arguments that have values by numbers. */
function withValues(angle: Angle, values: ReadonlyMap<string, unknown>): Angle {
  return substituteAngle(angle, parameter => {
    const value = parameter.indices.reduce<unknown>((inside, index) => (Array.isArray(inside) ? inside[index] : undefined), values.get(parameter.name))
    return typeof value === 'number' ? value : parameter
  })
}

// ------------------------------------------------------------------------------------------------------- OpenQASM

async function ofOpenQasm(file: string, name: string | undefined, values: ReadonlyMap<string, unknown>, terminal: Terminal, order: 'kets' | 'file'): Promise<FoundCircuit> {
  if (name !== undefined) throw wrongUse(`an OpenQASM file is one circuit: leave '${name}' out`)
  const text = await readNamed(file, 'file')
  try {
    const { circuit, slots, parameters, wireNames, notes } = fromOpenQasm(text, order)
    for (const note of notes) terminal.complain(`note: ${note}`)
    mustBeArguments(file, [...values.keys()], parameters)
    const angles = slots.map(angle => withValues(angle, values))
    const used = new Set(angles.flatMap(parametersOf).map(parameter => parameter.name))
    return { circuit: { ...circuit, name: nameOf(file) }, wireNames, angles, missing: [...used] }
  } catch (error) {
    if (!(error instanceof OpenQasmError)) throw error
    throw new CommandError(EXIT.program, `${file}:${error.line}:${error.column}: ${error.what}`)
  }
}

/** The file's name where that can name a circuit. */
function nameOf(file: string): string {
  const name = basename(file, '.qasm').replaceAll(/[^\p{L}\p{Nd}_]/gu, '_')
  return /^\p{L}/u.test(name) ? name : `circuit_${name}`
}
