/** Threads as the host has them: how many, how a worker is started, and why there may be none. */
import type { StartWorker, WorkerThread } from '../../../wasm/team'
import { WORKER_SOURCE } from '../../../wasm/worker'

/** More threads on what takes less than a millisecond wait for each other. */
const MOST_BY_DEFAULT = 8

/** Node's own modules, asked for without an import: a browser's bundle has no trace of them. */
const nodeModule = <Name extends 'node:os' | 'node:worker_threads'>(name: Name) =>
  (typeof process === 'object' ? process.getBuiltinModule?.(name) : undefined)

/** Why no memory can be shared with workers; undefined where it can. */
export function threadsLack(): string | undefined {
  if (typeof SharedArrayBuffer !== 'function' || globalThis.crossOriginIsolated === false) {
    return 'memory is not shared here (the page is not cross-origin isolated)'
  }
  return nodeModule('node:worker_threads') ?? typeof Worker === 'function' ? undefined : 'there are no workers here'
}

/** How many threads work together unless somebody says otherwise: as many as there are cores, up to 8. */
export function threadsByDefault(): number {
  const cores = nodeModule('node:os')?.availableParallelism() ?? (globalThis.navigator as Navigator | undefined)?.hardwareConcurrency ?? 1
  return Math.max(1, Math.min(cores, MOST_BY_DEFAULT))
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
