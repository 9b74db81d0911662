import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from '../../compiler/1-parse/parse'
import { check } from '../../compiler/2-check/check'
import { STANDARD_LIBRARY } from '../../compiler/2-check/standardLibrary'
import { DiagnosticSink } from '../../compiler/diagnostics/sink'
import { complaints, hostOf, run } from '../language/run'
import { loadModules } from '../../compiler/2-check/modules'
import { expectGradients, spreadMatrix } from './support'

const here = fileURLToPath(new URL('.', import.meta.url))
const tests = readdirSync(here).filter(name => name.endsWith('.test.ts')).map(name => readFileSync(here + name, 'utf8')).join('\n')
const page = readFileSync(fileURLToPath(new URL('../../docs/stdlib.md', import.meta.url)), 'utf8')
/** std.quantum has tests and a page of its own. */
const documented = [...STANDARD_LIBRARY].filter(([name]) => name !== 'std.quantum')

function routinesOf(name: string, text: string) {
  return parse({ name, text }, new DiagnosticSink()).declarations.flatMap(declaration => (declaration.kind === 'routine' ? [declaration] : []))
}

describe('the standard library has no privileges', () => {
  it.each([...STANDARD_LIBRARY])('%s is a program that a user could have written', async (_, text) => {
    expect(await complaints(text)).toEqual([])
  })
})

it.each(documented)('every routine of %s is documented, tested and on the page', (name, text) => {
  const routines = routinesOf(name, text)
  expect(routines.filter(({ doc }) => doc === '').map(routine => routine.name.name)).toEqual([])
  expect(routines.map(routine => routine.name.name).filter(routine => !page.includes(`\`${routine}(`))).toEqual([])
  expect(routines.map(routine => routine.name.name).filter(routine => !new RegExp(`\\b${routine}\\b`).test(tests))).toEqual([])
})

it('a module that is not used is not read', async () => {
  const text = 'use std.loss.mse\nmodel M {\n  param w: real\n  loss mse(w, 1)\n}'
  const sink = new DiagnosticSink()
  const module = await loadModules('main.bp', hostOf({ 'main.bp': text }), sink)
  if (!module) throw new Error('no entry')
  check(module, sink)
  expect([...module.callables.values()].map(({ module: home }) => home.path)).toEqual(['std.loss'])
})

it('a name that the library does not have is told with the nearest one', async () => {
  expect((await complaints('use std.nn.densee\nmodel M {\n  input x: real[2]\n  output y = densee(x, 3)\n}')).join('\n')).toMatch(/dense/)
})

it('a deep network is one layer, stacked', async () => {
  const text = `use std.nn.{transformer_block, embedding, dense}
model M {
  input tokens: int[batch, time]
  layer blocks[3] = transformer_block(heads = 2, width = 3, causal = true, expansion = 1)
  var x = embedding(tokens, 5, 4)
  for i in 0..3 { x = blocks[i](x) }
  let logits = x |> dense(5)
  output logits
  loss sum(sin(logits))
}`
  const { parameters } = await run(text, { tokens: [[0, 1, 4], [2, 2, 3]] })
  expect((parameters['blocks.mix.Wq'] as readonly unknown[]).length).toBe(3)
  await expectGradients(text, { tokens: [[0, 4], [2, 2]] })
})

it('an option of a layer is given to its instance by name', async () => {
  const { outputs } = await run(`use std.nn.rms_norm
model M {
  input x: real[batch, 2]
  layer norm = rms_norm(epsilon = 1000)
  output y = norm(x)
  output z = rms_norm(x, epsilon = 1000)
}`, { x: spreadMatrix(2, 2) })
  expect(outputs.y).toEqual(outputs.z)
})
