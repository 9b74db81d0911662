/** Copies of bytes: short ones by loads and stores, long ones by the machine's own. */
import { bulk, i32, v128, type Code } from './instructions'
import type { FunctionWriter } from './module'

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
