/** verify: graphs from the builder pass, broken ones are caught at the node that breaks the rule. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../ir/builder'
import type { Graph, Node, Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import { int, real } from '../../ir/type'
import { verify } from '../../ir/verify'

function good(): Graph {
  const b = GraphBuilder.create()
  const x = b.input('x', real(2))
  return b.finish([b.scalar('exp', b.scalar('sin', x))])
}

const last = (graph: Graph): Node => {
  const node = graph.nodes.at(-1)
  if (!node) throw new Error('an empty graph')
  return node
}
const outputOf = (graph: Graph): Value => {
  const [output] = graph.outputs
  if (!output) throw new Error('no output')
  return output
}

describe('verify', () => {
  it('passes what the builder builds', () => expect(() => verify(good())).not.toThrow())
  it('a value used before it is defined', () => {
    const graph = good()
    expect(() => verify({ ...graph, nodes: graph.nodes.toReversed() })).toThrow(/elementwise uses %\d+ before it is defined/)
  })
  it('an output of a node that is not there', () => {
    const graph = good()
    expect(() => verify({ ...graph, nodes: graph.nodes.slice(0, -1) })).toThrow('an output uses')
  })
  it('an input that is not there', () => {
    const graph = good()
    expect(() => verify({ ...graph, inputs: [...graph.inputs, ...good().inputs] })).toThrow('the list of inputs uses')
  })
  it('a type that is not what the row infers', () => {
    const graph = good()
    const output = outputOf(graph)
    const node = { ...last(graph), results: [] as Value[] } as Node & { results: Value[] }
    node.results.push({ ...output, node, type: int(2) })
    expect(() => verify({ ...graph, nodes: [...graph.nodes.slice(0, -1), node], outputs: node.results })).toThrow(/says int\[2\], its row real\[2\]/)
  })
  it('a result that its node does not have', () => {
    const graph = good()
    expect(() => verify({ ...graph, outputs: [{ ...outputOf(graph) }] })).toThrow('uses a result that')
  })
  it('a broken body of a loop', () => {
    const b = GraphBuilder.create()
    const loop = new LoopBuilder(b, 3, [b.input('x', real())])
    const { final } = loop.finish(loop.carries.map(carry => loop.body.scalar('sin', carry)), [])
    const graph = b.finish(final)
    const node = last(graph)
    if (node.op !== 'loop') throw new Error('the loop is last')
    const { body } = node.attributes
    const broken = { ...node, attributes: { ...node.attributes, body: { ...body, nodes: body.nodes.slice(0, -1) } } }
    expect(() => verify({ ...graph, nodes: [...graph.nodes.slice(0, -1), broken] })).toThrow('an output uses')
  })
})
