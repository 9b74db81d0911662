/** Threads at work: how a worker is started, and jobs that are shared with some. Loaded with the first program that has any. */
import { Team, WorkerError, type SharedProgram, type StartWorker, type WorkerThread } from '../../../wasm/team'
import { WORKER_SOURCE } from '../../../wasm/worker'
import { RunError } from '../../errors'
import { nodeModule } from './threads'

export const startTeam = (): Team => new Team(startWorker)

/** @returns what runs a job; it throws RunError 'unsupported' when a thread fails */
export function sharedJobs(shared: SharedProgram, pieces: readonly number[]): (job: number) => void {
  return job => {
    try {
      shared.run(job, pieces[job] ?? 0)
    } catch (cause) {
      throw cause instanceof WorkerError ? new RunError('unsupported', cause.message, { cause }) : cause
    }
  }
}

export const startWorker: StartWorker = ended => {
  const threads = nodeModule('node:worker_threads')
  return threads ? startInNode(threads, ended) : startInBrowser(ended)
}

function startInNode({ Worker: NodeWorker }: typeof import('node:worker_threads'), ended: (reason: string) => void): WorkerThread {
  const worker = new NodeWorker(WORKER_SOURCE, { eval: true, execArgv: [], name: 'bp-lang' })
  worker.on('error', error => ended(`a worker thread failed: ${error.message}`))
  worker.on('exit', () => ended('a worker thread ended'))
  worker.unref()
  return { post: message => worker.postMessage(message, []), terminate: () => void worker.terminate() }
}

function startInBrowser(ended: (reason: string) => void): WorkerThread {
  const worker = new Worker(URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' })))
  // A policy without `worker-src blob:` says so here.
  worker.addEventListener('error', ({ message }) => ended(message ? `a worker thread failed: ${message}` : 'the page may start no workers'))
  return { post: message => worker.postMessage(message, []), terminate: () => worker.terminate() }
}
