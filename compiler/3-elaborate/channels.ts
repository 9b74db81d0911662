/** Noise statements: `depolarize(p) q[0]`, `amplitude_damp(γ) q` and their kin, and `kraus(re, im) q`. */
import type { GateStatement } from '../1-parse/ast'
import { CHANNEL_NAMES, MAX_KRAUS_WIRES, type ChannelName } from '../../quantum/circuit'
import { krausDeviation, MAX_DEVIATION } from '../../quantum/linearAlgebra'
import { applyElementwise } from './broadcast'
import { addOperation, type CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { countOf, slotOf, type Angle, type Scalar } from './gateOperands'
import { staticNumber, staticReal, typeOf, type Numeric } from './meaning'
import { complexEntries, slotsOf } from './specialGates'

export const isChannelName = (name: string): name is ChannelName => CHANNEL_NAMES.some(channel => channel === name)

/** What the parameter is called. */
export function channelParameter(name: ChannelName): string {
  return name === 'amplitude_damp' ? 'γ' : name === 'phase_damp' ? 'λ' : 'p'
}

export function applyChannel(
  frame: Frame, circuit: CircuitFrame, statement: GateStatement, name: ChannelName, wires: readonly number[], angle: Angle | undefined, zip: number | undefined, width: number,
): void {
  const parameter = angle?.at(frame, zip, width)
  if (!parameter) return
  const known = staticNumber(parameter)
  if (known !== undefined && !(known >= 0 && known <= 1)) {
    frame.sink.report('channel-range', statement.arguments?.[0]?.span ?? statement.span, { channel: name, parameter: channelParameter(name), found: known })
    return
  }
  const isDamping = name === 'amplitude_damp' || name === 'phase_damp'
  addOperation(circuit, { kind: 'channel', name, wires, controls: [], parameter: slotOf(circuit, isDamping ? keptAmplitude(frame, parameter) : parameter) })
}

/** √(1 − γ), in which damping is a polynomial. */
function keptAmplitude(frame: Frame, gamma: Scalar): Scalar {
  const kept = applyElementwise(frame, 'sqrt', [applyElementwise(frame, 'sub', [staticReal(1), gamma], [])], [])
  return kept.kind === 'size' ? gamma : kept
}

/** `kraus(re, im) q`: m operators of 2^k × 2^k, whose Σ K†K is checked now where they are known, and otherwise when it runs. */
export function kraus(frame: Frame, statement: GateStatement, wires: readonly number[]): void {
  if (wires.length < 1 || wires.length > MAX_KRAUS_WIRES) {
    frame.sink.report('gate-arity', statement.span, { gate: 'kraus', expected: `1 to ${countOf(MAX_KRAUS_WIRES, 'qubit')}`, found: wires.length || 'none' })
    return
  }
  const size = 2 ** wires.length
  const entries = complexEntries(frame, statement, ['m', size, size], `a list of ${size} × ${size} matrices for ${countOf(wires.length, 'qubit')}`)
  if (!entries || !frame.circuit) return
  const { re, im } = entries
  if (re.kind === 'static' && im.kind === 'static') {
    const part = ({ data }: Numeric & { readonly kind: 'static' }, m: number) => Float64Array.from(data.slice(m * size * size, (m + 1) * size * size))
    const deviation = krausDeviation(Array.from({ length: Number(typeOf(re).shape[0]) }, (_, m) => ({ size, re: part(re, m), im: part(im, m) })))
    if (!(deviation <= MAX_DEVIATION)) {
      frame.sink.report('not-a-channel', statement.span, { deviation: deviation.toPrecision(2) })
      return
    }
  }
  addOperation(frame.circuit, { kind: 'kraus', wires, controls: [], re: slotsOf(frame, frame.circuit, re), im: slotsOf(frame, frame.circuit, im) })
}
