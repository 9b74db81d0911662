/**
 * Dimension names that are a slip of another: `bacth` beside `batch` declares a size of its own, and nothing holds the two
 * together. Only slips of the fingers count: a name that merely resembles another (`weight`, `height`) is meant.
 */
import type { Expression, TypeNode } from '../../1-parse/ast'
import type { DiagnosticSink } from '../../diagnostics/sink'
import type { Span } from '../../source/source'
import { nodesIn } from '../../2-check/walk'
import type { Written } from './tree'

const SHORTEST = 4

export function noteDimensionSlips({ module, owner, nodes }: Written, sink: DiagnosticSink): void {
  const declared = owner.kind === 'routine' ? owner.parameters.map(({ type }) => type) : nodes.flatMap(node => (node.kind === 'input' ? [node.type] : []))
  const places = new Map<string, Span>()
  for (const { name, span } of declared.flatMap(dimensionNames)) if (!module.constants.has(name) && !places.has(name)) places.set(name, span)
  const counts = new Map<string, number>()
  for (const node of nodesIn(owner)) if (node.kind === 'name') counts.set(node.name, (counts.get(node.name) ?? 0) + 1)
  const names = [...places.keys()]
  for (const [name, span] of places) {
    if (counts.get(name) !== 1 || name.startsWith('_')) continue
    // Of two that stand once each, the first is taken to be meant.
    const [meant] = names.filter((other, at) => isSlipOf(name, other) && (counts.get(other) !== 1 || at < names.indexOf(name)))
    const at = meant === undefined ? undefined : places.get(meant)
    if (meant !== undefined && at) sink.report('dimension-slip', span, { name, meant }, { related: [{ span: at, message: `\`${meant}\` stands here` }] })
  }
}

function dimensionNames({ shape }: TypeNode): readonly Extract<Expression, { kind: 'name' }>[] {
  return [...nodesIn(shape ?? [])].flatMap(node => (node.kind === 'name' ? [node] : []))
}

/** Two neighbours exchanged, a letter dropped or doubled, or another case; a plural is a word of its own. */
function isSlipOf(name: string, other: string): boolean {
  if (name === other || Math.min(name.length, other.length) < SHORTEST || /\d/.test(name + other)) return false
  if (name.toLowerCase() === other.toLowerCase()) return true
  if (`${name}s` === other || `${other}s` === name) return false
  const [long, short] = name.length > other.length ? [name, other] : [other, name]
  if (long.length === short.length + 1) return [...long].some((_, at) => long.slice(0, at) + long.slice(at + 1) === short)
  if (long.length !== short.length) return false
  return [...name].some((_, at) => name.slice(0, at) + (name[at + 1] ?? '') + (name[at] ?? '') + name.slice(at + 2) === other)
}
