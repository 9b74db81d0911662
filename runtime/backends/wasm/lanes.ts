/** Folds the lanes of a vector into one number, always in the same order. */
import { f32, f64, i32, i32x4, type Code } from '../../../wasm/instructions'
import type { Vectors } from './vectors'

/** @param x code without effects: it is used once a lane */
export function sumLanes(v: Vectors, x: Code): Code {
  if (v.precision === 'f64') return f64.add(v.real.extract(x, 0), v.real.extract(x, 1))
  return f32.add(f32.add(v.real.extract(x, 0), v.real.extract(x, 1)), f32.add(v.real.extract(x, 2), v.real.extract(x, 3)))
}

export function sumIntLanes(v: Vectors, x: Code): Code {
  return Array.from({ length: v.lanes }, (_, lane) => i32x4.extract(x, lane)).reduce((sum, lane) => i32.add(sum, lane))
}
