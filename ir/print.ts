/** Graphs as text, for `--emit graph`, golden files and messages of tests. */
import type { Graph, Node, Value } from './graph'
import { dimKey, printDim, type Dim } from './dim'
import { printType } from './type'

/** One line a node, numbered from 0 in each graph, so the text does not change with unrelated nodes elsewhere. */
export function printGraph(graph: Graph, outputNames?: readonly string[]): string {
  return printInto(graph, '', outputNames).join('\n') + '\n'
}

function printInto(graph: Graph, indent: string, outputNames?: readonly string[]): string[] {
  const names = new Map<Value, string>()
  let next = 0
  const nameOf = (value: Value) => names.get(value) ?? '%?'
  const lines = graph.nodes.flatMap(node => {
    for (const result of node.results) names.set(result, `%${next++}`)
    const results = node.results.map(result => `${nameOf(result)}: ${printType(result.type)}`).join(', ')
    const line = `${indent}${results} = ${[node.op, attributeText(node), ...node.inputs.map(nameOf)].filter(Boolean).join(' ')}`
    return node.op === 'loop' ? [line, ...printInto(node.attributes.body, indent + '  ')] : [line]
  })
  const outputs = graph.outputs.map((output, at) => (outputNames ? `${outputNames[at]} = ` : '') + nameOf(output)).join(', ')
  return [...lines, `${indent}return ${outputs}`]
}

const isDim = (value: unknown): value is Dim => typeof value === 'number' || (typeof value === 'object' && value !== null && 'terms' in value)

function attributeText(node: Node): string {
  if (node.op === 'elementwise') return node.attributes.fn
  return Object.entries(node.attributes)
    .filter(([key]) => key !== 'body')
    .map(([key, value]) => `${key}=${attributeValue(value)}`)
    .join(' ')
}

function attributeValue(value: unknown): string {
  if (isDim(value)) return printDim(value)
  if (Array.isArray(value)) {
    return value.length > 16 ? `[${value.slice(0, 16).map(attributeValue).join(', ')}, … ${value.length}]` : `[${value.map(attributeValue).join(', ')}]`
  }
  if (typeof value === 'object' && value !== null && 'operations' in value && 'name' in value) return String(value.name)
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : isDim(value) ? dimKey(value) : JSON.stringify(value)
}
