/** Routines that move elements: views of their inputs, copied. */
import type { OpAttributes } from '../../../ir/op'
import { landingOf } from '../padding'
import { countOf, stridesOf } from '../reference/layout'
import { copyView } from './copy'
import { mergeAxes } from './nest'
import { bulk, i32, type Code } from '../../../wasm/instructions'
import { inPieces, moved } from './sharing'
import type { Place, ProgramSite, RoutinePlaces } from './site'
import { bytesOf } from './vectors'

export function lowerBroadcast({ axes }: OpAttributes['broadcast'], places: RoutinePlaces, site: ProgramSite): Code {
  const input = inputOf(places, 0)
  const strides = places.output.shape.map(() => 0)
  const inputStrides = stridesOf(input.shape)
  axes.forEach((axis, i) => { strides[axis] = input.shape[i] === 1 ? 0 : (inputStrides[i] ?? 0) })
  return read(site, input, strides, 0, places.output)
}

export function lowerTranspose({ permutation }: OpAttributes['transpose'], places: RoutinePlaces, site: ProgramSite): Code {
  const input = inputOf(places, 0)
  const strides = stridesOf(input.shape)
  return read(site, input, permutation.map(axis => strides[axis] ?? 0), 0, places.output)
}

/** @returns undefined when the slice leaves its input: the host says so */
export function lowerSlice({ starts, steps }: OpAttributes['slice'], places: RoutinePlaces, site: ProgramSite): Code | undefined {
  const input = inputOf(places, 0)
  const { output } = places
  const from = starts.map(site.sizeOf)
  const isInside = output.shape.every((size, axis) => {
    const first = from[axis] ?? 0
    const last = first + (size - 1) * (steps[axis] ?? 1)
    return size === 0 || (Math.min(first, last) >= 0 && Math.max(first, last) < (input.shape[axis] ?? 0))
  })
  if (!isInside) return undefined
  const strides = stridesOf(input.shape)
  const base = from.reduce((sum, start, axis) => sum + start * (strides[axis] ?? 0), 0)
  return read(site, input, strides.map((stride, axis) => stride * (steps[axis] ?? 1)), base, output)
}

export function lowerFlip({ axis }: OpAttributes['flip'], places: RoutinePlaces, site: ProgramSite): Code {
  const { output } = places
  const strides = stridesOf(output.shape)
  const stride = strides[axis] ?? 0
  return read(site, inputOf(places, 0), strides.with(axis, -stride), stride * ((output.shape[axis] ?? 1) - 1), output)
}

export function lowerConcat({ axis }: OpAttributes['concat'], { inputs, output }: RoutinePlaces, site: ProgramSite): Code {
  const strides = stridesOf(output.shape)
  const along = inputs.map(input => input.shape[axis] ?? 0)
  return inputs.map((input, at) => {
    const offset = along.slice(0, at).reduce((sum, size) => sum + size, 0) * (strides[axis] ?? 0)
    return copy(site, input.shape, { place: input, strides: stridesOf(input.shape), base: 0 }, { place: output, strides, base: offset })
  })
}

export function lowerPad(attributes: OpAttributes['pad'], places: RoutinePlaces, site: ProgramSite): Code {
  const input = inputOf(places, 0)
  const { output } = places
  const { kept, from, to, inputStrides, outputStrides } = landingOf(attributes, input.shape, output.shape, site.sizeOf)
  const bytes = countOf(output.shape) * bytesOf(output.element, site.precision)
  return [
    bulk.fill(i32.const(output.address), i32.const(0), i32.const(bytes)),
    copy(site, kept, { place: input, strides: inputStrides, base: from }, { place: output, strides: outputStrides, base: to }),
  ]
}

/** A view of a place, in elements. */
interface ElementView { readonly place: Place; readonly strides: readonly number[]; readonly base: number }

const read = (site: ProgramSite, input: Place, strides: readonly number[], base: number, output: Place): Code =>
  copy(site, output.shape, { place: input, strides, base }, { place: output, strides: stridesOf(output.shape), base: 0 })

/** So that threads write to cache lines of their own. */
const ELEMENTS_OF_LINE = 64

/** The code of a copy, as a function of its own: its loops have variables. */
export function copy(site: ProgramSite, shape: readonly number[], from: ElementView, to: ElementView): Code {
  if (countOf(shape) === 0) return []
  const width = bytesOf(from.place.element, site.precision)
  const { sizes, strides: [source = [], target = []] } = mergeAxes(shape, [from.strides, to.strides].map(strides => strides.map(stride => stride * width)))
  // Scattered elements take about a nanosecond each, neighbours a tenth.
  const isStretch = source.at(-1) === width && target.at(-1) === width
  const work = { units: sizes[0] ?? 1, grain: sizes.length > 1 ? 1 : ELEMENTS_OF_LINE, nanoseconds: countOf(sizes) * (isStretch ? 0.1 : 1) }
  return inPieces(site, 'copy', work, (f, { first, count }) => {
    const view = ({ place, base }: ElementView, strides: readonly number[]) => ({ address: moved(place.address + base * width, first, strides[0] ?? 0), strides })
    copyView(f, sizes.length > 0 ? sizes.with(0, count) : sizes, width, view(from, source), view(to, target))
  })
}

/** @throws Error when the routine has fewer inputs: a bug of the compiler */
export function inputOf({ inputs }: RoutinePlaces, at: number): Place {
  const input = inputs[at]
  if (!input) throw new Error(`a routine lacks its input ${at}`)
  return input
}
