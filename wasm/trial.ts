/**
 * Whether a program gains by its threads, found out while it runs: on a machine that others keep busy, a thread that is taken away
 * holds up those that wait for it. So both ways are tried now and then, and the faster one is taken. The results are the same.
 */

/** Runs by which a way is tried. The first wakes the workers, or lets them go, and does not count. */
const TRIES = 5

/** Runs from one trial to the next: where one way takes twice as long as the other, trying it costs 3 % of the time. */
const CYCLE = 160

export class Trial {
  private at = 0
  private shared = 0
  private alone = 0

  /** How the next run goes. */
  get isShared(): boolean {
    return this.at < TRIES || (this.at >= 2 * TRIES && this.shared <= this.alone)
  }

  /**
   * Tells of the run.
   * @param isHelped whether workers have done a part of it: a trial waits until they are there
   */
  took(milliseconds: number, isHelped: boolean): void {
    const { at } = this
    if (at < TRIES && !isHelped) return
    if (at === 0) this.shared = this.alone = 0
    else if (at < TRIES) this.shared += milliseconds
    else if (at > TRIES && at < 2 * TRIES) this.alone += milliseconds
    this.at = (at + 1) % CYCLE
  }
}
