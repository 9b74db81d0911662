/**
 * The contraction of two tensors: Σ over shared labels, seen as a batch of matrix products [m, k] · [k, n].
 *
 * Every group of labels (batch, m, n, k) becomes a table of offsets into each operand, so any order of axes works without
 * transposing first. Products of some size are computed in tiles of 4×2, from operands copied into panels: then no loop
 * cares how they lay. Where one side is narrow the copy would cost as much as the product; those run along k where both
 * operands are contiguous in it (dot products), or along n where the right one is (its rows, scaled, are added up).
 * Sums are accumulated in 64 bits.
 */
import type { OpAttributes } from '../../../ir/op'
import type { TypedArray } from '../backend'
import { inputOf, type Executor, type RoutineSite, type Tensor } from './executor'
import { offsetTable, stridesOf } from './layout'

/** One operand with the stride of each label that it has. */
interface Side { readonly data: TypedArray; readonly sizes: ReadonlyMap<number, number>; readonly strides: ReadonlyMap<number, number> }

/** Offsets of the rows (m or n), of the summed labels and of the batch in one operand. */
interface OperandTables { readonly batch: Int32Array; readonly own: Int32Array; readonly summed: Int32Array }

/** Rows or columns from which on copying the operands into panels pays. */
const NARROW = 3

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
  if (site.output.element === 'int') return multiplyInts(forward)
  if (Math.min(rowsOf(forward), columnsOf(forward)) >= NARROW) return multiplyTiles(forward)
  if (isSequential(forward.a.summed) && isSequential(forward.b.summed)) return dotRows(forward)
  // The transposed product has the roles of the operands exchanged; the longer side is the one to run along.
  const backward = productOf(b, a, c, { batch, rows: columns, columns: rows, summed })
  const [long, short] = columnsOf(forward) >= columnsOf(backward) ? [forward, backward] : [backward, forward]
  if (isSequential(long.b.own)) return sumRows(long)
  return isSequential(short.b.own) && columnsOf(short) > 1 ? sumRows(short) : multiplyTiles(forward)
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

const rowsOf = (product: Product): number => product.outRows.length
const columnsOf = (product: Product): number => product.outColumns.length

function isSequential(table: Int32Array): boolean {
  return table.every((offset, i) => offset === i)
}

/** Products of ints keep their 32 bits, modulo 2³²; doubles would lose the last ones behind 53. */
function multiplyInts({ left, right, out, a, b, outBatch, outRows, outColumns }: Product): Executor {
  return () => {
    for (let g = 0; g < outBatch.length; g++) {
      for (let m = 0; m < outRows.length; m++) {
        const row = (a.batch[g] as number) + (a.own[m] as number)
        for (let n = 0; n < outColumns.length; n++) {
          const column = (b.batch[g] as number) + (b.own[n] as number)
          let sum = 0
          for (let k = 0; k < a.summed.length; k++) {
            sum = (sum + Math.imul(left[row + (a.summed[k] as number)] as number, right[column + (b.summed[k] as number)] as number)) | 0
          }
          out[(outBatch[g] as number) + (outRows[m] as number) + (outColumns[n] as number)] = sum
        }
      }
    }
  }
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

/** Panels of the left operand are [k, TALL], of the right one [k, FLAT]; the last of each is filled up with zeros. */
const TALL = 4
const FLAT = 2

function multiplyTiles({ left, right, out, a, b, outBatch, outRows, outColumns }: Product): Executor {
  const terms = a.summed.length
  const rows = outRows.length
  const columns = outColumns.length
  const leftPanels = new Float64Array(Math.ceil(rows / TALL) * TALL * terms)
  const rightPanels = new Float64Array(Math.ceil(columns / FLAT) * FLAT * terms)
  const tile = new Float64Array(TALL * FLAT)
  return () => {
    for (let g = 0; g < outBatch.length; g++) {
      fillPanels(left, a.batch[g] as number, a.own, a.summed, TALL, leftPanels)
      fillPanels(right, b.batch[g] as number, b.own, b.summed, FLAT, rightPanels)
      for (let n = 0; n < columns; n += FLAT) {
        for (let m = 0; m < rows; m += TALL) {
          multiplyTile(terms, leftPanels, m * terms, rightPanels, n * terms, tile)
          const rowEnd = Math.min(TALL, rows - m)
          const columnEnd = Math.min(FLAT, columns - n)
          for (let i = 0; i < rowEnd; i++) {
            const target = (outBatch[g] as number) + (outRows[m + i] as number)
            for (let j = 0; j < columnEnd; j++) out[target + (outColumns[n + j] as number)] = tile[i * FLAT + j] as number
          }
        }
      }
    }
  }
}

function fillPanels(source: TypedArray, base: number, own: Int32Array, summed: Int32Array, width: number, panels: Float64Array): void {
  const terms = summed.length
  for (let first = 0; first < own.length; first += width) {
    const count = Math.min(width, own.length - first)
    let to = first * terms
    for (let k = 0; k < terms; k++, to += width) {
      const from = base + (summed[k] as number)
      for (let i = 0; i < count; i++) panels[to + i] = source[from + (own[first + i] as number)] as number
    }
  }
}

/** Eight sums at once: what fits the registers, with the six numbers that each step of k reads. */
function multiplyTile(terms: number, left: Float64Array, l: number, right: Float64Array, r: number, tile: Float64Array): void {
  let s00 = 0
  let s01 = 0
  let s10 = 0
  let s11 = 0
  let s20 = 0
  let s21 = 0
  let s30 = 0
  let s31 = 0
  for (let k = 0; k < terms; k++, l += TALL, r += FLAT) {
    const y0 = right[r] as number
    const y1 = right[r + 1] as number
    const x0 = left[l] as number
    const x1 = left[l + 1] as number
    const x2 = left[l + 2] as number
    const x3 = left[l + 3] as number
    s00 += x0 * y0
    s01 += x0 * y1
    s10 += x1 * y0
    s11 += x1 * y1
    s20 += x2 * y0
    s21 += x2 * y1
    s30 += x3 * y0
    s31 += x3 * y1
  }
  tile[0] = s00
  tile[1] = s01
  tile[2] = s10
  tile[3] = s11
  tile[4] = s20
  tile[5] = s21
  tile[6] = s30
  tile[7] = s31
}
