/** Where and with what it was measured. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { backendName } from '../ours/compiled'
import { ROOT } from './places'

export interface Machine {
  readonly date: string
  readonly processor: string
  readonly system: string
  /** Processes that wanted a core in the last minute, when the bench began. */
  readonly load: number
  readonly bp: string
}

export async function machine(): Promise<Machine> {
  const list = cpus()
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  return {
    date: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    processor: `${list[0]?.model.trim() || 'an unnamed processor'}, ${list.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${arch()}, Node ${process.version}`,
    load: loadavg()[0] ?? NaN,
    bp: `${version} at ${commit()}, backend ${await backendName()}`,
  }
}

function commit(): string {
  try {
    const git = (...words: string[]) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    // Our own results may lie there unfinished; sources may not without saying so.
    const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', 'wasm', 'quantum', 'ir', 'compiler', 'runtime', 'stdlib') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ', with changes' : ''}`
  } catch {
    return 'an unknown commit'
  }
}
