/** Routines that move elements: no arithmetic. */
import type { OpAttributes } from '../../../ir/op'
import { landingOf } from '../padding'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { copyElements, copyRows, countOf, rowsOf, scatterRows, stridesOf } from './layout'

export function prepareBroadcast({ axes }: OpAttributes['broadcast'], site: RoutineSite): Executor {
  const input = inputOf(site, 0)
  const strides = site.output.shape.map(() => 0)
  const inputStrides = stridesOf(input.shape)
  axes.forEach((axis, i) => { strides[axis] = input.shape[i] === 1 ? 0 : (inputStrides[i] ?? 0) })
  return copyView(site, strides)
}

export function prepareTranspose({ permutation }: OpAttributes['transpose'], site: RoutineSite): Executor {
  const strides = stridesOf(inputOf(site, 0).shape)
  return copyView(site, permutation.map(axis => strides[axis] ?? 0))
}

/** @throws Error when the slice leaves its input: sizes were bound against the plan's obligations */
export function prepareSlice({ starts, steps }: OpAttributes['slice'], site: RoutineSite): Executor {
  const input = inputOf(site, 0)
  const from = starts.map(site.sizeOf)
  site.output.shape.forEach((size, axis) => {
    const first = from[axis] ?? 0
    const last = first + (size - 1) * (steps[axis] ?? 1)
    const available = input.shape[axis] ?? 0
    if (size > 0 && (Math.min(first, last) < 0 || Math.max(first, last) >= available)) {
      throw new Error(`a slice reads indices ${first} to ${last} of axis ${axis}, which has ${available} elements`)
    }
  })
  const strides = stridesOf(input.shape)
  const base = from.reduce((sum, start, axis) => sum + start * (strides[axis] ?? 0), 0)
  return copyView(site, strides.map((stride, axis) => stride * (steps[axis] ?? 1)), base)
}

export function prepareFlip({ axis }: OpAttributes['flip'], site: RoutineSite): Executor {
  const strides = stridesOf(site.output.shape)
  const stride = strides[axis] ?? 0
  return copyView(site, strides.with(axis, -stride), stride * ((site.output.shape[axis] ?? 1) - 1))
}

function copyView(site: RoutineSite, strides: readonly number[], base = 0): Executor {
  const { data } = inputOf(site, 0)
  const rows = rowsOf(site.output.shape, strides, base)
  return () => copyRows(rows, data, site.output.data, 0)
}

export function preparePad(attributes: OpAttributes['pad'], site: RoutineSite): Executor {
  const input = inputOf(site, 0)
  const { output } = site
  const { kept, from, to, inputStrides, outputStrides } = landingOf(attributes, input.shape, output.shape, site.sizeOf)
  const target = rowsOf(kept, outputStrides, to)
  const whole = kept.every((count, axis) => count === input.shape[axis])
  if (whole) {
    return () => {
      output.data.fill(0)
      scatterRows(target, input.data, output.data)
    }
  }
  const source = rowsOf(kept, inputStrides, from)
  const cut = input.data.slice(0, countOf(kept))
  return () => {
    copyRows(source, input.data, cut, 0)
    output.data.fill(0)
    scatterRows(target, cut, output.data)
  }
}

export function prepareConcat({ axis }: OpAttributes['concat'], { inputs, output }: RoutineSite): Executor {
  const outer = countOf(output.shape.slice(0, axis))
  const outputRow = countOf(output.shape.slice(axis))
  const pieces = inputs.map(({ data, shape }, at) => ({
    data,
    row: countOf(shape.slice(axis)),
    offset: inputs.slice(0, at).reduce((sum, before) => sum + countOf(before.shape.slice(axis)), 0),
  }))
  return () => {
    for (const { data, row, offset } of pieces) {
      for (let i = 0; i < outer; i++) copyElements(data, i * row, output.data, i * outputRow + offset, row)
    }
  }
}
