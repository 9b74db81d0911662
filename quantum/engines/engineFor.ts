/** The engine for a circuit, by what it contains: a density matrix where there is noise, else a statevector. */
import { hasChannel } from '../circuit'
import type { Engine } from '../engine'
import { DENSITY } from './density'
import { STATEVECTOR } from './statevector'

export const BY_CONTENT: Engine = {
  name: 'by content',
  prepare: (circuit, method) => (hasChannel(circuit) ? DENSITY : STATEVECTOR).prepare(circuit, method),
}
