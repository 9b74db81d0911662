/** Runs of passes: the code that goes from tile to tile, and how a pass lies in memory for it. */
import { bulk, f32, f64, i32, v128, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter, Signature } from '../../../wasm/module'
import type { Lanes } from './lanes'
import { GROUP, nextOf, type StateDistances } from './tileCode'
import type { Pass } from './tiles'

/** A function's number, where its numbers are, and the bits of an offset that it leaves as they are. */
export interface Call { readonly number: number; readonly numbers: number; readonly fixed: number }

/** @property before what is done once, ahead of all tiles; @property after behind them */
export interface PassCalls { readonly before: readonly Call[]; readonly groups: readonly Call[]; readonly after: readonly Call[] }

const PASS = { groups: 0, after: 4, end: 8, rows: 12, fixedRow: 16, fixedTile: 20, fixedBegin: 24, bytes: 28 } as const
const CALL = { number: 0, numbers: 4, fixed: 8, bytes: 12 } as const

export const passBytes = ({ before, groups, after }: PassCalls): number => PASS.bytes + CALL.bytes * (before.length + groups.length + after.length)

/** @param at where the pass lies */
export function writePass(view: DataView, at: number, { tileBits, rows, live }: Pass, { before, groups, after }: PassCalls, v: Lanes): void {
  const put = (offset: number, value: number) => view.setUint32(at + offset, value, true)
  const calls = [...before, ...groups, ...after]
  const addressOf = (call: number) => at + PASS.bytes + CALL.bytes * call
  put(PASS.groups, addressOf(before.length))
  put(PASS.after, addressOf(before.length + groups.length))
  put(PASS.end, addressOf(calls.length))
  put(PASS.rows, rows === 0 ? 0 : 1)
  put(PASS.fixedRow, fixedBut(rows, v))
  put(PASS.fixedTile, fixedBut(rows === 0 ? live.renamed : live.outer, v))
  put(PASS.fixedBegin, fixedBut(live.renamed & -(2 ** tileBits), v))
  calls.forEach(({ number, numbers, fixed }, k) => {
    const offset = PASS.bytes + CALL.bytes * k
    put(offset + CALL.number, number)
    put(offset + CALL.numbers, numbers)
    put(offset + CALL.fixed, fixed)
  })
}

/** The bits of an offset in bytes that stay as they are while those of the mask, lanes aside, take all values. */
export const fixedBut = (mask: number, v: Lanes): number => ~((mask * v.bytes) & ~15) >>> 0

const RUN: Signature = { parameters: ['i32', 'i32', 'i32'] }

export interface PassCode { readonly run: Callee; readonly sweep: Callee; readonly start: Callee; readonly copy: Callee }

/** @property part of all amplitudes' real parts; @property row of those of a row that is gathered */
export interface StateBytes { readonly part: number; readonly row: number }

/**
 * Exports `run(pass, end, state)`; `sweep`, the same on two states; `launch`, `run` from |0…0⟩; `start(state)`, which makes it |0…0⟩;
 * `copy(from, to)`; and `shifted(list, prefix, pass, end, state)`, which reads one angle and runs on from a copy of the state `prefix`.
 */
export function writePasses(module: ModuleWriter, v: Lanes, distances: StateDistances, bytes: StateBytes, angles: Callee): PassCode {
  const { imaginary } = distances
  const run = module.define('run', RUN, f => writeRun(f, module, distances, bytes, 1))
  const sweep = module.define('sweep', RUN, f => writeRun(f, module, distances, bytes, 2))
  const start = module.define('start', { parameters: ['i32'] }, f => {
    const [state] = f.parameters as [Local]
    for (const offset of [0, imaginary]) f.emit(bulk.fill(i32.add(state.get, i32.const(offset)), i32.const(0), i32.const(bytes.part)))
    f.emit(v.bytes === 8 ? f64.store(state.get, f64.const(1)) : f32.store(state.get, f32.const(1)))
  })
  const copy = module.define('copy', { parameters: ['i32', 'i32'] }, f => {
    const [from, to] = f.parameters as [Local, Local]
    for (const offset of [0, imaginary]) {
      f.emit(bulk.copy(i32.add(to.get, i32.const(offset)), i32.add(from.get, i32.const(offset)), i32.const(bytes.part)))
    }
  })
  const given = (f: FunctionWriter, from: number, to: number) => f.parameters.slice(from, to).map(({ get }) => get)
  module.export('run', f => f.emit(run(...given(f, 0, 3))), RUN)
  module.export('sweep', f => f.emit(sweep(...given(f, 0, 3))), RUN)
  module.export('start', f => f.emit(start(...given(f, 0, 1))), { parameters: ['i32'] })
  module.export('copy', f => f.emit(copy(...given(f, 0, 2))), { parameters: ['i32', 'i32'] })
  module.export('launch', f => f.emit(start(...given(f, 2, 3)), run(...given(f, 0, 3))), RUN)
  module.export('shifted', f => {
    const [list, prefix, pass, end, state] = given(f, 0, 5) as [Code, Code, Code, Code, Code]
    f.emit(angles(list, i32.add(list, i32.const(1))), copy(prefix, state), run(pass, end, state))
  }, { parameters: ['i32', 'i32', 'i32', 'i32', 'i32'] })
  return { run, sweep, start, copy }
}

function writeRun(f: FunctionWriter, module: ModuleWriter, distances: StateDistances, bytes: StateBytes, states: 1 | 2): void {
  const [pass, end, state] = f.parameters as [Local, Local, Local]
  const call = f.local('i32'), begin = f.local('i32'), base = f.local('i32'), where = f.local('i32'), last = f.local('i32')
  const zero = f.local('i32', i32.const(0)), isGathered = f.local('i32'), from = f.local('i32')
  const calls = (to: Code) => {
    f.set(last, to)
    f.whileTrue(() => i32.ltUnsigned(call.get, last.get), () => {
      f.emit(module.callNumber(GROUP, i32.load(call.get, CALL.number), [i32.load(call.get, CALL.numbers), begin.get, where.get, i32.load(call.get, CALL.fixed)]))
      f.advance(call, CALL.bytes)
    })
  }
  const step = (at: Local, fixed: number) => {
    const bits = f.local('i32', i32.load(pass.get, fixed))
    f.set(at, nextOf(at, zero, bits, f.local('i32', i32.xor(bits.get, i32.const(-1)))))
  }
  const scratch = i32.add(state.get, i32.const(bytes.part))
  f.doWhile(() => {
    f.set(call, i32.add(pass.get, i32.const(PASS.bytes)))
    f.set(begin, i32.const(0))
    f.set(base, i32.const(0))
    f.set(where, state.get)
    calls(i32.load(pass.get, PASS.groups))
    f.set(isGathered, i32.load(pass.get, PASS.rows))
    f.doWhile(() => {
      f.set(from, i32.add(state.get, base.get))
      f.when(isGathered.get, () => {
        f.emit(rowCopy(module, distances, bytes, states, true)(pass.get, from.get, scratch))
        f.set(where, i32.sub(scratch, begin.get))
      })
      f.set(call, i32.load(pass.get, PASS.groups))
      calls(i32.load(pass.get, PASS.after))
      f.when(isGathered.get, () => f.emit(rowCopy(module, distances, bytes, states, false)(pass.get, from.get, scratch)))
      step(base, PASS.fixedTile)
      step(begin, PASS.fixedBegin)
      return begin.get
    })
    f.set(call, i32.load(pass.get, PASS.after))
    calls(i32.load(pass.get, PASS.end))
    f.set(pass, i32.load(pass.get, PASS.end))
    return i32.ltUnsigned(pass.get, end.get)
  })
}

/** Copies the rows of a tile, from all over a state or two into one piece, or back. */
function rowCopy(module: ModuleWriter, { imaginary, lambda }: StateDistances, { row }: StateBytes, states: 1 | 2, isIn: boolean): Callee {
  return module.define(`rows ${states} ${isIn ? 'in' : 'out'}`, { parameters: ['i32', 'i32', 'i32'] }, f => {
    const [pass, state, scratch] = f.parameters as [Local, Local, Local]
    const fixed = f.local('i32', i32.load(pass.get, PASS.fixedRow)), moving = f.local('i32', i32.xor(fixed.get, i32.const(-1)))
    const at = f.local('i32'), zero = f.local('i32', i32.const(0))
    const parts = [0, imaginary, ...(states === 2 ? [lambda, lambda + imaginary] : [])]
    f.doWhile(() => {
      const far = f.local('i32', i32.add(state.get, at.get))
      const [from, to] = isIn ? [far, scratch] : [scratch, far]
      for (const part of parts) for (let byte = 0; byte < row; byte += 16) f.emit(v128.store(to.get, v128.load(from.get, part + byte), part + byte))
      f.advance(scratch, row)
      f.set(at, nextOf(at, zero, fixed, moving))
      return at.get
    })
  })
}
