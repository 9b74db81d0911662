/** `solve`, `inverse`, `det` and `cholesky`, batched over leading axes that broadcast. */
import { positionAt } from '../../source/source'
import type { GraphBuilder } from '../../../ir/builder'
import { printDim, printShape, sameDim, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { printType } from '../../../ir/type'
import { broadcastShapes, isClash } from '../broadcast'
import { tensorMeaning, toValue, typeOf, type Meaning, type Numeric } from '../meaning'
import { applyBinary, shortText } from '../operators'
import type { Arguments } from './arguments'
import { oneHot } from './compose'

/** Σ a b along the last axis, as a product of rows by columns: leading axes broadcast. */
export function innerProduct(call: Arguments, a: Numeric, b: Numeric): Meaning | undefined {
  const { frame } = call
  const [left, right] = [typeOf(a).shape, typeOf(b).shape]
  const [m, n] = [left.at(-1), right.at(-1)]
  if (m === undefined) return call.wrong('a', 'a vector, or a tensor of vectors', a, 'a number times a tensor is `*`')
  if (n === undefined || !sameDim(m, n)) return call.wrong('b', `${printDim(m)} elements along the last axis, as \`${shortText(call.spanOf('a'))}\` has`, b)
  if (isClash(broadcastShapes(left.slice(0, -1), right.slice(0, -1)))) {
    return call.wrong('b', `leading axes that broadcast with ${printShape(left.slice(0, -1))}`, b)
  }
  const operand = (name: string, x: Meaning) => ({ meaning: x, span: call.spanOf(name) })
  const product = (x: Meaning, y: Meaning) => applyBinary(frame, '@', operand('a', x), operand('b', y), call.span)
  if (right.length === 1) return product(a, b)
  if (left.length === 1) return applyBinary(frame, '@', operand('b', b), operand('a', a), call.span)
  const { builder } = frame
  const shaped = (x: Numeric, shape: readonly Dim[]) => tensorMeaning(builder.reshape(toValue(builder, x), shape))
  const found = product(shaped(a, [...left.slice(0, -1), 1, m]), shaped(b, [...right, 1]))
  return found.kind === 'tensor' ? tensorMeaning(builder.reshape(found.value, found.value.type.shape.slice(0, -2))) : found
}

/** x with A x = b; b is a vector where it has one axis fewer than A. */
export function solve(call: Arguments): Value | undefined {
  const a = squareMatrix(call, 'A')
  const b = call.real('b')
  if (!a || !b) return undefined
  const { builder, sink } = call.frame
  const rank = a.type.shape.length
  const isVector = b.type.shape.length === rank - 1
  const right = isVector ? builder.reshape(b, [...b.type.shape, 1]) : b
  const size = a.type.shape.at(-1) ?? 1
  const lead = broadcastShapes(a.type.shape.slice(0, -2), right.type.shape.slice(0, -2))
  if (right.type.shape.length < 2 || !sameDim(right.type.shape.at(-2) ?? 1, size) || isClash(lead)) {
    const leading = rank > 2 ? `, under leading axes that broadcast with ${printShape(a.type.shape.slice(0, -2))}` : ''
    sink.report('shape-mismatch', call.spanOf('b'), {
      what: `\`solve\` with \`${shortText(call.spanOf('A'))}\`, which is ${printType(a.type)},`, expected: `a vector of ${printDim(size)} or a matrix of ${printDim(size)} rows${leading}`,
      value: `\`${shortText(call.spanOf('b'))}\``, found: printType(b.type), hint: 'b is a vector where it has one axis fewer than A',
    })
    return undefined
  }
  const to = (x: Value) => builder.broadcastTo(x, [...lead, ...x.type.shape.slice(-2)])
  const solved = builder.add('solve', { site: siteOf(call) }, [to(a), to(right)])
  return isVector ? builder.reshape(solved, solved.type.shape.slice(0, -1)) : solved
}

export function inverse(call: Arguments): Value | undefined {
  const a = squareMatrix(call, 'A')
  if (!a) return undefined
  const { builder } = call.frame
  return builder.add('solve', { site: siteOf(call) }, [a, builder.broadcastTo(identity(builder, a.type.shape.at(-1) ?? 1), a.type.shape)])
}

export function det(call: Arguments): Value | undefined {
  const a = squareMatrix(call, 'A')
  return a && call.frame.builder.add('determinant', { site: siteOf(call) }, [a])
}

/** L with L Lᵀ = (A + Aᵀ)/2: for a symmetric matrix its factor, and a derivative that is symmetric too. */
export function cholesky(call: Arguments): Value | undefined {
  const a = squareMatrix(call, 'A')
  if (!a) return undefined
  const { builder } = call.frame
  const axes = [...a.type.shape.keys()]
  const sum = builder.scalar('add', a, builder.transpose(a, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]))
  return builder.add('cholesky', { site: siteOf(call) }, [builder.scalar('mul', sum, builder.fill('real', sum.type.shape, 0.5))])
}

function squareMatrix(call: Arguments, name: string): Value | undefined {
  const a = call.real(name)
  if (!a) return undefined
  const [rows, columns] = a.type.shape.slice(-2)
  if (rows !== undefined && columns !== undefined && sameDim(rows, columns)) return a
  call.frame.sink.report('shape-mismatch', call.spanOf(name), {
    what: `\`${call.name}\``, expected: 'a square matrix', value: `\`${shortText(call.spanOf(name))}\``, found: printType(a.type),
  })
  return undefined
}

const identity = (b: GraphBuilder, size: Dim): Value => oneHot(b, b.add('iota', { size }, []), size)

/** `model.bp:3:11: solve(A, b)`, for what can only go wrong in a run. */
function siteOf({ span }: Arguments): string {
  const { line, column } = positionAt(span.file, span.start)
  return `${span.file.name}:${line}:${column}: \`${shortText(span)}\``
}
