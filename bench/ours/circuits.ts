/** Our circuits: written in bp, compiled, and run as the entries of the plan, which is what a model does behind its calls. */
import type { Contender } from '../harness/contender'
import { timed } from '../harness/contender'
import type { CircuitText, GateText, WorkOf } from '../harness/work'
import { compilePlan, prepareEntry, runAtOnce } from './compiled'

export async function ourExpectation({ circuit, precision }: WorkOf<'expectation'>): Promise<Contender> {
  const plan = await compilePlan(textOf(circuit, precision === 'f32' ? '@precision(f32)\n' : ''))
  return contender(plan, 'predict', circuit)
}

export async function ourGradient({ circuit, method }: WorkOf<'gradient'>): Promise<Contender> {
  return contender(await compilePlan(textOf(circuit, ''), { gradient: method }), 'gradient', circuit)
}

async function contender(plan: Awaited<ReturnType<typeof compilePlan>>, entry: 'predict' | 'gradient', circuit: CircuitText): Promise<Contender> {
  const executable = await prepareEntry(plan, entry, { w: circuit.angles })
  const run = () => { runAtOnce(executable) }
  run()
  const wanted = entry === 'predict' ? 'output:value' : 'gradient:w'
  const result = executable.results.find(({ name }) => name === wanted)
  if (!result) throw new Error(`there is no ${wanted}`)
  return { values: Float64Array.from(result.data), time: timed(run) }
}

function textOf(circuit: CircuitText, annotation: string): string {
  const { qubits, template, angles } = circuit
  const shape = template ? `[${template.layers}, ${qubits}, 3]` : `[${angles.length}]`
  const body = template ? '  strongly_entangling(w) q' : circuit.gates.map(gateText).join('\n')
  return `use std.quantum.strongly_entangling
${annotation}circuit measured(w: real${shape}) -> real {
  qubits q[${qubits}]
${body}
  return expect(Z(q[0]))
}
model Measured {
  param w: real${shape} ~ zeros()
  output value = measured(w)
  loss value
}
`
}

const gateText = ([name, qubits, angles]: GateText): string =>
  `  ${name}${angles.length > 0 ? `(${angles.map(slot => `w[${slot}]`).join(', ')})` : ''} ${qubits.map(qubit => `q[${qubit}]`).join(', ')}`
