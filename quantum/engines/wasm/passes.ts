/**
 * What runs the groups: passes in memory, each a list of groups that run one after the other on one tile of the state after the
 * next, a tile being as much of it as stays in the cache.
 */
import { bulk, f32, f64, i32, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter, Signature } from '../../../wasm/module'
import { GROUP, type StateDistances } from './groupCode'
import type { Lanes } from './lanes'
import { bitsOf } from './primitives'
import type { Group } from './schedule'

/** Of 2^11 amplitudes, in doubles 32 KiB. */
const TILE_BITS = 11

export interface Pass {
  readonly tileBits: number
  readonly groups: readonly Group[]
}

/** A pass in memory: its tile's bytes and the number of its groups, and for each its function's number and its numbers' address. */
export const passBytes = ({ groups }: Pass): number => 8 + 8 * groups.length

/** Groups that follow each other and mix no bit beyond a tile share a pass; in a state of one tile each group is one, so that runs may start at it. */
export function passesOf(groups: readonly Group[], bits: number): readonly Pass[] {
  if (bits <= TILE_BITS) return groups.map(group => ({ tileBits: bits, groups: [group] }))
  const passes: { tileBits: number; groups: Group[] }[] = []
  for (const group of groups) {
    const isLow = bitsOf(group.local).every(bit => bit < 1 << TILE_BITS)
    const last = passes.at(-1)
    if (isLow && last?.tileBits === TILE_BITS) last.groups.push(group)
    else passes.push({ tileBits: isLow ? TILE_BITS : bits, groups: [group] })
  }
  return passes
}

const RUN: Signature = { parameters: ['i32', 'i32', 'i32'] }

/**
 * Exports `run(pass, end, state)`; `launch`, the same from |0…0⟩; `start(state)`, which makes it |0…0⟩; `copy(from, to)`; and
 * `shifted(list, rows, prefix, pass, end, state)`, which reads one angle and runs on from a copy of the state `prefix`.
 */
export function writePasses(module: ModuleWriter, v: Lanes, distances: StateDistances, bytes: number, angles: Callee): void {
  const { imaginary } = distances
  const run = module.define('run', RUN, f => {
    const [pass, end, state] = f.parameters as [Local, Local, Local]
    const tile = f.local('i32'), begin = f.local('i32'), group = f.local('i32'), last = f.local('i32'), next = f.local('i32')
    f.doWhile(() => {
      f.set(tile, i32.load(pass.get))
      f.set(last, i32.add(i32.add(pass.get, i32.const(8)), i32.shl(i32.load(pass.get, 4), i32.const(3))))
      f.set(begin, i32.const(0))
      f.doWhile(() => {
        f.set(group, i32.add(pass.get, i32.const(8)))
        f.set(next, i32.add(begin.get, tile.get))
        f.doWhile(() => {
          f.emit(module.callNumber(GROUP, i32.load(group.get), [i32.load(group.get, 4), begin.get, next.get, state.get]))
          f.advance(group, 8)
          return i32.ltUnsigned(group.get, last.get)
        })
        f.set(begin, next.get)
        return i32.ltUnsigned(begin.get, i32.const(bytes))
      })
      f.set(pass, last.get)
      return i32.ltUnsigned(pass.get, end.get)
    })
  })
  const start = module.define('start', { parameters: ['i32'] }, f => {
    const [state] = f.parameters as [Local]
    for (const offset of [0, imaginary]) f.emit(bulk.fill(i32.add(state.get, i32.const(offset)), i32.const(0), i32.const(bytes)))
    f.emit(v.bytes === 8 ? f64.store(state.get, f64.const(1)) : f32.store(state.get, f32.const(1)))
  })
  const copy = module.define('copy', { parameters: ['i32', 'i32'] }, f => {
    const [from, to] = f.parameters as [Local, Local]
    for (const offset of [0, imaginary]) {
      f.emit(bulk.copy(i32.add(to.get, i32.const(offset)), i32.add(from.get, i32.const(offset)), i32.const(bytes)))
    }
  })
  const given = (f: FunctionWriter, from: number, to: number) => f.parameters.slice(from, to).map(({ get }) => get)
  module.export('run', f => f.emit(run(...given(f, 0, 3))), RUN)
  module.export('start', f => f.emit(start(...given(f, 0, 1))), { parameters: ['i32'] })
  module.export('copy', f => f.emit(copy(...given(f, 0, 2))), { parameters: ['i32', 'i32'] })
  module.export('launch', f => f.emit(start(...given(f, 2, 3)), run(...given(f, 0, 3))), RUN)
  module.export('shifted', f => {
    const [list, rows, prefix, pass, end, state] = given(f, 0, 6) as [Code, Code, Code, Code, Code, Code]
    f.emit(angles(list, i32.add(list, i32.const(1)), rows), copy(prefix, state), run(pass, end, state))
  }, { parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] })
}
