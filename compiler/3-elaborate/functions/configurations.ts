/** `bits(n)` and `spins(n)`: all 2^n configurations of n two-valued variables, the first column most significant. */
import type { GraphBuilder } from '../../../ir/builder'
import { powerOfTwoDim, type Dim } from '../../../ir/dim'
import { tensorMeaning, type Meaning } from '../meaning'
import type { Arguments } from './arguments'

/** Up to here the table is written out, so that it can be looped over in circuits; beyond, the run computes it. */
const WRITTEN_OUT = 8
/** 2^30 rows are the last that a 32-bit int can count. */
const MOST = 30

/** The value of a bit b: b itself, or the spin 1 − 2b, so that bit 0, |0⟩, is the eigenvalue +1 of Pauli Z. */
const SPIN = { slope: -2, offset: 1 }
const BIT = { slope: 1, offset: 0 }

export function configurations(call: Arguments, kind: 'bits' | 'spins'): Meaning | undefined {
  const n = call.dim('n')
  if (n === undefined) return undefined
  if (typeof n === 'number' && (n < 0 || n > MOST)) {
    call.frame.sink.report('type-mismatch', call.spanOf('n'), { expected: `a number of variables from 0 to ${MOST}`, found: String(n), hint: n > MOST ? `there would be 2^${n} rows` : undefined })
    return undefined
  }
  const { slope, offset } = kind === 'bits' ? BIT : SPIN
  if (typeof n !== 'number' || n > WRITTEN_OUT) return tensorMeaning(computed(call.frame.builder, n, slope, offset))
  const data = Array.from({ length: n * 2 ** n }, (_, at) => offset + slope * ((Math.floor(at / n) >> (n - 1 - (at % n))) & 1))
  return { kind: 'static', element: 'int', shape: [2 ** n, n], data }
}

/** Row r has bit floor(r / 2^(n − 1 − j)) mod 2 in column j. */
function computed(b: GraphBuilder, n: Dim, slope: number, offset: number) {
  const shape = [powerOfTwoDim(n), n]
  const along = (axis: number) => b.add('broadcast', { shape, axes: [axis] }, [b.add('iota', { size: shape[axis] ?? 0 }, [])])
  const number = (value: number) => b.fill('int', shape, value)
  const last = b.scalar('sub', b.add('broadcast', { shape, axes: [] }, [b.add('size', { value: n }, [])]), number(1))
  const place = b.scalar('pow', number(2), b.scalar('sub', last, along(1)))
  const bit = b.scalar('mod', b.scalar('idiv', along(0), place), number(2))
  return b.scalar('add', b.scalar('mul', bit, number(slope)), number(offset))
}
