/**
 * Turns by their tangents: cos φ·[1, −t; t, 1] takes half the products if cos φ is left to whoever multiplies all amplitudes next, a
 * table or the stores of a later group. Until then states lack the product of these cosines, and slopes between two states its square.
 *
 * Where some cosine of a group is near 0, that group turns as usual, which is known when it runs: its share is then 1.
 */
import { f64, i32, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter } from '../../../wasm/module'
import type { Lanes } from './lanes'
import type { Primitive, Turn } from './primitives'
import type { Group } from './schedule'
import { GROUP } from './tileCode'

/**
 * Least cosine of a turn by its tangent, most of them in a group, and most before all amplitudes are multiplied: the square of what is
 * lacking, 2^(2·24·20) or 2^(2·12·4), is within the range of exponents.
 */
const LIMITS = { 8: { least: 2 ** -20, group: 8, all: 24 }, 4: { least: 2 ** -4, group: 4, all: 12 } } as const

/** What a group does about cosines. */
export interface ScalePlan {
  /** Its turns by tangents. */
  readonly lights: readonly Turn[]
  /** The groups before it whose cosines are lacking. */
  readonly pending: readonly Group[]
  /** Whether it makes up for them, and for its own. */
  readonly settles: boolean
}

/** Turns that could be: under no condition, since all amplitudes are to lack the same. */
const isLight = (primitive: Primitive): primitive is Turn => primitive.kind === 'turn' && primitive.where.mask === 0

/** @param groups in the order in which they act; the last ones leave nothing lacking */
export function planScales(groups: readonly Group[], bytes: 4 | 8): ReadonlyMap<Group, ScalePlan> {
  const limits = LIMITS[bytes]
  const lightsOf = (group: Group) => (group.kind === 'mix' && group.isReal ? group.primitives.filter(isLight).slice(0, limits.group) : [])
  const lastLight = groups.findLastIndex(group => lightsOf(group).length > 0)
  const settlesLast = groups.findLastIndex(({ kind }) => kind === 'diagonal') < lastLight
  const plans = new Map<Group, ScalePlan>()
  let pending: readonly Group[] = [], count = 0
  for (const [k, group] of groups.entries()) {
    const lights = lightsOf(group)
    count += lights.length
    const settles = group.kind === 'diagonal' || (lights.length > 0 && count + limits.group > limits.all) || (settlesLast && k === lastLight)
    plans.set(group, { lights, pending, settles })
    if (lights.length > 0) pending = [...pending, group]
    if (settles) {
      pending = []
      count = 0
    }
  }
  return plans
}

/** Of a group about cosines: its own list, the lists of others that are lacking (0 for none), and once both are looked through, their products. */
export const SCALES = { own: 0, lacking: 4, ownProduct: 8, lackingProduct: 16, bytes: 24 } as const

/** Looks through a group's lists ahead of all tiles: its number in the table of the module's functions. */
export function scalesFunction(module: ModuleWriter, v: Lanes): number {
  const { own, all } = scaleFunctions(module, v)
  return module.number('scales', GROUP, f => {
    const [scales] = f.parameters as [Local]
    for (const [list, product, of] of [[SCALES.own, SCALES.ownProduct, own], [SCALES.lacking, SCALES.lackingProduct, all]] as const) {
      const at = f.local('i32', i32.load(scales.get, list))
      f.when(at.get, () => f.emit(f64.store(scales.get, of(at.get), product)))
    }
  })
}

/**
 * `own(list)`: the product of the cosines of a list of rows, or 1 where one of them is too small; `all(lists)`, of a list of such
 * lists. A list is the number of its addresses, and they.
 */
export function scaleFunctions(module: ModuleWriter, v: Lanes): { readonly own: Callee; readonly all: Callee } {
  const eachOf = (f: FunctionWriter, list: Local, body: (entry: Code) => void) => {
    const at = f.local('i32', list.get), last = f.local('i32', i32.add(list.get, i32.shl(i32.load(list.get), i32.const(2))))
    f.whileTrue(() => i32.ltUnsigned(at.get, last.get), () => {
      f.advance(at, 4)
      body(i32.load(at.get))
    })
  }
  const own = module.define('own scale', { parameters: ['i32'], result: 'f64' }, f => {
    const [list] = f.parameters as [Local]
    const product = f.local('f64', f64.const(1)), isSmall = f.local('i32')
    eachOf(f, list, row => {
      const cosine = f.local('f64', v.loadDouble(row)).get
      f.set(product, f64.mul(product.get, cosine))
      f.set(isSmall, i32.or(isSmall.get, f64.lt(f64.abs(cosine), f64.const(LIMITS[v.bytes].least))))
    })
    f.when(isSmall.get, () => f.set(product, f64.const(1)))
    f.emit(product.get)
  })
  const all = module.define('all scales', { parameters: ['i32'], result: 'f64' }, f => {
    const [lists] = f.parameters as [Local]
    const product = f.local('f64', f64.const(1))
    eachOf(f, lists, list => f.set(product, f64.mul(product.get, own(list))))
    f.emit(product.get)
  })
  return { own, all }
}
