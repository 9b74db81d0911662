/** Heavy steps on several threads: the bits of one thread, workers that come late, go, fail or hang, and what they are told. */
import { Worker as NodeWorker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { compile } from '../../../../compiler/compile'
import { optimize } from '../../../../compiler/5-optimize/optimize'
import { programOf } from '../../../../compiler/6-emit/program'
import { eraseIdentity } from '../../../../compiler/4-differentiate'
import type { Value } from '../../../../ir/graph'
import type { OpName } from '../../../../ir/op'
import type { Precision, Program } from '../../../../ir/plan'
import { OPS } from '../../../../ir/table'
import { real } from '../../../../ir/type'
import { defineModel } from '../../../../runtime'
import { createWasm, type WasmBackend } from '../../../../runtime/backends/wasm'
import { startWorker } from '../../../../runtime/backends/wasm/workers'
import { Team, type Job, type StartWorker } from '../../../../wasm/team'
import { CONTROL } from '../../../../wasm/worker'
import { SAMPLES } from '../../../conformance/samples'
import { buildGraph, gradients, spread, tensorFor, weightedSum } from '../../../support/differences'
import { IdleLeader } from '../../../support/idleLeader'
import { ProgramBuilder, randomArray, randomNumbers } from '../../support'

const DEADLINE = 30_000

/** Everything that can be cut is. */
const sharing = (threads: number, team: Team): WasmBackend => createWasm({ threads, worth: 0, team: { there: team, load: () => Promise.resolve(team) } })

const ONE = createWasm({ threads: 1 })

/** Results of two runs: the second finds the storage as the first left it. */
async function resultsOf(backend: WasmBackend, program: Program, precision: Precision, fill: (name: string, at: number) => number, sizes = new Map<string, number>()): Promise<string> {
  const executable = await backend.prepare(program, sizes, precision)
  for (const { name, data } of executable.inputs) for (let i = 0; i < data.length; i++) data[i] = fill(name, i)
  await executable.run({ seed: 0, step: 0 })
  await executable.run({ seed: 0, step: 0 })
  return executable.results.map(({ data }) => Buffer.from(data.slice().buffer).toString('hex')).join(' ')
}

const idle = new IdleLeader(startWorker)
const busy = new Team(startWorker)
/** One, two or three threads, of which the workers do all, and three that share. */
const TEAMS = { 'one worker': sharing(2, idle), 'two workers': sharing(3, idle), 'two workers and the leader': sharing(3, busy) }

async function expectSameBits(program: Program, precision: Precision, fill: (name: string, at: number) => number, sizes?: Map<string, number>, what = ''): Promise<void> {
  const expected = await resultsOf(ONE, program, precision, fill, sizes)
  for (const [name, backend] of Object.entries(TEAMS)) {
    expect(await resultsOf(backend, program, precision, fill, sizes) === expected, `${name}, ${precision}${what}`).toBe(true)
  }
}

describe('workers compute the bits that one thread computes, in every op and its gradient:', () => {
  for (const op of Object.keys(OPS) as OpName[]) {
    const samples = SAMPLES[op]
    if (typeof samples === 'string' || op === 'random') continue
    it(op, async () => {
      for (const sample of samples) {
        const graph = buildGraph(sample.inputs.map(input => input.type), (b, inputs) => {
          const outputs = sample.build(b, inputs)
          return [...outputs, ...gradients(b, weightedSum(b, outputs), inputs.filter((input): input is Value => input.type.element === 'real'))]
        })
        // Long enough that vectors are cut, too, where the sample leaves its size open; cholesky's matrix is positive definite for a few.
        for (const n of sample.sizes ?? (op === 'cholesky' ? [3] : [3, 150])) {
          const sizes = new Map([['n', n]])
          const inputs = sample.inputs.map(({ type, value }, at) => tensorFor(type, sizes, value ?? (i => Math.fround(spread(i, at)))))
          for (const each of [eraseIdentity(graph), optimize(eraseIdentity(graph))]) {
            const program = programOf(each, each.inputs.map((_, at) => `in${at}`), each.outputs.map((_, at) => `out${at}`))
            for (const precision of ['f32', 'f64'] as const) {
              await expectSameBits(program, precision, (name, at) => Number(inputs[Number(name.slice(2))]?.data[at] ?? NaN), sizes)
            }
          }
        }
      }
    })
  }

  it('and they have been left thousands of pieces', () => {
    expect(idle.left).toBeGreaterThan(1000)
    expect(idle.lacks).toBeUndefined()
  })
})

describe('of random shapes, workers compute the bits of one thread:', () => {
  const draws = (seed: number) => {
    const next = randomNumbers(seed)
    return { next, whole: (low: number, high: number) => low + Math.floor(next() * (high - low + 1)) }
  }
  const filled = (seed: number) => {
    const numbers = new Map<string, readonly number[]>()
    return (name: string, at: number) => {
      if (!numbers.has(name)) numbers.set(name, randomArray(1 << 17, randomNumbers(seed + name.length)))
      return numbers.get(name)?.[at] ?? NaN
    }
  }

  it('matrix products, with a batch, several sums and operands that lie either way', async () => {
    const { whole, next } = draws(1)
    for (let round = 0; round < 40; round++) {
      const sizes = [whole(1, 3), whole(1, 90), whole(1, 300), whole(1, 90), whole(1, 3)]
      // batch 0, rows 1, sums 2 and 4, columns 3.
      const orders = (labels: number[]) => labels.map(label => ({ label, key: next() })).sort((a, b) => a.key - b.key).map(({ label }) => label)
      const attributes = { left: orders([0, 1, 2, 4]), right: orders([0, 2, 3, 4]), out: next() < 0.5 ? [0, 1, 3] : orders([0, 1, 3]) }
      const of = (labels: readonly number[]) => real(...labels.map(label => sizes[label] ?? 1))
      const builder = new ProgramBuilder()
      const inputs = [builder.input('a', of(attributes.left)), builder.input('bb', of(attributes.right))]
      builder.result('out', builder.routine('contract', attributes, inputs, of(attributes.out)))
      await expectSameBits(builder.build(), round % 2 ? 'f32' : 'f64', filled(round))
    }
  })

  it('convolutions and their derivatives, strided, dilated, in groups', async () => {
    const { whole } = draws(2)
    for (let round = 0; round < 60; round++) {
      const [batch, groups, inChannels, outChannels] = [whole(1, 4), whole(1, 3), whole(1, 4), whole(1, 6)]
      const [kernel, stride, dilation, low] = [[whole(1, 4), whole(1, 3)], [whole(1, 2), whole(1, 2)], [whole(1, 2), whole(1, 2)], [whole(-1, 2), whole(-1, 2)]]
      const output = [whole(1, 9), whole(1, 9)]
      const image = output.map((places, axis) => Math.max(1, (places - 1) * (stride[axis] ?? 1) + ((kernel[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1 - (low[axis] ?? 0) + whole(-1, 2)))
      const shapes = { image: [batch, groups, inChannels, ...image], kernel: [groups, outChannels, inChannels, ...kernel], output: [batch, groups, outChannels, ...output] }
      for (const part of ['image', 'kernel', 'output'] as const) {
        const builder = new ProgramBuilder()
        const inputs = (['image', 'kernel', 'output'] as const).filter(name => name !== part).map(name => builder.input(name, real(...shapes[name])))
        builder.result('out', builder.routine('convolve', { part, stride, dilation, low, size: { image, kernel, output }[part] }, inputs, real(...shapes[part])))
        await expectSameBits(builder.build(), round % 2 ? 'f32' : 'f64', filled(round), undefined, ` ${part} ${JSON.stringify({ shapes, stride, dilation, low })}`)
      }
    }
  })

  it('kernels, flat and by rows, bools among their results', async () => {
    const { whole } = draws(3)
    for (let round = 0; round < 30; round++) {
      const [rows, columns] = [whole(1, 60), whole(1, 200)]
      const builder = new ProgramBuilder()
      const a = builder.input('a', real(rows, columns))
      const row = builder.input('row', real(columns))
      const [sum, isLess] = builder.kernel([rows, columns], [
        { fn: 'sin', args: [{ load: a }] },
        { fn: 'add', args: [{ line: 0 }, round % 2 ? { load: row, axes: [1] } : 0.5] },
        { fn: 'less', args: [{ load: a }, { line: 1 }], element: 'bool' },
      ], [1, 2])
      builder.result('sum', sum ?? -1)
      builder.result('isLess', isLess ?? -1)
      await expectSameBits(builder.build(), round % 3 ? 'f32' : 'f64', filled(round))
    }
  })
})

const MODEL = `use std.nn.dense
use std.loss.cross_entropy
model Digits {
  input x: real[batch, 20]
  target y: int[batch] in 0..4
  let h = x |> dense(33) |> tanh
  let z = h |> dense(4)
  output p = softmax(z)
  loss cross_entropy(z, y)
}
`

const HOST = { readText: async () => MODEL, readBytes: async () => undefined, resolve: (_: string, relative: string) => relative }

describe('a training run', () => {
  it('ends with the same weights and losses on one, two and three threads', async () => {
    const compiled = await compile('digits.bp', HOST)
    const [plan] = compiled.plans
    if (!plan) throw new Error('no model')
    const x = Array.from({ length: 70 }, (_, row) => Array.from({ length: 20 }, (_, column) => spread(row * 20 + column, 1)))
    const y = x.map((_, row) => row % 4)
    const runs = await Promise.all([ONE, ...Object.values(TEAMS)].map(async backend => {
      const model = await defineModel(plan).create({ seed: 3, backend })
      const { epochs } = await model.fit({ x, y }, { epochs: 3, batch: 32, optimizer: { name: 'adam', rate: 0.01 } })
      return { weights: Buffer.from(model.toBytes()).toString('hex'), losses: epochs.map(({ loss }) => loss) }
    }))
    expect(runs[0]?.losses.every(Number.isFinite)).toBe(true)
    for (const run of runs) expect(run).toEqual(runs[0])
  })
})

/** A product of so many rows. */
function product(rows: number): Program {
  const builder = new ProgramBuilder()
  const inputs = [builder.input('a', real(rows, 40)), builder.input('b', real(40, 64))]
  builder.result('out', builder.routine('contract', { left: [0, 1], right: [1, 2], out: [0, 2] }, inputs, real(rows, 64)))
  return builder.build()
}

const wave = (_: string, at: number): number => Math.sin(at)

describe('the team', () => {
  it('is the same for many executables, which run in turn', async () => {
    const backend = sharing(3, idle)
    const executables = await Promise.all(Array.from({ length: 40 }, (_, i) => backend.prepare(product(i + 1), new Map(), 'f32')))
    const expected = await Promise.all(executables.map((_, i) => ONE.prepare(product(i + 1), new Map(), 'f32')))
    for (const executable of [...executables, ...expected]) for (const { data } of executable.inputs) for (let i = 0; i < data.length; i++) data[i] = Math.cos(i)
    for (let round = 0; round < 5; round++) {
      for (const [i, executable] of executables.entries()) {
        executable.results[0]?.data.fill(NaN)
        await executable.run({ seed: 0, step: 0 })
        await expected[i]?.run({ seed: 0, step: 0 })
        expect(executable.results[0]?.data).toEqual(expected[i]?.results[0]?.data)
      }
    }
  })

  it('goes on without a worker that is killed, and says that it is gone', async () => {
    const killed: (() => void)[] = []
    const ends: Promise<void>[] = []
    const team = new Team(ended => {
      let isEnded = (): void => {}
      ends.push(new Promise(resolve => { isEnded = resolve }))
      const worker = startWorker(reason => { ended(reason); isEnded() })
      killed.push(worker.terminate)
      return worker
    })
    const backend = sharing(3, team)
    const expected = await resultsOf(ONE, product(50), 'f32', wave)
    expect(await resultsOf(backend, product(50), 'f32', wave)).toBe(expected)
    expect(backend.threads).toBe('3 threads')
    killed[0]?.()
    await ends[0]
    expect(await resultsOf(backend, product(50), 'f32', wave)).toBe(expected)
    expect(backend.threads).toBe('2 threads: a worker thread ended')
  })

  it('gives a worker up that takes a piece and does not come back, and runs on one thread from then on', async () => {
    const source = `const { parentPort } = require('node:worker_threads')
parentPort.on('message', ({ control }) => {
  if (!control) return
  for (;;) {
    const ticket = Atomics.load(control, ${CONTROL.ticket})
    if ((ticket & 255) > 0 && Atomics.compareExchange(control, ${CONTROL.ticket}, ticket, ticket - 1) === ticket) for (;;) {}
  }
})`
    const stuck: StartWorker = () => {
      const worker = new NodeWorker(source, { eval: true })
      worker.unref()
      return { post: message => worker.postMessage(message, []), terminate: () => void worker.terminate() }
    }
    /** Begins when the worker has taken its piece. */
    class LateLeader extends Team {
      protected override takePieces(own: Job, scratch: number): void {
        const before = Atomics.load(this.control, CONTROL.ticket)
        const end = performance.now() + DEADLINE
        while (this.lacks === undefined && Atomics.load(this.control, CONTROL.ticket) === before) if (performance.now() > end) throw new Error('it takes none')
        super.takePieces(own, scratch)
      }
    }
    const backend = sharing(2, new LateLeader(stuck, 100))
    await expect(resultsOf(backend, product(50), 'f32', wave)).rejects.toThrow('a worker thread did nothing for 0.1 s; from now on there is one thread')
    expect(await resultsOf(backend, product(50), 'f32', wave)).toBe(await resultsOf(ONE, product(50), 'f32', wave))
    expect(backend.threads).toBe('one thread: a worker thread did nothing for 0.1 s')
  })

  it('runs on one thread, and says why, where no worker can be started', async () => {
    const backend = sharing(3, new Team(() => { throw new Error('it is forbidden') }))
    expect(await resultsOf(backend, product(50), 'f32', wave)).toBe(await resultsOf(ONE, product(50), 'f32', wave))
    expect(backend.threads).toBe('one thread: a worker thread cannot be started: it is forbidden')
  })

  it('passes on what a piece throws, whoever runs it', async () => {
    // A module whose only job traps: `unreachable`.
    const { ModuleWriter } = await import('../../../../wasm/module')
    const writer = new ModuleWriter()
    writer.export('job0', f => f.emit(0x00), { parameters: ['i32', 'i32'] })
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    const { module, instance } = await WebAssembly.instantiate(writer.finish(true), writer.importsWith(memory))
    for (const [team, message] of [[new IdleLeader(startWorker), 'a step failed in a worker thread; threads: 1 runs without'], [new Team(startWorker), /unreachable/]] as const) {
      const shared = team.enlist({ module, memory, jobs: [instance.exports['job0'] as Job], threads: 2, scratchOf: () => 0 })
      expect(() => shared.run(0, 3)).toThrow(message)
      expect(() => shared.run(0, 3)).toThrow(message)
    }
  })

  it('lets programs that nobody holds be collected before they pile up', async () => {
    const told: object[] = []
    const backend = sharing(2, new Team(() => ({ post: message => { told.push(message) }, terminate: () => {} })))
    const builder = new ProgramBuilder()
    const inputs = [builder.input('a', real(1024, 1024)), builder.input('b', real(1024, 1024))]
    builder.result('out', builder.routine('contract', { left: [0, 1], right: [1, 2], out: [0, 2] }, inputs, real(1024, 1024)))
    const large = builder.build()
    const forgotten = () => told.some(message => 'program' in message && !('module' in message))
    // 12 MiB each, none of which is touched. What is beside it on the heap is too little for a collector to come by itself so soon.
    for (let count = 0; count < 60 && !forgotten(); count++) {
      await backend.prepare(large, new Map(), 'f32')
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    expect(forgotten()).toBe(true)
  })

  it('has workers forget a program that nobody holds any more', async () => {
    const { setFlagsFromString } = await import('node:v8')
    const { runInNewContext } = await import('node:vm')
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const told: object[] = []
    const team = new Team(() => ({ post: message => { told.push(message) }, terminate: () => {} }))
    const backend = sharing(2, team)
    await resultsOf(backend, product(50), 'f32', wave)
    const forgotten = () => told.filter(message => 'program' in message && !('module' in message))
    const end = performance.now() + DEADLINE
    while (forgotten().length === 0 && performance.now() < end) {
      collect()
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(forgotten()).toEqual([{ program: 1 }])
  })
})
