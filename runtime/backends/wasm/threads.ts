/** Threads as the host has them: how many, and why there may be none. Those that work are in workers.ts. */

/** More threads on what takes less than a millisecond wait for each other. */
const MOST_BY_DEFAULT = 8

interface NodeModules { readonly 'node:os': typeof import('node:os'); readonly 'node:worker_threads': typeof import('node:worker_threads') }

/** Node's own modules, asked for without an import: a browser's bundle has no trace of them. */
export const nodeModule = <Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined =>
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
