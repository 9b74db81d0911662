/** Pauses of a long computation, in which events (an abort, a repaint) are let in. */

/** Longest time, in milliseconds, that the thread is kept. */
const PATIENCE_OF_EVENTS = 25

export class Pauses {
  private last = performance.now()

  get isDue(): boolean {
    return performance.now() - this.last > PATIENCE_OF_EVENTS
  }

  async letEventsIn(): Promise<void> {
    await new Promise<void>(resolve => {
      if (typeof setImmediate === 'function') setImmediate(resolve)
      else setTimeout(resolve, 0)
    })
    this.last = performance.now()
  }
}
