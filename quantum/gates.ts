/**
 * Every gate there is: one table of matrices, generators and documentation.
 *
 * Conventions: R_P(θ) = exp(−iθP/2); the first wire of a gate is the most significant bit of its matrix' indices; matrices
 * are row-major. A gate with one angle is U(θ) = exp(−iθG) for the Hermitian generator G of its row. Gates with several
 * angles are composites: recipes over the others, which `expandGate` follows, so that what reaches an engine has at most
 * one angle and one shift rule. Sources: the OpenQASM 3 specification (openqasm.com/language/gates.html and
 * openqasm.com/language/standard_library.html) where it has the gate, PennyLane's definitions for the others.
 */
import { BUILT_IN_CONTROLS, builtInControls, GATE_SHAPES, type BaseGateName, type BuiltInControls, type ControlledGateName, type PrimitiveGateName } from './gateShapes'
import {
  addScaled, identityMatrix, kronecker, matrixFromRows, multiplyMatrices, scaleMatrix, zeroMatrix, type ComplexMatrix,
} from './linearAlgebra'

export { builtInControls, type BaseGateName, type BuiltInControls, type ControlledGateName, type PrimitiveGateName }

interface Described {
  readonly qubits: number
  /** What the gate does, in one sentence. */
  readonly doc: string
  /** @param angles radians, as many as `angles` names */
  matrix(angles: readonly number[]): ComplexMatrix
}

/** A gate without an angle. */
export interface FixedGate extends Described {
  readonly kind: 'fixed'
  readonly angles: readonly []
}

/** A gate exp(−iθG). */
export interface AngleGate extends Described {
  readonly kind: 'angle'
  readonly angles: readonly [string]
  /** G, Hermitian. */
  readonly generator: ComplexMatrix
  /** The distinct eigenvalues of G, ascending. */
  readonly spectrum: readonly number[]
}

/** One step of a composite's recipe: its wires and its angle are positions in the composite's own lists. */
export interface RecipeStep {
  readonly name: PrimitiveGateName
  readonly wires: readonly number[]
  readonly angle?: number
  readonly inverse?: boolean
  /** Half of a conjugation V … V†: when the composite is controlled, this gate need not be. */
  readonly conjugation?: boolean
}

/** A gate of several angles, made of others; the recipe is exact, global phase included, so it holds under controls. */
export interface CompositeGate extends Described {
  readonly kind: 'composite'
  readonly angles: readonly string[]
  /** In the order in which they act. */
  readonly recipe: readonly RecipeStep[]
}

export type Gate = FixedGate | AngleGate | CompositeGate

/** A row as it is written here; its spectrum stands in gateShapes.ts. */
type WithoutSpectrum = FixedGate | Omit<AngleGate, 'spectrum'>

// ── Building rows ────────────────────────────────────────────────────────────────────────────────────────────────────

const PAULI_MATRICES: Readonly<Record<string, ComplexMatrix>> = {
  I: identityMatrix(2),
  X: matrixFromRows([[0, 1], [1, 0]]),
  Y: matrixFromRows([[0, [0, -1]], [[0, 1], 0]]),
  Z: matrixFromRows([[1, 0], [0, -1]]),
}

/** The matrix of a Pauli word, one letter of I, X, Y, Z a qubit, the first the most significant. */
export function pauliWordMatrix(word: string): ComplexMatrix {
  let product = identityMatrix(1)
  for (const letter of word) {
    const factor = PAULI_MATRICES[letter]
    if (factor === undefined) throw new Error(`“${letter}” in “${word}” is not a Pauli letter (I, X, Y or Z)`)
    product = kronecker(product, factor)
  }
  return product
}

/** diag(I, …, I, U): U on the last wires where all the first `controls` wires carry 1. */
export function controlledMatrix(matrix: ComplexMatrix, controls: number): ComplexMatrix {
  return inLastBlock(matrix, identityMatrix(matrix.size << controls))
}

function inLastBlock(block: ComplexMatrix, background: ComplexMatrix): ComplexMatrix {
  const start = background.size - block.size
  const result = { size: background.size, re: background.re.slice(), im: background.im.slice() }
  for (let r = 0; r < block.size; r++) {
    for (let c = 0; c < block.size; c++) {
      const e = (start + r) * background.size + start + c
      result.re[e] = block.re[r * block.size + c] as number
      result.im[e] = block.im[r * block.size + c] as number
    }
  }
  return result
}

function fixedGate(matrix: ComplexMatrix, doc: string): FixedGate {
  return { kind: 'fixed', qubits: Math.log2(matrix.size), angles: [], doc, matrix: () => matrix }
}

function angleGate(
  generator: ComplexMatrix, matrix: (angle: number) => ComplexMatrix, doc: string, angle = 'θ',
): Omit<AngleGate, 'spectrum'> {
  return {
    kind: 'angle', qubits: Math.log2(generator.size), angles: [angle], doc, generator,
    matrix: ([value]) => {
      if (value === undefined) throw new Error('a gate with an angle needs one')
      return matrix(value)
    },
  }
}

/**
 * exp(−iθK/2) for K³ = K, so K² projects onto K's support (all of it for a Pauli word):
 * I + (cos θ/2 − 1)K² − i sin(θ/2) K.
 */
function halfRotation(k: ComplexMatrix, doc: string): Omit<AngleGate, 'spectrum'> {
  const identity = identityMatrix(k.size), support = multiplyMatrices(k, k)
  return angleGate(scaleMatrix(k, 0.5), angle =>
    addScaled(k, 0, -Math.sin(angle / 2), addScaled(support, Math.cos(angle / 2) - 1, 0, identity)), doc)
}

/** The rotation |a⟩ → cos(θ/2)|a⟩ − sin(θ/2)|b⟩, |b⟩ → cos(θ/2)|b⟩ + sin(θ/2)|a⟩; K = i(|a⟩⟨b| − |b⟩⟨a|). */
function givensRotation(qubits: number, a: number, b: number, doc: string): Omit<AngleGate, 'spectrum'> {
  const k = zeroMatrix(2 ** qubits)
  k.im[a * k.size + b] = 1
  k.im[b * k.size + a] = -1
  return halfRotation(k, doc)
}

function phaseDiagonal(angle: number): ComplexMatrix {
  return matrixFromRows([[1, 0], [0, [Math.cos(angle), Math.sin(angle)]]])
}

const R = Math.SQRT1_2

// ── The gates without built-in controls ──────────────────────────────────────────────────────────────────────────────

const BASE_GATES = {
  id: fixedGate(identityMatrix(2), 'The identity.'),
  x: fixedGate(pauliWordMatrix('X'), 'Pauli X: swaps |0⟩ and |1⟩.'),
  y: fixedGate(pauliWordMatrix('Y'), 'Pauli Y: |0⟩ → i|1⟩, |1⟩ → −i|0⟩.'),
  z: fixedGate(pauliWordMatrix('Z'), 'Pauli Z: |1⟩ → −|1⟩.'),
  h: fixedGate(matrixFromRows([[R, R], [R, -R]]), 'Hadamard: |0⟩ → (|0⟩+|1⟩)/√2, |1⟩ → (|0⟩−|1⟩)/√2.'),
  s: fixedGate(matrixFromRows([[1, 0], [0, [0, 1]]]), '√Z: |1⟩ → i|1⟩.'),
  sdg: fixedGate(matrixFromRows([[1, 0], [0, [0, -1]]]), 'The inverse of s: |1⟩ → −i|1⟩.'),
  t: fixedGate(matrixFromRows([[1, 0], [0, [R, R]]]), '√s: |1⟩ → exp(iπ/4)|1⟩.'),
  tdg: fixedGate(matrixFromRows([[1, 0], [0, [R, -R]]]), 'The inverse of t: |1⟩ → exp(−iπ/4)|1⟩.'),
  sx: fixedGate(
    matrixFromRows([[[0.5, 0.5], [0.5, -0.5]], [[0.5, -0.5], [0.5, 0.5]]]), '√X = ½[[1+i, 1−i], [1−i, 1+i]].'),
  swap: fixedGate(matrixFromRows([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]), 'Swaps two qubits.'),
  iswap: fixedGate(
    matrixFromRows([[1, 0, 0, 0], [0, 0, [0, 1], 0], [0, [0, 1], 0, 0], [0, 0, 0, 1]]),
    'Swaps two qubits with a factor i: |01⟩ → i|10⟩, |10⟩ → i|01⟩.'),

  rx: halfRotation(pauliWordMatrix('X'), 'Rotation about X: exp(−iθX/2).'),
  ry: halfRotation(pauliWordMatrix('Y'), 'Rotation about Y: exp(−iθY/2).'),
  rz: halfRotation(pauliWordMatrix('Z'), 'Rotation about Z: exp(−iθZ/2).'),
  p: angleGate(
    matrixFromRows([[0, 0], [0, -1]]), phaseDiagonal, 'Phase: |1⟩ → exp(iλ)|1⟩; rz(λ) times exp(iλ/2).', 'λ'),
  rxx: halfRotation(pauliWordMatrix('XX'), 'exp(−iθ X⊗X/2).'),
  ryy: halfRotation(pauliWordMatrix('YY'), 'exp(−iθ Y⊗Y/2).'),
  rzz: halfRotation(pauliWordMatrix('ZZ'), 'exp(−iθ Z⊗Z/2).'),
  rzx: halfRotation(pauliWordMatrix('ZX'), 'exp(−iθ Z⊗X/2), with Z on the first qubit.'),
  single_excitation: givensRotation(
    2, 0b10, 0b01, 'Givens rotation: |10⟩ → cos(θ/2)|10⟩ − sin(θ/2)|01⟩, |01⟩ → cos(θ/2)|01⟩ + sin(θ/2)|10⟩.'),
  double_excitation: givensRotation(
    4, 0b1100, 0b0011,
    'Givens rotation: |1100⟩ → cos(θ/2)|1100⟩ − sin(θ/2)|0011⟩, |0011⟩ → cos(θ/2)|0011⟩ + sin(θ/2)|1100⟩.'),
} as const satisfies Record<BaseGateName, WithoutSpectrum>

// ── The same under controls ──────────────────────────────────────────────────────────────────────────────────────────

function controlledGate(name: ControlledGateName, doc: string): WithoutSpectrum {
  const { base, controls } = BUILT_IN_CONTROLS[name]
  const gate: WithoutSpectrum = BASE_GATES[base]
  if (gate.kind === 'fixed') return fixedGate(controlledMatrix(gate.matrix([]), controls), doc)
  // The generator of diag(I, exp(−iθG)) is diag(0, G).
  const generator = inLastBlock(gate.generator, zeroMatrix(gate.generator.size << controls))
  const matrix = (angle: number) => controlledMatrix(gate.matrix([angle]), controls)
  return angleGate(generator, matrix, doc, gate.angles[0])
}

const CONTROLLED_GATES = {
  cx: controlledGate('cx', 'x on the second qubit where the first is 1 (CNOT).'),
  cy: controlledGate('cy', 'y on the second qubit where the first is 1.'),
  cz: controlledGate('cz', 'z on the second qubit where the first is 1: |11⟩ → −|11⟩.'),
  ch: controlledGate('ch', 'h on the second qubit where the first is 1.'),
  ccx: controlledGate('ccx', 'x on the third qubit where the first two are 1 (Toffoli).'),
  cswap: controlledGate('cswap', 'Swaps the last two qubits where the first is 1 (Fredkin).'),
  crx: controlledGate('crx', 'rx(θ) on the second qubit where the first is 1.'),
  cry: controlledGate('cry', 'ry(θ) on the second qubit where the first is 1.'),
  crz: controlledGate('crz', 'rz(θ) on the second qubit where the first is 1.'),
  cp: controlledGate('cp', '|11⟩ → exp(iλ)|11⟩.'),
} as const satisfies Record<ControlledGateName, WithoutSpectrum>

// ── Composites ───────────────────────────────────────────────────────────────────────────────────────────────────────

function compositeGate(
  qubits: number, angles: readonly string[], recipe: readonly RecipeStep[],
  matrix: (angles: readonly [number, number, number]) => ComplexMatrix, doc: string,
): CompositeGate {
  return {
    kind: 'composite', qubits, angles, recipe, doc,
    matrix: ([a, b, c]) => {
      if (a === undefined || b === undefined || c === undefined) throw new Error('this gate needs three angles')
      return matrix([a, b, c])
    },
  }
}

/**
 * U(θ, φ, λ) of the OpenQASM 3 specification, “Built-in gates” (openqasm.com/language/gates.html; versions 3.0 and 3.1):
 *
 *     ½ · [[1 + e^{iθ}, −i e^{iλ} (1 − e^{iθ})], [i e^{iφ} (1 − e^{iθ}), e^{i(φ+λ)} (1 + e^{iθ})]]
 *       = e^{iθ/2} · [[cos θ/2, −e^{iλ} sin θ/2], [e^{iφ} sin θ/2, e^{i(φ+λ)} cos θ/2]].
 *
 * The factor e^{iθ/2} makes it 2π-periodic in each angle. OpenQASM 2 and Qiskit's `U` and `u3` lack it, a difference that
 * shows under controls only.
 */
function universalMatrix([theta, phi, lambda]: readonly [number, number, number]): ComplexMatrix {
  const times = (magnitude: number, phase: number): [number, number] =>
    [magnitude * Math.cos(phase), magnitude * Math.sin(phase)]
  const cosine = Math.cos(theta / 2), sine = Math.sin(theta / 2), half = theta / 2
  return matrixFromRows([
    [times(cosine, half), times(-sine, half + lambda)],
    [times(sine, half + phi), times(cosine, half + phi + lambda)],
  ])
}

/** RZ(ω) RY(θ) RZ(φ). */
function eulerMatrix([phi, theta, omega]: readonly [number, number, number]): ComplexMatrix {
  return multiplyMatrices(
    multiplyMatrices(BASE_GATES.rz.matrix([omega]), BASE_GATES.ry.matrix([theta])), BASE_GATES.rz.matrix([phi]))
}

const COMPOSITE_GATES = {
  // e^{iθ/2} RY(θ) = √X† P(θ) √X, because √X† takes |1⟩ to the eigenvector of Y with eigenvalue −1, so
  // U = P(φ) √X† P(θ) √X P(λ) holds with its global phase, and each angle appears once and unscaled.
  u: compositeGate(1, ['θ', 'φ', 'λ'], [
    { name: 'p', wires: [0], angle: 2 },
    { name: 'sx', wires: [0], conjugation: true },
    { name: 'p', wires: [0], angle: 0 },
    { name: 'sx', wires: [0], inverse: true, conjugation: true },
    { name: 'p', wires: [0], angle: 1 },
  ], universalMatrix,
  'U of OpenQASM 3: ½[[1+e^{iθ}, −ie^{iλ}(1−e^{iθ})], [ie^{iφ}(1−e^{iθ}), e^{i(φ+λ)}(1+e^{iθ})]], which is '
  + 'e^{iθ/2}[[cos θ/2, −e^{iλ} sin θ/2], [e^{iφ} sin θ/2, e^{i(φ+λ)} cos θ/2]]; the phase e^{iθ/2} matters under ctrl.'),
  rot: compositeGate(1, ['φ', 'θ', 'ω'], [
    { name: 'rz', wires: [0], angle: 0 },
    { name: 'ry', wires: [0], angle: 1 },
    { name: 'rz', wires: [0], angle: 2 },
  ], eulerMatrix, 'RZ(ω) RY(θ) RZ(φ): rz(φ) acts first.'),
  crot: compositeGate(2, ['φ', 'θ', 'ω'], [
    { name: 'crz', wires: [0, 1], angle: 0 },
    { name: 'cry', wires: [0, 1], angle: 1 },
    { name: 'crz', wires: [0, 1], angle: 2 },
  ], angles => controlledMatrix(eulerMatrix(angles), 1), 'rot(φ, θ, ω) on the second qubit where the first is 1.'),
} as const satisfies Record<string, CompositeGate>

export type CompositeGateName = keyof typeof COMPOSITE_GATES

// ── The table ────────────────────────────────────────────────────────────────────────────────────────────────────────

export type GateName = PrimitiveGateName | CompositeGateName

function primitiveGates<Name extends PrimitiveGateName>(rows: Readonly<Record<Name, WithoutSpectrum>>): { readonly [Each in Name]: FixedGate | AngleGate } {
  const names = Object.keys(rows) as Name[]
  return Object.fromEntries(names.map(name => {
    const row = rows[name]
    return [name, row.kind === 'fixed' ? row : { ...row, spectrum: GATE_SHAPES[name].spectrum ?? [] }]
  })) as { readonly [Each in Name]: FixedGate | AngleGate }
}

/** The gates that reach an engine. */
export const PRIMITIVE_GATES = primitiveGates<PrimitiveGateName>({ ...BASE_GATES, ...CONTROLLED_GATES })

/** Every gate of the language. */
export const GATES: { readonly [Name in GateName]: Gate } = { ...PRIMITIVE_GATES, ...COMPOSITE_GATES }

export const GATE_NAMES: readonly GateName[] = Object.keys(GATES) as GateName[]

export function isGateName(name: string): name is GateName {
  return Object.hasOwn(GATES, name)
}

function isComposite(name: GateName): name is CompositeGateName {
  return Object.hasOwn(COMPOSITE_GATES, name)
}

/** A primitive gate on its wires, as `TableGate`, with angles of any kind: operands, or nodes of a compiler's graph. */
export interface PlacedGate<Angle> {
  readonly kind: 'gate'
  readonly name: PrimitiveGateName
  readonly wires: readonly number[]
  readonly controls: readonly { readonly wire: number; readonly value: 0 | 1 }[]
  readonly angles: readonly Angle[]
  readonly inverse: boolean
}

/**
 * The primitive gates that a gate stands for, in the order in which they act: itself, or a composite's recipe, in which
 * each angle appears exactly once, unchanged. Exact with the global phase, so it may be placed under controls.
 *
 * @param angles one for each of `GATES[name].angles`, of any type
 * @throws Error when the counts of wires or angles do not fit, which a checker reports earlier
 */
export function expandGate<Angle>(
  name: GateName, wires: readonly number[], controls: PlacedGate<Angle>['controls'], angles: readonly Angle[],
): PlacedGate<Angle>[] {
  const gate: Gate = GATES[name]
  if (wires.length !== gate.qubits || angles.length !== gate.angles.length) {
    throw new Error(`${name} takes ${gate.qubits} qubits and ${gate.angles.length} angles, `
      + `but has ${wires.length} and ${angles.length}`)
  }
  if (!isComposite(name)) return [{ kind: 'gate', name, wires, controls, angles, inverse: false }]
  return COMPOSITE_GATES[name].recipe.map(step => ({
    kind: 'gate',
    name: step.name,
    wires: step.wires.map(w => wires[w] as number),
    controls: step.conjugation ? [] : controls,
    angles: step.angle === undefined ? [] : [angles[step.angle] as Angle],
    inverse: step.inverse ?? false,
  }))
}
