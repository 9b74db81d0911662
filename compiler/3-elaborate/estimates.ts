/**
 * Gradients that estimates cannot give: a shifted angle gives another circuit, which has samples or histories of its own, but a
 * shifted entry of a state or a matrix, or a shifted parameter of a channel, gives none.
 */
import type { GraphBuilder } from '../../ir/builder'
import type { Value } from '../../ir/graph'
import { isNoise, noiseName, operandsOf, type Circuit } from '../../quantum/circuit'
import type { GradientMethod } from '../../quantum/engine'
import { slotRules } from '../../quantum/engines/slotRules'
import type { CircuitFrame } from './circuitFrame'
import { GradientPaths } from './dependence'
import type { EstimatedCall, Frame, ParameterEntry } from './frame'
import { toValue } from './meaning'

/**
 * The arguments that reach such a number, each with the operation that it goes into.
 * @param inputs of the circuit's own graph, one for each argument
 */
export function ungradedInputs(builder: GraphBuilder, circuit: CircuitFrame, about: Pick<Circuit, 'name' | 'qubits' | 'shots' | 'trajectories'>, method: GradientMethod, inputs: readonly Value[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  // Samples are perturbed as a whole by `spsa`, whatever they are perturbed by.
  if (about.trajectories === undefined && (about.shots === undefined || method !== 'parameter_shift')) return found
  const { exactOnly } = slotRules({ ...about, operations: circuit.operations, slots: circuit.slots.length, measurements: [] }, 'parameter_shift')
  for (const operation of circuit.operations) {
    for (const operand of operandsOf(operation)) {
      const scalar = 'slot' in operand && exactOnly[operand.slot] === 1 ? circuit.slots[operand.slot] : undefined
      if (!scalar) continue
      const name = isNoise(operation) ? noiseName(operation) : operation.kind === 'evolution' ? 'evolve' : operation.kind
      const value = toValue(builder, scalar)
      const paths = new GradientPaths([value])
      inputs.forEach((input, at) => { if (!found.has(at) && paths.pass(value, input)) found.set(at, `\`${name}\``) })
    }
  }
  return found
}

/** Reports the calls, in loops too, through which the loss depends on a parameter so, or a derivative goes so. */
export function checkEstimates(
  frame: Frame, loss: Value | undefined, results: readonly Value[], calls: readonly EstimatedCall[], parameters: readonly ParameterEntry[],
): void {
  if (calls.length === 0) return
  const paths = new GradientPaths(results)
  const wanted: { readonly what: string; readonly y: Value; readonly x: Value; readonly name: string }[] = []
  if (loss) for (const { input, path } of parameters) wanted.push({ what: 'the loss', y: loss, x: input, name: path })
  for (const { op, attributes, inputs: [y, x] } of paths.nodes) {
    if (op === 'derivative' && y && x) wanted.push({ what: `\`${attributes.kind}\``, y, x, name: nameOf(paths.outermost(x)) })
  }
  for (const call of calls) {
    for (const { value, span, what: operation } of call.arguments) {
      const needed = wanted.find(({ y, x }) => paths.pass(y, call.result) && paths.pass(value, x))
      if (needed) frame.sink.report('estimated-gradient', span, { who: needed.what, name: needed.name, what: operation, circuit: call.circuit, by: call.by })
    }
  }
}

const nameOf = ({ node }: Value): string => (node.op === 'mark' || node.op === 'input' ? node.attributes.name : 'x')
