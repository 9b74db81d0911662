/**
 * Threads that run the heavy steps of WebAssembly modules together. One leads: it calls a module, and where the module comes to a
 * job, a step that is cut into pieces, all threads take pieces until none is left, and then it goes on.
 *
 * Who does which piece is a matter of chance; what a piece computes is not, so results are the same bits for any number of
 * threads. A worker that is not ready, asleep or gone is not waited for: the leader does the pieces that nobody takes.
 */
import { Trial } from './trial'
import { CONTROL, MOST_PIECES, MOST_WORKERS, SPIN, SPINS, type ProgramMessage, type StartMessage } from './worker'

/** A worker that runs WORKER_SOURCE. It never keeps the process alive. */
export interface WorkerThread {
  readonly post: (message: StartMessage | ProgramMessage) => void
  readonly terminate: () => void
}

/** @param ended told why, when it stops without having been asked to */
export type StartWorker = (ended: (reason: string) => void) => WorkerThread

/** A function (piece, scratch) of a module: the number of the piece, and the address of room that only one thread uses. */
export type Job = (piece: number, scratch: number) => void

/** A module whose jobs are shared. */
export interface SharedModule {
  /** Exports its jobs as `job0`, `job1`, … */
  readonly module: WebAssembly.Module
  /** Shared, too. */
  readonly memory: WebAssembly.Memory
  readonly jobs: readonly Job[]
  /** At most, the one that leads among them. */
  readonly threads: number
  /** The room of a thread, counted from the one that leads. */
  readonly scratchOf: (thread: number) => number
}

/** Who shares heavy work. */
export interface Threads {
  readonly team: Team
  /** At most, the one that leads among them. */
  readonly count: number
  /** Nanoseconds of work from which on it is shared. */
  readonly worth: number
}

/** Milliseconds without a single piece being done after which a thread is given up: pieces take well under one. */
const PATIENCE = 60_000

/** A worker failed, or does not come back. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'
}

export class Team {
  protected readonly control = new Int32Array(new SharedArrayBuffer(4 * (CONTROL.messages + MOST_WORKERS)))
  private readonly workers: (WorkerThread | undefined)[] = []
  private readonly dropped = new FinalizationRegistry<number>(program => this.tell({ program }))
  private programs = 0
  private turn = 0
  /** Pieces of the turn that this thread has taken. */
  private taken = 0
  private trouble: string | undefined
  private readonly maySleep = this.trySleep()

  /** @param patience milliseconds */
  constructor(private readonly start: StartWorker, private readonly patience = PATIENCE) {}

  /** Why there are fewer threads than were asked for; undefined where all are there. */
  get lacks(): string | undefined {
    return this.trouble
  }

  /** Threads that are there, the one that leads among them. */
  get size(): number {
    return 1 + this.workers.filter(worker => worker !== undefined).length
  }

  /**
   * Tells the workers of a module, and starts those that are not there yet; nobody waits for them.
   * @returns what runs its jobs. When that is garbage, the workers forget the module and its memory.
   */
  enlist(shared: SharedModule): SharedProgram {
    const program = ++this.programs
    const { module, memory, threads, scratchOf } = shared
    while (this.workers.length < Math.min(threads - 1, MOST_WORKERS) && this.trouble === undefined) this.hire()
    this.workers.slice(0, threads - 1).forEach((_, index) => this.post(index, { program, module, memory, scratch: scratchOf(index + 1) }))
    const made = new SharedProgram(this, program, shared)
    this.dropped.register(made, program)
    return made
  }

  /**
   * Has all threads do the pieces of a job.
   * @returns how many of them workers have done
   * @throws WorkerError when a piece failed, or a worker does not come back
   */
  run(program: number, job: number, pieces: number, own: Job, scratch: number): number {
    const { control } = this
    this.turn = (this.turn + 1) & 0xffffff
    const turn = this.turn << 8
    Atomics.store(control, CONTROL.done, 0)
    Atomics.store(control, CONTROL.program, program)
    Atomics.store(control, CONTROL.job, job)
    Atomics.store(control, CONTROL.ticket, turn | pieces)
    this.signal()
    this.taken = 0
    let others = 0
    try {
      this.takePieces(own, scratch)
    } finally {
      // Pieces are left where one of this thread's failed: nobody may take them after that.
      const left = Atomics.exchange(control, CONTROL.ticket, turn) & MOST_PIECES
      others = pieces - this.taken - left
      this.waitFor(others)
    }
    if (Atomics.exchange(control, CONTROL.failed, 0) !== 0) throw new WorkerError('a step failed in a worker thread; threads: 1 runs without')
    return others
  }

  /** What this thread does of a job; the workers do the same (worker.ts). */
  protected takePieces(own: Job, scratch: number): void {
    const { control } = this
    for (;;) {
      const ticket = Atomics.load(control, CONTROL.ticket)
      const left = ticket & MOST_PIECES
      if (left === 0) return
      if (Atomics.compareExchange(control, CONTROL.ticket, ticket, ticket - 1) !== ticket) continue
      this.taken++
      own(left - 1, scratch)
    }
  }

  /** Until the workers have done so many pieces. */
  private waitFor(pieces: number): void {
    const { control } = this
    const end = performance.now() + SPIN
    for (let spins = 1; Atomics.load(control, CONTROL.done) !== pieces; spins++) {
      if (spins % SPINS === 0 && performance.now() >= end) return this.sleepUntil(pieces)
    }
  }

  private sleepUntil(pieces: number): void {
    const { control, patience } = this
    let end = performance.now() + patience
    let before = -1
    Atomics.store(control, CONTROL.leaderSleeps, 1)
    try {
      for (let done; (done = Atomics.load(control, CONTROL.done)) !== pieces;) {
        if (done !== before) {
          before = done
          end = performance.now() + patience
        }
        if (performance.now() >= end) this.giveUp()
        if (this.maySleep) Atomics.wait(control, CONTROL.done, done, patience)
      }
    } finally {
      Atomics.store(control, CONTROL.leaderSleeps, 0)
    }
  }

  /** A page's main thread may not. */
  private trySleep(): boolean {
    try {
      // The value differs, so nobody waits.
      Atomics.wait(this.control, CONTROL.signal, -1)
      return true
    } catch {
      return false
    }
  }

  private giveUp(): never {
    for (const worker of this.workers) worker?.terminate()
    this.workers.fill(undefined)
    this.trouble = `a worker thread did nothing for ${this.patience / 1000} s`
    throw new WorkerError(`${this.trouble}; from now on there is one thread`)
  }

  private hire(): void {
    const index = this.workers.length
    try {
      const worker = this.start(reason => {
        this.workers[index] = undefined
        this.trouble ??= reason
      })
      worker.post({ control: this.control, index } satisfies StartMessage)
      this.workers.push(worker)
    } catch (error) {
      this.trouble = `a worker thread cannot be started: ${(error as Error).message}`
    }
  }

  private tell(message: ProgramMessage): void {
    this.workers.forEach((_, index) => this.post(index, message))
  }

  private post(index: number, message: ProgramMessage): void {
    const worker = this.workers[index]
    if (!worker) return
    worker.post(message)
    Atomics.add(this.control, CONTROL.messages + index, 1)
    this.signal()
  }

  private signal(): void {
    Atomics.add(this.control, CONTROL.signal, 1)
    if (Atomics.load(this.control, CONTROL.sleepers) !== 0) Atomics.notify(this.control, CONTROL.signal)
  }
}

/** A module that a team knows. Whoever holds it can run its jobs; the workers keep the module for as long. */
export class SharedProgram {
  private readonly trial = new Trial()
  private isShared = true
  private isHelped = false
  private readonly jobs: readonly Job[]
  private readonly scratch: number
  readonly weight: ArrayBuffer | undefined

  constructor(private readonly team: Team, private readonly program: number, { jobs, scratchOf, memory }: SharedModule) {
    this.jobs = jobs
    this.scratch = scratchOf(0)
    this.weight = weightOf(memory)
  }

  /** Runs a function of the module that comes to its jobs, on all threads, or on this one where that has shown to be faster. */
  during(run: () => void): void {
    this.isShared = this.trial.isShared
    this.isHelped = false
    const start = performance.now()
    run()
    this.trial.took(performance.now() - start, this.isHelped)
  }

  /** @throws as Team.run */
  run(job: number, pieces: number): void {
    const own = this.jobs[job] as Job
    if (!this.isShared) for (let piece = pieces - 1; piece >= 0; piece--) own(piece, this.scratch)
    else if (this.team.run(this.program, job, pieces, own, this.scratch) > 0) this.isHelped = true
  }
}

/**
 * As many bytes as a memory has, to be held beside it. Collectors of garbage do not count shared memory, and would let programs pile
 * up that nobody holds; these they count. They are never touched, so no page of them is there.
 */
function weightOf({ buffer: { byteLength } }: WebAssembly.Memory): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(byteLength)
  } catch {
    // There are no addresses left: programs are collected later, then.
    return undefined
  }
}
