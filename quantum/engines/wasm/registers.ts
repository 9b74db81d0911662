/**
 * The amplitudes of a group while they are in variables: one vector of real and one of imaginary parts for each setting of the
 * group's bits, of one state or of two that go through the same gates. A group whose primitives are real matrices treats both parts
 * alike and apart, so that one of them takes half the variables.
 */
import { i32, v128, type Code } from '../../../wasm/instructions'
import type { FunctionWriter, Local } from '../../../wasm/module'
import type { Lanes } from './lanes'
import { bitsOf, type Condition, type Flip } from './primitives'
import { parity } from '../subspace'

/** The real part and the imaginary one, or one of both in a group that is real. */
export type Amplitude = readonly Local[]

/** A condition, or a mask, by where its bits are. */
export interface Split { readonly lane: Condition; readonly local: Condition; readonly outer: Condition }

export interface RegisterSite {
  readonly f: FunctionWriter
  readonly v: Lanes
  /** Mask of the bits mixed beside the lanes'. */
  readonly local: number
  /** The byte offset of the vector within a state, with the local bits 0. */
  readonly at: Local
}

export const holds = ({ mask, value }: Condition, bits: number): boolean => (bits & mask) === value

export class Registers {
  /** Settings of the local bits. */
  readonly settings: readonly number[]
  private readonly states: Map<number, Amplitude>[]
  /** Inside of a condition, where new values go into the variables of the old. */
  private isConditional = false

  constructor(private readonly site: RegisterSite, states: number) {
    this.settings = subsetsOf(site.local)
    this.states = Array.from({ length: states }, () => new Map<number, Amplitude>())
  }

  get count(): number {
    return this.states.length
  }

  get(state: number, setting: number): Amplitude {
    const found = this.states[state]?.get(setting)
    if (!found) throw new Error(`there is no register ${setting} of state ${state}`)
    return found
  }

  /** Both parts. */
  complex(state: number, setting: number): { readonly re: Local; readonly im: Local } {
    const [re, im] = this.get(state, setting)
    if (!re || !im) throw new Error(`register ${setting} of state ${state} has one part`)
    return { re, im }
  }

  put(state: number, setting: number, amplitude: Amplitude): void {
    this.states[state]?.set(setting, amplitude)
  }

  /** New values of several amplitudes, part by part, all computed before any is replaced. */
  replace(changes: readonly { readonly state: number; readonly setting: number; readonly parts: readonly Code[] }[]): void {
    const { f } = this.site
    const made = changes.map(({ parts }) => parts.map(part => f.local('v128', part)))
    changes.forEach(({ state, setting }, k) => {
      const parts = made[k] ?? []
      if (!this.isConditional) return this.put(state, setting, parts)
      this.get(state, setting).forEach((old, part) => f.set(old, parts[part]?.get ?? []))
    })
  }

  /** Code for amplitudes outside of whose vectors the condition holds, which is on bits that are neither lanes nor local. */
  where(outer: Condition, body: () => void): void {
    if (outer.mask === 0) return body()
    this.isConditional = true
    this.site.f.when(this.test(outer), body)
    this.isConditional = false
  }

  /** 1 where a condition on outer bits holds. */
  test({ mask, value }: Condition): Code {
    const { at, v } = this.site
    return i32.eq(i32.and(at.get, i32.const(mask * v.bytes)), i32.const(value * v.bytes))
  }

  /** Sign bits where an odd number of these outer bits is set. */
  signs(outer: number): Code {
    const { at, v } = this.site
    return v.oddSigns(i32.popcnt(i32.and(at.get, i32.const(outer * v.bytes))))
  }

  split(condition: Condition): Split {
    const { local, v } = this.site
    const lanes = (1 << v.bits) - 1
    const part = (bits: number): Condition => ({ mask: condition.mask & bits, value: condition.value & bits })
    return { lane: part(lanes), local: part(local), outer: part(~(lanes | local)) }
  }

  flip({ target, where }: Flip): void {
    const { lane, local, outer } = this.split(where)
    const { v, local: locals } = this.site
    this.where(outer, () => {
      for (let state = 0; state < this.count; state++) {
        for (const setting of this.settings.filter(at => holds(local, at))) {
          const x = this.get(state, setting)
          if ((target & locals) === 0) {
            const from = (k: number) => (holds(lane, k) ? k ^ target : k)
            this.replace([{ state, setting, parts: x.map(({ get }) => v.shuffle(get, get, from)) }])
            continue
          }
          if ((setting & target) !== 0) continue
          const other = setting | target
          const y = this.get(state, other)
          if (lane.mask === 0 && !this.isConditional) {
            this.put(state, setting, y)
            this.put(state, other, x)
            continue
          }
          const count = 1 << v.bits
          const mixed = (here: Amplitude, there: Amplitude) => here.map(({ get }, part) => v.shuffle(get, there[part]?.get ?? [], k => (holds(lane, k) ? count + k : k)))
          this.replace([{ state, setting, parts: mixed(x, y) }, { state, setting: other, parts: mixed(y, x) }])
        }
      }
    })
  }

  /** Changes signs where the condition holds. */
  negate(where: Condition): void {
    const { lane, local, outer } = this.split(where)
    const { v } = this.site
    const negated = ({ get }: Local): Code => (lane.mask === 0 ? v.neg(get) : v128.xor(get, v.signsOf(k => holds(lane, k))))
    this.where(outer, () => {
      for (let state = 0; state < this.count; state++) {
        for (const setting of this.settings.filter(at => holds(local, at))) {
          this.replace([{ state, setting, parts: this.get(state, setting).map(negated) }])
        }
      }
    })
  }
}

export const isOdd = (bits: number): boolean => parity(bits) === 1

export function subsetsOf(mask: number): readonly number[] {
  return bitsOf(mask).reduce<readonly number[]>((subsets, bit) => [...subsets, ...subsets.map(subset => subset | bit)], [0])
}
