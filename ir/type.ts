/** Tensor types: an element and a shape. `real` stays abstract until a plan is prepared as f32 or f64. */
import { printShape, sameShape, type Dim } from './dim'

export type Element = 'real' | 'int' | 'bool'

export interface TensorType {
  readonly element: Element
  readonly shape: readonly Dim[]
}

export const tensor = (element: Element, shape: readonly Dim[] = []): TensorType => ({ element, shape })
export const real = (...shape: Dim[]): TensorType => ({ element: 'real', shape })
export const int = (...shape: Dim[]): TensorType => ({ element: 'int', shape })
export const bool = (...shape: Dim[]): TensorType => ({ element: 'bool', shape })

export const sameType = (a: TensorType, b: TensorType): boolean => a.element === b.element && sameShape(a.shape, b.shape)

/** `real[batch, 4]`; a scalar is just `real`. */
export const printType = (type: TensorType): string => `${type.element}${type.shape.length ? printShape(type.shape) : ''}`
