/** A long training keeps nothing: the collector is asked for, in a process of its own. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { folder, ROOT } from './bpc'

/** A circuit, a loop, a draw, a state and a held-out part: whatever a step may leave behind. */
const MODEL = `use std.nn.{dense, dropout}

circuit turn(x: real[2], w: real[2]) -> real[2] {
  qubits q[2]
  ry(x) q
  cx q[0], q[1]
  ry(w) q
  return [expect(Z(q[i])) for i in 0..2]
}

model Long {
  input  x: real[batch, 2]
  target y: real[batch]
  param  w: real[2] ~ normal()
  state  seen: real = 0.0
  var h = x |> dense(2)
  for t in 0..3 {
    h = tanh(h + x)
  }
  let z = sum(turn(h |> dropout(0.1), w) |> dense(2), axis = 1)
  output z
  loss mean((z - y)^2)
  metric off = mean(abs(z - y))
  update seen = seen + 1
}
`

/** What is measured after a warm-up, in which code is compiled, and again 10,000 steps later. */
const SCRIPT = `
import { readFile } from 'node:fs/promises'
const [dist, source] = process.argv.slice(2)
const { compile } = await import(dist + '/compiler.js')
const { defineModel } = await import(dist + '/index.js')
const host = { readText: path => readFile(path, 'utf8'), readBytes: async () => undefined, resolve: (_, path) => path }
const { plans } = await compile(source, host)
const model = await defineModel(plans[0]).create({ seed: 1 })
const rows = 5000
const x = Array.from({ length: rows }, (_, i) => [Math.sin(i), Math.cos(i)])
const y = x.map(([a, b]) => a * b)
const measure = () => {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return { heapUsed, external, arrayBuffers }
}
const marks = []
const onStep = ({ step }) => { if (step === 2000 || step === 12000) marks.push(measure()) }
const history = await model.fit({ x, y }, { steps: 12000, batch: 4, holdout: 0.2, optimizer: { name: 'adam', rate: 0.001 }, onStep })
console.log(JSON.stringify({ marks, steps: history.steps, epochs: history.epochs.length }))
`

it('10,000 steps of training leave the heap, and what is outside of it, where they were', async () => {
  const at = folder({ 'long.bp': MODEL })
  const script = at.write('long.mjs', SCRIPT)
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, join(ROOT, 'dist'), join(at.path, 'long.bp')])
  const { marks: [before, after], steps, epochs } = JSON.parse(stdout) as { marks: Readonly<Record<'heapUsed' | 'external' | 'arrayBuffers', number>>[]; steps: number; epochs: number }
  expect({ steps, epochs }).toEqual({ steps: 12000, epochs: 12 })
  if (!before || !after) throw new Error('nothing was measured')
  // Twelve records of epochs, and what the engine notes of running code, are tens of kilobytes; an object kept of each step would be 10,000 × 28 bytes or more.
  expect(after.heapUsed - before.heapUsed).toBeLessThan(256 * 1024)
  // Of tensors nothing at all; an array of one number kept of each step would be 40 kB or more.
  expect(after.external - before.external).toBeLessThan(16 * 1024)
  expect(after.arrayBuffers).toBe(before.arrayBuffers)
})
