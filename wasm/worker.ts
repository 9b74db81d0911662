/**
 * What a worker thread runs, and the words of shared memory by which the thread that leads tells it what to do.
 *
 * The source is a text, so that nothing has to be found beside a bundle: Node takes it as it is, a browser as a Blob. It stands
 * alone, and imports nothing but Node's own port.
 */

/** Places in an Int32Array; those that different threads write stand on cache lines of their own. */
export const CONTROL = {
  /** Grows with each job and each message: workers wait for it to change. */
  signal: 0,
  /** How many wait, so that nobody is woken where nobody sleeps. */
  sleepers: 16,
  /** The turn's number, and in the low byte how many of its pieces nobody has taken yet. Who takes one counts it down. */
  ticket: 32,
  /** Of the turn: which program, and which of its jobs. Written while there is no piece to take. */
  program: 48,
  job: 49,
  /** Pieces of the turn that workers have done. */
  done: 64,
  /** Whether the leader sleeps until `done` grows. */
  leaderSleeps: 80,
  /** Whether a piece has failed. */
  failed: 81,
  /** From here on, one word a worker: messages that were posted to it. */
  messages: 96,
} as const

export const MOST_WORKERS = 63

/** Pieces of one job: as many as the low byte of a ticket counts. */
export const MOST_PIECES = 255

/** The first message that a worker gets. */
export interface StartMessage { readonly control: Int32Array; readonly index: number }

/** Later ones: a program to know, or, without a module, to forget. */
export interface ProgramMessage {
  readonly program: number
  readonly module?: WebAssembly.Module
  readonly memory?: WebAssembly.Memory
  readonly scratch?: number
}

/** Milliseconds for which a thread looks for work, or for its end, before it sleeps: waking it takes about as long. */
export const SPIN = 0.1

/** Loads of a word between two looks at the clock. */
export const SPINS = 100

export const WORKER_SOURCE = `'use strict'
const port = typeof require === 'function' ? require('node:worker_threads').parentPort : undefined
const programs = new Map()
let control, index, handled = 0

function receive(message) {
  if (message.control) {
    control = message.control
    index = message.index
  } else {
    handled++
    if (message.module) programs.set(message.program, prepare(message))
    else programs.delete(message.program)
  }
  work()
}

/* Functions of the host that are Math's are the same here; jobs call no others. */
function prepare({ module, memory, scratch }) {
  const imports = {}
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {}
    imports[from][name] = kind === 'memory' ? memory : Math[name] ?? (() => { throw new Error(name + ' is the leader\\'s') })
  }
  const { exports } = new WebAssembly.Instance(module, imports)
  const jobs = []
  for (let job; (job = exports['job' + jobs.length]);) jobs.push(job)
  return { jobs, scratch, weight: weightOf(memory) }
}

/* As team.ts has it. */
function weightOf(memory) {
  try {
    return new ArrayBuffer(memory.buffer.byteLength)
  } catch {}
}

/* Until a message comes: only the event loop can take it. */
function work() {
  for (;;) {
    const signal = Atomics.load(control, ${CONTROL.signal})
    if (Atomics.load(control, ${CONTROL.messages} + index) !== handled) return
    /* Who does not know the program has no share in what follows it, either. */
    const end = takePieces() ? performance.now() + ${SPIN} : 0
    for (let spins = 1; Atomics.load(control, ${CONTROL.signal}) === signal; spins++) {
      if (spins % ${SPINS} !== 0 || performance.now() < end) continue
      Atomics.add(control, ${CONTROL.sleepers}, 1)
      Atomics.wait(control, ${CONTROL.signal}, signal)
      Atomics.sub(control, ${CONTROL.sleepers}, 1)
      break
    }
  }
}

/* Whether the program is known here. */
function takePieces() {
  for (;;) {
    const ticket = Atomics.load(control, ${CONTROL.ticket})
    const left = ticket & 255
    const program = programs.get(Atomics.load(control, ${CONTROL.program}))
    const job = Atomics.load(control, ${CONTROL.job})
    if (left === 0 || !program) return program !== undefined
    /* Fails where the turn is over: then program and job may be of the next one. */
    if (Atomics.compareExchange(control, ${CONTROL.ticket}, ticket, ticket - 1) !== ticket) continue
    try {
      program.jobs[job](left - 1, program.scratch)
    } catch {
      Atomics.store(control, ${CONTROL.failed}, 1)
    }
    Atomics.add(control, ${CONTROL.done}, 1)
    if (Atomics.load(control, ${CONTROL.leaderSleeps})) Atomics.notify(control, ${CONTROL.done})
  }
}

if (port) port.on('message', receive)
else onmessage = ({ data }) => receive(data)
`
