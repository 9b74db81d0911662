/**
 * Dimension names that nothing holds to anything. A name that stands once is how one says "any size", so it is warned of only where
 * that is surely not what was meant: it is a slip of the fingers in another name, or the rows of a target are not those of the inputs.
 */
import type { Expression, InputStatement, TypeNode } from '../../1-parse/ast'
import type { DiagnosticSink } from '../../diagnostics/sink'
import type { Span } from '../../source/source'
import { nodesIn } from '../../2-check/walk'
import type { Written } from './tree'

const SHORTEST = 4

/** `bacth` beside `batch` declares a size of its own; a name that merely resembles another (`weight`, `height`) is meant. */
export function noteDimensionSlips(within: Written, sink: DiagnosticSink): void {
  const { module, owner, nodes } = within
  const declared = owner.kind === 'routine' ? owner.parameters.map(({ type }) => type) : nodes.flatMap(node => (node.kind === 'input' ? [node.type] : []))
  const numbers = new Map<string, Span>([...module.constants].flatMap(([name, { node, module: home }]) => (home.isStandard ? [] : [[name, node.name.span] as const])))
  if (owner.kind === 'routine') for (const { name, type } of owner.parameters) if (type.name.name === 'int' && !type.shape) numbers.set(name.name, name.span)
  const places = new Map<string, Span>()
  for (const { name, span } of declared.flatMap(dimensionNames)) if (!module.constants.has(name) && !numbers.has(name) && !places.has(name)) places.set(name, span)
  const counts = countsOf(within)
  const names = [...places.keys()]
  for (const [name, span] of places) {
    if (counts.get(name) !== 1 || name.startsWith('_')) continue
    // Of two that stand once each, the first is taken to be meant. A size may well be called `depth` beside a constant `DEPTH`.
    const meant = names.find((other, at) => isSlipOf(name, other) && (counts.get(other) !== 1 || at < names.indexOf(name)))
      ?? [...numbers.keys()].find(other => name.toLowerCase() !== other.toLowerCase() && isSlipOf(name, other))
    const at = meant === undefined ? undefined : places.get(meant) ?? numbers.get(meant)
    if (meant !== undefined && at) sink.report('dimension-slip', span, { name, meant }, { related: [{ span: at, message: `\`${meant}\` stands here` }] })
  }
}

/**
 * Targets whose rows are counted by a name of their own: row i of the target should go with row i of the inputs, and a loss that
 * takes both together in sums alone does not notice. Who counts targets otherwise names their size somewhere, or begins it with `_`.
 */
export function noteUnpairedRows(within: Written, sink: DiagnosticSink): void {
  const { module, nodes } = within
  const inputs = nodes.flatMap(node => (node.kind === 'input' ? [node] : []))
  const rowsOf = ({ type }: InputStatement) => {
    const [first] = type.shape ?? []
    return first?.kind === 'name' && !module.constants.has(first.name) ? first : undefined
  }
  const counts = countsOf(within)
  const measured = within.applications.flatMap(({ name, given: [first] }) => (name === 'size' && first?.value.kind === 'name' ? [first.value.name] : []))
  for (const target of inputs) {
    const rows = target.role === 'target' ? rowsOf(target) : undefined
    if (!rows || counts.get(rows.name) !== 1 || rows.name.startsWith('_') || measured.includes(target.name.name)) continue
    const other = inputs.find(input => input.role === 'input' && rowsOf(input))
    const otherRows = other && rowsOf(other)
    if (!other || !otherRows) continue
    sink.report('unpaired-rows', rows.span, { name: rows.name, target: target.name.name, input: other.name.name, suggestion: otherRows.name }, {
      related: [{ span: otherRows.span, message: `the rows of \`${other.name.name}\`` }],
    })
  }
}

function countsOf({ owner }: Written): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const node of nodesIn(owner)) if (node.kind === 'name') counts.set(node.name, (counts.get(node.name) ?? 0) + 1)
  return counts
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
