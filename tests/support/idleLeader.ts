/** A team whose leader does nothing: so it is the workers whose results are looked at. */
import { Team } from '../../wasm/team'
import { CONTROL } from '../../wasm/worker'

const DEADLINE = 30_000

export class IdleLeader extends Team {
  /** Pieces that it has left to the workers. */
  left = 0

  protected override takePieces(): void {
    const untaken = () => Atomics.load(this.control, CONTROL.ticket) & 255
    this.left += untaken()
    const end = performance.now() + DEADLINE
    while (untaken() > 0) if (performance.now() > end) throw new Error('no worker takes a piece')
  }
}
