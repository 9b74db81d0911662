/**
 * Outer products that nobody asked for: beside `real[batch]`, the last axis of `real[batch, 1]` is lined up with `batch`, and each
 * row is combined with every other. Who means that makes the axis of 1 in so many words, by `reshape` or `keepdims`.
 */
import type { Extra } from '../diagnostics/sink'
import { textOf, type Span } from '../source/source'
import { printDim, sameDim, sameShape } from '../../ir/dim'
import type { Node, Value } from '../../ir/graph'
import { printType, tensor } from '../../ir/type'
import { broadcastShapes, isClash, joinElements } from './broadcast'
import type { Frame } from './frame'
import { typeOf, type Numeric } from './meaning'

interface Operand { readonly meaning: Numeric; readonly span: Span }

/** Warns where two operands of an elementwise operation, or two arguments whose `...` are one, pair a size with itself. */
export function notePairing(frame: Frame, name: string, operands: readonly Operand[], at: Span): void {
  // What is unrolled has known sizes alone.
  const [column, row] = frame.unrolled ? [] : columnAndRow(frame, operands) ?? []
  if (!column || !row) return
  const common = broadcastShapes(...operands.map(({ meaning }) => typeOf(meaning).shape))
  if (isClash(common)) return
  const inOrder = operands.filter(operand => operand === column || operand === row)
  const [left = '', right = ''] = inOrder.map(({ meaning }) => printType(typeOf(meaning)))
  const element = joinElements(...operands.map(({ meaning }) => typeOf(meaning).element))
  frame.sink.report('accidental-pairs', at, {
    name, left, right, size: printDim(typeOf(row.meaning).shape.at(-1) ?? 1), found: printType(tensor(element, common)), flat: withoutLast(column.span),
  }, { related: inOrder.flatMap(operand => [{ span: operand.span, message: printType(typeOf(operand.meaning)) }, ...madeBy(frame, operand)]) })
}

/** What to say where sizes clash for an axis of 1 that one operand has behind all that the other one has. */
export function columnHelp(operands: readonly Operand[]): Pick<Extra, 'help'> {
  const shapeOf = ({ meaning }: Operand) => typeOf(meaning).shape
  const column = operands.find(one => shapeOf(one).length > 1 && shapeOf(one).at(-1) === 1 && operands.some(other => sameShape(shapeOf(other), shapeOf(one).slice(0, -1))))
  return column ? { help: `they would fit without the last axis of one: \`${withoutLast(column.span)}\`` } : {}
}

function withoutLast(span: Span): string {
  const text = textOf(span)
  if (text.length > 40 || text.includes('\n')) return '(…)[..., 0]'
  return isWhole(text) ? `${text}[..., 0]` : `(${text})[..., 0]`
}

/** A name, or what is in one pair of parentheses: an index behind it is of all of it. */
const isWhole = (text: string): boolean => /^(?:[\p{L}_][\p{L}\p{N}_.]*|\((?:[^()]|\([^()]*\))*\))$/u.test(text)

/** The two whose shapes end in [d, 1] and in [d], with the 1 of the former not asked for. */
function columnAndRow(frame: Frame, operands: readonly Operand[]): readonly [column: Operand, row: Operand] | undefined {
  for (const column of operands) {
    const [size, last] = typeOf(column.meaning).shape.slice(-2)
    if (last !== 1 || size === undefined || typeof size === 'number' || isMeant(frame, column.meaning)) continue
    // With an axis before it the row has a place for every axis of the column, and its own size stands where it is meant to.
    const row = operands.find(({ meaning }) => typeOf(meaning).shape.length < typeOf(column.meaning).shape.length && sameDim(typeOf(meaning).shape.at(-1) ?? 1, size))
    if (row) return [column, row]
  }
  return undefined
}

/** Takes down that this axis of 1 is there on purpose. */
export function widened(frame: Frame, value: Value): Value {
  if (value.type.shape.at(-1) === 1) frame.session.widened.add(value.node)
  return value
}

/** What carries an axis of 1 on from what it is made of; a matrix product makes one of its own. */
const CARRIES: ReadonlySet<Node['op']> = new Set(['elementwise', 'mark', 'stop', 'broadcast', 'reshape', 'slice', 'concat', 'flip', 'pad'])

/** Whether the last axis, a 1, was asked for. What a loop takes from around it is not looked into. */
function isMeant(frame: Frame, meaning: Numeric): boolean {
  const pending: Value[] = meaning.kind === 'tensor' ? [meaning.value] : []
  for (let value = pending.pop(); value; value = pending.pop()) {
    const { node, type: { shape } } = value
    if (shape.at(-1) !== 1) continue
    if (frame.session.widened.has(node) || node.op === 'transpose' || (node.op === 'input' && frame.loops.length > 0)) return true
    if (CARRIES.has(node.op)) pending.push(...node.inputs)
  }
  return false
}

/** Where an operand that is a mere name gets its value. */
function madeBy(frame: Frame, { span }: Operand): NonNullable<Extra['related']> {
  const name = textOf(span)
  const binding = frame.environment.find(name)
  return binding && binding.span.file === span.file ? [{ span: binding.span, message: `\`${name}\` comes from here` }] : []
}
