/**
 * What running a gate needs to know of it besides its name: wires, angles, eigenvalues of its generator, and which gates are others
 * under controls. Without matrices and words, which gates.ts has: pages that run circuits load this table alone.
 */

/** What a fixed gate, or one of one angle, is made for. */
export interface GateShape {
  readonly qubits: number
  /** The distinct eigenvalues of the generator, ascending; undefined for a gate without an angle. */
  readonly spectrum?: readonly number[]
}

/** Of a fixed or angle gate that is another one under controls: its first wires are the controls. */
export interface BuiltInControls {
  readonly base: BaseGateName
  readonly controls: number
}

const ONE: GateShape = { qubits: 1 }, TWO: GateShape = { qubits: 2 }
/** exp(−iθP/2) for a Pauli word P. */
const turn = (qubits: number): GateShape => ({ qubits, spectrum: [-0.5, 0.5] })
/** A turn in a plane of two basis states; the others stay. */
const givens = (qubits: number): GateShape => ({ qubits, spectrum: [-0.5, 0, 0.5] })

const BASE_SHAPES = {
  id: ONE, x: ONE, y: ONE, z: ONE, h: ONE, s: ONE, sdg: ONE, t: ONE, tdg: ONE, sx: ONE, swap: TWO, iswap: TWO,
  rx: turn(1), ry: turn(1), rz: turn(1), p: { qubits: 1, spectrum: [-1, 0] }, rxx: turn(2), ryy: turn(2), rzz: turn(2), rzx: turn(2),
  single_excitation: givens(2), double_excitation: givens(4),
} as const satisfies Record<string, GateShape>

/** A gate that is not another one under controls. */
export type BaseGateName = keyof typeof BASE_SHAPES

const under = <Base extends BaseGateName>(controls: number, base: Base) => ({ base, controls })

export const BUILT_IN_CONTROLS = {
  cx: under(1, 'x'), cy: under(1, 'y'), cz: under(1, 'z'), ch: under(1, 'h'), ccx: under(2, 'x'), cswap: under(1, 'swap'),
  crx: under(1, 'rx'), cry: under(1, 'ry'), crz: under(1, 'rz'), cp: under(1, 'p'),
} as const satisfies Record<string, BuiltInControls>

export type ControlledGateName = keyof typeof BUILT_IN_CONTROLS

/** A gate that an engine meets: fixed, or of one angle. */
export type PrimitiveGateName = BaseGateName | ControlledGateName

function isControlledGate(name: PrimitiveGateName): name is ControlledGateName {
  return Object.hasOwn(BUILT_IN_CONTROLS, name)
}

/** What a gate is without its built-in controls: `ccx` is `x` under 2, `rx` is itself under none. */
export function builtInControls(name: PrimitiveGateName): BuiltInControls {
  return isControlledGate(name) ? BUILT_IN_CONTROLS[name] : { base: name, controls: 0 }
}

function controlledShape({ base, controls }: BuiltInControls): GateShape {
  const { qubits, spectrum }: GateShape = BASE_SHAPES[base]
  // The generator of diag(I, exp(−iθG)) is diag(0, G).
  return { qubits: qubits + controls, ...(spectrum ? { spectrum: [...new Set([...spectrum, 0])].sort((a, b) => a - b) } : {}) }
}

const CONTROLLED_SHAPES = Object.fromEntries(Object.entries(BUILT_IN_CONTROLS).map(([name, built]) => [name, controlledShape(built)])) as Readonly<Record<ControlledGateName, GateShape>>

export const GATE_SHAPES: Readonly<Record<PrimitiveGateName, GateShape>> = { ...BASE_SHAPES, ...CONTROLLED_SHAPES }
