/**
 * A run of a circuit by generated code. What there is no code for acts by the steps of the TypeScript engine on the same memory,
 * and cuts the generated code into stretches; that engine is handed over, since most circuits do without it.
 */
import { isNoise, type Circuit } from '../../circuit'
import type { CircuitRun } from '../run'
import type { Runnable, StatevectorReports } from '../runnable'
import { checkOperations, checkQubits } from '../checkCircuit'
import type { ShiftRule } from '../../shiftRule'
import { copyState, type Statevector, type Step } from '../step'
import type { Threads } from '../../../wasm/team'
import { BatchRun, type SlotAngle, type WholeStretch } from './batch'
import { MachineLayout } from './layout'
import type { Machine, PlacedState } from './machine'
import type { PassList } from './passWriter'
import { Angles, primitivesOf, reversed, type Primitive } from './primitives'
import { angledOf } from './groupCode'
import { reportedTerms, TermReadout } from './readout'
import type { Pass } from './tiles'
import { absorbTrailing } from './trailing'

/** Operations in a row with code of their own. */
interface Stretch extends WholeStretch { readonly kind: 'stretch' }

/** One operation by its step. */
interface HostStep { readonly kind: 'host'; readonly step: Step }

type Part = Stretch | HostStep

/** The most qubits whose three states fit into 32-bit addresses. */
export const MOST_QUBITS = { f64: 25, f32: 26 } as const

/** A run by steps whose state and slots are where generated code has them. @param readout in place of its own */
export type Beside = (circuit: Circuit, room: Pick<Runnable, 'state' | 'slots'>, readout: StatevectorReports | undefined) => CircuitRun

export class WasmRun implements Runnable {
  readonly state: PlacedState
  readonly slots: Float64Array
  readonly readout: StatevectorReports
  readonly batched: BatchRun | undefined
  private readonly parts: readonly Part[]

  /**
   * @param sweepsBack whether gradients by a sweep back are asked of it
   * @param threads who shares the rows of batches; undefined for one thread
   * @param beside for operations and measurements without code of their own, and the metric; not needed where `besideCode` finds nothing
   * @returns undefined where the host has no memory for it
   */
  static of(circuit: Circuit, sweepsBack: boolean, threads: Threads | undefined, beside?: Beside): WasmRun | undefined {
    checkQubits(circuit)
    checkOperations(circuit)
    const angles = new Angles()
    const steps: (readonly Primitive[] | undefined)[] = circuit.operations.map(operation => (isNoise(operation) ? undefined : primitivesOf(circuit.qubits, operation, angles)))
    const layout = new MachineLayout(circuit, angles)
    const stretches: (Stretch | number)[] = []
    let primitives: Primitive[] = []
    const close = () => {
      if (primitives.length > 0) stretches.push(stretchOf(primitives, layout, sweepsBack, stretches.length === 0))
      primitives = []
    }
    for (const [at, own] of steps.entries()) {
      if (own) primitives.push(...own)
      else {
        close()
        stretches.push(at)
      }
    }
    const reported = reportedTerms(circuit)
    const measured = reported && circuit.shots === undefined ? absorbTrailing({ primitives, terms: reported }) : undefined
    if (measured) primitives = [...measured.primitives]
    close()
    const terms = measured ? new TermReadout(measured.terms, layout) : undefined
    const [only] = stretches
    const whole = stretches.length === 1 && typeof only === 'object' && terms ? only : undefined
    const machine = layout.build(whole, threads?.count ?? 1)
    if (!machine) return undefined
    terms?.connect(machine)
    const batched = whole && new BatchRun(circuit, machine, whole, threads)
    return new WasmRun(circuit, machine, stretches, terms, batched, beside?.(circuit, { state: machine.states[0], slots: machine.slots }, terms))
  }

  private constructor(
    readonly circuit: Circuit, private readonly machine: Machine, parts: readonly (Stretch | number)[], terms: TermReadout | undefined,
    batched: BatchRun | undefined, private readonly beside: CircuitRun | undefined,
  ) {
    this.state = machine.states[0]
    this.slots = machine.slots
    this.batched = batched
    this.readout = terms ?? this.steps.readout
    this.parts = parts.map(part => (typeof part === 'number' ? { kind: 'host', step: this.steps.steps[part] as Step } : part))
  }

  private get steps(): CircuitRun {
    if (!this.beside) throw new Error(`circuit ${this.circuit.name}: generated code is asked for what it has not`)
    return this.beside
  }

  check(row: number): void {
    this.beside?.check(row)
  }

  load(): void {
    this.machine.load()
    for (const part of this.parts) if (part.kind === 'host' && part.step.slots.length > 0) part.step.load(this.slots)
  }

  forward(): void {
    const { machine: { exports, states: [state] }, parts } = this
    const [only] = parts
    if (parts.length === 1 && only?.kind === 'stretch') {
      const { starts } = only.forward
      exports.launch(starts[0] as number, starts[starts.length - 1] as number, state.address)
      return
    }
    exports.start(state.address)
    for (const part of parts) this.act(part, state)
  }

  private act(part: Part, state: PlacedState): void {
    if (part.kind === 'host') return part.step.apply(state)
    const { starts } = part.forward
    this.machine.exports.run(starts[0] as number, starts[starts.length - 1] as number, state.address)
  }

  sweepShifts(rules: readonly ShiftRule[], wanted: Uint8Array, visit: (slot: number, coefficient: number) => void): void {
    const { parts, slots, machine, machine: { exports, states: [state, , prefix] } } = this
    // The prefix stands where the batch keeps its first state.
    this.batched?.forget()
    exports.start(prefix.address)
    /** One slot at all its shifts; `run` makes the state from the prefix, and `load` takes the slot. */
    const shifted = (slot: number, run: () => void, load: () => void) => {
      const given = slots[slot] as number
      for (const { shift, coefficient } of rules[slot] ?? []) {
        slots[slot] = given + shift
        run()
        visit(slot, coefficient)
      }
      slots[slot] = given
      load()
    }
    const goOn = (at: number) => {
      for (let rest = at; rest < parts.length; rest++) this.act(parts[rest] as Part, state)
    }
    let left = 0
    for (let slot = 0; slot < wanted.length; slot++) if (wanted[slot] === 1) left++
    for (const [at, part] of parts.entries()) {
      if (part.kind === 'host') {
        for (const slot of part.step.slots) {
          if (wanted[slot] !== 1) continue
          shifted(slot, () => {
            part.step.load(slots)
            exports.copy(prefix.address, state.address)
            goOn(at)
          }, () => part.step.load(slots))
          left--
        }
        part.step.apply(prefix)
        continue
      }
      const { starts } = part.forward
      const end = starts[starts.length - 1] as number
      for (const [pass, angles] of part.forwardAngles.entries()) {
        if (left === 0) return
        const first = starts[pass] as number
        for (const { slot, angle } of angles) {
          if (wanted[slot] !== 1) continue
          const list = machine.layout.listOf(angle)
          shifted(slot, () => {
            exports.shifted(list, prefix.address, first, end, state.address)
            goOn(at + 1)
          }, () => machine.loadAngle(angle))
          left--
        }
        exports.run(first, starts[pass + 1] as number, prefix.address)
      }
    }
  }

  addReverseGradient(wanted: Uint8Array, gradient: Float64Array): void {
    const { parts, machine, machine: { exports, states: [state, lambda] } } = this
    const last = (at: number): number => this.lastWanted(parts[at] as Part, wanted)
    const first = parts.findIndex((_, at) => last(at) >= 0)
    if (first < 0) return
    const kept: Statevector[] = []
    exports.start(state.address)
    for (const [at, part] of parts.entries()) {
      if (part.kind === 'host' && part.step.kind === 'entries' && at >= first) {
        const copy = this.steps.scratch(kept.length)
        copyState(state, copy)
        kept.push(copy)
      }
      this.act(part, state)
    }
    this.readout.pull(state, lambda)
    machine.clearSlopes()
    for (let at = parts.length - 1; at >= first; at--) {
      const part = parts[at] as Part
      if (part.kind === 'stretch') {
        const { starts = [] } = part.backward ?? {}
        exports.sweep(starts[0] as number, starts[at > first ? starts.length - 1 : last(at) + 1] as number, state.address)
        for (const { slot, angle, scale } of part.backwardAngles) {
          if (wanted[slot] === 1) gradient[slot] = (gradient[slot] as number) + 2 * scale * machine.slope(angle)
        }
        continue
      }
      this.undo(part.step, kept, wanted, gradient, at > first)
    }
  }

  /** One step of the sweep back, as gradientAdjoint.ts has it. */
  private undo(step: Step, kept: Statevector[], wanted: Uint8Array, gradient: Float64Array, isFurther: boolean): void {
    const { machine: { states: [state, lambda] } } = this
    if (step.kind === 'entries') {
      const before = kept.pop()
      if (before) copyState(before, state)
      step.addSlopes(lambda, state, wanted, gradient)
      if (isFurther) step.applyAdjoint(lambda)
      return
    }
    const slot = step.slots[0]
    if (step.kind === 'angle' && slot !== undefined && wanted[slot] === 1) gradient[slot] = (gradient[slot] as number) + step.slope(lambda, state)
    if (!isFurther) return
    step.undo(state)
    step.undo(lambda)
  }

  /** Of a stretch the last pass back that a wanted slot acts in, of a step 0 if it reads one; −1 for none. */
  private lastWanted(part: Part, wanted: Uint8Array): number {
    if (part.kind === 'host') return part.step.slots.some(slot => wanted[slot] === 1) ? 0 : -1
    let last = -1
    for (const { slot, pass } of part.backwardAngles) if (wanted[slot] === 1 && pass > last) last = pass
    return last
  }

  writeMetric(active: readonly number[], out: Float64Array, at: number): void {
    this.steps.load()
    this.steps.writeMetric(active, out, at)
  }
}

/** @param isFirst whether it finds the state at |0…0⟩ */
function stretchOf(primitives: readonly Primitive[], layout: MachineLayout, sweepsBack: boolean, isFirst: boolean): Stretch {
  const forward = layout.passes(primitives, 'forward', isFirst)
  const backward = sweepsBack ? layout.passes(reversed(primitives), 'backward', isFirst) : undefined
  const angles = (list: PassList | undefined) => (list?.passes ?? []).map((pass, at) => slotAngles(pass, at, layout.angles))
  return { kind: 'stretch', forward, backward, forwardAngles: angles(forward), backwardAngles: angles(backward).flat() }
}

function slotAngles({ groups }: Pass, pass: number, { list }: Angles): readonly SlotAngle[] {
  return groups.flatMap(({ group }) => angledOf(group)).flatMap(({ angle }) => {
    const known = list[angle]
    return known && 'slot' in known.operand ? [{ slot: known.operand.slot, angle, scale: known.scale, pass }] : []
  })
}
