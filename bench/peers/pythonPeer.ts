/** Peers that run in Python: a process each, which times itself. `setup` makes the environment that they need. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { LeftOut, threadsName, type Contender, type Peer, type Threads } from '../harness/contender'
import { BENCH } from '../harness/places'
import type { Work } from '../harness/work'

const PYTHON = join(BENCH, 'peers/.venv/bin/python')
const SERVER = join(BENCH, 'peers/python/serve.py')

/** All that the peers' libraries read before they start; what they must be told afterwards, `set_threads` tells them. */
const ONE_THREAD = {
  OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', QULACS_NUM_THREADS: '1',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
}

interface Answer {
  readonly versions?: Readonly<Record<string, string>>
  readonly id?: number
  readonly values?: readonly number[]
  readonly detail?: string | null
  readonly seconds?: number
  readonly error?: string
  readonly missing?: boolean
}

/**
 * @param module of peers/python
 * @throws LeftOut where Python or the package is not there
 */
export async function openPythonPeer(title: string, module: string, threads: Threads): Promise<Peer> {
  if (!existsSync(PYTHON)) throw new LeftOut('there is no Python environment: bench/peers/setup makes it')
  const server = new Server(module, threads)
  const { versions = {} } = await server.hello()
  return {
    title: `${title}, ${threadsName(threads)}`, versions,
    prepare: work => prepare(server, work),
    close: () => { server.stop() },
  }
}

async function prepare(server: Server, work: Work): Promise<Contender> {
  const { id = 0, values = [], detail } = await server.ask({ prepare: work })
  return {
    values, detail: detail ?? undefined,
    time: async repetitions => (await server.ask({ run: id, repetitions })).seconds ?? NaN,
    close: async () => { await server.ask({ drop: id }) },
  }
}

class Server {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly lines: Interface
  private readonly answers: AsyncIterator<string>
  private complaints = ''

  constructor(module: string, threads: Threads) {
    const environment = threads === 1 ? { ...process.env, ...ONE_THREAD } : process.env
    this.child = spawn(PYTHON, ['-W', 'ignore', SERVER, module, threads === 1 ? '1' : '0'], { env: { ...environment, JAX_PLATFORMS: 'cpu' } })
    this.lines = createInterface({ input: this.child.stdout })
    this.answers = this.lines[Symbol.asyncIterator]()
    this.child.stderr.on('data', (text: Buffer) => { this.complaints = (this.complaints + text.toString()).slice(-2000) })
    // What it has to say it says by ending; `read` sees that.
    this.child.stdin.on('error', () => undefined)
    this.child.on('error', error => { this.complaints += error.message })
  }

  async hello(): Promise<Answer> {
    const answer = await this.read()
    if (answer.missing) throw new LeftOut(`${answer.error ?? 'it is not installed'}: bench/peers/setup installs it`)
    return answer
  }

  async ask(message: object): Promise<Answer> {
    this.child.stdin.write(`${JSON.stringify(message)}\n`)
    return await this.read()
  }

  stop(): void {
    this.lines.close()
    this.child.stdin.end()
    this.child.kill()
  }

  private async read(): Promise<Answer> {
    const { value, done } = await this.answers.next()
    if (done) throw new Error(`its process ended: ${this.complaints.trim().split('\n').at(-1) ?? ''}`)
    const answer = JSON.parse(value) as Answer
    if (answer.error !== undefined && !answer.missing) throw new Error(answer.error)
    return answer
  }
}
