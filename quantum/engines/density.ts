/**
 * The density-matrix engine, for circuits with channels: ρ as 4^n complex doubles.
 *
 * ρ is kept as the vector of its entries, ρ[r, c] at r·2^n + c, so that an operation on the rows is the statevector's kernel on
 * a vector of 2n bits; the columns are the rows of ρ†. Derivatives: by shifts, or by one sweep back in which the observable
 * goes through the adjoint of each step (the Heisenberg picture).
 */
import { stateBytes, type Circuit, type TableGate } from '../circuit'
import { CircuitError, type Engine } from '../engine'
import { ChannelKernel } from './channelKernel'
import { checkOperations } from './checkCircuit'
import { DensityReadout } from './densityReadout'
import { KrausKernel } from './krausKernel'
import { PreparedRun } from './preparedRun'
import { prepareStep } from './prepareSteps'
import { SamplingReadout } from './sampling'
import { slotRules } from './slotRules'
import { copyState, createStatevector, setGroundState, type Acting, type NoiseStep, type Statevector, type Step } from './step'
import { StepwiseRun } from './stepwiseRun'

/** 16·4^n bytes a matrix: 1 GiB for 13; half of that in 32 bits. */
export const MAX_DENSITY_QUBITS = 13

/** Bytes of matrices that a sweep back keeps; the rest it computes again. */
const KEPT_BYTES = 2 ** 29

/**
 * Prepares circuits of up to 13 qubits; 16·4^n bytes a matrix, of which values need one and gradients two or three, `adjoint`
 * also one for each step that cannot be undone, up to half a gigabyte.
 */
export const DENSITY: Engine = {
  name: 'density',
  prepare(circuit, method) {
    const run = new DensityRun(circuit)
    return new PreparedRun(run, method, circuit.shots === undefined ? run.readout : new SamplingReadout(circuit, circuit.shots, createStatevector(2 * circuit.qubits, circuit.precision), {
      turn: (gate, state) => run.turn(gate, state),
      probabilities: (state, out) => diagonalOf(state, out),
    }), slotRules(circuit, method))
  },
}

/** ρ ← UρU†: U on the rows, then on the rows of (Uρ)† = ρU†. */
class SandwichStep implements Acting {
  constructor(readonly inner: Step, private readonly size: number) {}

  get slots(): readonly number[] {
    return this.inner.slots
  }

  load(values: Float64Array): void {
    this.inner.load(values)
  }

  complaint(): string | undefined {
    return this.inner.complaint?.()
  }

  apply(state: Statevector): void {
    this.inner.apply(state)
    daggerInPlace(state, this.size)
    this.inner.apply(state)
  }

  /** X ← U†XU for a Hermitian X. */
  pullBack(state: Statevector): void {
    const { inner } = this
    const once = () => { if (inner.kind === 'entries') inner.applyAdjoint(state); else inner.undo(state) }
    once()
    daggerInPlace(state, this.size)
    once()
  }

  /** ∂Tr(λUρU†) for the wanted slots, added to the gradient; `rho` is the matrix after a step with an angle, before one with entries. */
  addSlopes(lambda: Statevector, rho: Statevector, work: Statevector, wanted: Uint8Array, gradient: Float64Array): void {
    const { inner } = this
    if (inner.kind === 'fixed') return
    if (inner.kind === 'angle') {
      const slot = inner.slots[0]
      // 2 Im Tr(λGρ′), which is the kernel's 2 Im⟨λ|G|ρ′⟩ on vectors.
      if (slot !== undefined && wanted[slot] === 1) gradient[slot] = (gradient[slot] as number) + inner.slope(lambda, rho)
      return
    }
    // Tr(λ ∂K ρ K†) + conjugate = 2 Re⟨λK|∂K ρ⟩, and λK = (K†λ)†.
    copyState(lambda, work)
    inner.applyAdjoint(work)
    daggerInPlace(work, this.size)
    inner.addSlopes(work, rho, wanted, gradient)
  }
}

type DensityStep = SandwichStep | NoiseStep

export class DensityRun extends StepwiseRun<DensityStep> {
  readonly readout: DensityReadout

  constructor(circuit: Circuit) {
    const { qubits } = circuit
    if (!(qubits >= 1 && qubits <= MAX_DENSITY_QUBITS)) {
      throw new CircuitError(`circuit ${circuit.name} has ${qubits} qubits; the density-matrix engine holds 1 to ${MAX_DENSITY_QUBITS}`)
    }
    checkOperations(circuit)
    super(circuit, circuit.operations.map(operation => (operation.kind === 'channel' ? new ChannelKernel(qubits, operation)
      : operation.kind === 'kraus' ? new KrausKernel(qubits, operation)
        : new SandwichStep(prepareStep(2 * qubits, operation), 2 ** qubits))), 2 * qubits)
    this.readout = new DensityReadout(circuit)
  }

  /** A gate on top of what the circuit does. */
  turn(gate: TableGate, state: Statevector): void {
    new SandwichStep(prepareStep(2 * this.circuit.qubits, gate), 2 ** this.circuit.qubits).apply(state)
  }

  addReverseGradient(wanted: Uint8Array, gradient: Float64Array): void {
    const { steps, state } = this
    const first = Math.min(...steps.flatMap((step, at) => (step.slots.some(slot => wanted[slot] === 1) ? [at] : [])), steps.length)
    if (first === steps.length) return
    const lambda = this.scratch(0), work = this.scratch(1)
    // The matrices before steps that cannot be undone, as many as may be kept; of the others the last ones are worth most.
    const lost = steps.flatMap((step, at) => (at >= first && !isUnitary(step) ? [at] : []))
    const kept = lost.slice(-Math.max(1, Math.floor(KEPT_BYTES / stateBytes(this.circuit))))
    setGroundState(state)
    for (const [at, step] of steps.entries()) {
      const place = kept.indexOf(at)
      if (place >= 0) copyState(state, this.scratch(2 + place))
      step.apply(state)
    }
    copyState(this.readout.weighed(), lambda)
    for (let at = steps.length - 1; at >= first; at--) {
      const step = steps[at]
      if (step === undefined) break
      if (isUnitary(step)) {
        step.addSlopes(lambda, state, work, wanted, gradient)
        if (at > first) { step.pullBack(state); step.pullBack(lambda) }
        continue
      }
      this.stateBefore(at, kept)
      if (step instanceof SandwichStep) {
        step.addSlopes(lambda, state, work, wanted, gradient)
        if (at > first) step.pullBack(lambda)
      } else {
        step.addSlopes(lambda, state, wanted, gradient)
        if (at > first) step.applyAdjoint(lambda)
      }
    }
  }

  /** @throws Error always: the metric here is that of pure states */
  writeMetric(): void {
    throw new Error(`circuit ${this.circuit.name} has channels, and a density matrix has no metric here`)
  }

  private stateBefore(at: number, kept: readonly number[]): void {
    const place = kept.indexOf(at)
    if (place >= 0) { copyState(this.scratch(2 + place), this.state); return }
    setGroundState(this.state)
    for (let k = 0; k < at; k++) this.steps[k]?.apply(this.state)
  }
}

/** Whether `pullBack` gives the matrix before the step. */
function isUnitary(step: DensityStep): step is SandwichStep {
  return step instanceof SandwichStep && step.inner.kind !== 'entries'
}

function diagonalOf({ re }: Statevector, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = re[i * out.length + i] as number
}

/** X ← X† */
function daggerInPlace({ re, im }: Statevector, size: number): void {
  for (let r = 0; r < size; r++) {
    im[r * size + r] = -(im[r * size + r] as number)
    for (let c = r + 1; c < size; c++) {
      const e = r * size + c, t = c * size + r
      const x = re[e] as number, y = im[e] as number
      re[e] = re[t] as number
      im[e] = -(im[t] as number)
      re[t] = x
      im[t] = -y
    }
  }
}
