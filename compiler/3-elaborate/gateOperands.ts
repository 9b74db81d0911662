/** The numbers of a gate: real scalars, each with a slot of its own where it is not known now. */
import type { Span } from '../source/source'
import type { Operand } from '../../quantum/circuit'
import { castNumeric } from './broadcast'
import type { CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { isNumeric, staticNumber, staticReal, tensorMeaning, toValue, typeOf, type Meaning, type Numeric, type StaticMeaning, type TensorMeaning } from './meaning'
import { mismatch } from './operators'

export type Scalar = StaticMeaning | TensorMeaning

/** A real scalar, or element `zip` of a vector. */
export function scalarOf(frame: Frame, meaning: Meaning, span: Span, zip: number | undefined): Scalar | undefined {
  if (meaning.kind === 'unknown') return undefined
  if (!isNumeric(meaning)) { mismatch(frame, span, 'an angle in radians', meaning); return undefined }
  const real = castNumeric(frame, meaning, 'real')
  const { shape } = typeOf(real)
  if (shape.length === 0) return real.kind === 'size' ? undefined : real
  const size = shape[0]
  if (zip !== undefined && shape.length === 1 && typeof size === 'number' && zip < size) return elementOf(frame, real, zip)
  mismatch(frame, span, zip === undefined ? 'one angle in radians' : 'one angle in radians, or one for each qubit of the register', meaning)
  return undefined
}

/** Element of a tensor by its flat index. */
export function elementOf(frame: Frame, meaning: Numeric, flat: number): Scalar {
  if (meaning.kind === 'static') return staticReal(meaning.data[flat] ?? NaN)
  const value = toValue(frame.builder, meaning)
  const shape = value.type.shape.map(Number)
  const starts: number[] = []
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1
    starts[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  return tensorMeaning(frame.builder.reshape(frame.builder.add('slice', { starts, sizes: shape.map(() => 1), steps: shape.map(() => 1) }, [value]), []))
}

/** A number known now stays in the circuit; anything else gets a slot of its own. */
export function slotOf(circuit: CircuitFrame, scalar: Scalar): Operand {
  const known = staticNumber(scalar)
  if (known !== undefined) return { value: known }
  circuit.slots.push(scalar)
  return { slot: circuit.slots.length - 1 }
}
