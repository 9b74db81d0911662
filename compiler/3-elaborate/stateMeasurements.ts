/** What is asked of a circuit's final state as a whole: `purity`, `entropy`, `sample`, and `fidelity` with another circuit's. */
import type { CallExpression, Routine } from '../1-parse/ast'
import { isCircuitFunction, isFunction } from '../2-check/functions'
import type { Declared } from '../2-check/modules'
import { DiagnosticSink } from '../diagnostics/sink'
import type { Span } from '../source/source'
import { real } from '../../ir/type'
import { isNoise, withOperands } from '../../quantum/circuit'
import { inverseOf } from '../../quantum/operations'
import { emptyCircuit, type CircuitFrame } from './circuitFrame'
import type { CircuitScalars } from './circuitScalars'
import { Environment, type Frame, type FunctionCall } from './frame'
import { scaled } from './gateModifiers'
import { countOf } from './gateOperands'
import { tensorMeaning, toValue, UNKNOWN, type Meaning } from './meaning'
import { shortText } from './operators'
import { measure, needsExactState, wiresOf, type Given } from './measure'
import { bindCall } from './binding'
import { matchArguments } from './signatures'

/** A reduced state of more has 4^k entries that are too many to carry through a graph. */
const MAXIMAL_REDUCED = 6

/** Tr ρ² or −Tr ρ log ρ of the reduced state. */
export function stateFunction(frame: Frame, name: 'purity' | 'entropy', given: readonly Given[], span: Span): Meaning {
  const wires = wiresOf(frame, name, given, span)
  if (!wires || !needsExactState(frame, name, span, false)) return UNKNOWN
  if (wires.length > MAXIMAL_REDUCED) {
    frame.sink.report('reduced-state-size', span, { name, limit: MAXIMAL_REDUCED, found: wires.length })
    return UNKNOWN
  }
  const { builder } = frame
  const density = toValue(builder, measure(frame, { kind: 'density', wires }))
  // Tr ρ² = Σ |ρ_ab|², since ρ is Hermitian.
  return tensorMeaning(name === 'purity' ? builder.reduce('sum', builder.scalar('mul', density, density), [0]) : builder.add('entropy', { part: 'value' }, [density]))
}

/** `sample(q)`: int[shots, k]. */
export function sample(frame: Frame, given: readonly Given[], span: Span): Meaning {
  const wires = wiresOf(frame, 'sample', given, span)
  const shots = frame.circuit?.shots
  if (!wires) return UNKNOWN
  if (shots === undefined) {
    frame.sink.report('sample-without-shots', span, {})
    return UNKNOWN
  }
  const { builder } = frame
  const bits = toValue(builder, measure(frame, { kind: 'sample', wires, shots }))
  return tensorMeaning(builder.cast(builder.reshape(bits, [shots, wires.length]), 'int'))
}

/**
 * `fidelity(other(args))`, |⟨φ|ψ⟩|² = ‖⟨0…0|V†U|0…0⟩‖² for the states of this circuit U and the other one V: a run of its own,
 * of this circuit, the inverse of the other and a projector.
 */
export function fidelity(frame: Frame, call: FunctionCall): Meaning {
  const { circuit, builder } = frame
  const [argument, ...more] = call.arguments
  const inner = argument?.value
  const callee = inner?.kind === 'call' && inner.callee.kind === 'name' ? inner.callee : undefined
  const declared = callee && frame.module.callables.get(callee.name)
  if (!circuit || call.piped || more.length > 0 || inner?.kind !== 'call' || declared?.node.routine !== 'circuit') {
    // A name that nothing declares has been reported, and so has a routine that stands there without being called.
    const isReported = callee ? !declared && !isCircuitFunction(callee.name) && !isFunction(callee.name) : inner?.kind === 'name' && frame.module.callables.has(inner.name)
    const found = more.length > 0 ? 'several arguments' : !argument ? 'nothing' : declared ? `a ${declared.node.routine}` : `\`${shortText(argument.span)}\``
    if (!isReported) frame.sink.report('type-mismatch', argument?.span ?? call.span, { expected: 'a call of another circuit, as in `fidelity(other(x))`', found })
    return UNKNOWN
  }
  const other = preparedBy(frame, declared, inner, circuit.scalars)
  if (!other) return UNKNOWN
  const name = declared.node.name.name
  if (other.qubits !== circuit.qubits) {
    frame.sink.report('fidelity-qubits', inner.span, { name, other: countOf(other.qubits, 'qubit'), own: circuit.qubits })
    return UNKNOWN
  }
  if ([...circuit.operations, ...other.operations].some(isNoise)) {
    frame.sink.report('noisy-fidelity', inner.span, {})
    return UNKNOWN
  }
  const back = other.operations.toReversed().map(operation => inverseOf(operation, operand => scaled({ ...frame, circuit: other }, operand, -1)))
  const behind = circuit.slots.length
  const reported = builder.input('overlap', real(1))
  circuit.overlaps.push({
    operations: [...circuit.operations, ...back.map(operation => withOperands(operation, operand => ('slot' in operand ? { slot: operand.slot + behind } : operand)))],
    slots: [...circuit.slots, ...other.slots],
    scalars: circuit.scalars,
    measurement: { kind: 'expectation', terms: [{ coefficient: 1, word: Array.from({ length: circuit.qubits }, (_, wire) => [wire, '0'] as const) }] },
    reported,
  })
  return tensorMeaning(builder.reshape(reported, []))
}

/** The circuit up to its `return`, with its slots in this circuit's graph. */
function preparedBy(frame: Frame, declared: Declared<Routine>, call: CallExpression, scalars: CircuitScalars): CircuitFrame | undefined {
  const routine = declared.node
  const name = routine.name.name
  const matched = matchArguments(frame, routine, { span: call.span, arguments: call.arguments })
  if (!matched || frame.session.faulty.has(routine) || frame.within.includes(routine)) return undefined
  const circuit = { ...emptyCircuit(frame.builder), scalars }
  const sink = new DiagnosticSink()
  const home: Frame = {
    ...frame, sink, place: 'circuit', module: declared.module, environment: new Environment(), within: [...frame.within, routine],
    callPath: `${frame.callPath}/${name}@${call.span.start}`, circuit,
  }
  const bound = bindCall(frame, routine, home, matched, call.span, false)
  if (bound) {
    const body: Frame = { ...home, environment: bound.environment.inner() }
    if (routine.body.kind === 'expression') body.session.evaluate(body, routine.body.value)
    else body.session.evaluateBlock(body, routine.body)
  }
  for (const inner of sink.all) {
    if (inner.severity !== 'error') continue
    frame.sink.report('inside-call', call.span, { name, message: inner.message }, { related: [{ span: inner.span, message: 'here' }, ...inner.related], help: inner.help, inner })
  }
  return bound && !sink.hasErrors ? circuit : undefined
}
