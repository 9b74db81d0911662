import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { modelGraph, type ModelGraph } from '../../../compiler/cli/modelGraph/graph'
import { graphSvg } from '../../../compiler/cli/modelGraph/svg'
import { graphText } from '../../../compiler/cli/modelGraph/text'
import { compileOutlines } from '../../../compiler/compile'
import type { Host } from '../../../compiler/host'
import { mustBeWellFormed } from '../markup'

async function graphOf(text: string): Promise<ModelGraph> {
  const host: Host = { readText: async () => text, readBytes: async () => undefined, resolve: (_, relative) => relative }
  const { outlines: [outline], routines, diagnostics } = await compileOutlines('model.bp', host)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  if (!outline) throw new Error('the program has no model')
  return modelGraph(outline, routines)
}

const MOONS = readFileSync(new URL('../../../examples/moons/model.bp', import.meta.url), 'utf8')

/** A loop with state, an instance that is called twice and in the loop, frozen numbers, two losses. */
const RECURRENT = `use std.nn.dense
use std.loss.cross_entropy
model Rnn {
  input  x: real[batch, time, 3]
  target y: int[batch] in 0..2
  layer  enc = dense(8)
  param  Wh: real[8, 8] ~ glorot()
  frozen param scale: real[2] ~ ones()
  var h = zeros([batch, 8])
  let hs = for t in 0..time {
    h = tanh(enc(x[:, t]) + h @ Wh)
    yield h
  }
  let late = enc(x[:, 0]) - enc(x[:, 1])
  let logits = scale * (h + late |> dense(4) |> tanh |> dense(2))
  output hs
  output probability = softmax(logits)
  loss cross_entropy(logits, y)
  loss 0.001 * sum(Wh ^ 2)
}
`

describe('the graph of a model', () => {
  it('has its statements as nodes, and layers and circuits as boxes, with lines between', async () => {
    expect(graphText(await graphOf(MOONS))).toBe(`Moons: 46 parameters

●       input    x                           real[batch, 2]
│ ●     target   y                           int[batch]
│ │ ●   param    w                           real[2, 4, 3]                              24 parameters
● │ │   layer    dense(4)                                                               12 parameters        ← x
● │ │   let      features                    real[batch, 4]  · |> tanh                                       ← dense(4)
●─│─┘   circuit  sandwich(pi * features, w)                                             4 qubits, 28 angles  ← features, w
● │     layer    logits                      real[batch, 2]  dense(2)                   10 parameters        ← sandwich(pi * features,…
├─│─●   output   probability                 real[batch, 2]  softmax(logits)                                 ← logits
├─┼─●   loss                                                 cross_entropy(logits, y)                        ← logits, y
●─┘     metric   accuracy                                    mean(argmax(logits) == y)                       ← logits, y`)
  })

  it('has a loop as one box, with what it changes, and calls of an instance below it', async () => {
    const { nodes, parameters } = await graphOf(RECURRENT)
    const title = (at: number) => nodes[at]?.title ?? ''
    expect(nodes.map(({ kind, title: name, from, facts }) => [kind, name, from.map(title).join(' '), facts])).toEqual([
      ['input', 'x', '', ''], ['target', 'y', '', ''], ['layer', 'enc', '', '32 parameters'], ['param', 'Wh', '', '64 parameters'],
      ['param', 'scale', '', '2 frozen parameters'], ['let', 'h', '', ''], ['loop', 'hs, h', 'enc x h Wh', ''],
      ['call', 'enc(x[:, 0])', 'enc x', ''], ['call', 'enc(x[:, 1])', 'enc x', ''], ['let', 'late', 'enc(x[:, 0]) enc(x[:, 1])', ''],
      ['layer', 'dense(4)', 'hs, h late', '36 parameters'], ['layer', 'dense(2)', 'dense(4)', '10 parameters'], ['let', 'logits', 'scale dense(2)', ''],
      ['output', 'hs', 'hs, h', ''], ['output', 'probability', 'logits', ''], ['loss', 'loss', 'logits y', ''], ['loss', 'loss', 'Wh', ''],
    ])
    // Every parameter is in one box: 32 + 64 + 2 + 36 + 10.
    expect(parameters).toBe(144)
    expect(nodes.find(({ title: name }) => name === 'late')?.text).toBe('· - ·')
    expect(nodes.find(({ title: name }) => name === 'hs, h')).toMatchObject({ text: 'for t in 0..time', type: 'real[time, batch, 8], real[batch, 8]' })
  })

  it('counts the layers of a loop, and does not take its own names for others', async () => {
    const { nodes } = await graphOf(`use std.nn.dense
model M {
  input x: real[batch, 3]
  let t = 2 * x
  var h = x
  for t in 0..4 { let a = h |> dense(3); h = a + t }
  output h
}
`)
    expect(nodes.find(({ kind }) => kind === 'loop')).toMatchObject({ title: 'h', text: 'for t in 0..4', facts: '12 parameters', type: 'real[batch, 3]', from: [2] })
    expect(nodes.at(-1)).toMatchObject({ kind: 'output', from: [3] })
  })

  it('is an SVG with one box a node and one line a use, with names escaped', async () => {
    for (const text of [MOONS, RECURRENT]) {
      const graph = await graphOf(text)
      const svg = graphSvg(graph)
      mustBeWellFormed(svg)
      expect(svg.match(/<g class/g)).toHaveLength(graph.nodes.length)
      expect(svg.match(/class="edge"/g)).toHaveLength(graph.nodes.reduce((sum, { from }) => sum + from.length, 0))
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    }
    expect(graphSvg(await graphOf(MOONS))).toContain('· |&gt; tanh')
  })
})
