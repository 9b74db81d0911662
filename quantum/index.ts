/**
 * Circuits that can be run and differentiated: gates, observables, shift rules, and the engines.
 *
 * Usable by itself: describe a `Circuit`, `STATEVECTOR.prepare(circuit, 'adjoint')`, then `values` and `vjp`. Angles are in
 * radians; wire 0 is the most significant bit of a basis state.
 */
export { CHANNEL_NAMES, hasNoise, isNoise, measurementWidth, resultWidth } from './circuit'
export type {
  Amplitudes, Channel, ChannelName, Circuit, Control, DenseGate, Evolution, GlobalPhase, KrausChannel, Letter, Measurement, Noise, Operand, Operation, PauliRotation, TableGate,
  Term,
} from './circuit'
export { CircuitError, GRADIENT_METHODS } from './engine'
export type { Draws, Engine, GradientMethod, PreparedCircuit, Uniform } from './engine'
export { builtInControls, expandGate, GATE_NAMES, GATES, isGateName, PRIMITIVE_GATES } from './gates'
export type {
  AngleGate, BaseGateName, CompositeGate, CompositeGateName, ControlledGateName, FixedGate, Gate, GateName, PlacedGate,
  PrimitiveGateName,
} from './gates'
export { hermitianEigensystem, matrixPower, unitaryDeviation } from './linearAlgebra'
export type { ComplexMatrix, Eigensystem } from './linearAlgebra'
export {
  addTerms, multiplyTerms, normalizeTerms, observableMatrix, parseHamiltonian, realTerms, scaleTerms, squareOf,
} from './observable'
export type { ComplexTerm } from './observable'
export { controlled, inverseOf, powerOf } from './operations'
export { checkShiftRule, frequenciesOf, shiftRuleFor, shiftRuleOfSpectrum } from './shiftRule'
export type { ShiftRule, ShiftTerm } from './shiftRule'
export { DENSITY } from './engines/density'
export { TRAJECTORIES } from './engines/trajectories'
export { BY_CONTENT } from './engines/engineFor'
export { STATEVECTOR } from './engines/statevector'
export { WASM_STATEVECTOR } from './engines/wasm'
export { besideCode, whyNoCode } from './engines/wasm/alone'
export { entropyDerivative, entropyGradient } from './entropy'
export { isKnownToQuantumCircuit, runOpenQasm2, runWithQuantumCircuit, stateWithQuantumCircuit } from './engines/quantumCircuit'
export { toOpenQasm2 } from './interop/openqasm2'
export { toOpenQasm3 } from './interop/openqasm3'
export { fromOpenQasm, type ImportedCircuit } from './interop/openqasmImport'
export { OpenQasmError } from './interop/openqasmTokens'
export { CIRCUIT_FORMAT_NAMES, CIRCUIT_FORMATS, exportCircuit, type CircuitFormat, type CircuitFormatName } from './interop/formats'
export { ExportError, MissingNumbers } from './interop/decompose'
export { toBpCircuit } from './interop/bpText'
export { printAngle, substituteAngle, type Angle, type AngleCall, type AngleFunction, type AngleParameter, type SlotAngles } from './interop/angle'
export { drawSvg, type DrawSvgOptions } from './draw/svg'
export { drawText, type DrawTextOptions } from './draw/text'
