/** Circuits: run by an engine of the quantum room. Slots are 64-bit whatever the precision of the program. */
import type { OpAttributes } from '../../../ir/op'
import { resultWidth, type Circuit } from '../../../quantum/circuit'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite } from './executor'
import { countOf } from './layout'

export function prepareCircuit({ circuit, method }: OpAttributes['circuit'], site: RoutineSite): Executor {
  const prepared = site.circuit(circuit, method)
  const batch = countOf(site.output.shape.slice(0, -1))
  const slots = wide(inputOf(site, 0).data)
  const directions = site.inputs.slice(1).map(input => wide(input.data))
  const out = wide(site.output.data)
  check(circuit, batch, [slots, ...directions], [out])
  if (batch === 0) return () => {}
  const arrays = directions.map(direction => direction.array)
  return () => {
    slots.fill()
    for (const direction of directions) direction.fill()
    prepared.values(batch, slots.array, arrays, out.array)
    out.empty()
  }
}

export function prepareCircuitVjp({ circuit, method, active }: OpAttributes['circuitVjp'], site: RoutineSite): Executor {
  const prepared = site.circuit(circuit, method)
  const batch = countOf(site.output.shape.slice(0, -1))
  const slots = wide(inputOf(site, 0).data)
  const cotangents = wide(inputOf(site, 1).data)
  const directions = site.inputs.slice(2).map(input => wide(input.data))
  const out = wide(site.output.data)
  check(circuit, batch, [slots, ...directions, out], [cotangents])
  if (batch === 0) return () => {}
  const arrays = directions.map(direction => direction.array)
  return () => {
    slots.fill()
    cotangents.fill()
    for (const direction of directions) direction.fill()
    prepared.vjp(batch, slots.array, arrays, cotangents.array, active, out.array)
    out.empty()
  }
}

/** A tensor in 64 bits: itself, or a copy to be filled from it before a run or emptied into it after one. */
interface Wide { readonly array: Float64Array; fill(): void; empty(): void }

function wide(data: TypedArray): Wide {
  if (data instanceof Float64Array) return { array: data, fill: () => {}, empty: () => {} }
  const array = new Float64Array(data.length)
  return { array, fill: () => array.set(data), empty: () => data.set(array) }
}

/** @throws Error when the sizes do not fit the circuit: a bug of the compiler */
function check(circuit: Circuit, batch: number, bySlot: readonly Wide[], byResult: readonly Wide[]): void {
  const fits = (tensors: readonly Wide[], width: number) => tensors.every(({ array }) => array.length === batch * width)
  if (!fits(bySlot, circuit.slots) || !fits(byResult, resultWidth(circuit))) {
    throw new Error(`circuit '${circuit.name}' is run with tensors that do not fit its ${circuit.slots} slots and ${resultWidth(circuit)} results`)
  }
}
