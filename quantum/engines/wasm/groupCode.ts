/**
 * The code of a group in registers: one pass over a tile of a state, or of two back through the same primitives, which also adds up
 * slopes.
 *
 * A function takes the address of its numbers, where the tile begins in bytes from the start of the state, where that is, and which
 * bits of an amplitude's offset to leave as they are in `begin`. Its numbers are, for each primitive with an angle, the address of
 * the angle's row (trigonometry.ts) and of its slope.
 */
import { f64, i32, v128, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local, Signature } from '../../../wasm/module'
import { addressesOf, leadingExchange, trailingExchange } from './exchange'
import type { Lanes } from './lanes'
import { PhaseRunCode, type PhaseNumbers } from './phases'
import { readsOf, type Flip, type Phase, type Primitive, type Turn } from './primitives'
import { Registers, type RegisterSite } from './registers'
import type { Group, MixGroup } from './schedule'
import { TurnCode } from './turns'

export const GROUP: Signature = { parameters: ['i32', 'i32', 'i32', 'i32'] }
/** Bytes of a group's numbers for each primitive with an angle. */
export const NUMBER_BYTES = 8

/** Bytes from the real parts of a state to its imaginary ones, and from ψ to λ. */
export interface StateDistances { readonly imaginary: number; readonly lambda: number }

export interface GroupOptions {
  readonly v: Lanes
  readonly distances: StateDistances
  /** Of the sweep back: undoes what the primitives, which stand in reverse order, did to ψ and λ. */
  readonly isBackward: boolean
  /** Whether the slope of an angle is wanted. */
  readonly hasSlope: (angle: number) => boolean
}

export type AngledPrimitive = Turn | Phase

const hasAngle = (primitive: Primitive): primitive is AngledPrimitive => primitive.kind !== 'flip'

/** Primitives with an angle, in the order of the group's numbers. */
export function angledOf(group: Group): readonly AngledPrimitive[] {
  const primitives: readonly Primitive[] = group.primitives
  return primitives.filter(hasAngle)
}

/** Groups of one key have the same code. */
export function keyOf({ local, primitives, isReal }: MixGroup, { isBackward, hasSlope }: GroupOptions): string {
  return `${isBackward ? 'back' : 'on'} ${isReal ? 'real' : ''}${local}${primitives.map(primitive => {
    const { where: { mask, value } } = primitive
    switch (primitive.kind) {
      case 'flip': return ` f${primitive.target},${mask},${value}`
      case 'turn': return ` ${primitive.axis}${primitive.target},${mask},${value},${primitive.z}${hasSlope(primitive.angle) ? '!' : ''}`
      case 'phase': return ` ${primitive.isSign ? '-' : 'p'}${mask},${value},${primitive.z}${hasSlope(primitive.angle) ? '!' : ''}`
      default: return primitive satisfies never
    }
  }).join('')}`
}

type Step = Flip | Turn | { readonly kind: 'run'; readonly phases: readonly Phase[] }

/** Phases wait as long as nothing mixes a bit that one of them reads, so that many become one table. */
function stepsOf(primitives: readonly Primitive[]): readonly Step[] {
  const steps: Step[] = []
  let waiting: Phase[] = []
  const flush = () => {
    if (waiting.length > 0) steps.push({ kind: 'run', phases: waiting })
    waiting = []
  }
  for (const primitive of primitives) {
    if (primitive.kind === 'phase') {
      waiting.push(primitive)
      continue
    }
    if (waiting.some(phase => (readsOf(phase) & primitive.target) !== 0)) flush()
    steps.push(primitive)
  }
  flush()
  return steps
}

/** Code of one step within the loop, and what it leaves to do after it. */
interface StepCode { readonly body: () => void; readonly finish: () => void }

export function writeGroup(f: FunctionWriter, group: MixGroup, options: GroupOptions): void {
  const { v, distances, isBackward } = options
  const [numbers, begin, state, fixed] = f.parameters as [Local, Local, Local, Local]
  const at = f.local('i32', begin.get), moving = f.local('i32', i32.xor(fixed.get, i32.const(-1)))
  const site: RegisterSite = { f, v, local: group.local, at }
  const registers = new Registers(site, isBackward ? 2 : 1)
  const steps = stepsOf(group.primitives)
  const firstOther = steps.findIndex(({ kind }) => kind !== 'flip')
  const leading = leadingExchange(flipsOf(firstOther < 0 ? steps : steps.slice(0, firstOther)), registers, group.local)
  const rest = steps.slice(leading.taken)
  const lastOther = rest.findLastIndex(({ kind }) => kind !== 'flip')
  const trailing = trailingExchange(flipsOf(rest.slice(lastOther + 1)), registers, group.local)
  const codes = new StepWriter(group, options, registers, site, numbers.get).steps(rest.slice(0, rest.length - trailing.taken))

  const parts = group.isReal ? [0] : [0, distances.imaginary]
  const loop = () => f.doWhile(() => {
    const base = f.local('i32', i32.add(state.get, at.get))
    const from = addressesOf(f, v, base, registers, leading.exchange)
    const starts = Array.from({ length: registers.count }, (_, s) => s * distances.lambda)
    for (const [index, start] of starts.entries()) {
      for (const setting of registers.settings) {
        const { base: address, offset } = from(setting)
        registers.put(index, setting, parts.map(part => f.local('v128', v128.load(address, start + part + offset))))
      }
    }
    for (const { body } of codes) body()
    const to = addressesOf(f, v, base, registers, trailing.exchange)
    for (const [index, start] of starts.entries()) {
      for (const setting of registers.settings) {
        const { base: address, offset } = to(setting)
        registers.get(index, setting).forEach(({ get }, k) => f.emit(v128.store(address, get, start + (parts[k] ?? 0) + offset)))
      }
    }
    f.set(at, nextOf(at, begin, fixed, moving))
    return i32.ne(at.get, begin.get)
  })
  if (group.isReal) {
    f.repeat(2, () => {
      loop()
      f.advance(state, distances.imaginary)
    })
  } else loop()
  for (const { finish } of codes) finish()
}

/** The next offset: adding with the fixed bits set carries over them, and behind the last the first follows. */
export const nextOf = (at: Local, begin: Local, fixed: Local, moving: Local): Code => i32.or(i32.and(i32.add(i32.or(at.get, fixed.get), i32.const(1)), moving.get), begin.get)

const flipsOf = (steps: readonly Step[]): readonly Flip[] => steps.filter(step => step.kind === 'flip')

class StepWriter {
  private readonly numberOf: ReadonlyMap<Primitive, number>

  constructor(
    group: MixGroup, private readonly options: GroupOptions, private readonly registers: Registers, private readonly site: RegisterSite, private readonly numbers: Code,
  ) {
    this.numberOf = new Map(angledOf(group).map((primitive, k) => [primitive, k]))
  }

  steps(steps: readonly Step[]): readonly StepCode[] {
    return steps.map(step => {
      switch (step.kind) {
        case 'flip': return { body: () => this.registers.flip(step), finish: () => {} }
        case 'turn': return this.turn(step)
        case 'run': return this.run(step.phases)
        default: return step satisfies never
      }
    })
  }

  private turn(turn: Turn): StepCode {
    const { options: { isBackward, hasSlope }, registers, site } = this
    const { cosine, sine } = this.numbersOf(turn, isBackward)
    const code = new TurnCode(turn, registers, site, cosine, sine, isBackward && hasSlope(turn.angle))
    return {
      body: () => {
        code.addSlope()
        code.apply()
      },
      finish: () => this.addTo(turn, code.slope()),
    }
  }

  private run(phases: readonly Phase[]): StepCode {
    const { options: { isBackward, hasSlope }, registers, site } = this
    const code = new PhaseRunCode(phases.map(phase => ({
      // With z the exponent is −iσφ.
      phase, numbers: this.numbersOf(phase, isBackward !== (phase.z !== 0)), hasSlope: isBackward && hasSlope(phase.angle),
    })), registers, site)
    return {
      body: () => {
        if (isBackward) code.addSlopes()
        code.apply()
      },
      finish: () => {
        for (const [k, phase] of phases.entries()) if (hasSlope(phase.angle)) this.addTo(phase, isBackward ? code.slope(k) : undefined)
      },
    }
  }

  private numbersOf(primitive: AngledPrimitive, isNegated: boolean): PhaseNumbers {
    const { f, v } = this.site
    const row = f.local('i32', i32.load(this.numbers, this.at(primitive))).get
    return { cosine: f.local('v128', v.loadSplat(row)).get, sine: f.local('v128', v.loadSplat(row, (isNegated ? 2 : 1) * v.bytes)).get }
  }

  /** Where the primitive's numbers are, from the group's. */
  private at(primitive: Primitive): number {
    return (this.numberOf.get(primitive) ?? 0) * NUMBER_BYTES
  }

  private addTo(primitive: AngledPrimitive, slope: Code | undefined): void {
    if (slope === undefined) return
    const { f, v } = this.site
    const vector = f.local('v128', slope).get
    const place = f.local('i32', i32.load(this.numbers, this.at(primitive) + 4)).get
    f.emit(f64.store(place, f64.add(f64.load(place), v.sum(vector))))
  }
}
