/** Models with circuits on several threads: the bits of one, only where rows take long, and a thread that fails. */
import { describe, expect, it } from 'vitest'
import { compile } from '../../../../compiler/compile'
import { defineModel, type Model, type UntypedModel } from '../../../../runtime'
import { createWasm, type WasmBackend } from '../../../../runtime/backends/wasm'
import { startWorker } from '../../../../runtime/backends/wasm/workers'
import { Team, WorkerError } from '../../../../wasm/team'
import { IdleLeader } from '../../../support/idleLeader'

const MODEL = `use std.nn.dense
use std.loss.cross_entropy
use std.quantum.{angle_embedding, strongly_entangling}
@gradient(adjoint)
circuit layered(x: real[4], w: real[2, 4, 3]) -> real[4] {
  qubits q[4]
  angle_embedding(x) q
  strongly_entangling(w) q
  return [expect(Z(q[i])) for i in 0..4]
}
model Hybrid {
  input x: real[batch, 3]
  target y: int[batch] in 0..2
  param w: real[2, 4, 3] ~ normal(0, 1)
  let h = x |> dense(4) |> tanh
  let z = layered(pi * h, w) |> dense(2)
  output p = softmax(z)
  loss cross_entropy(z, y)
}
`

async function create(backend: WasmBackend): Promise<Model<UntypedModel>> {
  const { plans: [plan], diagnostics } = await compile('hybrid.bp', { readText: async () => MODEL, readBytes: async () => undefined, resolve: (_, relative) => relative })
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return await defineModel(plan).create({ seed: 3, backend })
}

const ROWS = 70
const DATA = { x: Array.from({ length: ROWS }, (_, row) => [0, 1, 2].map(column => Math.sin(3 * row + column))), y: Array.from({ length: ROWS }, (_, row) => row % 2) }

const on = (threads: number, worth: number, team: Team): WasmBackend => createWasm({ threads, worth, team: { there: team, load: () => Promise.resolve(team) } })

describe('a model with a circuit', () => {
  it('ends with the same weights and losses on one, two and three threads', async () => {
    const idle = new IdleLeader(startWorker)
    // So little is worth it that these rows are shared.
    const backends = [createWasm({ threads: 1 }), on(2, 10_000, idle), on(3, 10_000, idle), on(3, 10_000, new Team(startWorker))]
    const runs = []
    for (const backend of backends) {
      const model = await create(backend)
      const { epochs } = await model.fit(DATA, { epochs: 3, batch: 32, optimizer: { name: 'adam', rate: 0.01 } })
      runs.push({ weights: Buffer.from(model.toBytes()).toString('hex'), losses: epochs.map(({ loss }) => loss) })
    }
    expect(runs[0]?.losses.every(Number.isFinite)).toBe(true)
    for (const run of runs) expect(run).toEqual(runs[0])
    expect(idle.left).toBeGreaterThan(10)
    expect(idle.lacks).toBeUndefined()
  })

  it('asks for no threads for rows that take less than those cost', async () => {
    const backend = createWasm({ threads: 2, team: { there: undefined, load: () => Promise.reject(new Error('a team is asked for')) } })
    const model = await create(backend)
    await model.fit({ x: DATA.x.slice(0, 8), y: DATA.y.slice(0, 8) }, { epochs: 1, batch: 8 })
  })

  it('says what a thread has failed in', async () => {
    class Failing extends Team {
      override run(): never {
        throw new WorkerError('a step failed in a worker thread; threads: 1 runs without')
      }
    }
    const model = await create(on(2, 10_000, new Failing(() => ({ post: () => {}, terminate: () => {} }))))
    await expect(model.predict({ x: DATA.x })).rejects.toMatchObject({ name: 'RunError', kind: 'unsupported', message: 'a step failed in a worker thread; threads: 1 runs without' })
  })
})
