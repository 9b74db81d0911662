/** A circuit made ready: the contract of engine.ts on top of any kind of state. */
import { isEstimated, resultWidth, type Circuit } from '../circuit'
import { CircuitError, type Draws, type GradientMethod, type PreparedCircuit, type Uniform } from '../engine'
import { forEachShift } from './directions'
import { forEachState, type Batched, type Reports, type Runnable } from './runnable'
import type { SlotRules } from './rulesOfSlots'

/** c of `spsa`: its bias c²f‴/6 is below 1e-6 where values are exact; where they are estimates, their noise over c counts for more. */
const EXACT_STEP = 1e-3, ESTIMATED_STEP = 0.1

/** Values by running, derivatives by shifts or by a sweep back: one row at a time, but where the run has a way for whole batches. */
export class PreparedRun implements PreparedCircuit {
  readonly circuit: Circuit
  private readonly wanted: Uint8Array
  private readonly wantedSwept: Uint8Array
  private readonly gradient: Float64Array
  private readonly batched: Batched | undefined

  /** Of the row being run. */
  private uniform: Uniform = () => 0
  private draws: Draws = () => () => { throw new Error('draws are asked for before it is said where they come from') }

  /**
   * @param readout exact, or by sampling
   * @param slotRules of the circuit, for the method
   */
  constructor(private readonly run: Runnable, private readonly method: GradientMethod, private readonly readout: Reports, private readonly slotRules: SlotRules) {
    this.circuit = run.circuit
    if (isEstimated(run.circuit) && method !== 'parameter_shift' && method !== 'spsa') {
      throw new Error(`circuit ${run.circuit.name}: ${method} needs exact values; with shots or trajectories the gradient is by parameter_shift or spsa`)
    }
    const { slots } = run.circuit
    this.batched = readout === run.readout ? run.batched : undefined
    this.wanted = new Uint8Array(slots)
    this.wantedSwept = new Uint8Array(slots)
    this.gradient = new Float64Array(slots)
  }

  drawFrom(draws: Draws): void {
    this.draws = draws
  }

  values(batch: number, slots: Float64Array, directions: readonly Float64Array[], out: Float64Array): void {
    const width = resultWidth(this.circuit)
    this.checkSizes(batch, slots, directions)
    this.checkDirections(directions)
    checkLength('out', out, batch * width)
    this.checkOrder(directions.length)
    if (this.batched && directions.length === 0) return this.batched.values(batch, slots, out)
    out.fill(0)
    const { run, readout, wanted, slotRules: { rules } } = this
    const outer = directions.slice(0, -1), innermost = directions.at(-1)
    for (let row = 0; row < batch; row++) {
      this.start(row, slots)
      if (innermost === undefined) {
        forEachState(run, share => readout.add(run.state, share, out, row * width))
        continue
      }
      // The innermost direction is one sweep with shared prefixes rather than a run from the start for each shift.
      const offset = row * this.circuit.slots
      for (let slot = 0; slot < wanted.length; slot++) wanted[slot] = innermost[offset + slot] === 0 ? 0 : 1
      forEachShift(run.slots, rules, outer, row, 1, weight => {
        run.load()
        run.sweepShifts(rules, wanted, (slot, coefficient) =>
          readout.add(run.state, weight * coefficient * (innermost[offset + slot] as number), out, row * width))
      })
    }
  }

  vjp(
    batch: number, slots: Float64Array, directions: readonly Float64Array[], cotangents: Float64Array,
    active: readonly number[], out: Float64Array,
  ): void {
    const width = resultWidth(this.circuit)
    this.checkSizes(batch, slots, directions)
    this.checkDirections(directions)
    checkLength('cotangents', cotangents, batch * width)
    checkLength('out', out, batch * this.circuit.slots)
    this.checkOrder(directions.length + 1)
    if (this.batched && directions.length === 0 && this.method === 'adjoint') return this.batched.gradients(batch, slots, cotangents, active, out)
    out.fill(0)
    if (active.length === 0) return
    this.markWanted(active)
    const { run, readout, gradient, slotRules: { rules } } = this
    for (let row = 0; row < batch; row++) {
      this.start(row, slots)
      readout.weigh(cotangents, row * width)
      const offset = row * this.circuit.slots
      forEachShift(run.slots, rules, directions, row, 1, weight => {
        run.load()
        gradient.fill(0)
        this.addGradient()
        for (let slot = 0; slot < gradient.length; slot++) {
          out[offset + slot] = (out[offset + slot] as number) + weight * (gradient[slot] as number)
        }
      })
    }
  }

  metric(batch: number, slots: Float64Array, active: readonly number[], out: Float64Array): void {
    const size = active.length ** 2
    this.checkSizes(batch, slots, [])
    checkLength('out', out, batch * size)
    for (let row = 0; row < batch; row++) {
      this.start(row, slots)
      this.run.writeMetric(active, out, row * size)
    }
  }

  /** gradient += the first derivatives by the wanted slots, at `run.slots`. */
  private addGradient(): void {
    const { run, readout, wanted, wantedSwept, gradient, slotRules: { rules } } = this
    if (wantedSwept.includes(1)) run.addReverseGradient(wantedSwept, gradient)
    if (!wanted.includes(1)) return
    if (this.method === 'adjoint') {
      run.addReverseGradient(wanted, gradient)
      return
    }
    if (this.method === 'spsa') {
      this.addPerturbation()
      return
    }
    run.sweepShifts(rules, wanted, (slot, coefficient) => {
      gradient[slot] = (gradient[slot] as number) + coefficient * readout.contract(run.state)
    })
  }

  /**
   * Δ·(f(θ + cΔ) − f(θ − cΔ)) / 2c for one draw of signs Δ: unbiased up to c²f‴, whatever the number of slots (Spall,
   * “Multivariate stochastic approximation using a simultaneous perturbation gradient approximation”, IEEE TAC 37, 332 (1992)).
   */
  private addPerturbation(): void {
    const { run, readout, wanted, gradient, uniform } = this
    const step = isEstimated(this.circuit) ? ESTIMATED_STEP : EXACT_STEP
    const given = run.slots.slice()
    const signs = Float64Array.from(given, (_, slot) => (wanted[slot] === 1 ? uniform() < 0.5 ? 1 : -1 : 0))
    let change = 0
    for (const side of [1, -1]) {
      for (let slot = 0; slot < given.length; slot++) run.slots[slot] = (given[slot] as number) + side * step * (signs[slot] as number)
      run.load()
      forEachState(run, share => { change += share * side * readout.contract(run.state) / (2 * step) })
    }
    run.slots.set(given)
    run.load()
    for (let slot = 0; slot < gradient.length; slot++) gradient[slot] = (gradient[slot] as number) + change * (signs[slot] as number)
  }

  private markWanted(active: readonly number[]): void {
    this.wanted.fill(0)
    this.wantedSwept.fill(0)
    const { shots, trajectories } = this.circuit
    for (const slot of active) {
      if (this.slotRules.exactOnly[slot] === 1 && (trajectories !== undefined || (shots !== undefined && this.method === 'parameter_shift'))) {
        throw new CircuitError(`circuit ${this.circuit.name}: the gradient by entries of a state or a matrix, a channel's parameter or a long `
          + `\`evolve\` is no difference of measured values: leave out @${shots === undefined ? 'trajectories' : 'shots'}, or hold them fixed`)
      }
      const apart = this.method === 'parameter_shift' && this.slotRules.swept[slot] === 1
      const marks = apart ? this.wantedSwept : this.wanted
      marks[slot] = 1
    }
  }

  /** Loads a row, and holds it to what the circuit can run with; shifted runs are not checked. */
  private start(row: number, slots: Float64Array): void {
    const { run } = this
    const draws = this.draws(row)
    this.uniform = draws
    run.drawFrom?.(draws)
    this.readout.drawFrom?.(draws)
    for (let slot = 0; slot < run.slots.length; slot++) run.slots[slot] = slots[row * run.slots.length + slot] as number
    run.load()
    run.check(row)
  }

  private checkSizes(batch: number, slots: Float64Array, directions: readonly Float64Array[]): void {
    for (const array of [slots, ...directions]) checkLength('slots and directions', array, batch * this.circuit.slots)
  }

  /** Along a slot without a rule there is no derivative by shifts, which those of higher order are. */
  private checkDirections(directions: readonly Float64Array[]): void {
    const { ruleless } = this.slotRules
    if (directions.length === 0 || !ruleless.includes(1)) return
    if (directions.some(direction => direction.some((component, at) => component !== 0 && ruleless[at % ruleless.length] === 1))) {
      throw new CircuitError(`circuit ${this.circuit.name}: an \`evolve\` of it has too many frequencies for derivatives beyond the first; `
        + 'evolve its terms one by one, or a few at a time')
    }
  }

  private checkOrder(order: number): void {
    if ((this.method === 'finite_difference' || this.method === 'spsa') && order > 1) {
      throw new CircuitError(`circuit ${this.circuit.name}: ${this.method} gives first derivatives only, but one of order `
        + `${order} is asked for; use @gradient(parameter_shift) or @gradient(adjoint)`)
    }
  }
}

function checkLength(what: string, array: Float64Array, expected: number): void {
  if (array.length !== expected) throw new Error(`${what}: expected ${expected} numbers, found ${array.length}`)
}
