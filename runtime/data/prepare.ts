/** Before training: which rows are trained on, and the data as the programs take them. */
import type { Sizes } from '../../ir/dim'
import { takesAllRows } from '../../ir/training'
import { RunError } from '../errors'
import type { GivenTensors } from '../inputs'
import { bindSizes } from '../program'
import type { Settings } from '../settings'
import { pathOf, printLabel } from '../tensor'
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

/** Mean and deviation of the training part of each input. */
export function measureAll(names: readonly string[], given: GivenTensors, { rows, split }: DataSet): Standardization {
  return new Map(names.flatMap(name => {
    const tensor = given.get(name)
    if (tensor && !rows.mapped.has(name)) {
      throw new RunError('usage', `standardize needs data in rows, but '${name}' is given whole`)
    }
    return tensor ? [[name, measure(tensor, split.training)] as const] : []
  }))
}

/** The first NaN or infinity in the data, in words. */
export function findNotFinite(given: GivenTensors): string | undefined {
  for (const { label, type, shape, data } of given.values()) {
    const at = type.element === 'real' ? data.findIndex(value => !Number.isFinite(value)) : -1
    if (at >= 0) return `${printLabel(label)} is ${data[at]} at ${pathOf(label.name, shape, at)}`
  }
  return undefined
}
