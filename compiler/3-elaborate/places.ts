/** The items of an index, read as what is taken of each axis: a range known now, or a gather. */
import type { Expression, IndexExpression, IndexItem } from '../1-parse/ast'
import { counted } from '../diagnostics/words'
import { AXIS_MAKERS } from '../2-check/foreignFunctions'
import { textOf, type Span } from '../source/source'
import { addDims, floorDivDim, mulDims, printDim, subDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { printType } from '../../ir/type'
import type { Frame } from './frame'
import { dimMeaning, dimOf, isNumeric, toValue, typeOf, type Numeric, type StaticMeaning } from './meaning'
import { mismatch, shortText } from './operators'
import { obligeAtLeast } from './obligations'
import { evaluateSize } from './types'

/** What is taken of one axis. */
export type Place =
  | { readonly kind: 'range'; readonly start: Dim; readonly size: Dim; readonly step: number; readonly drop: boolean }
  | { readonly kind: 'gather'; readonly index: Value; readonly known: StaticMeaning | undefined; readonly span: Span }

// ---------------------------------------------------------------------------------------------- reading the items

export function placesOf(frame: Frame, value: Numeric, { items, value: indexed, span }: IndexExpression): readonly Place[] | undefined {
  const { shape } = typeOf(value)
  const at = items.findIndex(item => item.kind === 'ellipsis')
  const given = items.filter(item => item.kind !== 'ellipsis').length
  if (given > shape.length) {
    // An index that is no name, `x[:, None]`, has been reported, and was likely meant to make the axis.
    if (items.some(item => item.kind === 'at' && AXIS_MAKERS.has(textOf(item.span)))) return undefined
    frame.sink.report('too-many-indices', span, { value: `\`${shortText(indexed.span)}\``, found: printType(typeOf(value)), given: counted(given, 'index', 'indices') })
    return undefined
  }
  const gap: IndexItem = { kind: 'slice', span }
  const filler = given === shape.length ? [] : Array.from({ length: shape.length - given }, () => gap)
  const full = at >= 0 ? [...items.slice(0, at), ...filler, ...items.slice(at + 1)] : filler.length > 0 ? [...items, ...filler] : items
  const places: Place[] = []
  for (const [axis, item] of full.entries()) {
    const place = placeOf(frame, item, shape[axis] ?? 1, indexed.span)
    if (!place) return undefined
    places.push(place)
  }
  return places
}

function placeOf(frame: Frame, item: IndexItem, size: Dim, indexed: Span): Place | undefined {
  if (item.kind === 'ellipsis') return undefined
  if (item.kind === 'slice') return sliceOf(frame, item, size, shortText(indexed))
  const index = frame.session.evaluate(frame, item.value)
  if (index.kind === 'unknown') return undefined
  const place = dimOf(index)
  if (place !== undefined) {
    const start = typeof place === 'number' && place < 0 ? addDims(size, place) : place
    // Words for an obligation are made where there is one: a circuit reads a million elements.
    const why = () => `\`${shortText(indexed)}[${printDim(place)}]\``
    const fits = typeof place === 'number' && typeof size === 'number' ? place >= -size && place < size
      : obligeAtLeast(frame, size, typeof place === 'number' && place < 0 ? -place : addDims(start, 1), item.span, why())
    if (!fits) {
      reportIndex(frame, item.span, place, size)
      return undefined
    }
    return { kind: 'range', start, size: 1, step: 1, drop: true }
  }
  if (!isNumeric(index) || typeOf(index).element !== 'int') {
    mismatch(frame, item.span, 'an int, a slice or a tensor of ints', index)
    return undefined
  }
  if (index.kind === 'static' && !knownFit(frame, index, size, item.span, shortText(indexed))) return undefined
  return { kind: 'gather', index: toValue(frame.builder, index), known: index.kind === 'static' ? index : undefined, span: item.span }
}

/** Indices that are known now are held to the size now, or when it is bound. */
function knownFit(frame: Frame, { data }: StaticMeaning, size: Dim, span: Span, name: string): boolean {
  if (data.length === 0) return true
  const [least, most] = [Math.min(...data), Math.max(...data)]
  const why = (index: number) => `\`${name}[${index}]\``
  const strange = !obligeAtLeast(frame, size, most + 1, span, why(most)) ? most : !obligeAtLeast(frame, size, -least, span, why(least)) ? least : undefined
  if (strange !== undefined) reportIndex(frame, span, strange, size)
  return strange === undefined
}

export function reportIndex(frame: Frame, span: Span, index: Dim, size: Dim): void {
  frame.sink.report('index-out-of-range', span, { index: printDim(index), size: printDim(size), low: printDim(mulDims(-1, size)), high: printDim(subDims(size, 1)) })
}

/** A bound of a slice: static, or a run-time int as something plus a static offset. */
interface Bound { readonly base: Value | undefined; readonly offset: Dim }

export function sliceOf(frame: Frame, item: IndexItem & { kind: 'slice' }, size: Dim, name: string): Place | undefined {
  const step = item.step ? stepOf(frame, item.step) : 1
  if (step === undefined) return undefined
  const [first, last]: readonly [Dim, Dim] = step > 0 ? [0, size] : [subDims(size, 1), -1]
  const low = boundOf(frame, item.low, size, first)
  const high = boundOf(frame, item.high, size, last)
  if (!low || !high) return undefined
  const [from, to] = [low.offset, high.offset]
  // From the first element taken to behind the last one, in steps: how many there are, rounded up.
  const span = step > 0 ? subDims(to, from) : subDims(from, to)
  const count = floorDivDim(addDims(span, Math.abs(step) - 1), Math.abs(step))
  const why = `\`${name}[${printBound(item.low, from)}:${printBound(item.high, to)}]\``
  if (low.base || high.base) return runTimeSlice(frame, item, low, high, step === 1 ? count : undefined)
  const [least, most] = step > 0 ? [from, to] : [addDims(to, 1), addDims(from, 1)]
  const fits = obligeAtLeast(frame, least, 0, item.span, why) && obligeAtLeast(frame, most, least, item.span, why) && obligeAtLeast(frame, size, most, item.span, why)
  if (!fits) {
    frame.sink.report('slice-out-of-range', item.span, { low: printDim(from), high: printDim(to), size: printDim(size) })
    return undefined
  }
  return { kind: 'range', start: from, size: count, step, drop: false }
}

const printBound = (written: Expression | undefined, dim: Dim): string => (written ? printDim(dim) : '')

function stepOf(frame: Frame, expression: Expression): number | undefined {
  const meaning = frame.session.evaluate(frame, expression)
  const step = dimOf(meaning)
  if (typeof step === 'number' && step !== 0) return step
  mismatch(frame, expression.span, 'a step that is known when the model is compiled, and not 0', meaning)
  return undefined
}

/** A negative number counts from the end. */
function boundOf(frame: Frame, expression: Expression | undefined, size: Dim, fallback: Dim): Bound | undefined {
  if (!expression) return { base: undefined, offset: fallback }
  const meaning = evaluateSize(frame, expression)
  const dim = dimOf(meaning)
  if (dim !== undefined) return { base: undefined, offset: typeof dim === 'number' && dim < 0 ? addDims(size, dim) : dim }
  if (meaning.kind === 'tensor' && meaning.type.element === 'int' && meaning.type.shape.length === 0) return splitOffset(meaning.value)
  mismatch(frame, expression.span, 'an int', meaning)
  return undefined
}

/** e + c as e and c. */
function splitOffset(value: Value): Bound {
  const { node } = value
  if (node.op === 'size') return { base: undefined, offset: node.attributes.value }
  if (node.op === 'fill') return { base: undefined, offset: node.attributes.value }
  if (node.op !== 'elementwise' || (node.attributes.fn !== 'add' && node.attributes.fn !== 'sub')) return { base: value, offset: 0 }
  const [a, b] = node.inputs.map(splitOffset)
  if (!a || !b || (a.base && b.base) || (b.base && node.attributes.fn === 'sub')) return { base: value, offset: 0 }
  return { base: a.base ?? b.base, offset: addDims(a.offset, mulDims(node.attributes.fn === 'add' ? 1 : -1, b.offset)) }
}

/** `x[e : e + k]`: k elements from a place that the run knows, read by a gather that checks its bounds. */
function runTimeSlice(frame: Frame, item: IndexItem & { kind: 'slice' }, low: Bound, high: Bound, count: Dim | undefined): Place | undefined {
  if (count === undefined || low.base !== high.base || !low.base) {
    frame.sink.report('run-time-slice', item.span, {})
    return undefined
  }
  const { builder } = frame
  const counts = builder.add('iota', { size: count }, [])
  const start = builder.scalar('add', low.base, toValue(builder, dimMeaning(low.offset)))
  return { kind: 'gather', index: builder.scalar('add', counts, builder.broadcastTo(start, [count])), known: undefined, span: item.span }
}
