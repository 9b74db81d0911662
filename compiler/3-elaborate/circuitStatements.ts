/** Statements that only circuits and gates have: qubits, gates, and the choice between gates. */
import type { Statement } from '../1-parse/ast'
import { checkAssertion } from './assertions'
import { declareRegister, MAXIMAL_QUBITS, type CircuitFrame } from './circuitFrame'
import type { BlockResult, Frame } from './frame'
import { applyGate } from './gates'
import { describe, dimOf, UNKNOWN, type Meaning } from './meaning'
import { mismatch } from './operators'

/** Above this a run takes seconds a gate, which should be meant. */
const COMFORTABLE_QUBITS = 26

/** @returns what a chosen branch returned */
export function circuitStatement(frame: Frame, statement: Statement): BlockResult | undefined {
  switch (statement.kind) {
    case 'qubits': declareQubits(frame, statement); break
    case 'gate': applyGate(frame, statement); break
    case 'assert': checkAssertion(frame, statement); break
    case 'if': {
      const condition = frame.session.evaluate(frame, statement.condition)
      if (condition.kind === 'unknown') return undefined
      if (condition.kind !== 'static' || condition.element !== 'bool' || condition.shape.length > 0) {
        frame.sink.report('static-condition', statement.condition.span, { found: describe(condition) })
        return undefined
      }
      const chosen = condition.data[0] ? statement.then : statement.otherwise
      if (chosen?.kind === 'block') return frame.session.evaluateBlock({ ...frame, environment: frame.environment.inner() }, chosen)
      return chosen && circuitStatement(frame, chosen)
    }
    default: // Statements of other places have been reported with the names.
  }
  return undefined
}

function declareQubits(frame: Frame, statement: Statement & { kind: 'qubits' }): void {
  const { circuit, environment } = frame
  if (!circuit) return
  const name = statement.name.name
  const bind = (meaning: Meaning) => environment.bind(name, 'register', meaning, statement.name.span)
  // Whatever is wrong here, the register is known below.
  bind(UNKNOWN)
  const meaning = statement.size && frame.session.evaluate(frame, statement.size)
  if (meaning?.kind === 'unknown') return
  const size = meaning ? dimOf(meaning) : 1
  const at = statement.size?.span ?? statement.span
  if (typeof size !== 'number') {
    mismatch(frame, at, 'a number of qubits, from 1', meaning ?? UNKNOWN)
    return
  }
  if (size < 1) {
    frame.sink.report('type-mismatch', at, { expected: 'a number of qubits, from 1', found: size })
    return
  }
  const total = circuit.qubits + size
  if (total > MAXIMAL_QUBITS) {
    frame.sink.report('too-many-qubits', statement.span, { qubits: total, limit: MAXIMAL_QUBITS, bytes: stateSize(total, circuit) })
    return
  }
  if (total > COMFORTABLE_QUBITS) frame.sink.report('many-qubits', statement.span, { qubits: total, bytes: stateSize(total, circuit) })
  circuit.declared = statement.span
  bind({ kind: 'wires', wires: declareRegister(circuit, name, size, !statement.size), single: !statement.size, register: name })
}

/** 16 bytes a complex amplitude, or 8. */
const stateSize = (qubits: number, { precision }: Pick<CircuitFrame, 'precision'>): string => `${(precision === 'f32' ? 8 : 16) * 2 ** (qubits - 30)} GiB`
