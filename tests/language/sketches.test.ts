import { describe, expect, it } from 'vitest'
import { PROGRAMS } from '../compiler/parse/programs'
import { expectClose } from './expect'
import { load } from './run'

const sketch = (name: string): string => PROGRAMS[name] ?? ''
const adam = (rate: number) => ({ name: 'adam', rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0 }) as const
/** Numbers without a generator: incommensurate, in [−1, 1]. */
const wave = (count: number, phase: number) => Array.from({ length: count }, (_, at) => Math.sin(1.7 * at + phase))

describe('the sketches of the design do what their first line says', () => {
  it('costates: the recursion of optimal control equals backpropagation', async () => {
    const { model } = await load(sketch('costates'))
    model.parameters.set('u', wave(100, 0.3).map(value => 3 * value))
    const { outputs, gradients } = await model.evaluate({ start: [0.1, 0], goal: [3.14, 0] }, { grad: true })
    const costate = outputs['costate']?.toArray() as number[]
    expectClose(outputs['backprop']?.toArray() as number[], costate, 'backprop', 1e-12)
    expectClose(gradients['u']?.toArray() as number[], costate, 'gradient of the loss', 1e-12)
  })

  it('predictive coding: learning lowers what is left of the local errors', async () => {
    const { model } = await load(sketch('predictive-coding'))
    const x = Array.from({ length: 8 }, (_, row) => wave(64, row))
    const y = Array.from({ length: 8 }, (_, row) => Array.from({ length: 10 }, (_, at) => (at === row ? 1 : 0)))
    const before = await model.evaluate({ x, y })
    await model.fit({ x, y }, { steps: 60, optimizer: adam(0.01) })
    const after = await model.evaluate({ x, y })
    expect(after.loss ?? NaN).toBeLessThan(0.2 * (before.loss ?? NaN))
  })

  it('lattice VAE: five latents coarse-grain waves of a ring better the longer it trains', async () => {
    const { model } = await load(sketch('lattice-vae'))
    expect(model.parameters.paths).toEqual(['code.encoder.dense.W', 'code.encoder.dense.b', 'again.dense.W', 'again.dense.b'])
    // Fields of the two longest waves: what five latents can hold.
    const φ = Array.from({ length: 32 }, (_, row) => Array.from({ length: 32 }, (_, site) =>
      Math.sin(2 * Math.PI * site / 32 + row) + 0.5 * Math.cos(4 * Math.PI * site / 32 + 2.3 * row)))
    const history = await model.fit({ φ }, { epochs: 300, optimizer: adam(0.01), seed: 3 })
    const first = history.epochs[0]?.loss ?? NaN
    expect(history.epochs.at(-1)?.loss ?? NaN).toBeLessThan(0.1 * first)
  })
})
