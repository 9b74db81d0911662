/** Before training: which rows are trained on, and the data as the programs take them. */
import type { Sizes } from '../../ir/dim'
import { takesAllRows } from '../../ir/training'
import { RunError } from '../errors'
import type { GivenTensors } from '../inputs'
import { bindSizes } from '../program'
import type { Settings } from '../settings'
import { findNotFinite, whatToDo } from './notFinite'
import { findRows, requireRows, splitRows, type Rows, type Split } from './rows'
import { measure, type Standardization } from './standardize'

export interface DataSet {
  readonly rows: Rows
  readonly split: Split
  /** Of all rows at once. */
  readonly sizes: Sizes
}

/** @throws RunError 'data' when there is nothing to train on; 'usage' when the rows cannot be taken apart as the settings want */
export function prepareRows(given: GivenTensors, { holdout, seed, batch, optimizer: { name } }: Settings): DataSet {
  const rows = findRows(given)
  if (rows.count === 0) throw new RunError('data', 'there are no rows to train on')
  if (holdout) requireRows(rows, given, 'holdout')
  const split = splitRows(rows.count, holdout, seed)
  if (batch < split.training.length) {
    requireRows(rows, given, 'batch')
    if (takesAllRows(name)) {
      throw new RunError('usage', `${name} takes all rows at once, but batch is ${batch} of ${split.training.length}: leave it out, or take an optimizer such as adam`)
    }
  }
  // The shapes are held to each other over all rows at once; a batch then replaces the one size.
  return { rows, split, sizes: bindSizes([...given.values()]) }
}

/**
 * Mean and deviation of the training part of each input.
 * @throws RunError 'usage' where an input is not in rows; 'data' where its numbers have no mean
 */
export function measureAll(names: readonly string[], given: GivenTensors, { rows, split }: DataSet): Standardization {
  return new Map(names.flatMap(name => {
    const tensor = given.get(name)
    if (tensor && !rows.mapped.has(name)) {
      throw new RunError('usage', `standardize needs data in rows, but '${name}' is given whole`)
    }
    if (!tensor) return []
    const statistics = measure(tensor, split.training)
    const found = statistics.mean.every(Number.isFinite) ? undefined : findNotFinite(new Map([[name, tensor]]), rows)
    if (found) throw new RunError('data', `${found.first}, and standardize ${name} takes the mean. ${whatToDo(found, rows.count)}`)
    return [[name, statistics] as const]
  }))
}
