/** Making operations from operations: the inverse, a real power, and the same under controls. */
import { noiseName, type Control, type DenseGate, type Operand, type Operation, type TableGate, type UnitaryOperation } from './circuit'
import { builtInControls, PRIMITIVE_GATES } from './gates'
import { conjugateTranspose, matrixPower, type ComplexMatrix } from './linearAlgebra'

/**
 * The inverse of an operation. Angles are negated by the caller, for whom they may be expressions; a gate without one has
 * its `inverse` flag turned, which leaves an involution what it was.
 *
 * @throws Error for a channel, which has none
 */
export function inverseOf(operation: UnitaryOperation, negate: (operand: Operand) => Operand): UnitaryOperation
export function inverseOf(operation: Operation, negate: (operand: Operand) => Operand): Operation
export function inverseOf(operation: Operation, negate: (operand: Operand) => Operand): Operation {
  switch (operation.kind) {
    case 'gate':
      return PRIMITIVE_GATES[operation.name].kind === 'fixed'
        ? { ...operation, inverse: !operation.inverse }
        : { ...operation, angles: operation.angles.map(negate) }
    case 'pauli_rotation':
    case 'global_phase':
    case 'evolution':
      return { ...operation, angle: negate(operation.angle) }
    case 'unitary':
      return { ...operation, re: transposed(operation.re), im: transposed(operation.im).map(negate) }
    case 'amplitudes':
      return { ...operation, inverse: !(operation.inverse ?? false) }
    case 'channel':
    case 'kraus':
      throw new Error(`${noiseName(operation)} is noise and has no inverse`)
    default: return operation satisfies never
  }
}

function transposed(entries: readonly Operand[]): readonly Operand[] {
  const size = Math.sqrt(entries.length)
  return entries.map((_, e) => entries[(e % size) * size + Math.floor(e / size)] as Operand)
}

/**
 * The principal real power of a gate without angles, as a constant matrix (`matrixPower`). Controls stay controls, since a
 * power of diag(1, U) is diag(1, U^k); exponents of gates with an angle scale the angle instead.
 *
 * @throws Error for a gate with an angle, or a matrix with slots
 */
export function powerOf(gate: TableGate | DenseGate, exponent: number): DenseGate {
  const constants = (values: Float64Array): Operand[] => Array.from(values, value => ({ value }))
  const raised = (matrix: ComplexMatrix) => {
    const { re, im } = matrixPower(matrix, exponent)
    return { re: constants(re), im: constants(im) }
  }
  if (gate.kind === 'unitary') {
    return { ...gate, ...raised({ size: 2 ** gate.wires.length, re: knownEntries(gate.re), im: knownEntries(gate.im) }) }
  }
  const { base, controls: count } = builtInControls(gate.name)
  const row = PRIMITIVE_GATES[base]
  if (row.kind !== 'fixed') throw new Error(`a power of ${gate.name} scales its angle`)
  const matrix = row.matrix([])
  return {
    kind: 'unitary',
    wires: gate.wires.slice(count),
    controls: [...gate.controls, ...gate.wires.slice(0, count).map((wire): Control => ({ wire, value: 1 }))],
    ...raised(gate.inverse ? conjugateTranspose(matrix) : matrix),
  }
}

function knownEntries(entries: readonly Operand[]): Float64Array {
  return Float64Array.from(entries, entry => {
    if ('slot' in entry) throw new Error('only a matrix that is known has a power')
    return entry.value
  })
}

/** The operation under more controls. A global phase under controls is what makes it matter. */
export function controlled(operation: UnitaryOperation, controls: readonly Control[]): UnitaryOperation {
  return { ...operation, controls: [...controls, ...operation.controls] }
}
