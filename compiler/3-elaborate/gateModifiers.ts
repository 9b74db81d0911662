/** `ctrl`, `negctrl`, `inv`, `pow`: what they make of the operations of a gate. */
import type { GateStatement, Modifier } from '../1-parse/ast'
import { isNoise, noiseName, withOperands, type Control, type Operand, type Operation, type UnitaryOperation } from '../../quantum/circuit'
import { controlled, inverseOf, powerOf } from '../../quantum/operations'
import { applyElementwise } from './broadcast'
import { MAXIMAL_OPERATIONS, type CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { slotOf } from './gateOperands'
import { dimOf, staticNumber, staticReal } from './meaning'
import { mismatch } from './operators'

/** More than any register has qubits. */
const MAXIMAL_CONTROLS = 1000

export type Change =
  | { readonly kind: 'control'; readonly value: 0 | 1 }
  | { readonly kind: 'inverse' }
  | { readonly kind: 'power'; readonly exponent: number; readonly modifier: Modifier }

/** Modifiers in the order in which they are written; `ctrl(2)` is two. */
export function modifiersOf(frame: Frame, modifiers: readonly Modifier[]): readonly Change[] | undefined {
  const changes: Change[] = []
  for (const modifier of modifiers) {
    const argument = modifier.argument && frame.session.evaluate(frame, modifier.argument)
    if (argument?.kind === 'unknown') return undefined
    switch (modifier.name) {
      case 'inv':
        if (argument && modifier.argument) {
          mismatch(frame, modifier.argument.span, '`inv` without a number', argument, '`pow(-1)` and `inv` are the same')
          return undefined
        }
        changes.push({ kind: 'inverse' })
        break
      case 'ctrl':
      case 'negctrl': {
        const count = argument ? dimOf(argument) : 1
        if (typeof count !== 'number' || count < 1) {
          if (argument && modifier.argument) mismatch(frame, modifier.argument.span, 'a number of controls, from 1', argument)
          return undefined
        }
        if (count > MAXIMAL_CONTROLS) {
          if (argument && modifier.argument) mismatch(frame, modifier.argument.span, `at most ${MAXIMAL_CONTROLS} controls`, argument)
          return undefined
        }
        for (let k = 0; k < count; k++) changes.push({ kind: 'control', value: modifier.name === 'ctrl' ? 1 : 0 })
        break
      }
      case 'pow': {
        const exponent = argument && staticNumber(argument)
        if (exponent === undefined || !Number.isFinite(exponent)) {
          if (argument && modifier.argument) mismatch(frame, modifier.argument.span, 'an exponent that is known when the circuit is compiled', argument)
          else frame.sink.report('type-mismatch', modifier.span, { expected: 'an exponent, as in `pow(2)`', found: 'none' })
          return undefined
        }
        changes.push({ kind: 'power', exponent, modifier })
        break
      }
      default: modifier.name satisfies never
    }
  }
  return changes
}

/**
 * The operations of `own` as the modifiers change them, from the one nearest to the gate outwards.
 * @param controls in the order in which they are written
 */
export function modify(
  frame: Frame, own: CircuitFrame, modifiers: readonly Change[], controls: readonly Control[], statement: GateStatement,
): readonly Operation[] | undefined {
  if (own.preparation) {
    frame.sink.report('modified-preparation', statement.span, { gate: own.preparation })
    return undefined
  }
  const noise = own.operations.find(isNoise)
  if (noise) {
    frame.sink.report('modified-channel', statement.span, { channel: noiseName(noise) })
    return undefined
  }
  let result = own.operations.filter((operation): operation is UnitaryOperation => operation.kind !== 'amplitudes' && !isNoise(operation))
  let left = controls.length
  for (const modifier of [...modifiers].reverse()) {
    switch (modifier.kind) {
      case 'control': {
        const control = controls[--left]
        if (control) result = result.map(gate => controlled(gate, [control]))
        break
      }
      case 'inverse': result = invert(frame, result); break
      case 'power': {
        const { exponent, modifier: { span } } = modifier
        const powered = power(frame, result, exponent)
        if (powered === 'several') frame.sink.report('power-of-several', span, { exponent })
        else if (powered === 'many') frame.sink.report('too-many-gates', statement.span, { limit: MAXIMAL_OPERATIONS })
        if (typeof powered === 'string') return undefined
        result = powered
        break
      }
      default: modifier satisfies never
    }
  }
  return result
}

const invert = (frame: Frame, gates: readonly UnitaryOperation[]): UnitaryOperation[] =>
  gates.toReversed().map(gate => inverseOf(gate, operand => scaled(frame, operand, -1)))

/** An integer repeats; a real scales the angle of a gate that has one, or takes the principal power of one that has none. */
function power(frame: Frame, gates: readonly UnitaryOperation[], exponent: number): UnitaryOperation[] | 'several' | 'many' {
  const [only] = gates
  const integer = Number.isInteger(exponent)
  if (only && gates.length === 1) {
    if (only.kind === 'pauli_rotation' || only.kind === 'global_phase' || only.kind === 'evolution') return [{ ...only, angle: scaled(frame, only.angle, exponent) }]
    if (only.kind === 'gate' && only.angles.length === 1) return [{ ...only, angles: only.angles.map(angle => scaled(frame, angle, exponent)) }]
    if (only.kind === 'gate' && !integer) return [powerOf(only, exponent)]
    if (only.kind === 'unitary' && !integer && [...only.re, ...only.im].every(entry => 'value' in entry)) return [powerOf(only, exponent)]
  }
  if (!integer) return gates.length === 0 ? [] : 'several'
  const count = Math.abs(exponent)
  if (count * gates.length > MAXIMAL_OPERATIONS) return 'many'
  const base = exponent < 0 ? invert(frame, gates) : gates
  return base.length === 0 ? [] : Array.from({ length: count }, (_, turn) => (turn === 0 ? base : base.map(gate => owned(frame, gate)))).flat()
}

/** The operand times a number, with a slot of its own where it has one. */
export function scaled(frame: Frame, operand: Operand, factor: number): Operand {
  const { circuit } = frame
  if ('value' in operand) return { value: operand.value * factor }
  const scalar = circuit?.slots[operand.slot]
  if (!circuit || !scalar) return operand
  const product = factor === -1 ? applyElementwise(frame, 'neg', [scalar], []) : applyElementwise(frame, 'mul', [scalar, staticReal(factor)], [])
  return product.kind === 'size' ? operand : slotOf(circuit, product)
}

/** A copy with slots of its own: every occurrence of a gate owns its slots. */
function owned(frame: Frame, gate: UnitaryOperation): UnitaryOperation {
  const copy = (operand: Operand): Operand => {
    const scalar = 'slot' in operand ? frame.circuit?.slots[operand.slot] : undefined
    return scalar && frame.circuit ? slotOf(frame.circuit, scalar) : operand
  }
  return withOperands(gate, copy)
}
