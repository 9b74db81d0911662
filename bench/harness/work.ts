/**
 * Work, described plainly enough that everybody can build it with their own means. It travels to other processes as JSON; numbers that
 * would be long in there are made on both sides by `spread` (python/spread.py has the same).
 */

/** A gate by its name in bp, the qubits it acts on, and which of the angles it takes. Qubit 0 is the most significant bit. */
export type GateText = readonly [name: 'ry' | 'rz' | 'rx' | 'rot' | 'h' | 't' | 'cx' | 'cz', qubits: readonly number[], angles: readonly number[]]

export interface CircuitText {
  readonly qubits: number
  readonly gates: readonly GateText[]
  /** Radians. */
  readonly angles: readonly number[]
  /** A template by which a peer may build it instead, where it has one of that definition; the angles are its weights in order. */
  readonly template?: { readonly name: 'strongly_entangling'; readonly layers: number }
}

/** What a network is trained with. Values of a step: the losses of three steps from the same weights, at `rate`; timed at `timingRate`. */
export interface Training {
  readonly batch: number
  /** Batches that are gone through in turn. */
  readonly batches: number
  /** Rows of the three steps that are compared: the first batch, or fewer. */
  readonly checkedRows: number
  readonly optimizer: 'adam' | 'sgd'
  readonly rate: number
  /** So small that a long run stays where it is: no overflow, no numbers too small for the hardware's fast path. */
  readonly timingRate: number
}

export type Work =
  /** ⟨Z₀⟩; its value. */
  | { readonly kind: 'expectation'; readonly circuit: CircuitText; readonly precision: 'f32' | 'f64'; readonly isOptimised?: boolean }
  /** The gradient of ⟨Z₀⟩ by all angles; its values. */
  | { readonly kind: 'gradient'; readonly circuit: CircuitText; readonly method: 'adjoint' | 'parameter_shift' }
  /** Dense layers; `activation` between them. */
  | { readonly kind: 'mlp'; readonly sizes: readonly number[]; readonly activation: 'tanh' | 'relu' | 'sigmoid'; readonly loss: 'mse' | 'cross_entropy' | 'half_squares'; readonly training: Training }
  /** inputs → dense(qubits), tanh, π · → angle embedding, strongly entangling layers, ⟨Zᵢ⟩ → dense(classes), cross entropy. */
  | { readonly kind: 'hybrid'; readonly inputs: number; readonly qubits: number; readonly layers: number; readonly classes: number; readonly training: Training }
  /** [batch, time, inputs] → GRU(units) → dense(1) of the last state, mean squared error. */
  | { readonly kind: 'gru'; readonly inputs: number; readonly units: number; readonly time: number; readonly training: Training }
  /** LeNet-5 with relu and maxima (LeCun et al., 1998, as it is mostly written today): 28×28 → 6@5×5 pad 2, pool, 16@5×5, pool, 120, 84, 10, cross entropy. */
  | { readonly kind: 'lenet'; readonly training: Training }
  /** c = a b for f32 matrices n×n; its values are those of c at `samples`, row by row. */
  | { readonly kind: 'product'; readonly n: number; readonly samples: readonly number[] }

export type WorkOf<Kind extends Work['kind']> = Extract<Work, { readonly kind: Kind }>

const PRIME = 65521

/** A whole number in 0…65520 that looks random: (31 i² + 7919 i + 104729 seed) mod 65521, exact in doubles for i below 10⁷. */
const mixed = (seed: number, i: number): number => (31 * i * i + 7919 * i + 104729 * seed) % PRIME

/** `count` numbers in [−scale, scale), the same everywhere. */
export function spread(seed: number, count: number, scale: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (mixed(seed, i) / PRIME - 0.5) * 2 * scale)
}

/** `count` classes in 0…classes − 1, the same everywhere. */
export function spreadClasses(seed: number, count: number, classes: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => mixed(seed, i) % classes)
}

/** Streams of `spread`, so that no two tensors hold the same numbers. Weights are numbered from WEIGHTS on, in the order of the network. */
export const STREAM = { inputs: 1, targets: 2, angles: 3, weights: 10 } as const

/** A tensor of weights: its shape, and how many numbers each sum has that it is in. */
export interface WeightShape { readonly shape: readonly number[]; readonly fan: number }

/** Weights in the order of the network, each within ±1/√fan, the same everywhere. */
export const weightsOf = (shapes: readonly WeightShape[]): readonly Float64Array[] =>
  shapes.map(({ shape, fan }, at) => spread(STREAM.weights + at, shape.reduce((a, b) => a * b, 1), 1 / Math.sqrt(fan)))

/** Rows that are trained on. */
export const rowsOf = ({ batch, batches }: Training): number => batch * batches
