/** Weight files: the parameters and states by path in safetensors, and in the metadata what else a prediction needs. */
import type { Standardization, Statistics } from '../data/standardize'
import { RunError } from '../errors'
import type { TypedArray } from '../backends/backend'
import type { ParameterStore } from '../params'
import type { StateStore } from '../states'
import { suggestName } from '../suggest'
import type { Element } from '../../ir/type'
import { VERSION } from '../version'
import { readSafetensors, writeSafetensors, type Dtype, type StoredTensor } from './safetensors'

/** A model's state, as far as a weight file holds it. */
export interface ModelState {
  readonly model: string
  readonly parameters: ParameterStore
  readonly states: StateStore
  readonly standardization: Standardization
}

/** What is stored under one name: a parameter or a state. */
interface Slot { readonly role: 'parameter' | 'state'; readonly path: string; readonly element: Element; readonly shape: readonly number[]; readonly view: TypedArray }

const slotsOf = ({ parameters, states }: ModelState): Slot[] => [
  ...parameters.list.map(({ path, shape, view }): Slot => ({ role: 'parameter', path, element: 'real', shape, view })),
  ...states.list.map(({ path, element, shape, view }): Slot => ({ role: 'state', path, element, shape, view })),
]

/** Values of parameters with a range are stored as they are, not the free numbers behind them. */
export function encodeWeights(state: ModelState): Uint8Array {
  const tensors = new Map(slotsOf(state).map(({ path, element, shape, view }): [string, StoredTensor] =>
    [path, { dtype: dtypeOf(element, view), shape, data: view }]))
  const metadata: Record<string, string> = { format: 'bp', model: state.model, bp_version: VERSION }
  if (state.standardization.size > 0) metadata.standardize = JSON.stringify(Object.fromEntries(state.standardization))
  return writeSafetensors({ tensors, metadata })
}

function dtypeOf(element: Element, data: TypedArray): Dtype {
  switch (element) {
    case 'real': return data instanceof Float32Array ? 'F32' : 'F64'
    case 'int': return 'I32'
    case 'bool': return 'BOOL'
    default: return element satisfies never
  }
}

/** Types that a file may hold a value as; the two reals stand for one another. */
const READABLE: { readonly [E in Element]: readonly Dtype[] } = { real: ['F32', 'F64'], int: ['I32'], bool: ['BOOL', 'U8'] }

/**
 * Sets all parameters and states from a file, or none.
 * @param source what the bytes are, for messages
 * @returns the statistics to standardise by
 * @throws RunError 'weights' when the file is broken or belongs to another model
 */
export function decodeWeights(bytes: Uint8Array, state: ModelState, source = 'the weights'): Standardization {
  const { model, parameters } = state
  const { tensors, metadata } = readSafetensors(bytes, source)
  const several = source === 'the weights'
  const fail = (what: string): never => {
    const other = metadata.model !== undefined && metadata.model !== model ? ` (${several ? 'they were' : 'it was'} saved by model ${metadata.model})` : ''
    throw new RunError('weights', `${source} ${several ? 'do' : 'does'} not fit model ${model}${other}: ${what}`)
  }
  // run.ts, which knows more of them, reads this file's statistics.
  if (metadata.format === 'bp-checkpoint') return fail('it is a checkpoint of a training run, for `resume` to go on from')
  const slots = slotsOf(state)
  for (const { role, path, element, shape } of slots) {
    const stored = tensors.get(path)
    if (!stored) return fail(`${role} '${path}' is not in ${several ? 'them' : 'it'}${suggestName(path, [...tensors.keys()])}`)
    if (stored.shape.length !== shape.length || stored.shape.some((size, axis) => size !== shape[axis])) {
      return fail(`${role} '${path}' has the shape [${shape.join(', ')}], found [${stored.shape.join(', ')}]`)
    }
    if (!READABLE[element].includes(stored.dtype)) return fail(`${role} '${path}' is of type ${stored.dtype}; ${READABLE[element].join(' or ')} was expected`)
  }
  const paths = slots.map(slot => slot.path)
  const extra = [...tensors.keys()].find(name => !paths.includes(name))
  if (extra !== undefined) return fail(`there is no parameter '${extra}'${suggestName(extra, paths)}`)
  const standardization = readStatistics(metadata.standardize, source)
  for (const { path, view } of state.states.list) view.set(tensors.get(path)?.data ?? [])
  for (const parameter of parameters.list) parameters.assign(parameter, tensors.get(parameter.path)?.data ?? [])
  return standardization
}

export function readStatistics(json: string | undefined, source: string): Standardization {
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
