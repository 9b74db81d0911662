/**
 * The functions that are known without `use`: one table of signatures, for matching arguments, for messages and for the
 * reference page. What each computes stands in the elaborator, in a table over the same names.
 *
 * A signature is written as a person would: `?` marks what may be left out, and what stands behind `;` is given by name.
 */

export interface Signature {
  readonly text: string
  readonly doc: string
}

const elementwise = (doc: string): Signature => ({ text: '(x)', doc: `${doc}, elementwise` })

const convolution = (doc: string): Signature => ({ text: '(x, kernel; stride?, padding?, dilation?, groups?)', doc: `convolution (cross-correlation) of ${doc}` })
const transposed = (doc: string): Signature =>
  ({ text: '(x, kernel; stride?, padding?, output_padding?, dilation?, groups?)', doc: `transposed convolution of ${doc}` })
const pooling = (doc: string): Signature => ({ text: '(x, kernel; stride?, padding?)', doc: `${doc}; the stride is the kernel unless given` })

export const FUNCTIONS = {
  // ------------------------------------------------------------------------------------------------- elementwise
  exp: elementwise('e^x'),
  expm1: elementwise('e^x − 1, exact near 0'),
  log: elementwise('natural logarithm'),
  log1p: elementwise('log(1 + x), exact near 0'),
  sqrt: elementwise('square root'),
  sin: elementwise('sine of radians'),
  cos: elementwise('cosine of radians'),
  tan: elementwise('tangent of radians'),
  asin: elementwise('arc sine in radians'),
  acos: elementwise('arc cosine in radians'),
  atan: elementwise('arc tangent in radians'),
  atan2: { text: '(y, x)', doc: 'angle of the point (x, y) in radians, elementwise' },
  sinh: elementwise('hyperbolic sine'),
  cosh: elementwise('hyperbolic cosine'),
  tanh: elementwise('hyperbolic tangent'),
  asinh: elementwise('inverse hyperbolic sine'),
  acosh: elementwise('inverse hyperbolic cosine'),
  atanh: elementwise('inverse hyperbolic tangent'),
  sigmoid: elementwise('1 / (1 + e^−x)'),
  softplus: elementwise('log(1 + e^x)'),
  relu: elementwise('max(x, 0)'),
  abs: elementwise('absolute value'),
  sign: elementwise('−1, 0 or 1'),
  floor: elementwise('greatest integer not above x'),
  ceil: elementwise('least integer not below x'),
  round: elementwise('nearest integer, halves to even'),
  erf: elementwise('error function'),
  idiv: { text: '(a, b)', doc: 'floor(a / b) of integers, elementwise' },
  where: { text: '(condition, x, y)', doc: 'x where the condition holds, y elsewhere, elementwise' },
  clamp: { text: '(x, low, high)', doc: 'x, moved to the nearest bound where it is outside, elementwise' },

  // -------------------------------------------------------------------------------------------------- reductions
  sum: { text: '(x; axis?, keepdims?)', doc: 'sum over everything or some axes' },
  mean: { text: '(x; axis?, keepdims?)', doc: 'mean over everything or some axes' },
  prod: { text: '(x; axis?, keepdims?)', doc: 'product over everything or some axes' },
  min: { text: '(x, y?; axis?, keepdims?)', doc: 'least element; of two arguments, elementwise' },
  max: { text: '(x, y?; axis?, keepdims?)', doc: 'greatest element; of two arguments, elementwise' },
  logsumexp: { text: '(x; axis?, keepdims?)', doc: 'log Σ e^x without overflow' },
  variance: { text: '(x; axis?, keepdims?)', doc: 'mean squared distance from the mean (divides by n); in a circuit, of an observable' },
  std: { text: '(x; axis?, keepdims?)', doc: 'square root of the variance' },
  any: { text: '(x; axis?, keepdims?)', doc: 'true where some element is' },
  all: { text: '(x; axis?, keepdims?)', doc: 'true where every element is' },
  norm: { text: '(x; axis?, keepdims?)', doc: 'Euclidean norm' },

  // ----------------------------------------------------------------------------------------------- along an axis
  softmax: { text: '(x; axis?)', doc: 'e^x / Σ e^x along the last axis' },
  log_softmax: { text: '(x; axis?)', doc: 'log of softmax, without overflow' },
  argmax: { text: '(x; axis?)', doc: 'index of the first greatest element along the last axis' },
  argmin: { text: '(x; axis?)', doc: 'index of the first least element along the last axis' },
  cumsum: { text: '(x; axis?)', doc: 'running sum along the last axis' },
  flip: { text: '(x; axis?)', doc: 'reversed along the last axis' },
  sort: { text: '(x; axis?)', doc: 'ascending along the last axis; equal elements keep their order, NaN comes last' },

  // ------------------------------------------------------------------------------------------------------ making
  zeros: { text: '(shape)', doc: 'all 0' },
  ones: { text: '(shape)', doc: 'all 1' },
  full: { text: '(shape, value)', doc: 'one value everywhere' },
  eye: { text: '(n)', doc: 'identity matrix' },
  arange: { text: '(n)', doc: '0, 1, … n − 1' },
  one_hot: { text: '(classes, n)', doc: '1 at the class and 0 elsewhere, along a new last axis of size n' },
  bits: { text: '(n)', doc: 'all 2^n rows of n zeros and ones, int[2^n, n], counting up with the first column most significant' },
  spins: { text: '(n)', doc: 'the same rows with +1 for a bit 0 and −1 for a bit 1, int[2^n, n]' },
  'random.normal': { text: '(shape)', doc: 'fresh standard normal draws' },
  'random.uniform': { text: '(shape)', doc: 'fresh uniform draws from [0, 1)' },
  'random.bernoulli': { text: '(shape, p)', doc: 'fresh draws that are 1 with probability p, else 0' },

  // ---------------------------------------------------------------------------------------------- asking, moving
  size: { text: '(x, axis)', doc: 'size of an axis, usable like any dimension' },
  transpose: { text: '(x, permutation?)', doc: 'the last two axes exchanged, or the axes permuted' },
  reshape: { text: '(x, shape)', doc: 'the same elements under another shape; one size may be −1' },
  concat: { text: '(tensors; axis?)', doc: 'a list of tensors joined along an axis (the first)' },
  stack: { text: '(tensors; axis?)', doc: 'a list of tensors of one shape along a new axis (the first)' },
  pad: { text: '(x, widths)', doc: 'zeros around: [before, after] for each axis' },
  repeat: { text: '(x, times; axis?)', doc: 'the whole repeated along an axis (the first)' },

  // --------------------------------------------------------------------------------------------- linear algebra
  dot: { text: '(a, b)', doc: 'inner product along the last axis' },
  einsum: { text: '(spec, a, b?, c?, d?, e?, f?)', doc: 'Einstein summation over up to six operands: `einsum("ij,jk->ik", a, b)`' },

  solve: { text: '(A, b)', doc: 'x with A x = b; b is a vector where it has one axis fewer than A. A singular matrix stops the run' },
  inverse: { text: '(A)', doc: 'inverse of a square matrix. A singular matrix stops the run' },
  det: { text: '(A)', doc: 'determinant of a square matrix; singular ones have all its derivatives, too' },
  cholesky: { text: '(A)', doc: 'the lower triangular L with L Lᵀ = (A + Aᵀ)/2. A matrix that is not positive definite stops the run' },

  // --------------------------------------------------------------------------------------- images and sequences
  conv1d: convolution('[batch, in, length] with kernels [out, in / groups, k] → [batch, out, floor((length + 2·padding − dilation·(k − 1) − 1) / stride) + 1]'),
  conv2d: convolution('[batch, in, height, width] with kernels [out, in / groups, kh, kw]; sizes as in conv1d'),
  conv_transpose1d: transposed('[batch, in, length] with kernels [in, out / groups, k] → [batch, out, (length − 1)·stride − 2·padding + dilation·(k − 1) + output_padding + 1]'),
  conv_transpose2d: transposed('[batch, in, height, width] with kernels [in, out / groups, kh, kw]; sizes as in conv_transpose1d'),
  max_pool1d: pooling('greatest element of each window of the last axis, padding counted as −∞'),
  max_pool2d: pooling('greatest element of each window of the last two axes, padding counted as −∞'),
  avg_pool1d: pooling('mean of each window of the last axis, padding counted as zeros'),
  avg_pool2d: pooling('mean of each window of the last two axes, padding counted as zeros'),

  // ------------------------------------------------------------------------------------------------- derivatives
  grad: { text: '(y, x)', doc: 'derivative of a scalar by x, in the shape of x' },
  jacobian: { text: '(y, x)', doc: 'derivative of every element of y by every element of x' },
  hessian: { text: '(y, x)', doc: 'second derivative of a scalar by x' },
  stop: { text: '(x)', doc: 'x, through which no derivative flows' },
} as const satisfies Record<string, Signature>

export type FunctionName = keyof typeof FUNCTIONS

/** What only a circuit or a gate can say. */
export const CIRCUIT_FUNCTIONS = {
  X: { text: '(qubit)', doc: 'Pauli X' },
  Y: { text: '(qubit)', doc: 'Pauli Y' },
  Z: { text: '(qubit)', doc: 'Pauli Z' },
  projector: { text: '(qubits, bits)', doc: '|bits⟩⟨bits|, the first qubit named most significant' },
  expect: { text: '(observable)', doc: 'expectation value' },
  variance: { text: '(observable)', doc: '⟨O²⟩ − ⟨O⟩²' },
  hermitian: { text: '(re, im?, qubits…)', doc: 'the observable with this matrix, real and imaginary parts, the first qubit named most significant' },
  hamiltonian: { text: '(file, qubits…)', doc: 'a Pauli sum from a JSON file, [[coefficient, "XXYZ"], …], one letter a qubit' },
  purity: { text: '(qubits…)', doc: 'Tr ρ² of the reduced state' },
  entropy: { text: '(qubits…)', doc: '−Tr ρ log ρ of the reduced state, in nats' },
  fidelity: { text: '(circuit)', doc: '|⟨φ|ψ⟩|² with the state of another circuit: `fidelity(other(x))`' },
  sample: { text: '(qubits…)', doc: 'the bits of each shot, int[shots, k]; needs `@shots`' },
  probs: { text: '(qubits…)', doc: 'probabilities of the outcomes, the first qubit named most significant' },
} as const satisfies Record<string, Signature>

export type CircuitFunctionName = keyof typeof CIRCUIT_FUNCTIONS

/** What may stand behind `~`, besides any expression. */
export const INITIALIZERS = {
  zeros: { text: '()', doc: 'all 0' },
  ones: { text: '()', doc: 'all 1' },
  constant: { text: '(value)', doc: 'one value everywhere' },
  uniform: { text: '(low?, high?)', doc: 'uniform in [low, high), by default [0, 1)' },
  normal: { text: '(mean?, std?)', doc: 'normal, by default mean 0 and standard deviation 1' },
  glorot: { text: '()', doc: 'uniform in ±√(6 / (fan in + fan out))' },
  he: { text: '()', doc: 'uniform in ±√(6 / fan in)' },
  orthogonal: { text: '(gain?)', doc: 'orthonormal rows or columns, whichever are fewer, times the gain' },
} as const satisfies Record<string, Signature>

export type InitializerName = keyof typeof INITIALIZERS

/** Names of the language that this version does not have; each is refused by name. */
export const NOT_YET: ReadonlySet<string> = new Set([
  'file',
])

export const isFunction = (name: string): name is FunctionName => Object.hasOwn(FUNCTIONS, name)
export const isCircuitFunction = (name: string): name is CircuitFunctionName => Object.hasOwn(CIRCUIT_FUNCTIONS, name)
export const isInitializer = (name: string): name is InitializerName => Object.hasOwn(INITIALIZERS, name)

export interface SignatureParameter { readonly name: string; readonly optional: boolean; readonly byName: boolean }

/** The parameters of a signature's text, in order. */
export function parametersOf(signature: Signature): readonly SignatureParameter[] {
  const [positional = '', byName = ''] = signature.text.slice(1, -1).split(';')
  const read = (part: string, named: boolean) => part.split(',').map(item => item.trim()).filter(Boolean)
    .map(item => ({ name: item.replace(/[?…]$/, ''), optional: item.endsWith('?'), byName: named }))
  return [...read(positional, false), ...read(byName, true)]
}
