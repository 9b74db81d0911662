/** Circuits: run by an engine of the quantum room. Slots are 64-bit whatever the precision of the program. */
import type { OpAttributes } from '../../../ir/op'
import { resultWidth, type Circuit } from '../../../quantum/circuit'
import { CircuitError, type Draws, type Engine, type GradientMethod, type PreparedCircuit } from '../../../quantum/engine'
import { RunError } from '../../errors'
import { philox, streamKey, uniform53 } from '../../random'
import type { RunContext, TypedArray } from '../backend'
import { inputOf, type Executor, type ProgramStorage, type RoutineSite } from './executor'
import { countOf } from './layout'

/** Circuits made ready by an engine, each once. */
export function preparedCircuits(engine: Engine): ProgramStorage['circuit'] {
  const prepared = new Map<Circuit, Map<GradientMethod, PreparedCircuit>>()
  return (circuit, method) => {
    let byMethod = prepared.get(circuit)
    if (!byMethod) prepared.set(circuit, byMethod = new Map<GradientMethod, PreparedCircuit>())
    let ready = byMethod.get(method)
    if (!ready) byMethod.set(method, ready = engine.prepare(circuit, method))
    return ready
  }
}

export function prepareCircuit({ circuit, method, draw }: OpAttributes['circuit'], site: RoutineSite): Executor {
  const prepared = failing(() => site.circuit(circuit, method))
  const drawing = drawsOf(draw, `values/${site.inputs.length}`)
  const batch = countOf(site.output.shape.slice(0, -1))
  const slots = wide(inputOf(site, 0).data)
  const directions = site.inputs.slice(1).map(input => wide(input.data))
  const out = wide(site.output.data)
  check(circuit, batch, [slots, ...directions], [out])
  if (batch === 0) return () => {}
  const arrays = directions.map(direction => direction.array)
  return context => {
    slots.fill()
    for (const direction of directions) direction.fill()
    if (drawing) prepared.drawFrom(drawing(context))
    failing(() => prepared.values(batch, slots.array, arrays, out.array))
    out.empty()
  }
}

export function prepareCircuitVjp({ circuit, method, active, draw }: OpAttributes['circuitVjp'], site: RoutineSite): Executor {
  const prepared = failing(() => site.circuit(circuit, method))
  const drawing = drawsOf(draw, `vjp/${site.inputs.length}`)
  const batch = countOf(site.output.shape.slice(0, -1))
  const slots = wide(inputOf(site, 0).data)
  const cotangents = wide(inputOf(site, 1).data)
  const directions = site.inputs.slice(2).map(input => wide(input.data))
  const out = wide(site.output.data)
  check(circuit, batch, [slots, ...directions, out], [cotangents])
  if (batch === 0) return () => {}
  const arrays = directions.map(direction => direction.array)
  return context => {
    slots.fill()
    cotangents.fill()
    for (const direction of directions) direction.fill()
    if (drawing) prepared.drawFrom(drawing(context))
    failing(() => prepared.vjp(batch, slots.array, arrays, cotangents.array, active, out.array))
    out.empty()
  }
}

/** Any would do: the metric takes no derivative of what is reported. */
export const METRIC_METHOD: GradientMethod = 'parameter_shift'

export function prepareCircuitMetric({ circuit, active }: OpAttributes['circuitMetric'], site: RoutineSite): Executor {
  const prepared = failing(() => site.circuit(circuit, METRIC_METHOD))
  const slots = wide(inputOf(site, 0).data)
  const out = wide(site.output.data)
  const batch = countOf(site.output.shape.slice(0, -2))
  if (batch === 0) return () => {}
  return () => {
    slots.fill()
    failing(() => prepared.metric(batch, slots.array, active, out.array))
    out.empty()
  }
}

function failing<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw failedRun(error)
  }
}

/** What a circuit cannot do with the numbers it is given is a failed run, and so is what a thread has failed in. */
export function failedRun(error: unknown): unknown {
  if (error instanceof CircuitError) return new RunError('data', error.message, { cause: error })
  // By its name, since threads are loaded where there are some alone.
  return error instanceof Error && error.name === 'WorkerError' ? new RunError('unsupported', error.message, { cause: error }) : error
}

/**
 * Draws of a call site: a function of the run's seed, the step, how often the site has run before within the program's run (in
 * a loop), the row and their number, so a program gives the same again for the same seed and step, and a row whatever the others.
 */
function drawsOf(draw: string | undefined, purpose: string): ((context: RunContext) => Draws) | undefined {
  if (draw === undefined) return undefined
  let last: RunContext | undefined
  let turn = 0
  return context => {
    // Each run of a program has a context of its own.
    turn = context === last ? turn + 1 : 0
    last = context
    const key = streamKey(context.seed, `shots/${draw}/${purpose}`)
    const now = turn
    return row => {
      const words = new Uint32Array(4)
      let count = 0
      return () => {
        const half = count % 2
        if (half === 0) philox(count / 2, context.step >>> 0, now, row, key.low, key.high, words)
        count++
        return uniform53(words[2 * half] as number, words[2 * half + 1] as number)
      }
    }
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
