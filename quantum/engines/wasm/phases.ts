/**
 * Diagonal primitives that follow each other, as one: their product is a table with a complex factor for each register, made
 * before the loop; those under outer bits are applied by themselves. All slopes of such a run come from Im(λ̄ψ) of each amplitude.
 */
import { v128, type Code } from '../../../wasm/instructions'
import type { Local } from '../../../wasm/module'
import type { Phase } from './primitives'
import { holds, isOdd, type RegisterSite, type Registers, type Split } from './registers'

/** e^{±iφ} of a phase in all lanes: the sine has the sign of its exponent with σ = 1, in the direction of the pass. */
export interface PhaseNumbers { readonly cosine: Code; readonly sine: Code }

interface Factor { readonly re: Code; readonly im: Code }

interface Part {
  readonly phase: Phase
  readonly where: Split
  /** Bits of z by where they are. */
  readonly z: Split
  readonly isOuter: boolean
  readonly factor: Factor | undefined
  readonly sum: Local | undefined
}

export class PhaseRunCode {
  private readonly parts: readonly Part[]
  /** The product for each register; undefined where it is 1. */
  private readonly table: ReadonlyMap<number, Factor>
  /** Σ Im(λ̄ψ) for each register. */
  private readonly sums: ReadonlyMap<number, Local>

  constructor(phases: readonly { readonly phase: Phase; readonly numbers: PhaseNumbers; readonly hasSlope: boolean }[], private readonly registers: Registers, private readonly site: RegisterSite) {
    const splits = phases.map(({ phase }) => ({ where: registers.split(phase.where), z: registers.split({ mask: phase.z, value: 0 }) }))
    const isOuter = splits.map(({ where, z }) => where.outer.mask !== 0 || z.outer.mask !== 0)
    // Where all that a table would hold are signs, changing them is less work.
    const needsTable = phases.some(({ phase }, k) => !isOuter[k] && !phase.isSign)
    this.parts = phases.map(({ phase, numbers, hasSlope }, k) => {
      const split = splits[k] as { where: Split; z: Split }
      const isSign = phase.isSign && (isOuter[k] === true || !needsTable)
      return {
        phase, ...split, isOuter: isOuter[k] === true, factor: isSign ? undefined : this.factorOf(phase, split.where, numbers),
        sum: hasSlope && isOuter[k] === true ? site.f.local('v128') : undefined,
      }
    })
    this.table = this.productTable()
    const needsSums = phases.some(({ hasSlope }, k) => hasSlope && isOuter[k] === false)
    this.sums = new Map(needsSums ? registers.settings.map(setting => [setting, site.f.local('v128')]) : [])
  }

  /** With the lanes' share of σ and of the condition. */
  private factorOf(phase: Phase, where: Split, { cosine, sine }: PhaseNumbers): Factor {
    const { f, v } = this.site
    const lanes = (1 << v.bits) - 1
    const signed = (phase.z & lanes) === 0 ? sine : v128.xor(sine, v.signsOf(k => isOdd(k & phase.z & lanes)))
    if (where.lane.mask === 0) return { re: f.local('v128', cosine).get, im: f.local('v128', signed).get }
    const mask = v.maskOf(k => holds(where.lane, k))
    return { re: f.local('v128', v128.select(cosine, v.const(1), mask)).get, im: f.local('v128', v128.and(signed, mask)).get }
  }

  /** Registers for which all phases agree share a product, so that few are made. */
  private productTable(): ReadonlyMap<number, Factor> {
    const { f, v } = this.site
    const made = new Map<string, Factor>()
    return new Map(this.registers.settings.flatMap((setting): readonly [number, Factor][] => {
      let key = '', product: Factor | undefined
      for (const [at, { where, z, isOuter, factor }] of this.parts.entries()) {
        if (isOuter || !factor || !holds(where.local, setting)) continue
        const isNegative = isOdd(setting & z.local.mask)
        key += ` ${isNegative ? '-' : '+'}${at}`
        const before = product
        const known = made.get(key)
        if (known) { product = known; continue }
        const turned = { re: factor.re, im: isNegative ? v.neg(factor.im) : factor.im }
        const next = before ? timesFactor(this.site, before, turned) : turned
        product = { re: f.local('v128', next.re).get, im: f.local('v128', next.im).get }
        made.set(key, product)
      }
      return product ? [[setting, product]] : []
    }))
  }

  apply(): void {
    const { registers, site: { f, v } } = this
    for (const [setting, factor] of this.table) this.multiply(setting, factor)
    for (const { phase, where, z, isOuter, factor } of this.parts) {
      if (!factor) {
        registers.negate(phase.where)
        continue
      }
      if (!isOuter) continue
      const im = z.outer.mask === 0 ? factor.im : f.local('v128', v128.xor(factor.im, registers.signs(z.outer.mask))).get
      const negative = registers.settings.some(s => isOdd(s & z.local.mask)) ? f.local('v128', v.neg(im)).get : im
      registers.where(where.outer, () => {
        for (const setting of registers.settings.filter(s => holds(where.local, s))) {
          this.multiply(setting, { re: factor.re, im: isOdd(setting & z.local.mask) ? negative : im })
        }
      })
    }
  }

  private multiply(setting: number, factor: Factor): void {
    const { registers, site } = this
    for (let state = 0; state < registers.count; state++) {
      const { re, im } = registers.complex(state, setting)
      const product = timesFactor(site, { re: re.get, im: im.get }, factor)
      registers.replace([{ state, setting, parts: [product.re, product.im] }])
    }
  }

  /** Adds to the sums what state 0, ψ, and state 1, λ, give; before or after the phases, which leave it as it is. */
  addSlopes(): void {
    const { registers, sums, parts, site: { f, v } } = this
    if (sums.size === 0 && !parts.some(({ sum }) => sum)) return
    const products = new Map(registers.settings.map(setting => {
      const psi = registers.complex(0, setting), lambda = registers.complex(1, setting)
      return [setting, f.local('v128', v.sub(v.mul(lambda.re.get, psi.im.get), v.mul(lambda.im.get, psi.re.get))).get]
    }))
    for (const [setting, sum] of sums) f.set(sum, v.add(sum.get, products.get(setting) ?? []))
    for (const { where, z, sum } of parts) {
      if (!sum) continue
      registers.where(where.outer, () => {
        const total = this.signedSum(where, z, setting => products.get(setting) ?? [])
        f.set(sum, v.add(sum.get, z.outer.mask === 0 ? total : v128.xor(total, registers.signs(z.outer.mask))))
      })
    }
  }

  private signedSum(where: Split, z: Split, of: (setting: number) => Code): Code {
    const { registers, site: { v } } = this
    return registers.settings.filter(setting => holds(where.local, setting))
      .map(setting => ({ code: of(setting), isNegative: isOdd(setting & z.local.mask) }))
      .reduce<Code | undefined>((sum, { code, isNegative }) => (sum === undefined ? (isNegative ? v.neg(code) : code) : (isNegative ? v.sub : v.add)(sum, code)), undefined) ?? v.const(0)
  }

  /** ½·d/dφ for the k-th phase, as a vector whose lanes are to be added up: Σ σ·Im(λ̄ψ) where it is e^{−iσφ}, and −Σ where it is e^{iφ}. */
  slope(k: number): Code | undefined {
    const { sums, site: { v } } = this
    const part = this.parts[k]
    if (!part) return undefined
    const { phase, where, z, sum, isOuter } = part
    if (isOuter ? !sum : sums.size === 0) return undefined
    const total = sum?.get ?? this.signedSum(where, z, setting => sums.get(setting)?.get ?? [])
    const signs = v.signsOf(lane => isOdd(lane & z.lane.mask) !== (phase.z === 0))
    return v128.and(v128.xor(total, signs), v.maskOf(lane => holds(where.lane, lane)))
  }
}

function timesFactor({ v }: RegisterSite, x: Factor, y: Factor): Factor {
  return { re: v.sub(v.mul(x.re, y.re), v.mul(x.im, y.im)), im: v.add(v.mul(x.re, y.im), v.mul(x.im, y.re)) }
}
