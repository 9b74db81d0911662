/**
 * The contraction of two tensors: Σ over shared labels, seen as a batch of matrix products [m, k] · [k, n].
 *
 * Every group of labels (batch, m, n, k) becomes a table of offsets into each operand, so any order of axes works without
 * transposing first. What matters for speed is the inner loop, and there are two: along n where the right operand's n is
 * contiguous (rows of it, scaled, are added up), and along k where both operands' k is (dot products). An operand that
 * allows neither is copied into the first form. Sums are accumulated in 64 bits.
 */
import type { OpAttributes } from '../../../ir/op'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite, type Tensor } from './executor'
import { offsetTable, stridesOf } from './layout'

/** One operand with the stride of each label that it has. */
interface Side { readonly data: TypedArray; readonly sizes: ReadonlyMap<number, number>; readonly strides: ReadonlyMap<number, number> }

/** Offsets of the rows (m or n), of the summed labels and of the batch in one operand. */
interface OperandTables { readonly batch: Int32Array; readonly own: Int32Array; readonly summed: Int32Array }

/** Columns from which on a loop along them beats dot products. */
const WIDE = 8

interface Product {
  readonly left: TypedArray
  readonly right: TypedArray
  readonly out: TypedArray
  readonly a: OperandTables
  readonly b: OperandTables
  readonly outBatch: Int32Array
  readonly outRows: Int32Array
  readonly outColumns: Int32Array
}

export function prepareContract({ left, right, out }: OpAttributes['contract'], site: RoutineSite): Executor {
  const a = sideOf(inputOf(site, 0), left)
  const b = sideOf(inputOf(site, 1), right)
  const c = sideOf(site.output, out)
  const batch = out.filter(label => left.includes(label) && right.includes(label))
  const summed = left.filter(label => right.includes(label) && !out.includes(label))
  const rows = left.filter(label => !right.includes(label))
  const columns = right.filter(label => !left.includes(label))

  const forward = productOf(a, b, c, { batch, rows, columns, summed })
  // The transposed product has the roles of the operands exchanged.
  const backward = productOf(b, a, c, { batch, rows: columns, columns: rows, summed })
  const canSum = isSequential(forward.b.own)
  if (canSum && columnsOf(forward) >= WIDE) return sumRows(forward)
  if (isSequential(forward.a.summed) && isSequential(forward.b.summed)) return dotRows(forward)
  if (isSequential(backward.b.own) && !(canSum && columnsOf(forward) >= columnsOf(backward))) return sumRows(backward)
  if (canSum) return sumRows(forward)
  return copyThenSumRows(forward)
}

function sideOf({ data, shape }: Tensor, labels: readonly number[]): Side {
  const strides = stridesOf(shape)
  return {
    data,
    sizes: new Map(labels.map((label, axis) => [label, shape[axis] ?? 1])),
    strides: new Map(labels.map((label, axis) => [label, strides[axis] ?? 0])),
  }
}

interface Groups { readonly batch: readonly number[]; readonly rows: readonly number[]; readonly columns: readonly number[]; readonly summed: readonly number[] }

function productOf(a: Side, b: Side, c: Side, groups: Groups): Product {
  const table = (labels: readonly number[], side: Side) => offsetTable(labels.map(label => ({
    size: a.sizes.get(label) ?? b.sizes.get(label) ?? 1,
    stride: side.strides.get(label) ?? 0,
  })))
  const tables = (side: Side, own: readonly number[]): OperandTables =>
    ({ batch: table(groups.batch, side), own: table(own, side), summed: table(groups.summed, side) })
  return {
    left: a.data, right: b.data, out: c.data, a: tables(a, groups.rows), b: tables(b, groups.columns),
    outBatch: table(groups.batch, c), outRows: table(groups.rows, c), outColumns: table(groups.columns, c),
  }
}

const columnsOf = (product: Product): number => product.outColumns.length

function isSequential(table: Int32Array): boolean {
  return table.every((offset, i) => offset === i)
}

/** out[m, :] = Σₖ left[m, k] · right[k, :], four k at a time so that the sums are loaded and stored a quarter as often. */
function sumRows({ left, right, out, a, b, outBatch, outRows, outColumns }: Product): Executor {
  const columns = outColumns.length
  const terms = a.summed.length
  const sums = new Float64Array(columns)
  const whole = terms - (terms % 4)
  const contiguous = isSequential(outColumns)
  return () => {
    for (let g = 0; g < outBatch.length; g++) {
      const rightBase = b.batch[g] as number
      for (let m = 0; m < outRows.length; m++) {
        const row = (a.batch[g] as number) + (a.own[m] as number)
        sums.fill(0)
        for (let k = 0; k < whole; k += 4) {
          addFourRows(
            sums, columns, right, rightBase + (b.summed[k] as number), rightBase + (b.summed[k + 1] as number),
            rightBase + (b.summed[k + 2] as number), rightBase + (b.summed[k + 3] as number),
            left[row + (a.summed[k] as number)] as number, left[row + (a.summed[k + 1] as number)] as number,
            left[row + (a.summed[k + 2] as number)] as number, left[row + (a.summed[k + 3] as number)] as number,
          )
        }
        for (let k = whole; k < terms; k++) {
          addRow(sums, columns, right, rightBase + (b.summed[k] as number), left[row + (a.summed[k] as number)] as number)
        }
        const target = (outBatch[g] as number) + (outRows[m] as number)
        if (contiguous) for (let n = 0; n < columns; n++) out[target + n] = sums[n] as number
        else for (let n = 0; n < columns; n++) out[target + (outColumns[n] as number)] = sums[n] as number
      }
    }
  }
}

function addRow(sums: Float64Array, columns: number, right: TypedArray, at: number, factor: number): void {
  for (let n = 0; n < columns; n++) sums[n] = (sums[n] as number) + factor * (right[at + n] as number)
}

function addFourRows(
  sums: Float64Array, columns: number, right: TypedArray, at0: number, at1: number, at2: number, at3: number,
  f0: number, f1: number, f2: number, f3: number,
): void {
  for (let n = 0; n < columns; n++) {
    sums[n] = (sums[n] as number) + (f0 * (right[at0 + n] as number) + f1 * (right[at1 + n] as number)
      + (f2 * (right[at2 + n] as number) + f3 * (right[at3 + n] as number)))
  }
}

/** out[m, n] = left[m, :] · right[n, :]. */
function dotRows({ left, right, out, a, b, outBatch, outRows, outColumns }: Product): Executor {
  const terms = a.summed.length
  return () => {
    for (let g = 0; g < outBatch.length; g++) {
      for (let m = 0; m < outRows.length; m++) {
        const row = (a.batch[g] as number) + (a.own[m] as number)
        const target = (outBatch[g] as number) + (outRows[m] as number)
        for (let n = 0; n < outColumns.length; n++) {
          out[target + (outColumns[n] as number)] = dot(left, row, right, (b.batch[g] as number) + (b.own[n] as number), terms)
        }
      }
    }
  }
}

function dot(left: TypedArray, from: number, right: TypedArray, at: number, terms: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let k = 0
  for (; k + 3 < terms; k += 4) {
    s0 += (left[from + k] as number) * (right[at + k] as number)
    s1 += (left[from + k + 1] as number) * (right[at + k + 1] as number)
    s2 += (left[from + k + 2] as number) * (right[at + k + 2] as number)
    s3 += (left[from + k + 3] as number) * (right[at + k + 3] as number)
  }
  for (; k < terms; k++) s0 += (left[from + k] as number) * (right[at + k] as number)
  return (s0 + s1) + (s2 + s3)
}

/** Lays the right operand out as [batch, k, n] first. */
function copyThenSumRows(product: Product): Executor {
  const { right, b } = product
  const columns = b.own.length
  const terms = b.summed.length
  const copy = new Float64Array(b.batch.length * terms * columns)
  const run = sumRows({ ...product, right: copy, b: {
    batch: offsetTable([{ size: b.batch.length, stride: terms * columns }]),
    own: offsetTable([{ size: columns, stride: 1 }]),
    summed: offsetTable([{ size: terms, stride: columns }]),
  } })
  return context => {
    let to = 0
    for (let g = 0; g < b.batch.length; g++) {
      for (let k = 0; k < terms; k++) {
        const base = (b.batch[g] as number) + (b.summed[k] as number)
        for (let n = 0; n < columns; n++) copy[to++] = right[base + (b.own[n] as number)] as number
      }
    }
    run(context)
  }
}
