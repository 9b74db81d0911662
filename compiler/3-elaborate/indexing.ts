/** `x[i, :, 2:5, ...]`: static places become slices, run-time ones gathers, and a loop's own counter a row of the loop. */
import type { IndexExpression, IndexItem } from '../1-parse/ast'
import type { Span } from '../source/source'
import { addDims, mulDims, printDim, subDims, type Dim } from '../../ir/dim'
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { printType } from '../../ir/type'
import { broadcastShapes, isClash } from './broadcast'
import type { Frame } from './frame'
import { dimOf, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning, type Numeric, type StaticMeaning } from './meaning'
import { mismatch, shortText } from './operators'
import { decideAtLeast, obligeAtLeast } from './obligations'

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
    frame.sink.report('too-many-indices', span, { value: `\`${shortText(indexed.span)}\``, found: printType(typeOf(value)), given })
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
      const high = subDims(size, 1)
      frame.sink.report('index-out-of-range', item.span, { index: printDim(place), size: printDim(size), low: printDim(mulDims(-1, size)), high: printDim(high) })
      return undefined
    }
    return { kind: 'range', start, size: 1, step: 1, drop: true }
  }
  if (!isNumeric(index) || typeOf(index).element !== 'int') {
    mismatch(frame, item.span, 'an int, a slice or a tensor of ints', index)
    return undefined
  }
  return { kind: 'gather', index: toValue(frame.builder, index), known: index.kind === 'static' ? index : undefined, span: item.span }
}

function sliceOf(frame: Frame, item: IndexItem & { kind: 'slice' }, size: Dim, name: string): Place | undefined {
  const bound = (expression: typeof item.low, fallback: Dim): Dim | undefined => {
    if (!expression) return fallback
    const meaning = frame.session.evaluate(frame, expression)
    const dim = dimOf(meaning)
    if (dim === undefined) {
      if (meaning.kind === 'tensor' && typeOf(meaning).element === 'int') frame.sink.report('unsupported', expression.span, { feature: 'a slice whose bounds are known at run time only' })
      else mismatch(frame, expression.span, 'an int that is known when the model is compiled', meaning)
      return undefined
    }
    return typeof dim === 'number' && dim < 0 ? addDims(size, dim) : dim
  }
  const step = item.step ? bound(item.step, 1) : 1
  if (step !== 1) {
    if (step !== undefined) frame.sink.report('unsupported', item.span, { feature: 'a slice with a step' })
    return undefined
  }
  const low = bound(item.low, 0)
  const high = bound(item.high, size)
  if (low === undefined || high === undefined) return undefined
  const why = `\`${name}[${printDim(low)}:${printDim(high)}]\``
  const fits = obligeAtLeast(frame, low, 0, item.span, why) && obligeAtLeast(frame, high, low, item.span, why) && obligeAtLeast(frame, size, high, item.span, why)
  if (!fits) {
    frame.sink.report('slice-out-of-range', item.span, { low: printDim(low), high: printDim(high), size: printDim(size) })
    return undefined
  }
  return { kind: 'range', start: low, size: subDims(high, low), step: 1, drop: false }
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
      axes.push({ indices: Array.from({ length }, (_, at) => start + at), drop: place.drop })
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
    const row = loopRow(frame, value, only.axis, only.index)
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
  const whole = (place: Place, axis: number) => place.kind === 'gather' || (place.start === 0 && printDim(place.size) === printDim(shape[axis] ?? 1))
  const sliced = places.every(whole) ? value : builder.add('slice', {
    starts: places.map(place => (place.kind === 'range' ? place.start : 0)),
    sizes: places.map((place, axis) => (place.kind === 'range' ? place.size : shape[axis] ?? 1)),
    steps: places.map(() => 1),
  }, [value])
  return builder.reshape(sliced, sliced.type.shape.filter((_, axis) => { const place = places[axis]; return !(place?.kind === 'range' && place.drop) }))
}

/**
 * x[…, t + c, …] of a tensor from outside the loop, where t is the loop's counter: the loop then reads row after row, and
 * its reverse writes row after row, without a full-size array at each step.
 */
function loopRow(frame: Frame, value: Value, axis: number, index: Value): Value | undefined {
  const inner = frame.loops.at(-1)
  if (!inner || inner.loop.body !== frame.builder || frame.builder.owns(value) || index.type.shape.length > 0) return undefined
  const affine = affineInCounter(index, inner.loop.counter)
  if (!affine || affine.sign === 0) return undefined
  const { trip } = inner
  const start = affine.sign > 0 ? affine.offset : subDims(affine.offset, subDims(trip, 1))
  const size = value.type.shape[axis] ?? 1
  if (!decideAtLeast(start, 0) || !decideAtLeast(size, addDims(start, trip))) return undefined
  const { outer } = inner.loop
  const x = outer.use(value)
  const part = start === 0 && printDim(size) === printDim(trip) ? x : outer.sliceAxis(x, axis, start, trip)
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
  if (!place || place.kind !== 'range') return UNKNOWN
  return { kind: 'wires', wires: register.wires.slice(Number(place.start), Number(place.start) + Number(place.size)), single: false, register: register.register }
}

function wireAt(frame: Frame, { wires, register }: Meaning & { kind: 'wires' }, index: number, span: Span): number | undefined {
  const wire = wires.at(index)
  if (wire === undefined || index < -wires.length) {
    frame.sink.report('qubit-out-of-range', span, { index, register, size: wires.length, high: wires.length - 1 })
    return undefined
  }
  return wire
}

