import { describe, expect, it } from 'vitest'
import { namedDim } from '../../ir/dim'
import { EPOCH_INPUT, STEP_INPUT, type Plan, type Program } from '../../ir/plan'
import { int, real } from '../../ir/type'
import { defineModel } from '../../runtime'
import { ProgramBuilder } from './support'

const batch = namedDim('batch')

/**
 * One parameter w > 0 and one input x: loss = w·mean(x) with w = softplus(u), whose gradient by the free u is
 * mean(x)·sigmoid(u). States: total (the sum of all rows trained on), count (int, steps). rate w is #step − 1, so
 * the first step leaves w alone.
 */
function statefulPlan(): Plan {
  const mean = (b: ProgramBuilder, x: number): number => {
    const sum = b.routine('reduce', { fn: 'sum', axes: [0] }, [x], real())
    const count = b.map('real', [b.routine('size', { value: batch }, [], int())], real())
    return b.map('div', [sum, count], real())
  }
  const step = new ProgramBuilder()
  const free = step.input('w', real())
  const counted = step.input(STEP_INPUT, int())
  const average = mean(step, step.input('x', real(batch)))
  const [loss, gradient] = step.kernel([], [
    { fn: 'softplus', args: [{ load: free }] }, { fn: 'mul', args: [{ line: 0 }, { load: average }] },
    { fn: 'sigmoid', args: [{ load: free }] }, { fn: 'mul', args: [{ line: 2 }, { load: average }] },
  ], [1, 3])
  const [rate] = step.kernel([], [{ fn: 'real', args: [{ load: counted }] }, { fn: 'sub', args: [{ line: 0 }, 1] }])
  step.result('loss', loss ?? 0).result('gradient:w', gradient ?? 0).result('rate:w', rate ?? 0)

  const update = new ProgramBuilder()
  const total = update.input('total', real())
  const count = update.input('count', int())
  const epoch = update.input(EPOCH_INPUT, int())
  const sum = update.routine('reduce', { fn: 'sum', axes: [0] }, [update.input('x', real(batch))], real())
  update.result('state:total', update.map('add', [total, sum], real()))
  update.result('state:count', update.map('add', [count, epoch], int()))

  const predict = new ProgramBuilder()
  predict.input('x', real(batch))
  predict.result('output:seen', predict.map('neg', [predict.input('total', real())], real()))

  const evaluate = new ProgramBuilder()
  const w = evaluate.input('w', real())
  evaluate.result('loss', evaluate.map('mul', [w, mean(evaluate, evaluate.input('x', real(batch)))], real()))
  const evaluation = evaluate.build()

  const init = new ProgramBuilder()
  const scalar = (value: number, element: 'real' | 'int' = 'real') =>
    init.routine('fill', { element, shape: [], value }, [], { element, shape: [] })
  init.result('w', scalar(2)).result('total', scalar(0)).result('count', scalar(0, 'int'))
  return {
    version: 1, model: 'Stateful', doc: '', precision: 'f64',
    inputs: [{ name: 'x', type: real(batch), doc: '', role: 'input' }],
    parameters: [{ path: 'w', shape: [], frozen: false, range: { kind: 'interval', low: 0, high: Infinity }, doc: '' }],
    states: [{ path: 'total', element: 'real', shape: [], doc: '' }, { path: 'count', element: 'int', shape: [], doc: '' }],
    outputs: [{ name: 'seen', type: real(), doc: '' }], metrics: [], hasLoss: true, obligations: [],
    entries: { init: init.build(), predict: predict.build(), evaluate: evaluation, gradient: evaluation, step: step.build(), update: update.build() },
  }
}

const X = [1, 2, 3, 4, 5]
const SGD = { name: 'sgd', rate: 0.1 } as const

describe('training with states, ranges and rates', () => {
  it('updates the states after each step, from the rows of that step', async () => {
    const model = await defineModel(statefulPlan()).create()
    await model.fit({ x: X }, { epochs: 3, batch: 2, optimizer: SGD })
    // Three epochs of all five rows; three steps an epoch, each adding the epoch's number.
    expect(model.states.get('total').toArray()).toBe(45)
    expect(model.states.get('count').toArray()).toBe(3 * (1 + 2 + 3))
    expect((await model.predict({ x: [0] })).seen?.toArray()).toBe(-45)
  })

  it('moves the free number behind a parameter, multiplied by its rate', async () => {
    const model = await defineModel(statefulPlan()).create()
    expect(model.parameters.get('w').data[0]).toBe(2)
    const history = await model.fit({ x: X }, { steps: 1, optimizer: SGD })
    // The rate of the first step is 0: not a bit changes.
    expect(history.epochs[0]?.loss).toBeCloseTo(6, 12)
    const sigmoid = (u: number) => 1 / (1 + Math.exp(-u))
    const start = Math.log(Math.expm1(2))
    expect(model.parameters.get('w').data[0]).toBeCloseTo(2, 14)
    await model.fit({ x: X }, { steps: 3, optimizer: SGD })
    let u = start
    for (const rate of [0, 1, 2]) u -= 0.1 * rate * 3 * sigmoid(u)
    expect(model.parameters.get('w').data[0]).toBeCloseTo(Math.log1p(Math.exp(u)), 12)
    expect((await model.evaluate({ x: X })).loss).toBeCloseTo(3 * Math.log1p(Math.exp(u)), 12)
  })

  it('saves the values and the states, and takes them back', async () => {
    const model = await defineModel(statefulPlan()).create()
    await model.fit({ x: X }, { epochs: 2, optimizer: SGD })
    const copy = await defineModel(statefulPlan()).create({ weights: model.toBytes() })
    for (const path of ['total', 'count']) expect(copy.states.get(path)).toEqual(model.states.get(path))
    expect(copy.parameters.get('w').data[0]).toBe(model.parameters.get('w').data[0])
    // Training goes on from the same free number, so to the same value.
    await model.fit({ x: X }, { epochs: 3, optimizer: SGD })
    await copy.fit({ x: X }, { epochs: 3, optimizer: SGD })
    expect(copy.parameters.get('w').data[0]).toBeCloseTo(model.parameters.get('w').data[0] ?? NaN, 13)
    expect(() => copy.fromBytes(new Uint8Array(4))).toThrow('the weights cannot be read as safetensors')
    const { states, ...rest } = statefulPlan()
    const other = await defineModel({ ...rest, states: states.map(state => ({ ...state, shape: [2] })), entries: {
      ...rest.entries, init: twoWide(rest.entries.init) } }).create()
    expect(() => other.fromBytes(model.toBytes())).toThrow("the weights do not fit model Stateful: state 'total' has the shape [2], found []")
  })

  it('goes back to the states of the best weights', async () => {
    const model = await defineModel(statefulPlan()).create()
    const history = await model.fit({ x: [-1, -2, 0] }, { epochs: 40, optimizer: { name: 'sgd', rate: 0.05, decay: 2 }, patience: 2 })
    // The decay pulls w down harder than the gradient lifts it, so that the loss, here w·mean(x) < 0, grows from the second step on.
    expect(history.stopped).toBe('patience')
    expect(history.best?.epoch).toBe(1)
    expect(model.states.get('total').toArray()).toBe(0)
  })

  it('says what is wrong with a state', async () => {
    const model = await defineModel(statefulPlan()).create()
    model.states.set('count', 5)
    expect(model.states.get('count').toArray()).toBe(5)
    expect(() => model.states.set('count', 0.5)).toThrow("state 'count' at count: an integer of 32 bits was expected, found 0.5")
    expect(() => model.states.get('totl')).toThrow("no state 'totl' (did you mean 'total'?); there are: total, count")
    model.parameters.set('w', 3)
    expect(() => model.parameters.set('w', 0)).toThrow("parameter 'w' at w: a number above 0 was expected, found 0")
  })
})

/** The init program with states of two elements. */
function twoWide(init: Program): Program {
  const states = new Set(init.results.filter(({ name }) => name !== 'w').map(({ buffer }) => buffer))
  return {
    ...init,
    buffers: init.buffers.map((type, at) => (states.has(at) ? { ...type, shape: [2] } : type)),
  }
}
