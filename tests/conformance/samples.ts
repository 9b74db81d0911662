/** Every op with inputs to try it on, so that tests can walk the table; an op without a row here fails the type check. */
import type { GraphBuilder } from '../../ir/builder'
import { addDims, mulDims, namedDim, subDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import type { OpAttributes, OpName, Reduction } from '../../ir/op'
import { bool, int, real, type TensorType } from '../../ir/type'
import { SAMPLE_CIRCUIT } from './sampleCircuits'

export interface SampleInput {
  readonly type: TensorType
  /** Element i, for any i; by default numbers in (−1.5, 1.5), far apart. */
  value?(i: number): number
}

export interface Sample {
  readonly name: string
  readonly inputs: readonly SampleInput[]
  /** What the dimension n is tried as; by default 3, 1 and 0. */
  readonly sizes?: readonly number[]
  build(b: GraphBuilder, inputs: readonly Value[]): readonly Value[]
}

const n = namedDim('n')
const plus = (dim: Dim, more: number) => addDims(dim, more)

/** A sample of one node over real inputs of these shapes. */
function sample(name: string, shapes: readonly (readonly Dim[])[], build: (b: GraphBuilder, ...inputs: readonly Value[]) => Value, sizes?: readonly number[]): Sample {
  return { name, inputs: shapes.map(shape => ({ type: real(...shape) })), sizes, build: (b, inputs) => [build(b, ...inputs)] }
}

const given = (value: Value | undefined): Value => {
  if (!value) throw new Error('a sample lacks an input')
  return value
}

const reduction = (fn: Reduction, shape: readonly Dim[], axes: readonly number[], sizes?: readonly number[]) =>
  sample(`${fn} of ${shape.length} axes over [${axes}]`, [shape], (b, x) => b.add('reduce', { fn, axes }, [given(x)]), sizes)

const contraction = (left: readonly number[], right: readonly number[], out: readonly number[], shapes: readonly (readonly Dim[])[]) =>
  sample(`[${left}]·[${right}] → [${out}]`, shapes, (b, x, y) => b.add('contract', { left, right, out }, [given(x), given(y)]))

/** A convolution with stride 1, dilation 1 and no padding unless said. */
const convolution = (name: string, attributes: Pick<OpAttributes['convolve'], 'part' | 'size'> & Partial<OpAttributes['convolve']>, shapes: readonly (readonly Dim[])[]) =>
  sample(name, shapes, (b, x, y) => {
    const each = (value: number) => attributes.size.map(() => value)
    return b.add('convolve', { stride: each(1), dilation: each(1), low: each(0), ...attributes }, [given(x), given(y)])
  })

/** a + 5 I: with entries up to 1.8 still regular, and with a symmetric positive definite, for matrices up to 4 × 4. */
function regular(b: GraphBuilder, a: Value | undefined): Value {
  const { shape } = given(a).type
  const along = (axis: number) => b.add('broadcast', { shape, axes: [axis] }, [b.add('iota', { size: shape[axis] ?? 0 }, [])])
  const identity = b.cast(b.scalar('equal', along(shape.length - 2), along(shape.length - 1)), 'real')
  return b.scalar('add', given(a), b.scalar('mul', identity, b.fill('real', shape, 5)))
}

/** x + 5 I as the parts of a 2 × 2 matrix: positive definite with entries up to 1.8. */
function mixed(b: GraphBuilder, x: Value | undefined): Value {
  const { shape } = given(x).type
  return b.scalar('add', given(x), b.broadcastTo(b.constant('real', [8], [5, 0, 0, 5, 0, 0, 0, 0]), shape))
}

/** Zeros at the given elements, to try products with. */
const withZeros = (...zeros: readonly number[]): SampleInput['value'] => i => (zeros.includes(i) ? 0 : 0.4 + ((i * 7) % 5) / 3)

export const SAMPLES: { readonly [Op in OpName]: readonly Sample[] | string } = {
  input: 'given, not computed',
  constant: [sample('two by two', [], b => b.constant('real', [2, 2], [1, -2, 0.5, 0]))],
  fill: [sample('symbolic shape', [], b => b.fill('real', [n, 2], 0.5))],
  size: [sample('2n + 1', [], b => b.add('size', { value: plus(mulDims(2, n), 1) }, []))],
  iota: [sample('symbolic size', [], b => b.add('iota', { size: n }, []))],
  random: [
    { name: 'with a counter', inputs: [{ type: int(), value: () => 2 }], build: (b, inputs) => [b.add('random', { distribution: 'uniform', shape: [n], stream: 's' }, inputs)] },
  ],

  elementwise: [
    sample('a product', [[n, 2], [n, 2]], (b, x, y) => b.scalar('mul', given(x), given(y))),
    { name: 'a choice', inputs: [{ type: bool(n), value: i => i % 2 }, { type: real(n) }, { type: real(n) }], build: (b, inputs) => [b.scalar('where', ...inputs)] },
  ],

  broadcast: [
    sample('a middle axis', [[n]], (b, x) => b.add('broadcast', { shape: [2, n, 3], axes: [1] }, [given(x)])),
    sample('a literal 1 stretched', [[1, n]], (b, x) => b.add('broadcast', { shape: [3, n], axes: [0, 1] }, [given(x)])),
    sample('a literal 1 stretched to a symbol', [[2, 1]], (b, x) => b.add('broadcast', { shape: [2, n, 2], axes: [0, 1] }, [given(x)])),
    sample('a literal 1 kept', [[1, 2]], (b, x) => b.add('broadcast', { shape: [n, 1, 2], axes: [1, 2] }, [given(x)])),
    sample('a scalar', [[]], (b, x) => b.add('broadcast', { shape: [n, 2], axes: [] }, [given(x)])),
  ],
  reshape: [
    sample('[n, 6] to [2n, 3]', [[n, 6]], (b, x) => b.add('reshape', { shape: [mulDims(2, n), 3] }, [given(x)])),
    sample('a scalar to [1, 1]', [[]], (b, x) => b.add('reshape', { shape: [1, 1] }, [given(x)])),
  ],
  transpose: [sample('a cycle of three axes', [[n, 2, 3]], (b, x) => b.add('transpose', { permutation: [2, 0, 1] }, [given(x)]))],
  slice: [
    sample('by one', [[plus(n, 3), 2]], (b, x) => b.add('slice', { starts: [1, 0], sizes: [n, 2], steps: [1, 1] }, [given(x)])),
    sample('by two and three', [[plus(mulDims(2, n), 1), 5]], (b, x) => b.add('slice', { starts: [1, 0], sizes: [n, 2], steps: [2, 3] }, [given(x)])),
    sample('backwards', [[n, 6]], (b, x) => b.add('slice', { starts: [subDims(n, 1), 5], sizes: [n, 3], steps: [-1, -2] }, [given(x)])),
    sample('a symbolic start', [[plus(n, 2)]], (b, x) => b.add('slice', { starts: [n], sizes: [2], steps: [1] }, [given(x)])),
    sample('nothing', [[4]], (b, x) => b.add('slice', { starts: [2], sizes: [0], steps: [2] }, [given(x)])),
  ],
  pad: [
    sample('around', [[n, 2]], (b, x) => b.add('pad', { low: [1, 0], high: [n, 1], interior: [0, 0] }, [given(x)])),
    sample('between', [[n, 3]], (b, x) => b.add('pad', { low: [0, 1], high: [2, 0], interior: [1, 2] }, [given(x)]), [3, 1]),
  ],
  concat: [sample('three along the first axis', [[n, 2], [3, 2], [n, 2]], (b, ...xs) => b.add('concat', { axis: 0 }, xs))],
  flip: [sample('the first axis', [[n, 2]], (b, x) => b.add('flip', { axis: 0 }, [given(x)]))],

  reduce: [
    reduction('sum', [n, 2], [0]),
    reduction('sum', [2, n, 3], [0, 2]),
    reduction('sum', [n], []),
    reduction('prod', [n, 3], [1]),
    reduction('prod', [2, n], [1]),
    reduction('prod', [2, n, 2], [0, 2]),
    reduction('prod', [20, 2], [0], [1]),
    { name: 'prod with one zero', sizes: [1], inputs: [{ type: real(4), value: withZeros(1) }], build: (b, [x]) => [b.reduce('prod', given(x), [0])] },
    { name: 'prod with two zeros', sizes: [1], inputs: [{ type: real(4), value: withZeros(0, 3) }], build: (b, [x]) => [b.reduce('prod', given(x), [0])] },
    { name: 'running prod with one zero', sizes: [4], inputs: [{ type: real(n), value: withZeros(1) }], build: (b, [x]) => [b.reduce('prod', given(x), [0])] },
    { name: 'running prod with two zeros', sizes: [4], inputs: [{ type: real(n), value: withZeros(0, 2) }], build: (b, [x]) => [b.reduce('prod', given(x), [0])] },
    reduction('max', [n, 3], [1]),
    reduction('max', [2, n, 3], [0, 2]),
    reduction('max', [n, 2], [0], [3, 1]),
    reduction('max', [n, 2], []),
    reduction('min', [3, n], [0]),
    reduction('min', [2, n, 2], [2, 0]),
  ],
  argReduce: [
    sample('argmax', [[n, 4]], (b, x) => b.add('argReduce', { fn: 'argmax', axis: 1 }, [given(x)])),
    sample('argmin', [[4, n]], (b, x) => b.add('argReduce', { fn: 'argmin', axis: 0 }, [given(x)])),
  ],
  cumulativeSum: [
    sample('forwards', [[n, 2]], (b, x) => b.add('cumulativeSum', { axis: 0, reverse: false }, [given(x)])),
    sample('backwards', [[2, n]], (b, x) => b.add('cumulativeSum', { axis: 1, reverse: true }, [given(x)])),
  ],

  argSort: [
    sample('the last axis', [[n, 4]], (b, x) => b.add('argSort', { axis: 1 }, [given(x)])),
    sample('a symbolic axis', [[2, n, 2]], (b, x) => b.add('argSort', { axis: 1 }, [given(x)]), [7, 1, 0]),
  ],

  contract: [
    contraction([0, 1], [1, 2], [0, 2], [[n, 3], [3, 2]]),
    contraction([0, 1, 2], [0, 2, 3], [0, 1, 3], [[n, 2, 3], [n, 3, 2]]),
    contraction([0], [1], [1, 0], [[n], [2]]),
    contraction([0, 1], [1, 0], [], [[n, 2], [2, n]]),
    contraction([0, 1], [0, 1], [1, 0], [[n, 2], [n, 2]]),
    contraction([], [0], [0], [[], [n]]),
  ],
  convolve: [
    convolution('output, plain', { part: 'output', size: [plus(n, 1)] }, [[2, 1, 2, plus(n, 3)], [1, 2, 2, 3]]),
    convolution('output, strided and padded, in groups', { part: 'output', stride: [2], low: [1], size: [plus(n, 1)] }, [[1, 2, 1, plus(mulDims(2, n), 2)], [2, 2, 1, 3]]),
    convolution('output over two axes, dilated', { part: 'output', stride: [1, 2], dilation: [2, 1], low: [1, 0], size: [n, 2] }, [[2, 1, 1, plus(n, 2), 5], [1, 2, 1, 3, 2]]),
    convolution('output of a symbolic batch', { part: 'output', size: [2, 1] }, [[n, 1, 2, 2, 3], [1, 1, 2, 1, 3]]),
    convolution('image, with rows that no output reaches', { part: 'image', stride: [2], low: [1], size: [plus(mulDims(2, n), 2)] }, [[2, 2, 1, 3], [1, 2, 2, plus(n, 1)]]),
    convolution('image over two axes', { part: 'image', stride: [2, 1], dilation: [1, 2], size: [4, plus(n, 2)] }, [[1, 2, 1, 2, 2], [1, 1, 2, 2, n]]),
    convolution('kernel', { part: 'kernel', stride: [2], low: [1], size: [3] }, [[2, 2, 1, plus(mulDims(2, n), 1)], [2, 2, 1, plus(n, 1)]]),
    convolution('kernel over two axes', { part: 'kernel', dilation: [1, 2], low: [0, 1], size: [2, 2] }, [[n, 1, 2, 3, 3], [n, 1, 1, 2, 3]]),
  ],
  solve: [
    sample('one column', [[n, n], [n, 1]], (b, a, x) => b.add('solve', { site: 'here' }, [regular(b, a), given(x)])),
    sample('a batch of matrices', [[n, 3, 3], [n, 3, 2]], (b, a, x) => b.add('solve', { site: 'here' }, [regular(b, a), given(x)]), [2, 1, 0]),
    sample('no columns', [[2, 2], [2, 0]], (b, a, x) => b.add('solve', { site: 'here' }, [regular(b, a), given(x)]), [1]),
  ],
  cholesky: [
    sample('a symbolic size', [[n, n]], (b, a) => b.add('cholesky', { site: 'here' }, [regular(b, a)])),
    sample('a batch', [[n, 2, 2]], (b, a) => b.add('cholesky', { site: 'here' }, [regular(b, a)]), [2, 0]),
  ],
  determinant: [
    sample('a symbolic size', [[n, n]], (b, a) => b.add('determinant', { site: 'here' }, [regular(b, a)])),
    sample('a batch', [[n, 4, 4]], (b, a) => b.add('determinant', { site: 'here' }, [regular(b, a)]), [2, 0]),
  ],
  cofactors: [
    sample('a symbolic size', [[n, n]], (b, a) => b.add('cofactors', { site: 'here' }, [regular(b, a)]), [3, 2, 1, 0]),
    sample('a batch', [[n, 4, 4]], (b, a) => b.add('cofactors', { site: 'here' }, [regular(b, a)]), [2, 0]),
    sample('along a direction', [[n, 3, 3], [n, 3, 3]], (b, a, v) => b.add('cofactors', { site: 'here' }, [regular(b, a), given(v)]), [2, 0]),
    sample('along two directions', [[n, n], [n, n], [n, n]], (b, a, v, w) => b.add('cofactors', { site: 'here' }, [regular(b, a), given(v), given(w)]), [4, 3, 1]),
  ],
  entropy: [
    sample('of a batch', [[n, 8]], (b, x) => b.add('entropy', { part: 'value' }, [mixed(b, x)])),
    sample('along a direction', [[n, 8], [n, 8]], (b, x, y) => b.add('entropy', { part: 'value' }, [mixed(b, x), given(y)])),
    sample('by its gradient', [[n, 8], [n, 8]], (b, x, y) => b.add('entropy', { part: 'gradient' }, [mixed(b, x), given(y)])),
  ],
  gather: [
    {
      name: 'the first axis, repeated and from the end', sizes: [3, 2],
      inputs: [{ type: real(n, 2) }, { type: int(5), value: i => [1, 0, -1, 1, -2][i % 5] ?? 0 }],
      build: (b, inputs) => [b.add('gather', { axis: 0, site: 'here' }, inputs)],
    },
    {
      name: 'a middle axis by a matrix',
      inputs: [{ type: real(2, 4, 2) }, { type: int(n, 2), value: i => (i * 3) % 4 }],
      build: (b, inputs) => [b.add('gather', { axis: 1, site: 'here' }, inputs)],
    },
    {
      name: 'one element', sizes: [3, 1],
      inputs: [{ type: real(2, n) }, { type: int(), value: () => -1 }],
      build: (b, inputs) => [b.add('gather', { axis: 1, site: 'here' }, inputs)],
    },
  ],
  segmentSum: [
    {
      name: 'the first axis', inputs: [{ type: real(n, 2) }, { type: int(n), value: i => (i * 2) % 4 }],
      build: (b, inputs) => [b.add('segmentSum', { axis: 0, size: 4, site: 'here' }, inputs)],
    },
    {
      name: 'a matrix of indices in the middle', inputs: [{ type: real(2, n, 2, 2) }, { type: int(n, 2), value: i => i % 3 }],
      build: (b, inputs) => [b.add('segmentSum', { axis: 1, size: 3, site: 'here' }, inputs)],
    },
    {
      name: 'one index', inputs: [{ type: real(2) }, { type: int(), value: i => (i + 1) % 3 }],
      build: (b, inputs) => [b.add('segmentSum', { axis: 0, size: plus(n, 3), site: 'here' }, inputs)],
    },
  ],
  wrapIndex: [{
    name: 'from the end', sizes: [3, 2], inputs: [{ type: int(4), value: i => [1, -1, 0, -2][i % 4] ?? 0 }],
    build: (b, inputs) => [b.add('wrapIndex', { size: n, site: 'here' }, inputs)],
  }],

  loop: [
    { name: 'a recurrence over rows with a constant and a yield', inputs: [{ type: real(2) }, { type: real(n, 2) }, { type: real(2, 2) }], build: recurrence(false) },
    { name: 'the same backwards', inputs: [{ type: real(2) }, { type: real(n, 2) }, { type: real(2, 2) }], build: recurrence(true) },
    { name: 'two carries that feed each other and an int one', inputs: [{ type: real() }, { type: real() }], build: pairOfCarries },
    { name: 'a loop in a loop', inputs: [{ type: real(2) }, { type: real(n, 2) }], build: nestedLoops },
  ],
  circuit: [
    sample('values', [[n, SAMPLE_CIRCUIT.slots]], (b, slots) => b.add('circuit', { circuit: SAMPLE_CIRCUIT, method: 'adjoint' }, [given(slots)])),
    sample('one direction', [[n, SAMPLE_CIRCUIT.slots], [n, SAMPLE_CIRCUIT.slots]], (b, ...inputs) => b.add('circuit', { circuit: SAMPLE_CIRCUIT, method: 'parameter_shift' }, inputs)),
  ],
  circuitVjp: [
    sample('no direction', [[n, SAMPLE_CIRCUIT.slots], [n, 2]], (b, ...inputs) =>
      b.add('circuitVjp', { circuit: SAMPLE_CIRCUIT, method: 'adjoint', active: [0, 1, 2] }, inputs)),
    sample('one direction', [[SAMPLE_CIRCUIT.slots], [2], [SAMPLE_CIRCUIT.slots]], (b, ...inputs) =>
      b.add('circuitVjp', { circuit: SAMPLE_CIRCUIT, method: 'parameter_shift', active: [0, 1, 2] }, inputs), [1]),
  ],
  circuitMetric: [
    sample('rows', [[n, SAMPLE_CIRCUIT.slots]], (b, slots) => b.add('circuitMetric', { circuit: SAMPLE_CIRCUIT, active: [0, 1, 2] }, [given(slots)])),
    sample('some slots', [[n, SAMPLE_CIRCUIT.slots]], (b, slots) => b.add('circuitMetric', { circuit: SAMPLE_CIRCUIT, active: [0, 2] }, [given(slots)])),
  ],

  mark: [sample('a name', [[n]], (b, x) => b.add('mark', { name: 'x', id: 1 }, [given(x)]))],
  stop: [sample('a block', [[n]], (b, x) => b.add('stop', {}, [given(x)]))],
  derivative: 'expanded before a graph is evaluated',
}

/** h' = tanh(W h + x_t); yields h'·x_t. */
function recurrence(reverse: boolean): Sample['build'] {
  return (b, [h, xs, w]) => {
    const loop = new LoopBuilder(b, n, [given(h)], reverse)
    const row = loop.rowOf(given(xs))
    const product = loop.body.add('contract', { left: [0, 1], right: [1], out: [0] }, [given(w), given(loop.carries[0])])
    const next = loop.body.scalar('tanh', loop.body.scalar('add', product, row))
    const { final, yields } = loop.finish([next], [loop.body.scalar('mul', next, row)])
    return [...final, ...yields]
  }
}

/** (a, c, k)' = (sin c + k, a·c, k + 2): the int carry is read as a real. */
function pairOfCarries(b: GraphBuilder, [a, c]: readonly Value[]): readonly Value[] {
  const loop = new LoopBuilder(b, n, [given(a), given(c), b.add('size', { value: n }, [])])
  const [x, y, k] = [given(loop.carries[0]), given(loop.carries[1]), given(loop.carries[2])]
  const { body } = loop
  const { final, yields } = loop.finish(
    [body.scalar('add', body.scalar('sin', y), body.cast(k, 'real')), body.scalar('mul', x, y), body.scalar('add', k, body.fill('int', [], 2))],
    [body.scalar('mul', x, x)],
  )
  return [...final, ...yields]
}

/** s' = s·cos(s) + Σ_j sin(x_i + s·u_j) for an inner loop over the rows u of x. */
function nestedLoops(b: GraphBuilder, [s, x]: readonly Value[]): readonly Value[] {
  const outer = new LoopBuilder(b, n, [given(s)])
  const state = given(outer.carries[0])
  const row = outer.rowOf(given(x))
  const inner = new LoopBuilder(outer.body, n, [outer.body.fill('real', [2], 0)])
  const term = inner.body.scalar('sin', inner.body.scalar('add', row, inner.body.scalar('mul', state, inner.rowOf(given(x)))))
  const sum = inner.finish([inner.body.scalar('add', given(inner.carries[0]), term)], []).final[0]
  const next = outer.body.scalar('add', outer.body.scalar('mul', state, outer.body.scalar('cos', state)), given(sum))
  return outer.finish([next], []).final
}
