/** Turns of amplitudes about X and Y, and the slope between two states that a turn has. */
import { v128, type Code } from '../../../wasm/instructions'
import type { Local } from '../../../wasm/module'
import type { Turn } from './primitives'
import { holds, isOdd, type Amplitude, type RegisterSite, type Registers } from './registers'

/** A turn of a group: before the loop its numbers are read, in it they are used, and after it the slope is complete. */
export class TurnCode {
  /** Undefined where it turns by its tangent, which stands for the sine then. */
  private readonly cosine: Code | undefined
  private readonly sine: Code
  private readonly sum: Local | undefined

  /**
   * @param cosine of φ, in all lanes
   * @param sine of φ, or of −φ to undo the turn
   * @param isLight whether all amplitudes are to lack the cosine: it must be under no condition
   */
  constructor(
    private readonly turn: Turn, private readonly registers: Registers, private readonly site: RegisterSite, cosine: Code, sine: Code, hasSlope: boolean, isLight: boolean,
  ) {
    const { f, v } = site
    const factor = isLight ? f.local('v128', v.div(sine, cosine)).get : sine
    const { lane } = registers.split(turn.where)
    const mask = v.maskOf(k => holds(lane, k))
    const lanes = (1 << v.bits) - 1
    const signs = v.signsOf(k => this.laneSign(k, lanes))
    const signed = (turn.z & lanes) === 0 && !this.isWithinLanes ? factor : v128.xor(factor, signs)
    this.cosine = isLight ? undefined : f.local('v128', lane.mask === 0 ? cosine : v128.select(cosine, v.const(1), mask)).get
    this.sine = f.local('v128', lane.mask === 0 ? signed : v128.and(signed, mask)).get
    this.sum = hasSlope ? f.local('v128') : undefined
  }

  /** Whether the pairs that it turns lie in one vector. */
  private get isWithinLanes(): boolean {
    return (this.turn.target & this.site.local) === 0
  }

  /** The sine's sign in a lane: by Z of lanes, and of Y by which one of the pair it is. */
  private laneSign(lane: number, lanes: number): boolean {
    const { axis, target, z } = this.turn
    return isOdd(lane & z & lanes) !== (this.isWithinLanes && axis === 'y' && (lane & target) === 0)
  }

  apply(): void {
    const { turn, registers, site: { f } } = this
    const { local, outer } = registers.split(turn.where)
    const outerZ = registers.split({ mask: turn.z, value: 0 }).outer.mask
    const sine = outerZ === 0 ? this.sine : f.local('v128', v128.xor(this.sine, registers.signs(outerZ))).get
    registers.where(outer, () => {
      for (let state = 0; state < registers.count; state++) {
        for (const setting of registers.settings.filter(s => holds(local, s))) {
          if (this.isWithinLanes) this.turnLanes(state, setting, sine)
          else if ((setting & turn.target) === 0) this.turnPair(state, setting, sine)
        }
      }
    })
  }

  private turnPair(state: number, setting: number, sine: Code): void {
    const { turn: { axis, target, z }, registers, site: { v } } = this
    const other = setting | target
    const isNegative = isOdd(setting & z)
    const plus = (a: Local, b: Local, negated: boolean): Code => (negated === isNegative ? v.add : v.sub)(this.kept(a), v.mul(sine, b.get))
    if (axis === 'y') {
      const x = registers.get(state, setting), y = registers.get(state, other)
      const mixed = (these: Amplitude, those: Amplitude, negated: boolean) => these.map((part, k) => plus(part, those[k] ?? part, negated))
      return registers.replace([{ state, setting, parts: mixed(x, y, true) }, { state, setting: other, parts: mixed(y, x, false) }])
    }
    const x = registers.complex(state, setting), y = registers.complex(state, other)
    registers.replace([
      { state, setting, parts: [plus(x.re, y.im, false), plus(x.im, y.re, true)] }, { state, setting: other, parts: [plus(y.re, x.im, false), plus(y.im, x.re, true)] },
    ])
  }

  private turnLanes(state: number, setting: number, sine: Code): void {
    const { turn: { axis, z }, registers, site: { v } } = this
    const isNegative = isOdd(setting & z & this.site.local)
    const plus = (a: Local, b: Local, negated: boolean): Code => (negated === isNegative ? v.add : v.sub)(this.kept(a), v.mul(sine, this.swapped(b)))
    if (axis === 'y') return registers.replace([{ state, setting, parts: registers.get(state, setting).map(part => plus(part, part, false)) }])
    const { re, im } = registers.complex(state, setting)
    registers.replace([{ state, setting, parts: [plus(re, im, false), plus(im, re, true)] }])
  }

  private kept({ get }: Local): Code {
    return this.cosine === undefined ? get : this.site.v.mul(this.cosine, get)
  }

  private swapped({ get }: Local): Code {
    const { site: { v }, turn: { target } } = this
    return v.shuffle(get, get, k => k ^ target)
  }

  /** Adds ½·d/dφ of 2 Re⟨λ|ψ⟩ with ψ, state 0, and λ, state 1, after the turn. */
  addSlope(): void {
    const { turn, registers, sum, site: { f, v } } = this
    if (!sum) return
    const { local, outer } = registers.split(turn.where)
    const outerZ = registers.split({ mask: turn.z, value: 0 }).outer.mask
    registers.where(outer, () => {
      const parts = registers.settings.filter(s => holds(local, s) && (this.isWithinLanes || (s & turn.target) === 0))
      const total = parts.map(setting => ({ code: this.slopeOf(setting), isNegative: isOdd(setting & turn.z & this.site.local) }))
        .reduce<Code | undefined>((rest, { code, isNegative }) => (rest === undefined ? (isNegative ? v.neg(code) : code) : (isNegative ? v.sub : v.add)(rest, code)), undefined)
      if (total === undefined) return
      f.set(sum, v.add(sum.get, outerZ === 0 ? total : v128.xor(total, registers.signs(outerZ))))
    })
  }

  /** Re of λ̄_y ψ_x − λ̄_x ψ_y for Y, Im of λ̄_x ψ_y + λ̄_y ψ_x for X; of a group that is real, one part's share of it. */
  private slopeOf(setting: number): Code {
    const { turn: { axis, target }, registers, site: { v } } = this
    const times = (a: Local, b: Local) => v.mul(a.get, b.get)
    const other = setting | target
    if (axis === 'y') {
      const psi = registers.get(0, setting), lambda = registers.get(1, setting)
      if (this.isWithinLanes) return psi.map((part, k) => v.mul(lambda[k]?.get ?? [], this.swapped(part))).reduce(v.add)
      const psiOther = registers.get(0, other), lambdaOther = registers.get(1, other)
      return psi.map((part, k) => v.sub(times(lambdaOther[k] ?? part, part), times(lambda[k] ?? part, psiOther[k] ?? part))).reduce(v.add)
    }
    const psi = registers.complex(0, setting), lambda = registers.complex(1, setting)
    if (this.isWithinLanes) return v.sub(v.mul(lambda.re.get, this.swapped(psi.im)), v.mul(lambda.im.get, this.swapped(psi.re)))
    const psiOther = registers.complex(0, other), lambdaOther = registers.complex(1, other)
    return v.add(
      v.sub(times(lambda.re, psiOther.im), times(lambda.im, psiOther.re)), v.sub(times(lambdaOther.re, psi.im), times(lambdaOther.im, psi.re)),
    )
  }

  /** Of all vectors, as a vector whose lanes are to be added up. */
  slope(): Code | undefined {
    const { sum, turn, registers, site: { v } } = this
    if (!sum) return undefined
    const { lane } = registers.split(turn.where)
    const lanes = (1 << v.bits) - 1
    return v128.and(v128.xor(sum.get, v.signsOf(k => this.laneSign(k, lanes))), v.maskOf(k => holds(lane, k)))
  }
}
