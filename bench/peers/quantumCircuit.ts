/** The quantum-circuit package: gates appended once; a run is `run()` and the probability of its first wire. */
import { timed, type Peer } from '../harness/contender'
import type { CircuitText } from '../harness/work'
import { loadPackage, versionOf } from './load'

interface QuantumCircuit {
  appendGate(name: string, wires: readonly number[], options?: { readonly params: Readonly<Record<string, number>> }): void
  run(): void
  /** Of reading 1. */
  probability(wire: number): number
}

type Constructor = new (qubits: number) => QuantumCircuit

const ANGLES = { ry: 'theta', rx: 'theta', rz: 'phi' } as const

export async function openQuantumCircuit(): Promise<Peer> {
  const Package = await loadPackage<Constructor>('quantum-circuit')
  return {
    title: 'quantum-circuit', versions: { 'quantum-circuit': versionOf('quantum-circuit') },
    prepare: work => {
      if (work.kind !== 'expectation') throw new Error(`it has no work of the kind ${work.kind}`)
      const circuit = build(Package, work.circuit)
      circuit.run()
      return Promise.resolve({ values: [1 - 2 * circuit.probability(0)], time: timed(() => { circuit.run(); circuit.probability(0) }) })
    },
    close: () => undefined,
  }
}

function build(Package: Constructor, { qubits, gates, angles }: CircuitText): QuantumCircuit {
  const circuit = new Package(qubits)
  for (const [name, wires, slots] of gates) {
    const parameter = name in ANGLES ? ANGLES[name as keyof typeof ANGLES] : undefined
    const [slot = -1] = slots
    if (slots.length > 1) throw new Error(`it has no gate ${name}`)
    circuit.appendGate(name, wires, parameter ? { params: { [parameter]: angles[slot] ?? NaN } } : undefined)
  }
  return circuit
}
