/** Tensors as users give and get them: nested arrays or `{ data, shape }` in, `{ data, shape, toArray() }` out. */
import type { Precision } from '../ir/plan'
import { printType, type Element, type TensorType } from '../ir/type'
import { allocate, type TypedArray } from './backends/backend'
import { RunError } from './errors'

// ------------------------------------------------------------------------------------------------------ types

/** What one element is in a nested array. */
export type ScalarOf<E extends Element> = E extends 'bool' ? boolean : number

export type DataOf<E extends Element> = E extends 'real' ? Float32Array | Float64Array : E extends 'int' ? Int32Array : Uint8Array

/** Nested arrays as deep as the shape is long. */
export type NestedArray<Scalar, Shape extends readonly number[]> =
  Shape extends readonly [] ? Scalar
    : Shape extends readonly [number] ? Scalar[]
      : Shape extends readonly [number, ...infer Rest extends readonly number[]] ? NestedArray<Scalar, Rest>[]
        : unknown

type ReadonlyNested<Scalar, Shape extends readonly number[]> =
  Shape extends readonly [] ? Scalar
    : Shape extends readonly [number] ? readonly Scalar[] | NumericArray
      : Shape extends readonly [number, ...infer Rest extends readonly number[]] ? readonly ReadonlyNested<Scalar, Rest>[]
        : unknown

type NumericArray = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint8ClampedArray | Uint16Array | Uint32Array

/** Row-major elements; bool as 0 and 1. */
export interface TensorData<Shape extends readonly number[] = readonly number[]> {
  readonly data: NumericArray | readonly number[]
  readonly shape: Shape
  /** Where an element that is not finite is from, in words, and what it is: `moons.csv:17: column 'x1' is NaN`. */
  readonly origin?: (at: number) => string
}

/**
 * A tensor going in: `TensorLike<[number, 4]>` takes `number[][]` or `{ data, shape: [n, 4] }`; of other rank it does not
 * type check.
 */
export type TensorLike<Shape extends readonly number[] = readonly number[], E extends Element = 'real'> =
  | ReadonlyNested<E extends 'bool' ? boolean | 0 | 1 : number, Shape>
  | TensorData<Shape>

export type TensorLike0<E extends Element = 'real'> = TensorLike<readonly [], E>
export type TensorLike1<E extends Element = 'real'> = TensorLike<readonly [number], E>
export type TensorLike2<E extends Element = 'real'> = TensorLike<readonly [number, number], E>
export type TensorLike3<E extends Element = 'real'> = TensorLike<readonly [number, number, number], E>
export type TensorLike4<E extends Element = 'real'> = TensorLike<readonly [number, number, number, number], E>

// -------------------------------------------------------------------------------------------------------- out

/** A tensor coming out: row-major data of its own. */
export class Tensor<Shape extends readonly number[] = readonly number[], E extends Element = 'real'> {
  constructor(readonly element: E, readonly data: DataOf<E>, readonly shape: Shape) {}

  /** Nested arrays; a number or boolean for a scalar. */
  toArray(): NestedArray<ScalarOf<E>, Shape> {
    return nest(this.element, this.data, this.shape, 0, 0) as NestedArray<ScalarOf<E>, Shape>
  }
}

/** Any tensor, where shape and element are not known to the types. */
export type AnyTensor = Tensor<readonly number[], Element>

/** A copy of elements that somebody else owns. */
export function copyTensor(element: Element, data: TypedArray, shape: readonly number[]): AnyTensor {
  return new Tensor<readonly number[], Element>(element, data.slice(), [...shape])
}

function nest(element: Element, data: TypedArray, shape: readonly number[], axis: number, at: number): unknown {
  const size = shape[axis]
  if (size === undefined) return element === 'bool' ? data[at] !== 0 : data[at]
  const stride = shape.slice(axis + 1).reduce((product, other) => product * other, 1)
  return Array.from({ length: size }, (_, i) => nest(element, data, shape, axis + 1, at + i * stride))
}

// --------------------------------------------------------------------------------------------------------- in

/** A tensor that came in: the element type's own array, and its shape. */
export interface HostTensor {
  readonly data: TypedArray
  readonly shape: readonly number[]
  readonly origin?: TensorData['origin']
}

/** What a value is for: `input 'x'` in messages, `x` in paths. */
export interface Label { readonly role: 'input' | 'target' | 'parameter' | 'state'; readonly name: string }

export const printLabel = ({ role, name }: Label): string => `${role} '${name}'`

/**
 * Reads a user's value. Sizes are not compared here: that is for whoever binds dimensions.
 * @throws RunError 'data' naming the input, the path of the element, what was expected and what was found
 */
export function readTensor(label: Label, value: unknown, type: TensorType, precision: Precision): HostTensor {
  return isTensorData(value)
    ? readFlat(label, value, type, precision)
    : new NestedReader(label, type, precision).read(value)
}

function isTensorData(value: unknown): value is { readonly data: unknown; readonly shape: unknown; readonly origin?: TensorData['origin'] } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'data' in value && 'shape' in value
}

function readFlat(
  label: Label, { data, shape, origin }: { readonly data: unknown; readonly shape: unknown; readonly origin?: TensorData['origin'] }, type: TensorType, precision: Precision,
): HostTensor {
  const fail = (found: string): never => { throw new RunError('data', `${printLabel(label)} ${found}; ${printType(type)} was expected`) }
  if (!isList(shape) || !Array.from(shape).every(size => Number.isInteger(size) && Number(size) >= 0)) return fail('has a shape that is not a list of sizes')
  const sizes = Array.from(shape, Number)
  if (sizes.length !== type.shape.length) return fail(`has the shape [${sizes.join(', ')}] of rank ${sizes.length}`)
  if (!isList(data)) return fail('has data that is not an array')
  const count = sizes.reduce((product, size) => product * size, 1)
  if (data.length !== count) return fail(`has ${data.length} elements, but its shape [${sizes.join(', ')}] needs ${count}`)
  const kept = allocate(type.element, precision, 0)
  // An array of the right kind is taken as it is; int and bool still have their values checked.
  const same = data.constructor === kept.constructor
  if (same && type.element !== 'bool') return { data: data as TypedArray, shape: sizes, origin }
  const array = allocate(type.element, precision, count)
  for (let i = 0; i < count; i++) array[i] = readScalar(label, data[i], type, () => pathOf(label.name, sizes, i))
  return { data: array, shape: sizes, origin }
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
}

/** `x[3][1]` for element `at` of a row-major tensor. */
export function pathOf(name: string, shape: readonly number[], at: number): string {
  const index: number[] = []
  let rest = at
  for (const size of shape.toReversed()) {
    index.push(rest % size)
    rest = Math.floor(rest / size)
  }
  return name + index.reverse().map(i => `[${i}]`).join('')
}

/** Reads nested arrays: the first element of each depth says the size, all others are held to it. */
class NestedReader {
  private readonly shape: number[] = []

  constructor(private readonly label: Label, private readonly type: TensorType, private readonly precision: Precision) {}

  read(value: unknown): HostTensor {
    this.measure(value)
    const data = allocate(this.type.element, this.precision, this.shape.reduce((product, size) => product * size, 1))
    this.fill(value, 0, this.label.name, data, 0)
    return { data, shape: this.shape }
  }

  private measure(value: unknown): void {
    let inner = value
    for (const dim of this.type.shape) {
      // Below an empty list the declared sizes stand, where they are known.
      if (this.shape.includes(0)) this.shape.push(typeof dim === 'number' ? dim : 0)
      else if (isList(inner)) {
        this.shape.push(inner.length)
        inner = inner[0]
      } else this.shape.push(0)
    }
  }

  private fill(value: unknown, axis: number, path: string, data: TypedArray, at: number): number {
    if (axis === this.shape.length) {
      data[at] = readScalar(this.label, value, this.type, () => path)
      return at + 1
    }
    if (!isList(value)) throw this.wrong(path, `a list was expected, found ${describe(value)}`)
    const size = this.shape[axis] ?? 0
    if (value.length !== size) {
      const first = this.label.name + '[0]'.repeat(axis)
      throw this.wrong(path, `${value.length} elements, but ${first} has ${size}: all lists of one depth must be equally long`)
    }
    let next = at
    for (let i = 0; i < size; i++) next = this.fill(value[i], axis + 1, `${path}[${i}]`, data, next)
    return next
  }

  private wrong(path: string, what: string): RunError {
    return new RunError('data', `${printLabel(this.label)} at ${path}: ${what}; ${printType(this.type)} was expected`)
  }
}

function readScalar(label: Label, value: unknown, type: TensorType, path: () => string): number {
  const fail = (expected: string) =>
    new RunError('data', `${printLabel(label)} at ${path()}: ${expected} was expected, found ${describe(value)}; the whole is ${printType(type)}`)
  switch (type.element) {
    case 'real':
      if (typeof value !== 'number') throw fail('a number')
      return value
    case 'int':
      if (typeof value !== 'number') throw fail('an integer')
      if ((value | 0) !== value) throw fail('an integer of 32 bits')
      return value
    case 'bool':
      if (value !== true && value !== false && value !== 0 && value !== 1) throw fail('true or false')
      return Number(value)
    default: return type.element satisfies never
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (isList(value)) return `a list of ${value.length}`
  switch (typeof value) {
    case 'string': return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`
    case 'number': case 'boolean': return String(value)
    case 'object': return value === null ? 'null' : 'an object'
    default: return `a ${typeof value}`
  }
}
