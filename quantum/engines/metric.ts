/**
 * The Fubini–Study metric of a circuit's state by its slots: one sweep forward that carries ψ and |∂ⱼψ⟩ of each wanted slot with it, and then
 * their products (Stokes, Izaac, Killoran, Carleo, “Quantum natural gradient”, Quantum 4, 269 (2020)). A quarter of the
 * quantum Fisher information.
 */
import { hasProjection, stateBytes } from '../circuit'
import { CircuitError } from '../engine'
import type { StatevectorRun } from './gradientAdjoint'
import { setGroundState, type Statevector } from './step'

/** Bytes of states that one metric may take. */
const MOST_BYTES = 2 ** 31

/**
 * out[at + a·A + b] ← Re⟨∂ⱼψ|∂ₖψ⟩ − Re(⟨∂ⱼψ|ψ⟩⟨ψ|∂ₖψ⟩) for j, k the a-th and b-th of A slots. Needs `run.load()` before; takes
 * a state for each of them.
 * @throws CircuitError when the states do not fit, or the circuit ends in a projection
 */
export function writeMetric(run: StatevectorRun, active: readonly number[], out: Float64Array, at: number): void {
  const { circuit, steps, state } = run
  const { name, qubits } = circuit
  const count = active.length
  if (hasProjection(circuit)) {
    throw new CircuitError(`circuit ${name}: its state is projected on amplitudes, so it has no metric`)
  }
  if (stateBytes(circuit) * (count + 4) > MOST_BYTES) {
    throw new CircuitError(`circuit ${name}: a metric by ${count} slots keeps as many states of ${qubits} qubits, more than ${MOST_BYTES / 2 ** 30} GiB; take fewer of either, or another optimizer`)
  }
  const work = run.scratch(0), before = run.scratch(1)
  const places = new Map(active.map((slot, place) => [slot, place]))
  const tangents = new Map<number, Statevector>()
  setGroundState(state)
  for (const step of steps) {
    const own = step.kind === 'fixed' ? [] : step.slots.filter(slot => places.has(slot))
    if (own.length > 0) {
      before.re.set(state.re)
      before.im.set(state.im)
    }
    step.apply(state)
    for (const tangent of tangents.values()) step.apply(tangent)
    for (const slot of own) {
      const place = places.get(slot) ?? 0
      const tangent = run.scratch(2 + place)
      if (step.kind === 'angle') step.differentiate(before, tangent, work)
      else if (step.kind === 'entries') step.differentiate(slot, before, tangent)
      tangents.set(place, tangent)
    }
  }
  out.fill(0, at, at + count * count)
  const entries = [...tangents].map(([place, tangent]) => ({ place, tangent, along: inner(state, tangent) }))
  for (const [i, a] of entries.entries()) {
    for (const b of entries.slice(i)) {
      // Re(conj⟨ψ|∂ⱼψ⟩ ⟨ψ|∂ₖψ⟩)
      const value = inner(a.tangent, b.tangent).re - a.along.re * b.along.re - a.along.im * b.along.im
      out[at + a.place * count + b.place] = value
      out[at + b.place * count + a.place] = value
    }
  }
}

/** ⟨a|b⟩ */
function inner(a: Statevector, b: Statevector): { readonly re: number; readonly im: number } {
  let re = 0, im = 0
  for (let i = 0; i < a.re.length; i++) {
    const x = a.re[i] as number, y = a.im[i] as number, u = b.re[i] as number, v = b.im[i] as number
    re += x * u + y * v
    im += x * v - y * u
  }
  return { re, im }
}
