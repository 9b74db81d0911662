/** Signatures of routines: matching arguments to parameters, and which of these must be known at compile time. */
import type { Argument, Expression, Parameter, Routine, TypeNode } from '../1-parse/ast'
import { argumentHelp } from '../diagnostics/suggest'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import type { Frame, RoutineCall } from './frame'
import type { Meaning } from './meaning'
import { placesQubits } from './qubitPlacement'
import { namesInType } from './types'

export interface Matched {
  readonly meaning: Meaning
  readonly span: Span
  /** The type for messages, where the meaning is only the part of an argument that a circuit sees. */
  readonly found?: string
}

/** `dense(x: real[..., n], out: int)` as a person wrote it. */
export function signatureText(routine: Routine): string {
  return `${routine.name.name}(${routine.parameters.map(parameter => `${parameter.name.name}: ${typeText(parameter.type)}`).join(', ')})`
}

/** Arguments by parameter, evaluated; reports the first that does not fit. */
export function matchArguments(frame: Frame, routine: Routine, call: RoutineCall): ReadonlyMap<string, Matched> | undefined {
  const name = routine.name.name
  const related = { related: [{ span: routine.signature, message: `\`${name}\` is declared here` }] }
  const matched = new Map<string, Matched>()
  for (const [key, meaning] of call.instance?.given ?? []) matched.set(key, { meaning, span: call.span })
  const open = routine.parameters.filter(parameter => !matched.has(parameter.name.name))
  let next = 0
  let wrong = false
  const place = (argument: () => Matched) => {
    const parameter = open[next++]
    const value = argument()
    if (parameter) matched.set(parameter.name.name, value)
  }
  const evaluate = (expression: Expression): Matched => ({ meaning: frame.session.evaluate(frame, expression), span: expression.span })
  if (call.piped) { const { piped } = call; place(() => piped) }
  for (const argument of call.arguments) {
    if (!argument.name) { place(() => evaluate(argument.value)); continue }
    const key = argument.name.name
    if (!routine.parameters.some(parameter => parameter.name.name === key)) {
      frame.sink.report('unknown-argument', argument.name.span, { name, argument: key, ...argumentHelp(key, routine.parameters.map(parameter => parameter.name.name)) }, related)
      wrong = true
    } else if (matched.has(key)) {
      frame.sink.report('repeated-argument', argument.name.span, { name, argument: key }, related)
      wrong = true
    }
    // Wrong or not: the value may hold a mistake of its own.
    const value = evaluate(argument.value)
    matched.set(key, value)
  }
  if (wrong) return undefined
  if (next > open.length) {
    const given: readonly Argument[] = call.arguments
    frame.sink.report('argument-count', given.at(-1)?.span ?? call.span, { name, expected: counted(open.length, 'argument'), found: next, signature: `it is declared \`${signatureText(routine)}\`` }, related)
    return undefined
  }
  for (const parameter of open) {
    if (matched.has(parameter.name.name)) continue
    if (!parameter.default) {
      frame.sink.report('missing-argument', call.span, { name, argument: parameter.name.name, signature: `it is declared \`${signatureText(routine)}\`` }, related)
      return undefined
    }
  }
  return [...matched.values()].some(({ meaning }) => meaning.kind === 'unknown') ? undefined : matched
}

/** Parameters that must be known when the model is compiled: strings, bools, and ints whose name stands in a dimension. */
export function isStatic(routine: Routine, parameter: Parameter): boolean {
  const { type } = parameter
  if (type.name.name === 'string') return true
  if (type.shape !== undefined) return false
  if (type.name.name === 'bool') return true
  if (type.name.name !== 'int') return false
  const name = parameter.name.name
  const inTypes = [...routine.parameters.map(other => other.type), ...routine.results].some(other => namesInType(other).includes(name))
  return inTypes || usedAsSize(routine, name) || routine.parameters.some(other => other !== parameter && other.default && namesInSize(other.default).includes(name) && isStatic(routine, other))
}

/** Whether a name stands in a shape, a `qubits` size, a qubit index or a circuit's `for` and `if` of the body. */
function usedAsSize(routine: Routine, name: string): boolean {
  if (routine.routine === 'circuit' || routine.routine === 'gate') return placesQubits(routine, name)
  let found = false
  const walk = (value: unknown, sized: boolean): void => {
    if (found || value === null || typeof value !== 'object' || 'text' in value) return
    if (Array.isArray(value)) { for (const item of value) walk(item, sized); return }
    if (sized && 'kind' in value && value.kind === 'name' && 'name' in value && value.name === name) { found = true; return }
    for (const [key, child] of Object.entries(value)) {
      if (key === 'span') continue
      const isCallOfLayer = 'kind' in value && value.kind === 'call' && key === 'arguments' && routine.routine === 'layer'
      walk(child, sized || key === 'shape' || isCallOfLayer || ('kind' in value && value.kind === 'range'))
    }
  }
  walk(routine.body, false)
  return found
}

/** Names that a signature's shapes bind: neither constants nor static parameters. */
export function openNames(routine: Routine, home: Frame, statics: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { type } of routine.parameters) for (const name of namesInType(type)) names.add(name)
  for (const { size } of routine.registers) if (size) for (const name of namesInSize(size)) names.add(name)
  for (const name of [...names]) if (home.session.constant(home.module, name) && !statics.has(name)) names.delete(name)
  // Static ints stand in shapes too; they are known before anything is solved.
  for (const name of statics) names.add(name)
  return names
}

const namesInSize = (expression: Expression): readonly string[] =>
  namesInType({ name: { name: 'int', span: expression.span }, shape: [expression], span: expression.span })

/** A type as it is written. */
export const typeText = (type: TypeNode) => type.span.file.text.slice(type.span.start, type.span.end)

/** A statement of the body could not be read. */
export const hasBroken = ({ body }: Routine): boolean => body.kind === 'block' && body.statements.some(statement => statement.kind === 'invalid')
