/** Our circuits: written in bp, compiled, and run as the entries of the plan, which is what a model does behind its calls. */
import type { Contender, Threads } from '../harness/contender'
import type { CircuitText, GateText, WorkOf } from '../harness/work'
import { compilePlan, prepareEntry, runs } from './compiled'

export async function ourExpectation({ circuit, precision }: WorkOf<'expectation'>, threads: Threads): Promise<Contender> {
  const plan = await compilePlan(textOf(circuit, precision === 'f32' ? '@precision(f32)\n' : ''))
  return contender(plan, 'predict', circuit, threads)
}

export async function ourGradient({ circuit, method }: WorkOf<'gradient'>, threads: Threads): Promise<Contender> {
  return contender(await compilePlan(textOf(circuit, ''), { gradient: method }), 'gradient', circuit, threads)
}

async function contender(plan: Awaited<ReturnType<typeof compilePlan>>, entry: 'predict' | 'gradient', circuit: CircuitText, threads: Threads): Promise<Contender> {
  const executable = await prepareEntry(plan, entry, { w: circuit.angles }, threads)
  const time = runs(executable)
  await time(1)
  const wanted = entry === 'predict' ? 'output:value' : 'gradient:w'
  const result = executable.results.find(({ name }) => name === wanted)
  if (!result) throw new Error(`there is no ${wanted}`)
  return { values: Float64Array.from(result.data), time }
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
