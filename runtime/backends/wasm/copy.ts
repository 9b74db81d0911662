/** Copies of bytes: short ones by loads and stores, long ones by the machine's own. */
import { bulk, f64, i32, v128, type Code } from '../../../wasm/instructions'
import type { FunctionWriter } from '../../../wasm/module'
import { mergeAxes, walk, type Walker } from './nest'
import type { Vectors } from './vectors'

/** Bytes above which the bulk instruction's start is worth its while. */
const SHORT = 256

/** @param to,from addresses; exactly `bytes` are read and written, and the two do not overlap */
export function copyBytes(f: FunctionWriter, to: Code, from: Code, bytes: number): void {
  if (bytes > SHORT) return f.emit(bulk.copy(to, from, i32.const(bytes)))
  if (bytes <= 0) return
  const target = f.local('i32', to).get
  const source = f.local('i32', from).get
  let at = 0
  for (; at + 16 <= bytes; at += 16) f.emit(v128.store(target, v128.load(source, at), at))
  for (; at + 4 <= bytes; at += 4) f.emit(i32.store(target, i32.load(source, at), at))
  for (; at < bytes; at++) f.emit(i32.store8(target, i32.load8(source, at), at))
}

/** Where a copy reads or writes: an address, and bytes from one element to the next along each axis. */
export interface View { readonly address: Code; readonly strides: readonly number[] }

/** Copies the elements of a shape from one view to another that it does not overlap. */
export function copyView(f: FunctionWriter, sizes: readonly number[], width: 1 | 4 | 8, from: View, to: View): void {
  const { sizes: merged, strides: [source = [], target = []] } = mergeAxes(sizes, [from.strides, to.strides])
  const inner = merged.length - 1
  const isStretch = inner >= 0 && source[inner] === width && target[inner] === width
  const walkers: readonly [Walker, Walker] = [
    { address: f.local('i32', from.address), strides: source }, { address: f.local('i32', to.address), strides: target },
  ]
  const [{ address: read }, { address: write }] = walkers
  if (isStretch) walk(f, merged.slice(0, inner), walkers, () => copyBytes(f, write.get, read.get, width * (merged[inner] ?? 1)))
  else walk(f, merged, walkers, () => f.emit(COPY_ELEMENT[width](write.get, read.get)))
}

const COPY_ELEMENT = {
  1: (to: Code, from: Code) => i32.store8(to, i32.load8(from)),
  4: (to: Code, from: Code) => i32.store(to, i32.load(from)),
  8: (to: Code, from: Code) => f64.store(to, f64.load(from)),
} as const

/** Adds reals of a shape in one view to those in another. */
export function addView(f: FunctionWriter, v: Vectors, sizes: readonly number[], from: View, to: View): void {
  const bytes = 16 / v.lanes
  const { sizes: merged, strides: [source = [], target = []] } = mergeAxes(sizes, [from.strides, to.strides])
  const inner = merged.length - 1
  const walkers: readonly [Walker, Walker] = [
    { address: f.local('i32', from.address), strides: source }, { address: f.local('i32', to.address), strides: target },
  ]
  const [{ address: read }, { address: write }] = walkers
  const addOne = () => f.emit(v.storeLane('real', write.get, v.real.add(v.loadSplat('real', write.get), v.loadSplat('real', read.get)), 0))
  if (inner < 0 || source[inner] !== bytes || target[inner] !== bytes) return walk(f, merged, walkers, addOne)
  const length = merged[inner] ?? 1
  const whole = Math.floor(length / v.lanes)
  walk(f, merged.slice(0, inner), walkers, () => {
    f.repeat(whole, () => {
      f.emit(v.store('real', write.get, v.real.add(v.load('real', write.get), v.load('real', read.get))))
      for (const { address } of walkers) f.advance(address, 16)
    })
    const rest = length - whole * v.lanes
    if (rest) {
      const sum = f.local('v128', v.real.add(v.load('real', write.get), v.load('real', read.get))).get
      for (let lane = 0; lane < rest; lane++) f.emit(v.storeLane('real', write.get, sum, lane, lane * bytes))
    }
    for (const { address } of walkers) f.advance(address, -16 * whole)
  })
}
