/** Conditions on sizes: decided now where they can be, otherwise handed to the plan, which checks them when sizes are bound. */
import { positionAt, type Span } from '../source/source'
import { divideDim, printDim, subDims, type Dim } from '../../ir/dim'
import type { Obligation } from '../../ir/plan'
import type { Frame } from './frame'

/** left ≥ right: true, false, or left to the run. */
export function decideAtLeast(left: Dim, right: Dim): boolean | undefined {
  const gap = subDims(left, right)
  return typeof gap === 'number' ? gap >= 0 : undefined
}

/** @returns false where the condition is known not to hold; the caller words that */
export function obligeAtLeast(frame: Frame, left: Dim, right: Dim, span: Span, why: string): boolean {
  const decided = decideAtLeast(left, right)
  if (decided === undefined) promise(frame, { left, relation: '>=', right }, span, `${why} needs ${printDim(left)} ≥ ${printDim(right)}`)
  return decided !== false
}

export function obligeEqual(frame: Frame, left: Dim, right: Dim, span: Span, why: string): boolean {
  const gap = subDims(left, right)
  if (typeof gap === 'number') return gap === 0
  promise(frame, { left, relation: '==', right }, span, `${why} needs ${printDim(left)} = ${printDim(right)}`)
  return true
}

/** left divides right. */
export function obligeDivides(frame: Frame, left: Dim, right: Dim, span: Span, why: string): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left !== 0 && right % left === 0
  if (divideDim(right, left) === undefined) promise(frame, { left, relation: 'divides', right }, span, `${why} needs ${printDim(right)} to be a multiple of ${printDim(left)}`)
  return true
}

function promise(frame: Frame, condition: Omit<Obligation, 'message'>, span: Span, message: string): void {
  const { line, column } = positionAt(span.file, span.start)
  frame.model?.obligations.push({ ...condition, message: `${span.file.name}:${line}:${column}: ${message}` })
}
