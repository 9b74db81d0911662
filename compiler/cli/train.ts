/** `bpc train`: a model through its train block, with flags before it, data from its file, and weights into another. */
import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CheckpointOptions, EpochRecord, FitOptions, History, loadData, LoadedData } from 'bp-lang'
import type { Plan, Precision } from '../../ir/plan'
import type { DataPlan, TrainPlan } from '../../ir/training'
import { readConstants } from './constants'
import { pickModel } from './models'
import { NODE_HOST, openIfThere } from './nodeHost'
import { EXIT, runFailed, wrongUse, type ExitStatus } from './outcome'
import { progressFor, type Expected, type Progress } from './progress'
import { runOptions, type RunFlags } from './runFlags'
import { compileAll } from './sources'
import type { Terminal } from './terminal'

export interface TrainFlags extends RunFlags {
  readonly epochs?: number
  readonly steps?: number
  readonly batch?: number
  readonly rate?: number
  readonly holdout?: number
  readonly patience?: number
  readonly data?: string
  readonly checkpoint?: string
  readonly resume?: string
  readonly out?: string
  readonly plot?: string
  readonly report?: string
}

export async function train(file: string, flags: TrainFlags, terminal: Terminal): Promise<ExitStatus> {
  const [compiled] = await compileAll([file], flags, terminal, runOptions(flags)) ?? []
  if (!compiled) return EXIT.program
  const plan = pickModel(compiled.compilation.plans, file, flags.model, candidate => candidate.train !== undefined)
  const block = plan.train
  if (!block) throw wrongUse(`${file} does not say how to train ${plan.model}`, `add a block to it: train ${plan.model} { … }`)
  const checkpoint = checkpointOf(file, block, flags)
  mustEndIn('--plot', flags.plot, '.svg')
  mustEndIn('--report', flags.report, '.html')
  for (const written of [flags.out, checkpoint?.to, flags.plot, flags.report]) if (written !== undefined) await mustBeWritable(written)
  const resume = flags.resume === undefined ? undefined : await fileBytes(flags.resume)

  const { defineModel, loadData, RunError } = await import('bp-lang')
  const model = await defineModel(plan).create({ seed: flags.seed, backend: flags.backend })
  if (flags.weights !== undefined) await model.load(flags.weights)
  const data = block.data && await readData(loadData, file, plan, block.data, flags, model.precision)
  const options: FitOptions = { ...fitOptions(block, flags), ...data?.held ? { holdout: { last: data.held } } : {}, checkpoint, resume }
  const outlook = expected(plan, block, options, data?.rows ?? 0, model.seed)
  const dataFile = flags.data ?? (block.data && NODE_HOST.resolve(file, block.data.file))
  const files = flags.plot === undefined && flags.report === undefined ? undefined : await (await import('./trainingReport/runFiles')).RunFiles.open(flags, {
    file, plan, block, model, options, expected: outlook, words: process.argv.slice(2), compiled: { ...runOptions(flags), constants: readConstants(flags.const ?? []) },
    ...data && dataFile !== undefined && { data: { file: dataFile, loaded: data } },
  })
  const progress = progressFor(flags.json ?? false, terminal)
  const interrupt = listenForInterrupt(progress)
  let history: History | undefined
  let final: EpochRecord | undefined
  let epochs = 0
  try {
    progress.begin(outlook)
    history = await model.fit(data?.values ?? {}, {
      ...options, signal: interrupt.signal, onStep: record => progress.step(record), onEpoch: record => { epochs++; progress.epoch(record); return files?.epoch(record) },
    })
    if (flags.out !== undefined) await model.save(flags.out)
    final = finalEpoch(history, history.stopped === 'aborted' || (options.patience ?? block.patience) !== undefined)
    progress.end({ history, epoch: final, weights: flags.out })
    return history.stopped === 'aborted' ? EXIT.interrupted : EXIT.done
  } catch (error) {
    // What the epochs before have learnt is not lost; from before the first there is nothing to keep.
    if (flags.out === undefined || epochs === 0 || !(error instanceof RunError && error.kind === 'diverged')) throw error
    await model.save(flags.out)
    throw new RunError('diverged', `${error.message}. Those weights are in ${flags.out}`, { cause: error })
  } finally {
    progress.close()
    interrupt.close()
    // Of a run that failed, too: its curves say how.
    for (const written of await files?.end(history, final) ?? []) if (!flags.json) terminal.print(written)
  }
}

function fitOptions(block: TrainPlan, { epochs, steps, batch, rate, holdout, patience }: TrainFlags): FitOptions {
  const { optimizer } = block
  if (rate !== undefined && !('rate' in optimizer)) throw wrongUse(`--rate is given, but ${optimizer.name} takes no rate`)
  return { epochs, steps, batch, holdout, patience, ...rate !== undefined && 'rate' in optimizer && { optimizer: { ...optimizer, rate } } }
}

/** With patience, and where it is interrupted, training goes back to its best epoch. */
function finalEpoch({ epochs, best }: History, isBest: boolean): EpochRecord | undefined {
  return (isBest ? epochs.find(({ epoch }) => epoch === best?.epoch) : undefined) ?? epochs.at(-1)
}

// --------------------------------------------------------------------------------------------------------- files

/** The data file, and the held-out one, under the names by which the user can find them. */
async function readData(load: typeof loadData, source: string, plan: Plan, data: DataPlan, flags: TrainFlags, precision: Precision): Promise<LoadedData> {
  const file = flags.data ?? NODE_HOST.resolve(source, data.file)
  const content = await dataContent(source, file, flags.data !== undefined)
  // A fraction on the command line goes before a file in the block.
  const apart = plan.train?.holdout && 'file' in plan.train.holdout && flags.holdout === undefined ? NODE_HOST.resolve(source, plan.train.holdout.file) : undefined
  const holdout = apart === undefined ? undefined : await dataContent(source, apart, false)
  const train = plan.train && { ...plan.train, data: { ...data, file }, ...apart === undefined ? {} : { holdout: { file: apart } } }
  return await load({ ...plan, train }, content, { precision, holdout })
}

async function dataContent(source: string, file: string, isFlag: boolean): Promise<Blob> {
  const content = await openIfThere(file)
  if (content) return content
  if (isFlag) throw wrongUse(`there is no file ${file}`)
  throw runFailed(`there is no file ${file}, which ${source} names as its data`, 'paths in a source are relative to it; --data names another file')
}

async function fileBytes(file: string): Promise<Uint8Array> {
  const bytes = await NODE_HOST.readBytes(file)
  if (bytes) return bytes
  throw wrongUse(`there is no file ${file} to go on from`, 'a run writes one where its train block, or --checkpoint, names it')
}

/** Where the run is kept: the flag's file, else the block's, which is relative to the source. */
function checkpointOf(source: string, { checkpoint }: TrainPlan, flags: TrainFlags): (CheckpointOptions & { readonly to: string }) | undefined {
  const to = flags.checkpoint ?? (checkpoint && NODE_HOST.resolve(source, checkpoint.file))
  return to === undefined ? undefined : { to, every: checkpoint?.every ?? 1, unit: checkpoint?.unit ?? 'epochs' }
}

/** So that nobody's model is overwritten by a picture of it. */
function mustEndIn(flag: string, file: string | undefined, ending: string): void {
  if (file !== undefined && !file.endsWith(ending)) throw wrongUse(`${flag} writes a ${ending} file, not '${file}'`)
}

/** Hours of training should not end in a message about a directory. */
async function mustBeWritable(file: string): Promise<void> {
  const directory = dirname(file)
  try {
    await access(directory, constants.W_OK)
  } catch {
    throw wrongUse(`cannot write ${file}: ${directory} is no directory that can be written to`)
  }
}

// ------------------------------------------------------------------------------------------------------ the run

/** What the runtime will make of the same options, for a bar that knows its end and lines that know their number. */
function expected(plan: Plan, block: TrainPlan, options: FitOptions, rows: number, seed: number): Expected {
  const held = heldOut(options.holdout ?? block.holdout, rows)
  const training = Math.max(1, rows - held)
  const stepsPerEpoch = Math.ceil(training / Math.min(options.batch ?? block.batch ?? Infinity, training))
  const ownLength = options.epochs !== undefined || options.steps !== undefined
  const epochs = (ownLength ? options.epochs : block.epochs) ?? Infinity
  const steps = Math.min((ownLength ? options.steps : block.steps) ?? Infinity, epochs * stepsPerEpoch)
  const parameters = plan.parameters.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  return { model: plan.model, parameters, seed, rows: rows - held, held, stepsPerEpoch, steps }
}

function heldOut(holdout: FitOptions['holdout'] | TrainPlan['holdout'], rows: number): number {
  // 0.1 · 30 is 3.0000000000000004, and holds out three rows.
  const part = (fraction: number) => Math.ceil(fraction * rows - 1e-9)
  if (holdout === undefined) return 0
  if (typeof holdout === 'number') return part(holdout)
  if ('last' in holdout) return holdout.last
  return 'fraction' in holdout ? part(holdout.fraction) : 0
}

/** The first Ctrl-C ends training between two steps, the second one the command. */
function listenForInterrupt(progress: Progress): { readonly signal: AbortSignal; close(): void } {
  const controller = new AbortController()
  const onInterrupt = () => {
    if (controller.signal.aborted) {
      progress.close()
      process.exit(EXIT.interrupted)
    }
    controller.abort()
  }
  process.on('SIGINT', onInterrupt)
  return { signal: controller.signal, close: () => { process.off('SIGINT', onInterrupt) } }
}
