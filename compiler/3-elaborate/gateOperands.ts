/** The numbers of a gate: real scalars, each with a slot of its own where it is not known now. */
import type { Span } from '../source/source'
import type { Operand } from '../../quantum/circuit'
import { castNumeric } from './broadcast'
import type { CircuitFrame } from './circuitFrame'
import { CircuitRow, CircuitScalars } from './circuitScalars'
import type { Frame } from './frame'
import { isNumeric, staticNumber, staticReal, toValue, typeOf, type Meaning, type Numeric, type StaticMeaning, type TensorMeaning } from './meaning'
import { mismatch } from './operators'
import { elementOfTensor } from './stackScalars'

export type Scalar = StaticMeaning | TensorMeaning

const scalarsOf = (frame: Frame): CircuitScalars => frame.circuit?.scalars ?? new CircuitScalars(frame.builder)

/** One angle for all qubits of a statement, or one for each. */
export interface Angle {
  /** For the qubit at this place of the registers that the statement goes over; none where it goes over none. Reports a misfit. */
  at(frame: Frame, zip: number | undefined, width: number): Scalar | undefined
}

/** Reports what is no real scalar or vector. */
export function angleOf(frame: Frame, meaning: Meaning, span: Span): Angle | undefined {
  if (meaning.kind === 'unknown') return undefined
  if (!isNumeric(meaning)) { mismatch(frame, span, 'an angle in radians', meaning); return undefined }
  const real = castNumeric(frame, meaning, 'real')
  if (real.kind === 'size') return undefined
  const { shape } = typeOf(real)
  if (shape.length === 0) return { at: () => real }
  return {
    at(inner, zip, width) {
      if (zip !== undefined && shape.length === 1 && shape[0] === width) return elementOf(inner, real, zip)
      mismatch(inner, span, zip === undefined ? 'one angle in radians' : `one angle in radians, or ${width}: one for each qubit`, meaning)
      return undefined
    },
  }
}

/** A real scalar. */
export function scalarOf(frame: Frame, meaning: Meaning, span: Span): Scalar | undefined {
  return angleOf(frame, meaning, span)?.at(frame, undefined, 1)
}

/** `2 qubits`, for messages. */
export const countOf = (count: number, noun: string): string => (count === 0 ? `no ${noun}` : count === 1 ? `one ${noun}` : `${count} ${noun}s`)

/** `"010"` or `[0, 1, 0]`, known now. */
export function bitsOf(meaning: Meaning): readonly number[] | undefined {
  const digits = meaning.kind === 'text' ? [...meaning.text].map(Number) : meaning.kind === 'static' && meaning.element !== 'real' && meaning.shape.length <= 1 ? meaning.data : undefined
  return digits?.every(bit => bit === 0 || bit === 1) ? digits : undefined
}

/** Element of a tensor by its flat index, computed by itself. */
function elementOf(frame: Frame, meaning: Numeric, flat: number): Scalar {
  if (meaning.kind === 'static') return staticReal(meaning.data[flat] ?? NaN)
  const scalars = scalarsOf(frame)
  return meaning instanceof CircuitRow ? elementOfTensor(scalars, meaning.tensor, meaning.offset + flat) : elementOfTensor(scalars, toValue(frame.builder, meaning), flat)
}

/** Every element of a tensor that is computed as a whole. */
export function entriesOf(frame: Frame, meaning: Numeric): readonly Scalar[] {
  if (meaning.kind === 'static') return meaning.data.map(staticReal)
  const value = toValue(frame.builder, meaning)
  const count = value.type.shape.reduce<number>((product, size) => product * Number(size), 1)
  const scalars = scalarsOf(frame)
  return Array.from({ length: count }, (_, at) => scalars.element(value, at))
}

/** A number known now stays in the circuit; anything else gets a slot of its own. */
export function slotOf(circuit: CircuitFrame, scalar: Scalar): Operand {
  const known = staticNumber(scalar)
  if (known !== undefined) return { value: known }
  circuit.slots.push(scalar)
  return { slot: circuit.slots.length - 1 }
}
