/** What an optimizer is. It sees flat arrays, and nothing of what the numbers mean. */
import type { FloatArray } from '../params'

export interface Optimizer {
  /**
   * Moves the parameters by one step against the gradient, in place.
   * @param parameters only the first gradient.length elements are touched
   */
  update(parameters: FloatArray, gradient: FloatArray): void
  /** What a checkpoint needs to go on from here, by name; live, so writing to it restores. */
  readonly state: ReadonlyMap<string, FloatArray>
}

/** A fresh array of zeros, of the kind of `like`. */
export const zerosLike = (like: FloatArray): FloatArray =>
  like instanceof Float32Array ? new Float32Array(like.length) : new Float64Array(like.length)
