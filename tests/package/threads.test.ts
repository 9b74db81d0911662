/** Threads of the installed package: a program ends when it is done, however it ends, and leaves no worker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { install, type Project } from './installed'

// 2·64·784·256 operations are enough to be shared.
const MODEL = `use std.nn.dense
use std.loss.cross_entropy
model Digits {
  input x: real[batch, 784]
  target y: int[batch] in 0..10
  let z = x |> dense(256) |> relu |> dense(10)
  output p = softmax(z)
  loss cross_entropy(z, y)
}
`

/** Trains on so many threads, and writes what it trained by and came to. */
const RUN = `import { createHash } from 'node:crypto'
import { Digits } from './digits.bp.js'
const x = Array.from({ length: 128 }, (_, row) => Array.from({ length: 784 }, (_, column) => Math.sin(row * 784 + column)))
const y = x.map((_, row) => row % 10)
const model = await Digits.create()
await model.fit({ x, y }, { epochs: 5, batch: 64 })
await new Promise(resolve => setTimeout(resolve, 50))
console.log(model.backend.why)
console.log(createHash('sha256').update(model.toBytes()).digest('hex'))
`

describe('threads of the installed package', () => {
  let project: Project
  beforeAll(async () => {
    project = await install()
    project.write('digits.bp', MODEL)
    const { status, stderr } = await project.shell('bpc digits.bp')
    if (status !== 0) throw new Error(stderr)
    project.write('run.js', RUN)
    project.write('exit.js', `${RUN}process.exit(3)\n`)
    project.write('throw.js', `${RUN}throw new Error('on purpose')\n`)
  })
  afterAll(() => project.remove())

  it('give the bits of one, and the process ends by itself', async () => {
    const ran = await Promise.all(['1', '2', '3'].map(threads => project.shell(`BP_THREADS=${threads} node run.js`)))
    const [one, two, three] = ran.map(({ status, stdout, stderr }) => {
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      const [why, hash] = stdout.split('\n')
      return { why, hash }
    })
    expect(one?.hash).toMatch(/^[0-9a-f]{64}$/)
    expect([one?.why, two?.why, three?.why]).toEqual(['one thread', '2 threads', '3 threads'].map(threads => `WebAssembly with SIMD is here; ${threads}`))
    expect([two?.hash, three?.hash]).toEqual([one?.hash, one?.hash])
  })

  it('do not hold up a process that exits or throws', async () => {
    expect(await project.shell('BP_THREADS=2 node exit.js')).toMatchObject({ status: 3, stderr: '' })
    const { status, stderr } = await project.shell('BP_THREADS=2 node throw.js')
    expect(status).toBe(1)
    expect(stderr).toContain('Error: on purpose')
  })

  it('are refused by a clear message where their number makes no sense', async () => {
    const { status, stderr } = await project.shell('BP_THREADS=many node run.js')
    expect(status).toBe(1)
    expect(stderr).toContain('BP_THREADS is many; a whole number from 1 on was expected')
  })
})
