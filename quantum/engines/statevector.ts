/**
 * The statevector engine: the state as 2^n complex doubles, gate by gate.
 *
 * Values and derivatives are exact to rounding; `parameter_shift` and `adjoint` give the same numbers by independent ways.
 */
import { resultWidth, type Circuit } from '../circuit'
import type { Engine, GradientMethod, PreparedCircuit } from '../engine'
import { PRIMITIVE_GATES } from '../gates'
import { DIFFERENCE_RULE, ENTRY_RULE, shiftRuleOfSpectrum, type ShiftRule } from '../shiftRule'
import { forEachShift } from './directions'
import { addAdjointGradient } from './gradientAdjoint'
import { sweepShifts } from './gradientShift'
import { slotsOf } from './operands'
import { operandsOf } from './prepareSteps'
import { CircuitRun } from './run'

/**
 * Prepares circuits of up to 30 qubits; 16·2^n bytes a state, of which plain values need one and a half,
 * `parameter_shift` two and a half, and `adjoint` the same and one more for each `unitary` and `amplitudes`.
 */
export const STATEVECTOR: Engine = {
  name: 'statevector',
  prepare: (circuit, method) => new PreparedStatevector(circuit, method),
}

class PreparedStatevector implements PreparedCircuit {
  private readonly run: CircuitRun
  private readonly rules: readonly ShiftRule[]
  /** 1 where the slot is an entry of `unitary` or `amplitudes`. */
  private readonly isEntry: Uint8Array
  private readonly wanted: Uint8Array
  private readonly wantedEntries: Uint8Array
  private readonly gradient: Float64Array

  constructor(readonly circuit: Circuit, private readonly method: GradientMethod) {
    this.run = new CircuitRun(circuit)
    this.rules = shiftRules(circuit, method)
    this.isEntry = new Uint8Array(circuit.slots)
    for (const operation of circuit.operations) {
      if (operation.kind !== 'unitary' && operation.kind !== 'amplitudes') continue
      for (const slot of slotsOf(operandsOf(operation))) this.isEntry[slot] = 1
    }
    this.wanted = new Uint8Array(circuit.slots)
    this.wantedEntries = new Uint8Array(circuit.slots)
    this.gradient = new Float64Array(circuit.slots)
  }

  values(batch: number, slots: Float64Array, directions: readonly Float64Array[], out: Float64Array): void {
    const width = resultWidth(this.circuit)
    this.checkSizes(batch, slots, directions)
    checkLength('out', out, batch * width)
    this.checkOrder(directions.length)
    out.fill(0)
    const { run, rules, wanted } = this
    const outer = directions.slice(0, -1), innermost = directions.at(-1)
    for (let row = 0; row < batch; row++) {
      this.start(row, slots)
      if (innermost === undefined) {
        run.forward()
        run.readout.add(run.state, 1, out, row * width)
        continue
      }
      // The innermost direction is one sweep with shared prefixes rather than a run from the start for each shift.
      const offset = row * this.circuit.slots
      for (let slot = 0; slot < wanted.length; slot++) wanted[slot] = innermost[offset + slot] === 0 ? 0 : 1
      forEachShift(run.slots, rules, outer, row, 1, weight => {
        run.load()
        sweepShifts(run, rules, wanted, (slot, coefficient) =>
          run.readout.add(run.state, weight * coefficient * (innermost[offset + slot] as number), out, row * width))
      })
    }
  }

  vjp(
    batch: number, slots: Float64Array, directions: readonly Float64Array[], cotangents: Float64Array,
    active: readonly number[], out: Float64Array,
  ): void {
    const width = resultWidth(this.circuit)
    this.checkSizes(batch, slots, directions)
    checkLength('cotangents', cotangents, batch * width)
    checkLength('out', out, batch * this.circuit.slots)
    this.checkOrder(directions.length + 1)
    out.fill(0)
    if (active.length === 0) return
    this.markWanted(active)
    const { run, rules, gradient } = this
    for (let row = 0; row < batch; row++) {
      this.start(row, slots)
      run.readout.weigh(cotangents, row * width)
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

  /** gradient += the first derivatives by the wanted slots, at `run.slots`. */
  private addGradient(): void {
    const { run, rules, wanted, wantedEntries, gradient } = this
    // Entries come 4^k at a time, so every exact method leaves them to the adjoint sweep; the others are not marked there.
    if (wantedEntries.includes(1)) addAdjointGradient(run, wantedEntries, gradient)
    if (!wanted.includes(1)) return
    if (this.method === 'adjoint') {
      addAdjointGradient(run, wanted, gradient)
      return
    }
    sweepShifts(run, rules, wanted, (slot, coefficient) => {
      gradient[slot] = (gradient[slot] as number) + coefficient * run.readout.contract(run.state)
    })
  }

  private markWanted(active: readonly number[]): void {
    this.wanted.fill(0)
    this.wantedEntries.fill(0)
    for (const slot of active) {
      const apart = this.method === 'parameter_shift' && this.isEntry[slot] === 1
      const marks = apart ? this.wantedEntries : this.wanted
      marks[slot] = 1
    }
  }

  /** Loads a row, and holds its `unitary` entries to being unitary; shifted runs are not checked. */
  private start(row: number, slots: Float64Array): void {
    const { run } = this
    for (let slot = 0; slot < run.slots.length; slot++) run.slots[slot] = slots[row * run.slots.length + slot] as number
    run.load()
    run.checkUnitary(row)
  }

  private checkSizes(batch: number, slots: Float64Array, directions: readonly Float64Array[]): void {
    for (const array of [slots, ...directions]) checkLength('slots and directions', array, batch * this.circuit.slots)
  }

  private checkOrder(order: number): void {
    if (this.method === 'finite_difference' && order > 1) {
      throw new Error(`circuit ${this.circuit.name}: finite_difference gives first derivatives only, but one of order `
        + `${order} is asked for; use @gradient(parameter_shift) or @gradient(adjoint)`)
    }
  }
}

function checkLength(what: string, array: Float64Array, expected: number): void {
  if (array.length !== expected) throw new Error(`${what}: expected ${expected} numbers, found ${array.length}`)
}

/** The rule of each slot. */
function shiftRules(circuit: Circuit, method: GradientMethod): readonly ShiftRule[] {
  const rules: ShiftRule[] = Array.from({ length: circuit.slots }, () => [])
  // A circuit has many gates of few kinds; one rule for each kind.
  const known = new Map<string, ShiftRule>()
  for (const operation of circuit.operations) {
    const controlled = operation.controls.length > 0
    const spectrum = operation.kind === 'gate' ? gateSpectrum(operation.name)
      : operation.kind === 'pauli_rotation' ? wordSpectrum(operation.word)
        : [-1]
    const key = `${spectrum.join()} ${controlled}`
    for (const slot of slotsOf(operandsOf(operation))) {
      if (method === 'finite_difference') rules[slot] = DIFFERENCE_RULE
      else if (operation.kind === 'unitary' || operation.kind === 'amplitudes') rules[slot] = ENTRY_RULE
      else {
        const rule = known.get(key) ?? shiftRuleOfSpectrum(spectrum, controlled)
        known.set(key, rule)
        rules[slot] = rule
      }
    }
  }
  return rules
}

function gateSpectrum(name: keyof typeof PRIMITIVE_GATES): readonly number[] {
  const gate = PRIMITIVE_GATES[name]
  return gate.kind === 'angle' ? gate.spectrum : []
}

/** G = P/2; the word of identities is a phase e^{−iθ/2}. */
function wordSpectrum(word: string): readonly number[] {
  return /^I*$/.test(word) ? [0.5] : [-0.5, 0.5]
}
