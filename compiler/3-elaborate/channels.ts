/** Noise statements: `depolarize(p) q[0]`, `amplitude_damp(γ) q` and their kin. */
import type { GateStatement } from '../1-parse/ast'
import { CHANNEL_NAMES, type ChannelName } from '../../quantum/circuit'
import { applyElementwise } from './broadcast'
import { addOperation, type CircuitFrame } from './circuitFrame'
import type { Frame } from './frame'
import { slotOf, type Angle, type Scalar } from './gateOperands'
import { staticNumber, staticReal } from './meaning'

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
