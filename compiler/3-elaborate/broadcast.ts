/** Broadcasting: NumPy's rule, decided at compile time. Two sizes agree when they are equal or one is the literal 1. */
import { sameDim, sameShape, type Dim } from '../../ir/dim'
import type { ScalarName } from '../../ir/scalar'
import type { Element } from '../../ir/type'
import type { CircuitScalar } from './circuitScalars'
import type { Frame } from './frame'
import { castStatic, foldScalar, tensorMeaning, toValue, typeOf, type Numeric, type StaticMeaning } from './meaning'

export interface Clash { readonly left: Dim; readonly right: Dim; /** Counted from the last, from 1. */ readonly fromLast: number }

/** The common shape of several, or the first two sizes that do not agree. */
export function broadcastShapes(...shapes: readonly (readonly Dim[])[]): readonly Dim[] | Clash {
  let common: readonly Dim[] = []
  for (const shape of shapes) {
    const rank = Math.max(common.length, shape.length)
    const next: Dim[] = []
    for (let axis = 0; axis < rank; axis++) {
      const left = common[axis - (rank - common.length)] ?? 1
      const right = shape[axis - (rank - shape.length)] ?? 1
      if (left !== 1 && right !== 1 && !sameDim(left, right)) return { left, right, fromLast: rank - axis }
      next.push(left === 1 ? right : left)
    }
    common = next
  }
  return common
}

export const isClash = (result: readonly Dim[] | Clash): result is Clash => 'fromLast' in result

/** The element that both convert to: bool counts as 0 and 1, int becomes real beside real. */
export function joinElements(...elements: readonly Element[]): Element {
  return elements.includes('real') ? 'real' : elements.includes('int') ? 'int' : 'bool'
}

export function castNumeric(frame: Frame, meaning: Numeric, element: Element): Numeric {
  if (typeOf(meaning).element === element) return meaning
  if (meaning.kind === 'static') return castStatic(meaning, element)
  return circuitScalar(frame, element, [meaning]) ?? tensorMeaning(frame.builder.cast(toValue(frame.builder, meaning), element))
}

/** Arithmetic over scalars of a circuit, which keeps them by itself. */
function circuitScalar({ circuit, builder }: Frame, fn: ScalarName, args: readonly Numeric[]): Numeric | undefined {
  if (!circuit || circuit.scalars.builder !== builder) return undefined
  const scalars: CircuitScalar[] = []
  for (const arg of args) {
    if (arg.kind === 'size' || typeOf(arg).shape.length > 0) return undefined
    scalars.push(circuit.scalars.of(arg))
  }
  return circuit.scalars.apply(fn, scalars)
}

/** Applies a scalar function to arguments whose shapes are known to broadcast to `shape` and whose elements fit. */
export function applyElementwise(frame: Frame, fn: ScalarName, args: readonly Numeric[], shape: readonly Dim[]): Numeric {
  if (args.every((arg): arg is StaticMeaning => arg.kind === 'static')) {
    frame.session.budget.numbers(shape.map(Number))
    const folded = foldScalar(fn, args, shape.map(Number))
    if (folded) return folded
  }
  const scalar = shape.length === 0 ? circuitScalar(frame, fn, args) : undefined
  if (scalar) return scalar
  const values = args.map(arg => {
    const value = toValue(frame.builder, arg)
    return sameShape(value.type.shape, shape) ? value : frame.builder.broadcastTo(value, shape)
  })
  return tensorMeaning(frame.builder.scalar(fn, ...values))
}
