/** Plans for tests of the emitted files, with everything in them that is hard to write down. */
import { programOf } from '../../../compiler/6-emit/program'
import { GraphBuilder } from '../../../ir/builder'
import { mulDims, namedDim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import { PLAN_VERSION, type Plan, type Program } from '../../../ir/plan'
import { bool, int, real } from '../../../ir/type'

const BATCH = namedDim('batch')
const NOTHING: Program = { buffers: [], inputs: [], steps: [], results: [] }

/** Reads x: [batch, 2] with awkward numbers, a long constant, a circuit and a loop. */
function program(): Program {
  const b = GraphBuilder.create()
  const x = b.input('x', real(BATCH, 2))
  const like = (value: number) => b.fill('real', [BATCH, 2], value)
  let h = x
  for (const number of [NaN, Infinity, -Infinity, -0, 0.1, 1e-310, 2 ** 53 + 2]) h = b.scalar('add', h, like(number))
  const long = b.constant('real', [40, 2], Array.from({ length: 80 }, (_, i) => (i % 7 === 0 ? -0 : Math.sin(i))))
  const circuit = b.add('circuit', {
    method: 'adjoint',
    circuit: {
      name: 'two', qubits: 2, slots: 2,
      operations: [0, 1].map(slot => ({ kind: 'gate', name: 'ry', wires: [slot], controls: [], angles: [{ slot }], inverse: false } as const)),
      measurements: [{ kind: 'expectation', terms: [{ coefficient: -0.5, word: [[0, 'Z'], [1, 'X']] }] }],
    },
  }, [x])
  const loop = new LoopBuilder(b, BATCH, [b.reshape(b.sliceAxis(long, 0, 3, 1), [2])])
  const done = loop.finish([loop.body.scalar('mul', loop.carries[0] as Value, loop.rowOf(x))], [])
  const flat = b.reshape(h, [mulDims(2, BATCH)])
  return programOf(b.finish([flat, circuit, ...done.final, b.reduce('sum', long, [0])]), ['x'], ['output:flat', 'output:measured', 'output:last', 'output:long'])
}

export const SAMPLE: Plan = {
  version: PLAN_VERSION,
  model: 'Moons',
  doc: 'Two moons.\nA classifier; */ is no end.',
  precision: 'f64',
  inputs: [
    { name: 'x', role: 'input', type: real(BATCH, 2), doc: 'Points in the plane.' },
    { name: 'größe', role: 'input', type: real(), doc: '' },
    { name: 'label', role: 'target', type: int(BATCH), doc: '', classes: { low: 0, high: 2 } },
  ],
  parameters: [
    { path: 'features.dense.W', shape: [2, 4], frozen: false, doc: '' },
    { path: 'scale', shape: [], frozen: true, doc: 'Of the angles.' },
  ],
  states: [{ path: 'norm.mean', element: 'real', shape: [4], doc: '' }],
  outputs: [
    { name: 'probability', type: real(BATCH, 4), doc: 'Of each class.' },
    { name: 'chosen', type: bool(BATCH), doc: '' },
  ],
  metrics: ['accuracy'],
  hasLoss: true,
  obligations: [{ left: BATCH, relation: '>=', right: 2, message: 'moons.bp:7:3: “x[0:2]” needs batch ≥ 2' }],
  entries: { init: NOTHING, predict: program(), evaluate: program() },
  train: {
    standardize: [],
    optimizer: { name: 'adam', rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 },
    epochs: 3,
  },
}
