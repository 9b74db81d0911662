/**
 * Checkpoints: where a training run stands, as one safetensors file. Its arrays are tensors (free numbers behind the parameters,
 * states, what the optimizer remembers, the best weights so far), everything else is JSON in the metadata. A run that goes on
 * from one computes the bits that it would have computed without a stop.
 */
import type { TypedArray } from '../backends/backend'
import type { BestWeights } from '../best'
import type { Standardization } from '../data/standardize'
import { RunError } from '../errors'
import type { ParameterStore } from '../params'
import type { MeanSums } from '../runner'
import type { EpochRecord } from '../settings'
import type { StateStore } from '../states'
import { VERSION } from '../version'
import { readStatistics } from './weights'
import { readSafetensors, writeSafetensors, type Dtype, type StoredTensor } from './safetensors'

/** In the metadata under `format`; weight files have `bp` there. */
export const CHECKPOINT_FORMAT = 'bp-checkpoint'

/** A run's identity: with other values the numbers of a checkpoint would mean something else. */
export interface RunIdentity {
  readonly model: string
  readonly seed: number
  /** Rows trained on, and held out. */
  readonly rows: number
  readonly held: number
  readonly batch: number
  readonly optimizer: string
  readonly precision: string
}

/** Where a run stands, its arrays aside. */
export interface RunProgress {
  readonly step: number
  readonly epoch: number
  /** Rows of this epoch that have been trained on. */
  readonly row: number
  readonly means: MeanSums
  readonly epochs: readonly EpochRecord[]
  readonly best: { readonly epoch: number; readonly loss: number }
  readonly seconds: number
}

/** The arrays by name, live: they are read to write a checkpoint, and written to go on from one. */
export type RunArrays = ReadonlyMap<string, TypedArray>

export function arraysOf(
  parameters: ParameterStore, states: StateStore, best: BestWeights,
  { optimizer, schedule }: { readonly optimizer: RunArrays; readonly schedule: TypedArray },
): RunArrays {
  return new Map<string, TypedArray>([
    ...parameters.list.map(({ path, free }) => [`parameter:${path}`, free] as const),
    ...states.list.map(({ path, view }) => [`state:${path}`, view] as const),
    ...[...optimizer].map(([name, array]) => [`optimizer:${name}`, array] as const),
    ['schedule', schedule], ['best', best.values],
    ...states.list.flatMap(({ path }, at) => { const kept = best.stateValues[at]; return kept ? [[`best:${path}`, kept] as const] : [] }),
  ])
}

export function encodeRun(identity: RunIdentity, progress: RunProgress, arrays: RunArrays, standardization: Standardization): Uint8Array {
  const tensors = new Map([...arrays].map(([name, data]): [string, StoredTensor] => [name, { dtype: dtypeOf(data), shape: [data.length], data }]))
  return writeSafetensors({ tensors, metadata: {
    format: CHECKPOINT_FORMAT, bp_version: VERSION, identity: toJson(identity), progress: toJson(progress),
    ...(standardization.size > 0 ? { standardize: JSON.stringify(Object.fromEntries(standardization)) } : {}),
  } })
}

/** A checkpoint that has been read. */
export interface StoredRun {
  readonly standardization: Standardization
  readonly progress: RunProgress
  /** @throws RunError 'weights' when the arrays, or what is run, are others than the checkpoint's */
  check(identity: RunIdentity, arrays: RunArrays): void
  /** Fills arrays that have been checked. */
  fill(arrays: RunArrays): void
}

/** @throws RunError 'weights' when the bytes are no checkpoint */
export function decodeRun(bytes: Uint8Array): StoredRun {
  const { tensors, metadata } = readSafetensors(bytes, 'the checkpoint')
  if (metadata.format !== CHECKPOINT_FORMAT) {
    throw new RunError('weights', `training cannot go on from this file: it is no checkpoint${metadata.format === 'bp' ? ', but a file of weights, which a new run can start from' : ''}`)
  }
  const progress = fromJson(metadata.progress)
  if (!isProgress(progress)) throw new RunError('weights', 'the checkpoint does not say how far its run had come')
  return { progress, standardization: readStatistics(metadata.standardize, 'the checkpoint'), check(identity, arrays) {
    checkIdentity(fromJson(metadata.identity), identity)
    for (const [name, array] of arrays) checkArray(name, array, tensors.get(name), identity)
  }, fill(arrays) {
    for (const [name, array] of arrays) array.set(tensors.get(name)?.data ?? [])
  } }
}

function checkArray(name: string, array: TypedArray, stored: StoredTensor | undefined, { model }: RunIdentity): void {
  if (stored?.dtype === dtypeOf(array) && stored.data.length === array.length) return
  const found = stored ? `${stored.data.length} numbers of type ${stored.dtype}` : 'nothing'
  throw new RunError('weights', `the checkpoint does not fit model ${model} and its optimizer: '${name}' has ${found} there, and ${array.length} of type ${dtypeOf(array)} here`)
}

function checkIdentity(stored: unknown, own: RunIdentity): void {
  const found = (stored ?? {}) as Partial<RunIdentity>
  for (const key of Object.keys(own) as (keyof RunIdentity)[]) {
    if (found[key] === own[key]) continue
    throw new RunError('weights', `the checkpoint is of a run with ${WORDS[key]} ${String(found[key])}, this one has ${String(own[key])}: to go on, train as it did`)
  }
}

const WORDS: { readonly [Key in keyof RunIdentity]: string } = {
  model: 'model', seed: 'seed', rows: 'training rows', held: 'held-out rows', batch: 'batch', optimizer: 'optimizer', precision: 'precision',
}

function isProgress(value: unknown): value is RunProgress {
  const { step, epoch, row, means, epochs, best } = (value ?? {}) as Partial<RunProgress>
  return [step, epoch, row].every(Number.isSafeInteger) && typeof means?.rows === 'number' && Array.isArray(epochs) && typeof best?.epoch === 'number'
}

function dtypeOf(data: TypedArray): Dtype {
  return data instanceof Float64Array ? 'F64' : data instanceof Float32Array ? 'F32' : data instanceof Int32Array ? 'I32' : 'U8'
}

// JSON keeps every bit of a finite number; for the others their names stand.
const NOT_FINITE: ReadonlyMap<unknown, number> = new Map([['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity]])

const toJson = (value: object): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' && !Number.isFinite(part) ? String(part) : part))

function fromJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null', (_, part: unknown) => NOT_FINITE.get(part) ?? part) as unknown
  } catch {
    return undefined
  }
}
