/** `x[i, :, 2:5, ...]`: static places become slices, run-time ones gathers, and a loop's own counter a row of the loop. */
import type { IndexExpression } from '../1-parse/ast'
import type { Span } from '../source/source'
import { addDims, mulDims, printDim, sameDim, subDims, type Dim } from '../../ir/dim'
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { broadcastShapes, isClash } from './broadcast'
import { CircuitRow } from './circuitScalars'
import type { Frame } from './frame'
import { dimOf, isNumeric, tensorMeaning, toValue, UNKNOWN, type Meaning, type Numeric, type StaticMeaning, type TensorMeaning } from './meaning'
import { mismatch, shortText } from './operators'
import { decideAtLeast } from './obligations'
import { type Place, placesOf, reportIndex, sliceOf } from './places'

export function evaluateIndex(frame: Frame, expression: IndexExpression): Meaning {
  const value = frame.session.evaluate(frame, expression.value)
  if (value.kind === 'unknown') {
    for (const item of expression.items) if (item.kind === 'at') frame.session.evaluate(frame, item.value)
    return UNKNOWN
  }
  if (value.kind === 'wires') return indexWires(frame, value, expression)
  if (value.kind === 'list') return indexList(frame, value, expression)
  if (!isNumeric(value)) return mismatch(frame, expression.value.span, 'a tensor', value)
  const places = placesOf(frame, value, expression)
  if (!places) return UNKNOWN
  if (value.kind === 'static') {
    const picked = pickStatic(value, places)
    if (picked) return picked
  }
  return (value.kind === 'tensor' ? circuitPart(frame, value, places) : undefined) ?? pick(frame, toValue(frame.builder, value), places, expression.span)
}

/** One number or row of a tensor in a circuit, which keeps such by itself. */
function circuitPart({ circuit, builder }: Frame, meaning: TensorMeaning, places: readonly Place[]): Meaning | undefined {
  if (!circuit || circuit.scalars.builder !== builder || places.length === 0) return undefined
  const { shape } = meaning.type
  let flat = 0
  let dropped = 0
  for (const [axis, place] of places.entries()) {
    const size = shape[axis]
    if (place.kind !== 'range' || typeof place.start !== 'number' || typeof size !== 'number') return undefined
    const isWhole = !place.drop && place.size === size && place.step === 1
    if (!isWhole && (!place.drop || dropped < axis)) return undefined
    if (place.drop) dropped++
    flat = flat * size + place.start
  }
  const [tensor, index] = meaning instanceof CircuitRow ? [meaning.tensor, meaning.offset + flat] : [meaning.value, flat]
  if (dropped === shape.length) return circuit.scalars.element(tensor, index)
  return dropped === 0 ? meaning : new CircuitRow(tensor, index, { element: meaning.type.element, shape: shape.slice(dropped) }, () => takeRanges(builder, meaning.value, places))
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

/** Of a list of what is no number, such as observables: one item, or a part of the list. */
function indexList(frame: Frame, { items: held }: Meaning & { kind: 'list' }, { value, items, span }: IndexExpression): Meaning {
  const [item] = items
  if (items.length !== 1 || !item || item.kind === 'ellipsis') {
    frame.sink.report('type-mismatch', span, { expected: 'one index of a list', found: `${items.length} indices` })
    return UNKNOWN
  }
  if (item.kind === 'at') {
    const meaning = frame.session.evaluate(frame, item.value)
    const index = dimOf(meaning)
    if (typeof index !== 'number') return mismatch(frame, item.span, 'an index that is known when the circuit is compiled', meaning)
    const found = index < -held.length ? undefined : held.at(index)
    if (!found) reportIndex(frame, item.span, index, held.length)
    return found ?? UNKNOWN
  }
  const place = sliceOf(frame, item, held.length, shortText(value.span))
  if (place?.kind !== 'range') return UNKNOWN
  return { kind: 'list', items: Array.from({ length: Number(place.size) }, (_, at) => held[Number(place.start) + at * place.step] ?? UNKNOWN) }
}

function wireAt(frame: Frame, { wires, register }: Meaning & { kind: 'wires' }, index: number, span: Span): number | undefined {
  const wire = wires.at(index)
  if (wire === undefined || index < -wires.length) {
    frame.sink.report('qubit-out-of-range', span, { index, register, size: wires.length, high: wires.length - 1 })
    return undefined
  }
  return wire
}

