/** The engine for a circuit, by what it contains: a density matrix or trajectories where there is noise, else a statevector. */
import { stateKind } from '../circuit'
import type { Engine } from '../engine'
import { DENSITY } from './density'
import { TRAJECTORIES } from './trajectories'
import { WASM_STATEVECTOR } from './wasm'

const ENGINES = { statevector: WASM_STATEVECTOR, density: DENSITY, trajectories: TRAJECTORIES } as const satisfies Readonly<Record<ReturnType<typeof stateKind>, Engine>>

export const BY_CONTENT: Engine = {
  name: 'by content',
  prepare: (circuit, method) => ENGINES[stateKind(circuit)].prepare(circuit, method),
}
