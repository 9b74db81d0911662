/**
 * The code of a group in registers: one pass over a tile of a state, or of two back through the same primitives, which also adds up
 * slopes.
 *
 * A function takes the address of its numbers, where the tile begins in bytes from the start of the state, where that is, and which
 * bits of an amplitude's offset to leave as they are in `begin`. Its numbers are, for each primitive with an angle, the address of
 * the angle's row (trigonometry.ts) and of its slope; then what is known of cosines that it and others leave out (scales.ts).
 */
import { f64, i32, v128, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local } from '../../../wasm/module'
import { addressesOf, leadingExchange, trailingExchange } from './exchange'
import type { Lanes } from './lanes'
import { PhaseRunCode, type PhaseNumbers } from './phases'
import { readsOf, type Flip, type Phase, type Primitive, type Turn } from './primitives'
import { Registers, type RegisterSite } from './registers'
import { nextOf, type StateDistances } from './tileCode'
import { SCALES, type ScalePlan } from './scales'
import type { Group, MixGroup } from './schedule'
import { TurnCode } from './turns'

/** Bytes of a group's numbers for each primitive with an angle. */
export const NUMBER_BYTES = 8

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
export function keyOf({ local, primitives, isReal }: MixGroup, { lights, pending, settles }: ScalePlan, { isBackward, hasSlope }: GroupOptions): string {
  return `${isBackward ? 'back' : 'on'} ${isReal ? 'real' : ''}${local} ${lights.length}${settles ? 's' : ''}${pending.length > 0 ? 'p' : ''}${primitives.map(primitive => {
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

/** Where what is known of cosines is, from a group's numbers. */
export const scalesOffset = (group: Group): number => Math.ceil(angledOf(group).length * NUMBER_BYTES / 16) * 16

export function writeGroup(f: FunctionWriter, group: MixGroup, scale: ScalePlan, options: GroupOptions): void {
  const { lights, pending, settles } = scale
  const [numbers] = f.parameters as [Local, Local, Local, Local]
  const scales = scalesOffset(group)
  // What the states lack before the group, wherever that counts.
  const lacking = pending.length > 0 && (settles || options.isBackward) ? f.local('f64', f64.load(numbers.get, scales + SCALES.lackingProduct)) : undefined
  if (lights.length === 0) return writeLoops(f, group, { lights, lacking, settled: settles ? lacking : undefined }, options)
  const own = f.local('f64', f64.load(numbers.get, scales + SCALES.ownProduct))
  f.when(f64.ne(own.get, f64.const(1)), () => {
    const settled = lacking ? f.local('f64', f64.mul(lacking.get, own.get)) : own
    writeLoops(f, group, { lights, lacking, settled: settles ? settled : undefined }, options)
  })
  f.when(f64.eq(own.get, f64.const(1)), () => writeLoops(f, group, { lights: [], lacking, settled: settles ? lacking : undefined }, options))
}

/** @property lacking of both states before the group @property settled what all amplitudes are multiplied by behind it */
interface LoopScale { readonly lights: readonly Turn[]; readonly lacking: Local | undefined; readonly settled: Local | undefined }

function writeLoops(f: FunctionWriter, group: MixGroup, scale: LoopScale, options: GroupOptions): void {
  const { v, distances, isBackward } = options
  const [numbers, begin, given, fixed] = f.parameters as [Local, Local, Local, Local]
  const at = f.local('i32', begin.get), moving = f.local('i32', i32.xor(fixed.get, i32.const(-1))), state = f.local('i32', given.get)
  const site: RegisterSite = { f, v, local: group.local, at }
  const registers = new Registers(site, isBackward ? 2 : 1)
  const steps = stepsOf(group.primitives)
  const firstOther = steps.findIndex(({ kind }) => kind !== 'flip')
  const leading = leadingExchange(flipsOf(firstOther < 0 ? steps : steps.slice(0, firstOther)), registers, group.local)
  const rest = steps.slice(leading.taken)
  const lastOther = rest.findLastIndex(({ kind }) => kind !== 'flip')
  const trailing = trailingExchange(flipsOf(rest.slice(lastOther + 1)), registers, group.local)
  const codes = new StepWriter(group, options, registers, site, numbers.get, scale).steps(rest.slice(0, rest.length - trailing.taken))
  const settled = scale.settled && f.local('v128', v.splat(scale.settled.get))

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
        registers.get(index, setting).forEach(({ get }, k) => {
          f.emit(v128.store(address, settled ? v.mul(get, settled.get) : get, start + (parts[k] ?? 0) + offset))
        })
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

const flipsOf = (steps: readonly Step[]): readonly Flip[] => steps.filter(step => step.kind === 'flip')

class StepWriter {
  private readonly numberOf: ReadonlyMap<Primitive, number>
  /** What both states lack before the step that is written. */
  private lacking: Local | undefined

  constructor(
    group: MixGroup, private readonly options: GroupOptions, private readonly registers: Registers, private readonly site: RegisterSite, private readonly numbers: Code,
    private readonly scale: LoopScale,
  ) {
    this.lacking = scale.lacking
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
    const { options: { isBackward, hasSlope }, registers, site, site: { f, v }, lacking } = this
    const { cosine, sine } = this.numbersOf(turn, isBackward)
    const isLight = this.scale.lights.includes(turn)
    const code = new TurnCode(turn, registers, site, cosine, sine, isBackward && hasSlope(turn.angle), isLight)
    if (isLight && isBackward) {
      const number = v.loadDouble(this.rowOf(turn))
      this.lacking = f.local('f64', lacking ? f64.mul(lacking.get, number) : number)
    }
    return {
      body: () => {
        code.addSlope()
        code.apply()
      },
      finish: () => this.addTo(turn, code.slope(), lacking),
    }
  }

  private run(phases: readonly Phase[]): StepCode {
    const { options: { isBackward, hasSlope }, registers, site, lacking } = this
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
        for (const [k, phase] of phases.entries()) if (hasSlope(phase.angle)) this.addTo(phase, isBackward ? code.slope(k) : undefined, lacking)
      },
    }
  }

  private numbersOf(primitive: AngledPrimitive, isNegated: boolean): PhaseNumbers {
    const { f, v } = this.site
    const row = f.local('i32', this.rowOf(primitive)).get
    return { cosine: f.local('v128', v.loadSplat(row)).get, sine: f.local('v128', v.loadSplat(row, (isNegated ? 2 : 1) * v.bytes)).get }
  }

  private rowOf(primitive: AngledPrimitive): Code {
    return i32.load(this.numbers, this.at(primitive))
  }

  /** Where the primitive's numbers are, from the group's. */
  private at(primitive: Primitive): number {
    return (this.numberOf.get(primitive) ?? 0) * NUMBER_BYTES
  }

  /** @param lacking of both states when the slope was summed */
  private addTo(primitive: AngledPrimitive, slope: Code | undefined, lacking: Local | undefined): void {
    if (slope === undefined) return
    const { f, v } = this.site
    const vector = f.local('v128', slope).get
    const place = f.local('i32', i32.load(this.numbers, this.at(primitive) + 4)).get
    const sum = lacking ? f64.mul(f64.mul(v.sum(vector), lacking.get), lacking.get) : v.sum(vector)
    f.emit(f64.store(place, f64.add(f64.load(place), sum)))
  }
}
