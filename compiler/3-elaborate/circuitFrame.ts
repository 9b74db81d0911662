/** A circuit while its body is evaluated: qubits and operations so far, and what is measured. */
import type { Span } from '../source/source'
import type { Value } from '../../ir/graph'
import type { Measurement, Operation } from '../../quantum/circuit'
import type { StaticMeaning, TensorMeaning } from './meaning'

export interface CircuitFrame {
  qubits: number
  /** Where the qubits were declared, for messages. */
  span: Span | undefined
  /** Operands name slots by their position in `slots`; unused ones are dropped when the circuit is finished. */
  operations: Operation[]
  /** True where an operation so far acts on one of the wires. */
  touched(wires: readonly number[]): boolean
  readonly slots: (StaticMeaning | TensorMeaning)[]
  /** Each with the graph input that stands for what it reports. */
  readonly measurements: { readonly measurement: Measurement; readonly key: string; readonly value: Value }[]
}
