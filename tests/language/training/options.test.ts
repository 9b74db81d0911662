/** Train blocks as they are written: what they make of the plan, what training makes of that, and what is refused. */
import { describe, expect, it } from 'vitest'
import type { TrainPlan } from '../../../ir/training'
import { complaints, load } from '../run'

const MODEL = `const SCALE = 16
layer affine(x: real[batch, n], out: int) -> real[batch, out] {
  param W: real[n, out] ~ zeros()
  param b: real[out] ~ zeros()
  return x @ W + b
}
model M {
  input  x: real[batch, 2]
  target y: real[batch]
  param  scale: real ~ ones()
  let h = affine(x, 1)
  loss mean((scale * h[:, 0] - y)^2)
}
`
const HERE = MODEL.split('\n').length
const block = (options: string) => `${MODEL}train M {\n${options}\n}`

async function trainPlan(options: string): Promise<TrainPlan> {
  const { model } = await load(block(options))
  if (!model.plan.train) throw new Error('no train block')
  return model.plan.train
}

/** Complaints with their lines counted from the block's own first option. */
const refused = async (options: string) =>
  (await complaints(block(options))).map(text => text.replace(/ (\d+):/, (_, line: string) => ` ${Number(line) - HERE}:`))

describe('the optimizer', () => {
  it.each([
    ['optimizer sgd', { name: 'sgd', rate: 0.01, momentum: 0, nesterov: false, decay: 0 }],
    ['optimizer sgd(0.1, momentum = 0.9, nesterov = true)', { name: 'sgd', rate: 0.1, momentum: 0.9, nesterov: true, decay: 0 }],
    ['optimizer adam(rate = 0.1 / SCALE)', { name: 'adam', rate: 0.00625, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 }],
    ['optimizer adamw()', { name: 'adamw', rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01 }],
    ['optimizer rmsprop(centered = true)', { name: 'rmsprop', rate: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0, centered: true, decay: 0 }],
    ['optimizer adagrad(rate_decay = 0.1)', { name: 'adagrad', rate: 0.01, rate_decay: 0.1, initial: 0, epsilon: 1e-10, decay: 0 }],
    ['optimizer lion', { name: 'lion', rate: 0.0001, beta1: 0.9, beta2: 0.99, decay: 0 }],
    ['optimizer lbfgs(history = 5)', { name: 'lbfgs', rate: 1, history: 5, evaluations: 25, tolerance: 1e-10 }],
    ['optimizer newton(damping = 0.1)', { name: 'newton', rate: 1, damping: 0.1, tolerance: 1e-10 }],
    ['optimizer spsa(rate = 0.3)', { name: 'spsa', rate: 0.3, perturbation: 0.1, stability: 10, alpha: 0.602, gamma: 0.101 }],
  ])('%s', async (text, expected) => {
    expect((await trainPlan(text)).optimizer).toEqual(expected)
  })

  it.each([
    ['optimizer adamm', ['unknown-optimizer 1:11: there is no optimizer `adamm`']],
    ['optimizer rotosolve', ['no-closed-form 1:11: `rotosolve` cannot train `scale`: it is in the loss outside of the angles of a circuit']],
    ['optimizer rotosolve(rate = 0.1)', ['unknown-argument 1:21: `rotosolve` has no argument `rate`']],
    ['optimizer natural_gradient(rate = 0.1)', ['option-value 1:1: `natural_gradient` takes a loss that calls a circuit; without one, take an optimizer such as `adam`']],
    ['optimizer adam(momentum = 0.9)', ['unknown-argument 1:16: `adam` has no argument `momentum`']],
    ['optimizer sgd(rate = -1, momentum = 1.5)', ['option-value 1:22: `rate` takes a number from 0 on', 'option-value 1:37: `momentum` takes a number from 0 to below 1']],
    ['optimizer sgd(nesterov = 1)', ['option-value 1:26: `nesterov` takes `true` or `false`']],
    ['optimizer lbfgs(history = 2.5)', ['option-value 1:27: `history` takes a whole number from 1 on']],
    ['optimizer sgd(0.1, rate = 0.2)', ['repeated-argument 1:20: `sgd` is given its argument `rate` twice']],
    ['optimizer 3', ['option-value 1:11: `optimizer` takes a name and its options, as in `optimizer adam(rate = 0.01)`']],
    ['optimizer sgd\noptimizer adam', ['duplicate-name 2:1: `optimizer` is declared twice']],
  ])('refuses %j', async (text, expected) => {
    expect(await refused(text)).toEqual(expected)
  })
})

describe('schedule and clip', () => {
  it('are read by position and by name', async () => {
    expect((await trainPlan('schedule cosine(epochs = 40, floor = 0.1)')).schedule).toEqual([{ name: 'cosine', epochs: 40, floor: 0.1 }])
    expect((await trainPlan('schedule warmup(100), cosine()')).schedule).toEqual([{ name: 'warmup', steps: 100 }, { name: 'cosine', floor: 0 }])
    expect((await trainPlan('schedule step(30, 0.5)')).schedule).toEqual([{ name: 'step', every: 30, factor: 0.5 }])
    expect((await trainPlan('schedule plateau')).schedule).toEqual([{ name: 'plateau', factor: 0.1, patience: 10, threshold: 1e-4, floor: 0 }])
    expect((await trainPlan('schedule constant')).schedule).toEqual([{ name: 'constant' }])
    expect((await trainPlan('schedule one_cycle(rise = 0.2)')).schedule).toEqual([{ name: 'one_cycle', rise: 0.2, start: 1 / 25, end: 1 / 250_000 }])
    expect((await trainPlan('clip norm(1)')).clip).toEqual({ kind: 'norm', limit: 1 })
    expect((await trainPlan('clip value(0.5)')).clip).toEqual({ kind: 'value', limit: 0.5 })
  })

  it.each([
    ['schedule cosinus()', ['option-value 1:10: `schedule` takes one of `constant`, `step`, `cosine`, `one_cycle`, `warmup`, `plateau`; did you mean `cosine`?']],
    ['schedule cosine(), step(3)', ['option-value 1:20: `schedule` takes one schedule, or a warmup and another, as in `schedule warmup(100), cosine()`']],
    ['schedule warmup()', ['option-value 1:10: `warmup` takes its length, as in `warmup(100)` for steps or `warmup(epochs = 2)`']],
    ['schedule cosine(steps = 3, epochs = 2)', ['conflicting-options 1:10: `steps` and `epochs` cannot both be given']],
    ['clip norm()', ['option-value 1:6: `norm` takes a positive number, as in `clip norm(1)`']],
    ['clip size(1)', ['option-value 1:6: `clip` takes `norm(…)` or `value(…)`']],
    ['clip norm(0)', ['option-value 1:11: `limit` takes a positive number']],
    ['optimizer lbfgs\nclip norm(1)\nschedule cosine()\ngroup h { rate = 1 }\nbatch 3', [
      'conflicting-options 3:1: `lbfgs` and `schedule` cannot both be given', 'conflicting-options 2:1: `lbfgs` and `clip` cannot both be given',
      'conflicting-options 4:1: `lbfgs` and `group` cannot both be given', 'conflicting-options 5:1: `lbfgs` and `batch` cannot both be given']],
  ])('refuses %j', async (text, expected) => {
    expect((await refused(text)).sort()).toEqual([...expected].sort())
  })
})

describe('group', () => {
  it('sets options of some parameters, by path or by the beginning of one', async () => {
    expect((await trainPlan('group h { rate = 0.1 }\ngroup scale { rate = 0 }\noptimizer sgd(momentum = 0.5)')).groups).toEqual([
      { path: 'h', options: { rate: 0.1 } }, { path: 'scale', options: { rate: 0 } },
    ])
    expect((await trainPlan('group h { perturbation = 0.01 }\noptimizer spsa')).groups).toEqual([{ path: 'h', options: { perturbation: 0.01 } }])
    expect((await trainPlan('group h.affine.W {\n  rate = 0.1\n  decay = 0.01\n}')).groups).toEqual([{ path: 'h.affine.W', options: { rate: 0.1, decay: 0.01 } }])
  })

  it.each([
    ['group scal { rate = 0.1 }', ['unknown-parameter 1:7: there is no parameter `scal`']],
    ['group h { momentum = 0.1 }', ['unknown-argument 1:11: `adam` has no argument `momentum`']],
    ['group h { rate = 0.1 }\ngroup h.affine.W { rate = 0.2 }', ['second-update 2:7: `h.affine.W` is given a second group']],
    ['group h { rate = 0.1 }\ngroup h { rate = 0.2 }', ['duplicate-name 2:7: `h` is declared twice']],
    ['group h', ['option-value 1:1: `group` takes a parameter and options of the optimizer, as in `group w { rate = 0.1 }`']],
  ])('refuses %j', async (text, expected) => {
    expect(await refused(text)).toEqual(expected)
  })

  it('trains each parameter by its own options', async () => {
    const data = { x: [[1, 2], [3, -1], [0.5, 0.5]], y: [1, 2, 3] }
    const { model } = await load(block('optimizer sgd(rate = 0.1)\ngroup h.affine.W { rate = 0.01 }\ngroup scale { rate = 0 }\nsteps 1'))
    const { gradients } = await model.evaluate(data, { grad: true })
    await model.fit(data)
    const moved = (path: string) => [...model.parameters.get(path).data]
    expect(moved('scale')).toEqual([1])
    moved('h.affine.W').forEach((w, i) => expect(w).toBeCloseTo(-0.01 * (gradients['h.affine.W']?.data[i] ?? NaN), 15))
    moved('h.affine.b').forEach((b, i) => expect(b).toBeCloseTo(-0.1 * (gradients['h.affine.b']?.data[i] ?? NaN), 15))
  })
})

describe('the other options', () => {
  it('checkpoint, holdout and given', async () => {
    expect((await trainPlan('checkpoint "run.safetensors"')).checkpoint).toEqual({ file: 'run.safetensors', every: 1, unit: 'epochs' })
    expect((await trainPlan('checkpoint "run.safetensors" { steps = 100 }')).checkpoint).toEqual({ file: 'run.safetensors', every: 100, unit: 'steps' })
    expect((await trainPlan('data "a.csv" { x = columns(0..2), y = y }\nholdout "test.csv.gz"')).holdout).toEqual({ file: 'test.csv.gz' })
    expect((await trainPlan('data "a.csv" { x = columns(0..2) }\ngiven y = [1, 2, 3]')).given).toEqual({ y: { shape: [3], data: [1, 2, 3] } })
  })

  it.each([
    ['checkpoint', ['option-value 1:1: `checkpoint` takes a file name in quotes']],
    ['checkpoint "a" { days = 2 }', ['unknown-argument 1:18: `checkpoint` has no argument `days`']],
    ['checkpoint "a" { epochs = 0 }', ['option-value 1:27: `epochs` takes an int from 1']],
    ['holdout "test.txt"', ['unsupported 1:9: data from `test.txt` is not supported yet']],
    ['holdout "test.csv"', ['option-value 1:1: `holdout` takes a file only where `data` says what its columns are']],
    ['given z = 3', ['unknown-input 1:7: `M` has no input `z`']],
    ['given y = [[1]]', ['type-mismatch 1:11: expected real[batch], known when the model is compiled, found int[1, 1]']],
    ['epochs 3\nsteps 4', ['conflicting-options 2:1: `epochs` and `steps` cannot both be given']],
    ['epoch 3', ['unknown-option 1:1: `train` has no option `epoch`']],
    ['data "a.csv" { x = columns(0..2) }', ['unmapped-input 1:1: the target `y` is given no column']],
    ['data "a.csv" { }', ['unmapped-input 1:1: the input `x` is given no column', 'unmapped-input 1:1: the target `y` is given no column']],
    ['data "a.csv" { x = columns(0..2), y = y }\ngiven y = [1]', ['conflicting-options 2:1: `data` and `given y` cannot both be given']],
  ])('refuses %j', async (text, expected) => {
    expect(await refused(text)).toEqual(expected)
  })
})

describe('names', () => {
  it('are looked up wherever an expression stands, each that is missing told once', async () => {
    expect(await refused('epochs foo\noptimizer adam(rate = SCAL)\nclip norm(baz)\nschedule cosine(epochs = foo)\ngroup h { rate = qux }\ngiven y = [quux]\ncheckpoint "a" { steps = corge }')).toEqual([
      'unknown-name 1:8: unknown name `foo`', 'unknown-name 2:23: unknown name `SCAL`', 'unknown-name 3:11: unknown name `baz`',
      'unknown-name 5:18: unknown name `qux`', 'unknown-name 6:12: unknown name `quux`', 'unknown-name 7:26: unknown name `corge`',
    ])
  })

  it('are also read over several lines', async () => {
    const plan = await trainPlan('data "a.csv" {\n  x = [a,\n    b]\n  y = y\n}\nschedule warmup(100),\n  cosine()\ngroup h {\n  rate = 0.1\n}\ncheckpoint "f" {\n  steps = 5\n}\noptimizer sgd(\n  rate = 0.1,\n)')
    expect([plan.schedule?.length, plan.groups?.length, plan.checkpoint?.every, plan.optimizer]).toEqual([2, 1, 5, { name: 'sgd', rate: 0.1, momentum: 0, nesterov: false, decay: 0 }])
  })
})

describe('columns', () => {
  it('are names, positions, lists, arithmetic with constants, functions and codes', async () => {
    const source = async (text: string) => (await trainPlan(`data "a.csv" { x = ${text}, y = y }`)).data?.columns[0]?.from
    const [a, b] = ['a', 'b'].map(name => ({ kind: 'named', names: [name] }))
    expect(await source('[a, "b"]')).toEqual({ kind: 'named', names: ['a', 'b'] })
    expect(await source('columns(0..64) / SCALE')).toEqual({ kind: 'scalar', fn: 'div', args: [{ kind: 'positions', low: 0, high: 64 }, { kind: 'number', value: 16 }] })
    expect(await source('[log(a), -b^2]')).toEqual({ kind: 'concat', parts: [
      { kind: 'scalar', fn: 'log', args: [a] }, { kind: 'scalar', fn: 'neg', args: [{ kind: 'scalar', fn: 'pow', args: [b, { kind: 'number', value: 2 }] }] },
    ] })
    expect(await source('one_hot(columns(4), 3)')).toEqual({ kind: 'oneHot', of: { kind: 'positions', low: 4, high: 5 }, size: 3 })
    expect(await source('one_hot(chars(a, "ACGT", other = 4), 5)')).toEqual({ kind: 'oneHot', size: 5, of: { kind: 'letters', of: a, alphabet: 'ACGT', other: 4 } })
    expect(await source('a |> max(b)')).toEqual({ kind: 'scalar', fn: 'max', args: [a, b] })
  })

  it.each([
    ['columns(2..1)', 'option-value 1:20: `columns` takes positions from 0, as in `columns(0..4)` or `columns(4)`'],
    ['columns()', 'option-value 1:20: `columns` takes positions from 0, as in `columns(0..4)` or `columns(4)`'],
    ['a @ b', 'unsupported 1:20: this way of reading columns is not supported yet'],
    ['mean(a)', 'unsupported 1:20: this way of reading columns is not supported yet'],
    ['log(a, b)', 'option-value 1:20: `log` takes one column, or several'],
    ['one_hot(a)', 'option-value 1:20: `one_hot` takes columns and the number of classes, as in `one_hot(label, 10)`'],
    ['chars(a, "ACGA")', 'option-value 1:20: `chars` takes each letter once'],
  ])('refuses %s', async (text, expected) => {
    expect(await refused(`data "a.csv" { x = ${text}, y = y }`)).toEqual([expected])
  })
})

describe('a train block whose model is wrong', () => {
  it.each(['let h = tahn(x)\n  loss mean(h)', 'loss mean(nothing)', 'output y = x\n  loss mean(x + nothing)'])('adds no message to the one of the typo in `%s`', async body => {
    const text = `model M {\n  input x: real[b, 2]\n  param w: real ~ zeros()\n  ${body}\n}\ntrain M {\n  data "d.csv" { x = [p, q] }\n  epochs 3\n}`
    expect(await complaints(text)).toHaveLength(1)
  })

  it('is told of its own mistakes in the same run, and of none that the model would explain', async () => {
    const text = 'model M {\n  input x: real[b, 2]\n  loss mean(x + zeros([3]))\n}\ntrain M {\n  data "d.csv" { x = [p, q] }\n  optimizer adm(rate = 0.1)\n  epoch 3\n  batch 0\n}'
    expect((await complaints(text)).map(line => line.split(':').slice(0, 2).join(':'))).toEqual([
      'broadcast-mismatch 3:15', 'unknown-optimizer 7:13', 'unknown-option 8:3', 'option-value 9:9',
    ])
  })
})
