/**
 * Makes a program ready: its buffers in one WebAssembly memory, and one module whose only export runs its steps. What has no
 * code of its own runs by the reference's executor on the same memory, called from where it stands in the program.
 */
import { evaluateDim, type Sizes } from '../../../ir/dim'
import type { LoopStep, Precision, Program, RoutineStep, Step } from '../../../ir/plan'
import { RunError } from '../../errors'
import { ALIGNMENT, layoutProgram, type ProgramLayout } from '../arena'
import type { Executable, Port, RunContext } from '../backend'
import type { Executor, Tensor } from '../reference/executor'
import { countOf } from '../reference/layout'
import { viewOf } from '../reference/storage'
import { i32, type Code } from '../../../wasm/instructions'
import { loadHost, type Host } from './host'
import { lowerKernel } from './kernel'
import { lowerLoop } from './loop'
import { ModuleWriter, type Local } from '../../../wasm/module'
import type { Job } from '../../../wasm/team'
import { loadLowerings, lowerRoutine, type Lowerings } from './routines'
import type { Place, ProgramSite, Sharing } from './site'
import type { TeamSource } from './lateTeam'
import { vectorsFor } from './vectors'

export interface WasmOptions {
  readonly sizes: Sizes
  readonly precision: Precision
  /** Whether the machine has relaxed SIMD. */
  readonly isRelaxed: boolean
  /** Who shares heavy steps; undefined for one thread. */
  readonly threads?: Threads
}

export interface Threads {
  readonly team: TeamSource
  /** At most, this one among them. */
  readonly count: number
  /** Nanoseconds of work from which on a step is shared. */
  readonly worth: number
}

/** What the module exports: the program, and what of it depends on nothing but sizes. */
const RUN = 'run', ONCE = 'once'

const PAGE = 65536
/** Of the cache: threads write to lines of their own. */
const LINE = 64
/** Instructions address 32 bits, and hosts allow no more. */
const LARGEST_MEMORY = 65536 * PAGE - PAGE

export async function prepareProgram(program: Program, options: WasmOptions): Promise<Executable> {
  const memory = new Arena(options)
  const root = memory.lay(program, new Map())
  const module = new ModuleWriter()
  const writer = new ProgramWriter(memory, module, await loadLowerings(program), options)
  module.export(RUN, f => f.emit(writer.steps(root)))
  module.export(ONCE, f => f.emit(writer.fixed))
  const isShared = memory.allocate(writer.pieces.length > 0 ? options.threads?.count ?? 1 : 1)
  let context: RunContext = { seed: 0, step: 0 }
  const host = await loadHost(writer.hostSteps.map(({ step, laid }) => ({ step, shape: laid.place(step.output).shape })), options.threads)
  const hostSteps = writer.hostSteps.map(({ step, laid }) => writer.onHost(host, step, laid))
  const imports = module.importsWith(memory.memory)
  writer.dispatch.run = at => hostSteps[at]?.(context)
  const { instance, module: compiled } = await WebAssembly.instantiate(module.finish(isShared), imports)
  const run = instance.exports[RUN] as () => void
  const jobs = writer.pieces.map((_, job) => instance.exports[`job${job}`] as Job)
  const shared = isShared && options.threads
    ? (await options.threads.team.load()).enlist({ module: compiled, memory: memory.memory, jobs, threads: options.threads.count, scratchOf: thread => memory.scratchOf(thread) })
    : undefined
  writer.dispatch.share = shared
    ? (await import('./workers')).sharedJobs(shared, writer.pieces)
    : job => { for (let piece = 0; piece < (writer.pieces[job] ?? 0); piece++) jobs[job]?.(piece, memory.scratchOf(0)) }
  ;(instance.exports[ONCE] as () => void)()
  const port = ({ name, buffer }: { name: string; buffer: number }): Port => ({ name, ...memory.tensor(root.place(buffer)) })
  return {
    inputs: program.inputs.map(port),
    results: program.results.map(port),
    bytes: memory.memory.buffer.byteLength,
    run(now) {
      // A context of its own tells each run from the one before: draws are counted anew.
      if (writer.hostSteps.length > 0) context = { ...now }
      if (shared) shared.during(run)
      else run()
    },
  }
}

/** A program, or the body of a loop, with the places of its buffers. */
export interface LaidProgram {
  readonly program: Program
  readonly layout: ProgramLayout
  readonly place: (buffer: number) => Place
  readonly bodies: ReadonlyMap<LoopStep, LaidProgram>
}

/** The memory of an executable: its program's buffers, those of its loops' bodies, and room for single steps. */
class Arena {
  private allocated: WebAssembly.Memory | undefined
  private bytes = 0
  private scratchBytes = 0
  /** Of the steps that are shared: each thread has as much. */
  private sharedBytes = 0

  constructor(private readonly options: Pick<WasmOptions, 'sizes' | 'precision'>) {}

  /** @param bound places of inputs that somebody else keeps */
  lay(program: Program, bound: ReadonlyMap<number, Place>): LaidProgram {
    const layout = layoutProgram(program, this.options.sizes, this.options.precision, new Set(bound.keys()))
    const base = this.bytes
    this.bytes += layout.bytes
    const place = (buffer: number): Place => {
      const shape = layout.shapes[buffer]
      const element = program.buffers[buffer]?.element
      if (!shape || !element) throw new Error(`the program has no buffer ${buffer}`)
      const given = bound.get(layout.roots[buffer] ?? buffer)
      return { address: given?.address ?? base + (layout.offsets[buffer] ?? 0), shape, element }
    }
    const bodies = new Map<LoopStep, LaidProgram>()
    for (const step of program.steps) {
      if (step.kind !== 'loop' || evaluateDim(step.trip, this.options.sizes) <= 0) continue
      const constants = step.body.inputs.slice(1 + step.carries, 1 + step.carries + step.constants)
      const outer = constants.map(({ buffer }, i) => [buffer, place(step.inputs[step.carries + i] ?? -1)] as const)
      bodies.set(step, this.lay(step.body, new Map(outer)))
    }
    return { program, layout, place, bodies }
  }

  /** Steps take turns in it. */
  scratch(bytes: number): number {
    this.scratchBytes = Math.max(this.scratchBytes, bytes)
    return this.bytes
  }

  sharedScratch(bytes: number): void {
    this.scratch(bytes)
    this.sharedBytes = Math.max(this.sharedBytes, Math.ceil(bytes / LINE) * LINE)
  }

  /** The room of a thread for the steps that are shared; the first one's is that of all steps. */
  scratchOf(thread: number): number {
    return thread === 0 ? this.bytes : Math.ceil((this.bytes + this.scratchBytes) / LINE) * LINE + (thread - 1) * this.sharedBytes
  }

  get memory(): WebAssembly.Memory {
    if (!this.allocated) throw new Error('the memory is not there yet')
    return this.allocated
  }

  /**
   * @param threads that share it
   * @returns whether they can: sharing reserves addresses, which may run out
   * @throws RunError 'memory' when it is more than there is
   */
  allocate(threads: number): boolean {
    // A vector may be read over the end of the last buffer.
    const bytes = (threads > 1 ? this.scratchOf(threads) : this.bytes + this.scratchBytes) + 4 * ALIGNMENT
    const size = `${(bytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 0 })} MiB`
    if (bytes > LARGEST_MEMORY) {
      throw new RunError('memory', `out of memory: the numbers of one step need ${size}, and WebAssembly has 4,096 MiB; take a smaller batch, or the backend 'reference'`)
    }
    const pages = Math.ceil(bytes / PAGE)
    if (threads > 1) {
      try {
        this.allocated = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
        return true
      } catch {
        return this.allocate(1)
      }
    }
    try {
      this.allocated = new WebAssembly.Memory({ initial: pages })
      return false
    } catch (cause) {
      throw new RunError('memory', `out of memory: the numbers of one step need ${size}; take a smaller batch`, { cause })
    }
  }

  tensor({ address, shape, element }: Place): Tensor {
    return { data: viewOf(this.memory.buffer, address, element, this.options.precision, countOf(shape)), shape, element }
  }
}

class ProgramWriter {
  readonly hostSteps: { readonly step: RoutineStep; readonly laid: LaidProgram }[] = []
  readonly dispatch = { run: (_: number): void => {}, share: (_: number): void => {} }
  /** Of each job, how many. */
  readonly pieces: number[] = []
  /** Code for what is computed once, when the memory is there. */
  readonly fixed: Code[] = []
  private kernels = 0

  constructor(private readonly arena: Arena, private readonly module: ModuleWriter, private readonly lowerings: Lowerings, private readonly options: WasmOptions) {}

  steps(laid: LaidProgram): Code {
    const site = this.siteOf(laid)
    return laid.program.steps.map(step => {
      if (step.kind === 'reshape') return []
      const code = this.step(step, laid, site)
      if (!laid.layout.fixed.has(step)) return code
      this.fixed.push(code)
      return []
    })
  }

  private step(step: Exclude<Step, { kind: 'reshape' }>, laid: LaidProgram, site: ProgramSite): Code {
    switch (step.kind) {
      case 'kernel': return lowerKernel(step, site)
      case 'routine': return lowerRoutine(step, this.lowerings, site, () => this.callHost(step, laid))
      case 'loop': {
        const body = laid.bodies.get(step)
        return lowerLoop(step, site, body && { place: at => body.place(at), code: () => this.steps(body) })
      }
      default: return step satisfies never
    }
  }

  private siteOf(laid: LaidProgram): ProgramSite {
    const { precision, sizes, isRelaxed } = this.options
    return {
      module: this.module, precision, v: vectorsFor(precision, isRelaxed), wide: vectorsFor('f64', isRelaxed),
      sizeOf: dim => evaluateDim(dim, sizes),
      place: buffer => laid.place(buffer),
      scratch: bytes => this.arena.scratch(bytes),
      nextKernel: () => this.kernels++,
      sharing: this.options.threads && { worth: this.options.threads.worth, job: (pieces, write) => this.job(pieces, write) },
    }
  }

  private job(pieces: number, write: Parameters<Sharing['job']>[1]): Code {
    const job = this.pieces.push(pieces) - 1
    this.module.export(`job${job}`, f => {
      const [piece, scratch] = f.parameters as [Local, Local]
      write(f, piece.get, bytes => {
        this.arena.sharedScratch(bytes)
        return scratch.get
      })
    }, { parameters: ['i32', 'i32'] })
    return this.module.host('share', { parameters: ['i32'] }, at => this.dispatch.share(at as number))(i32.const(job))
  }

  private callHost(step: RoutineStep, laid: LaidProgram): Code {
    const call = this.module.host('step', { parameters: ['i32'] }, at => this.dispatch.run(at as number))
    return call(i32.const(this.hostSteps.push({ step, laid }) - 1))
  }

  /** The reference's executor for a step, on this memory. */
  onHost(host: Host, step: RoutineStep, laid: LaidProgram): Executor {
    const { precision, sizes } = this.options
    const tensor = (buffer: number) => this.arena.tensor(laid.place(buffer))
    return host(step, { inputs: step.inputs.map(tensor), output: tensor(step.output), precision, sizeOf: dim => evaluateDim(dim, sizes) })
  }
}
