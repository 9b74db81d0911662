/** Weight files: the parameters by path in safetensors, and in the metadata what else a prediction needs. */
import type { Standardization, Statistics } from '../data/standardize'
import { RunError } from '../errors'
import type { ParameterStore } from '../params'
import { suggestName } from '../suggest'
import { VERSION } from '../version'
import { readSafetensors, writeSafetensors, type StoredTensor } from './safetensors'

/** A model's state, as far as a weight file holds it. */
export interface ModelState {
  readonly model: string
  readonly parameters: ParameterStore
  readonly standardization: Standardization
}

export function encodeWeights({ model, parameters, standardization }: ModelState): Uint8Array {
  const tensors = new Map(parameters.list.map(({ path, shape, view }): [string, StoredTensor] =>
    [path, { dtype: view instanceof Float32Array ? 'F32' : 'F64', shape, data: view }]))
  const metadata: Record<string, string> = { format: 'bp', model, bp_version: VERSION }
  if (standardization.size > 0) metadata.standardize = JSON.stringify(Object.fromEntries(standardization))
  return writeSafetensors({ tensors, metadata })
}

/**
 * Sets all parameters from a file, or none.
 * @param source what the bytes are, for messages
 * @returns the statistics to standardise by
 * @throws RunError 'weights' when the file is broken or belongs to another model
 */
export function decodeWeights(bytes: Uint8Array, { model, parameters }: ModelState, source = 'the weights'): Standardization {
  const { tensors, metadata } = readSafetensors(bytes, source)
  const fail = (what: string): never => {
    const other = metadata.model !== undefined && metadata.model !== model ? ` (they were saved by model ${metadata.model})` : ''
    throw new RunError('weights', `${source} ${source === 'the weights' ? 'do' : 'does'} not fit model ${model}${other}: ${what}`)
  }
  for (const { path, shape } of parameters.list) {
    const stored = tensors.get(path)
    if (!stored) return fail(`parameter '${path}' is not in ${source === 'the weights' ? 'them' : 'it'}${suggestName(path, [...tensors.keys()])}`)
    if (stored.shape.length !== shape.length || stored.shape.some((size, axis) => size !== shape[axis])) {
      return fail(`parameter '${path}' has the shape [${shape.join(', ')}], found [${stored.shape.join(', ')}]`)
    }
    if (stored.dtype !== 'F32' && stored.dtype !== 'F64') return fail(`parameter '${path}' is of type ${stored.dtype}; F32 or F64 was expected`)
  }
  const extra = [...tensors.keys()].find(name => !parameters.paths.includes(name))
  if (extra !== undefined) return fail(`there is no parameter '${extra}'${suggestName(extra, parameters.paths)}`)
  const standardization = readStatistics(metadata.standardize, source)
  for (const { path, view } of parameters.list) view.set(tensors.get(path)?.data ?? [])
  return standardization
}

function readStatistics(json: string | undefined, source: string): Standardization {
  if (json === undefined) return new Map()
  try {
    const parsed: unknown = JSON.parse(json)
    if (typeof parsed === 'object' && parsed !== null && Object.values(parsed).every(isStatistics)) {
      return new Map(Object.entries(parsed as Record<string, Statistics>))
    }
  } catch {
    // Not JSON: reported below.
  }
  throw new RunError('weights', `${source}: the means and deviations in the metadata cannot be read`)
}

function isStatistics(value: unknown): value is Statistics {
  const { mean, deviation } = (value ?? {}) as Partial<Statistics>
  const numbers = (list: unknown) => Array.isArray(list) && list.every(Number.isFinite)
  return numbers(mean) && numbers(deviation)
}
