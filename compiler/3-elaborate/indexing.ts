/** `x[i, :, 2:5, ...]`: static places become slices, run-time ones gathers, and a loop's own counter a row of the loop. */
import type { Expression, IndexExpression, IndexItem } from '../1-parse/ast'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import { addDims, floorDivDim, mulDims, printDim, sameDim, subDims, type Dim } from '../../ir/dim'
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { printType } from '../../ir/type'
import { broadcastShapes, isClash } from './broadcast'
import type { Frame } from './frame'
import { dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning, type Numeric, type StaticMeaning } from './meaning'
import { mismatch, shortText } from './operators'
import { decideAtLeast, obligeAtLeast } from './obligations'
import { evaluateSize } from './types'

export function evaluateIndex(frame: Frame, expression: IndexExpression): Meaning {
  const value = frame.session.evaluate(frame, expression.value)
  if (value.kind === 'unknown') {
    for (const item of expression.items) if (item.kind === 'at') frame.session.evaluate(frame, item.value)
    return UNKNOWN
  }
  if (value.kind === 'wires') return indexWires(frame, value, expression)
  if (!isNumeric(value)) return mismatch(frame, expression.value.span, 'a tensor', value)
  const places = placesOf(frame, value, expression)
  if (!places) return UNKNOWN
  if (value.kind === 'static') {
    const picked = pickStatic(value, places)
    if (picked) return picked
  }
  return pick(frame, toValue(frame.builder, value), places, expression.span)
}

/** What is taken of one axis. */
type Place =
  | { readonly kind: 'range'; readonly start: Dim; readonly size: Dim; readonly step: number; readonly drop: boolean }
  | { readonly kind: 'gather'; readonly index: Value; readonly known: StaticMeaning | undefined; readonly span: Span }

// ---------------------------------------------------------------------------------------------- reading the items

function placesOf(frame: Frame, value: Numeric, { items, value: indexed, span }: IndexExpression): readonly Place[] | undefined {
  const { shape } = typeOf(value)
  const given = items.filter(item => item.kind !== 'ellipsis').length
  if (given > shape.length) {
    frame.sink.report('too-many-indices', span, { value: `\`${shortText(indexed.span)}\``, found: printType(typeOf(value)), given: counted(given, 'index', 'indices') })
    return undefined
  }
  const gap: IndexItem = { kind: 'slice', span }
  const filler = Array.from({ length: shape.length - given }, () => gap)
  const at = items.findIndex(item => item.kind === 'ellipsis')
  const full = at < 0 ? [...items, ...filler] : [...items.slice(0, at), ...filler, ...items.slice(at + 1)]
  const places: Place[] = []
  for (const [axis, item] of full.entries()) {
    const place = placeOf(frame, item, shape[axis] ?? 1, shortText(indexed.span))
    if (!place) return undefined
    places.push(place)
  }
  return places
}

function placeOf(frame: Frame, item: IndexItem, size: Dim, name: string): Place | undefined {
  if (item.kind === 'ellipsis') return undefined
  if (item.kind === 'slice') return sliceOf(frame, item, size, name)
  const index = frame.session.evaluate(frame, item.value)
  if (index.kind === 'unknown') return undefined
  const place = dimOf(index)
  if (place !== undefined) {
    const start = typeof place === 'number' && place < 0 ? addDims(size, place) : place
    const fits = typeof place === 'number' && place < 0
      ? obligeAtLeast(frame, size, -place, item.span, `\`${name}[${place}]\``)
      : obligeAtLeast(frame, size, addDims(start, 1), item.span, `\`${name}[${printDim(place)}]\``)
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
  if (index.kind === 'static' && !knownFit(frame, index, size, item.span, name)) return undefined
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

function reportIndex(frame: Frame, span: Span, index: Dim, size: Dim): void {
  frame.sink.report('index-out-of-range', span, { index: printDim(index), size: printDim(size), low: printDim(mulDims(-1, size)), high: printDim(subDims(size, 1)) })
}

/** A bound of a slice: static, or a run-time int as something plus a static offset. */
interface Bound { readonly base: Value | undefined; readonly offset: Dim }

function sliceOf(frame: Frame, item: IndexItem & { kind: 'slice' }, size: Dim, name: string): Place | undefined {
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
  if (meaning.kind === 'tensor' && meaning.value.type.element === 'int' && meaning.value.type.shape.length === 0) return splitOffset(meaning.value)
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

/** One place of the first axis, by a static int or one that the run knows. */
export function elementAt(frame: Frame, value: Value, index: Numeric, span: Span): Value | undefined {
  const known = dimOf(index)
  const size = value.type.shape[0] ?? 1
  const first: Place = known === undefined ? { kind: 'gather', index: toValue(frame.builder, index), known: undefined, span }
    : { kind: 'range', start: typeof known === 'number' && known < 0 ? addDims(size, known) : known, size: 1, step: 1, drop: true }
  const rest = value.type.shape.slice(1).map((dim): Place => ({ kind: 'range', start: 0, size: dim, step: 1, drop: false }))
  const meaning = pick(frame, value, [first, ...rest], span)
  return isNumeric(meaning) ? toValue(frame.builder, meaning) : undefined
}

// ------------------------------------------------------------------------------------------------------ static

function pickStatic(value: StaticMeaning, places: readonly Place[]): StaticMeaning | undefined {
  const axes: { readonly indices: readonly number[]; readonly drop: boolean }[] = []
  for (const [axis, place] of places.entries()) {
    const size = value.shape[axis] ?? 1
    if (place.kind === 'gather') {
      // A constant index vector on one axis; anything richer is a gather of the graph.
      if (!place.known || place.known.shape.length !== 1 || places.filter(other => other.kind === 'gather').length > 1) return undefined
      const indices = place.known.data.map(index => (index < 0 ? index + size : index))
      if (indices.some(index => index < 0 || index >= size)) return undefined
      axes.push({ indices, drop: false })
    } else {
      const { start, size: length } = place
      if (typeof start !== 'number' || typeof length !== 'number') return undefined
      axes.push({ indices: Array.from({ length }, (_, at) => start + at * place.step), drop: place.drop })
    }
  }
  let flat = [0]
  axes.forEach(({ indices }, axis) => {
    const size = value.shape[axis] ?? 1
    flat = flat.flatMap(base => indices.map(index => base * size + index))
  })
  return { kind: 'static', element: value.element, shape: axes.filter(axis => !axis.drop).map(axis => axis.indices.length), data: flat.map(at => value.data[at] ?? NaN) }
}

// ------------------------------------------------------------------------------------------------------- graph

function pick(frame: Frame, value: Value, places: readonly Place[], span: Span): Meaning {
  const { builder } = frame
  const gathers = places.flatMap((place, axis) => (place.kind === 'gather' ? [{ ...place, axis }] : []))
  const [only] = gathers
  if (only && gathers.length === 1) {
    const row = loopRow(frame, value, only.axis, only.index, only.span)
    if (row === 'outside') return UNKNOWN
    // The row has lost its axis; what is left are slices.
    if (row) return pick(frame, row, places.filter(place => place.kind !== 'gather'), span)
  }
  const sliced = takeRanges(builder, value, places)
  if (!only) return tensorMeaning(sliced)
  const dropped = places.slice(0, only.axis).filter(place => place.kind === 'range' && place.drop).length
  const first = only.axis - dropped
  if (gathers.some((gather, at) => gather.axis !== only.axis + at)) {
    frame.sink.report('scattered-indices', span, {})
    return UNKNOWN
  }
  const site = shortText(span)
  const shape = broadcastShapes(...gathers.map(gather => gather.index.type.shape))
  if (isClash(shape)) {
    frame.sink.report('index-shapes', span, { left: printDim(shape.left), right: printDim(shape.right) })
    return UNKNOWN
  }
  // Several index tensors on neighbouring axes are one index into the axes taken together.
  const sizes = sliced.type.shape.slice(first, first + gathers.length)
  let index: Value | undefined
  gathers.forEach((gather, at) => {
    const size = sizes[at] ?? 1
    const checked = builder.broadcastTo(builder.add('wrapIndex', { size, site }, [gather.index]), shape)
    const wide = builder.broadcastTo(builder.add('size', { value: size }, []), shape)
    index = index ? builder.scalar('add', builder.scalar('mul', index, wide), checked) : checked
  })
  if (!index) return UNKNOWN
  const merged = builder.reshape(sliced, [
    ...sliced.type.shape.slice(0, first), sizes.reduce<Dim>(mulDims, 1), ...sliced.type.shape.slice(first + gathers.length),
  ])
  return tensorMeaning(builder.add('gather', { axis: first, site }, [merged, index]))
}

function takeRanges(builder: GraphBuilder, value: Value, places: readonly Place[]): Value {
  const { shape } = value.type
  const whole = (place: Place, axis: number) => place.kind === 'gather' || (place.start === 0 && place.step === 1 && sameDim(place.size, shape[axis] ?? 1))
  const sliced = places.every(whole) ? value : builder.add('slice', {
    starts: places.map(place => (place.kind === 'range' ? place.start : 0)),
    sizes: places.map((place, axis) => (place.kind === 'range' ? place.size : shape[axis] ?? 1)),
    steps: places.map(place => (place.kind === 'range' ? place.step : 1)),
  }, [value])
  return builder.reshape(sliced, sliced.type.shape.filter((_, axis) => { const place = places[axis]; return !(place?.kind === 'range' && place.drop) }))
}

/**
 * x[…, t + c, …] of a tensor from outside the loop, where t is the loop's counter: the loop then reads row after row, and
 * its reverse writes row after row, without a full-size array at each step.
 */
function loopRow(frame: Frame, value: Value, axis: number, index: Value, span: Span): Value | undefined | 'outside' {
  const inner = frame.loops.at(-1)
  if (!inner || inner.loop.body !== frame.builder || frame.builder.owns(value) || index.type.shape.length > 0) return undefined
  const affine = affineInCounter(index, inner.loop.counter)
  if (!affine || affine.sign === 0) return undefined
  const { trip } = inner
  const start = affine.sign > 0 ? affine.offset : subDims(affine.offset, subDims(trip, 1))
  const size = value.type.shape[axis] ?? 1
  if (decideAtLeast(trip, 1) && decideAtLeast(size, addDims(start, trip)) === false) {
    // Every run would stop there: both branches of an `if` are evaluated.
    reportIndex(frame, span, subDims(addDims(start, trip), 1), size)
    return 'outside'
  }
  if (!decideAtLeast(start, 0) || !decideAtLeast(size, addDims(start, trip))) return undefined
  const { outer } = inner.loop
  const x = outer.use(value)
  const part = start === 0 && sameDim(size, trip) ? x : outer.sliceAxis(x, axis, start, trip)
  const front = outer.transpose(part, [axis, ...x.type.shape.keys()].filter((other, at) => at === 0 || other !== axis))
  return inner.loop.rowOf(affine.sign > 0 ? front : outer.add('flip', { axis: 0 }, [front]))
}

/** sign · counter + offset. */
function affineInCounter(value: Value, counter: Value): { readonly sign: number; readonly offset: Dim } | undefined {
  if (value === counter) return { sign: 1, offset: 0 }
  const { node } = value
  if (node.op === 'size') return { sign: 0, offset: node.attributes.value }
  if (node.op === 'fill') return { sign: 0, offset: node.attributes.value }
  if (node.op !== 'elementwise' || (node.attributes.fn !== 'add' && node.attributes.fn !== 'sub')) return undefined
  const [a, b] = node.inputs.map(input => affineInCounter(input, counter))
  if (!a || !b) return undefined
  const factor = node.attributes.fn === 'add' ? 1 : -1
  const sign = a.sign + factor * b.sign
  return Math.abs(sign) > 1 ? undefined : { sign, offset: addDims(a.offset, mulDims(factor, b.offset)) }
}

// ------------------------------------------------------------------------------------------------------ qubits

function indexWires(frame: Frame, register: Meaning & { kind: 'wires' }, { items, span }: IndexExpression): Meaning {
  const [item] = items
  if (register.single || items.length !== 1 || !item || item.kind === 'ellipsis') {
    frame.sink.report('type-mismatch', span, { expected: 'one index of a register', found: register.single ? 'an index of a single qubit' : `${items.length} indices` })
    return UNKNOWN
  }
  const size = register.wires.length
  if (item.kind === 'at') {
    const meaning = frame.session.evaluate(frame, item.value)
    if (meaning.kind === 'static' && meaning.element === 'int' && meaning.shape.length === 1) {
      const wires = meaning.data.map(index => wireAt(frame, register, index, item.span))
      return wires.every(wire => wire !== undefined) ? { kind: 'wires', wires, single: false, register: register.register } : UNKNOWN
    }
    const index = dimOf(meaning)
    if (typeof index !== 'number') return mismatch(frame, item.span, 'a qubit index that is known when the circuit is compiled', meaning)
    const wire = wireAt(frame, register, index, item.span)
    return wire === undefined ? UNKNOWN : { kind: 'wires', wires: [wire], single: true, register: register.register }
  }
  const place = sliceOf(frame, item, size, register.register)
  if (place?.kind !== 'range') return UNKNOWN
  return { kind: 'wires', wires: Array.from({ length: Number(place.size) }, (_, at) => register.wires[Number(place.start) + at * place.step] ?? -1), single: false, register: register.register }
}

function wireAt(frame: Frame, { wires, register }: Meaning & { kind: 'wires' }, index: number, span: Span): number | undefined {
  const wire = wires.at(index)
  if (wire === undefined || index < -wires.length) {
    frame.sink.report('qubit-out-of-range', span, { index, register, size: wires.length, high: wires.length - 1 })
    return undefined
  }
  return wire
}

