/** Pauses of a long computation, in which events (an abort, a repaint) are let in. */

/** Longest time, in milliseconds, that the thread is kept. */
const PATIENCE_OF_EVENTS = 25

/** Milliseconds between two looks at the clock, about: a look takes as long as a good part of a small step. */
const BETWEEN_LOOKS = 0.5
const MOST_STEPS_BETWEEN_LOOKS = 64

export class Pauses {
  private last = performance.now()
  private looked = this.last
  /** Steps from one look to the next, and since the last one. */
  private stride = 1
  private steps = 0

  /** To be asked after each step. */
  get isDue(): boolean {
    this.steps++
    if (this.steps < this.stride) return false
    const now = performance.now()
    this.stride = now - this.looked < BETWEEN_LOOKS ? Math.min(2 * this.stride, MOST_STEPS_BETWEEN_LOOKS) : 1
    this.looked = now
    this.steps = 0
    return now - this.last > PATIENCE_OF_EVENTS
  }

  async letEventsIn(): Promise<void> {
    await new Promise<void>(resolve => {
      if (typeof setImmediate === 'function') setImmediate(resolve)
      else setTimeout(resolve, 0)
    })
    this.last = performance.now()
  }
}
