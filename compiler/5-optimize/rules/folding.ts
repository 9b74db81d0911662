/** Constants: computed now, and kept in one form, `fill` where all numbers are equal. */
import { productOfDims } from '../../../ir/dim'
import { applyScalar, scalarElement } from '../../../ir/scalar'
import type { Element } from '../../../ir/type'
import { at } from '../rebuild'
import { knownShape, nodeOf, uniform, type Rule } from '../maker'
import type { Value } from '../../../ir/graph'

/** More numbers than this are not worth a copy in the plan. */
const MOST_NUMBERS = 4096
const LARGEST_INT = 2 ** 31

/** A constant of equal numbers is a fill. */
export const constantToFill: Rule<'constant'> = (make, { element, shape, data }) => {
  const [first] = data
  return first !== undefined && data.every(number => Object.is(number, first)) ? make.fill(element, shape, first) : undefined
}

export const knownSize: Rule<'size'> = (make, { value }) => (typeof value === 'number' ? make.fill('int', [], value) : undefined)

/** A scalar function of constants. */
export const foldScalar: Rule<'elementwise'> = (make, { fn }, inputs) => {
  const numbers = inputs.map(numbersOf)
  if (numbers.some(all => all === undefined)) return undefined
  const shape = at(inputs, 0).type.shape
  const element = scalarElement(fn, inputs.map(input => input.type.element))
  if (!element) return undefined
  const count = Math.max(...numbers.map(all => all?.length ?? 0))
  const data = Array.from({ length: count }, (_, i) => applyScalar(fn, numbers.map(all => all?.[all.length === 1 ? 0 : i] ?? NaN)))
  if (data.length === 0 || !data.every(number => isFit(number, element))) return undefined
  if (inputs.every(input => input.node.op === 'fill')) return make.fill(element, shape, at(data, 0))
  return knownShape(shape) ? make.add('constant', { element, shape, data: data.length === 1 ? spread(at(data, 0), shape) : data }, []) : undefined
}

/** Moves the numbers of a constant; a fill has none to move. */
export const foldReshape: Rule<'reshape'> = (make, { shape }, [x]) => {
  const constant = nodeOf(x, 'constant')
  if (constant && knownShape(shape)) return make.add('constant', { ...constant.attributes, shape }, [])
  return fillLike(make, x, shape)
}

export const foldTranspose: Rule<'transpose'> = (make, { permutation }, [x]) => {
  const constant = nodeOf(x, 'constant')
  if (!constant) return fillLike(make, x, permutation.map(axis => at(x?.type.shape ?? [], axis)))
  const { element, shape, data } = constant.attributes
  if (data.length > MOST_NUMBERS) return undefined
  const strides = stridesOf(shape)
  return pick(make, element, data, permutation.map(axis => at(shape, axis)), 0, permutation.map(axis => at(strides, axis)))
}

export const foldSlice: Rule<'slice'> = (make, { starts, sizes, steps }, [x]) => {
  const constant = nodeOf(x, 'constant')
  if (!constant) return fillLike(make, x, sizes)
  const { element, shape, data } = constant.attributes
  if (data.length > MOST_NUMBERS || !knownShape(starts) || !knownShape(sizes)) return undefined
  const strides = stridesOf(shape)
  const start = starts.reduce((sum, from, axis) => sum + from * at(strides, axis), 0)
  return pick(make, element, data, sizes, start, strides.map((stride, axis) => stride * at(steps, axis)))
}

export const foldFlip: Rule<'flip'> = (make, _, [x]) => fillLike(make, x, x?.type.shape ?? [])

export const foldBroadcast: Rule<'broadcast'> = (make, { shape }, [x]) => fillLike(make, x, shape)

/** Negative indices of a constant counted from the end, where all are in range. */
export const foldWrap: Rule<'wrapIndex'> = (make, { size }, [index]) => {
  const numbers = index && numbersOf(index)
  if (!index || !numbers || typeof size !== 'number' || !numbers.every(number => number >= -size && number < size)) return undefined
  const { shape } = index.type
  const data = numbers.map(number => (number < 0 ? number + size : number))
  if (index.node.op === 'fill') return make.fill('int', shape, at(data, 0))
  return knownShape(shape) ? make.add('constant', { element: 'int', shape, data }, []) : undefined
}

/** The numbers of a constant that is small enough, or the one number of a fill. */
function numbersOf(value: Value): readonly number[] | undefined {
  const fill = uniform(value)
  if (fill !== undefined) return [fill]
  const data = nodeOf(value, 'constant')?.attributes.data
  return data && data.length <= MOST_NUMBERS ? data : undefined
}

/** Integers that leave 32 bits are the runtime's to judge. */
const isFit = (number: number, element: Element): boolean => element !== 'int' || Math.abs(number) < LARGEST_INT

function fillLike(make: Parameters<Rule<'fill'>>[0], x: Value | undefined, shape: readonly (number | Value['type']['shape'][number])[]): Value | undefined {
  const fill = nodeOf(x, 'fill')
  return fill && make.fill(fill.attributes.element, shape, fill.attributes.value)
}

function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
}

function pick(make: Parameters<Rule<'fill'>>[0], element: Element, data: readonly number[], shape: readonly number[], start: number, strides: readonly number[]): Value {
  let places = [start]
  shape.forEach((size, axis) => { places = places.flatMap(place => Array.from({ length: size }, (_, i) => place + i * at(strides, axis))) })
  return make.add('constant', { element, shape, data: places.map(place => at(data, place)) }, [])
}

function spread(number: number, shape: readonly number[]): readonly number[] {
  return Array.from({ length: Number(productOfDims(shape)) }, () => number)
}
