/**
 * The matrix product out[m, n] = Σₖ left[m, k] · right[k, n], in tiles of 4 × 2 vectors.
 *
 * A tile keeps its eight sums in registers while k runs; more would spill, and unrolling k makes the machine's compiler spill too
 * (measured, see docs/decisions). The right operand and the result lie with n in neighbouring elements; the left may lie in any
 * way. Sums over k are taken in pieces whose part of the right operand stays in the first cache.
 */
import { i32, type Code } from '../../../wasm/instructions'
import type { Callee, FunctionWriter, Local, ModuleWriter } from '../../../wasm/module'
import type { Vectors } from './vectors'

/** Sizes, and bytes from one element to the next. */
export interface ProductShape {
  readonly rows: number
  readonly columns: number
  readonly terms: number
  /** Of left along m and k; of right along k; of the result along m. Columns of right and result are neighbours. */
  readonly leftRow: number
  readonly leftTerm: number
  readonly rightTerm: number
  readonly outRow: number
  /** Whether the product is added to what the result holds. */
  readonly isSum?: boolean
}

const TILE_ROWS = 4
const TILE_VECTORS = 2
/** Terms whose rows of a tile's width fill half of a first cache of 32 KiB. */
const TERMS_AT_ONCE = 256
/** Rows of left whose piece of the terms stays in the second cache. */
const ROWS_AT_ONCE = 128

/** A function (left, right, out) of three addresses. */
export function matrixProduct(module: ModuleWriter, v: Vectors, shape: ProductShape): Callee {
  return module.define(`product ${v.precision} ${Object.values(shape).join()}`, { parameters: ['i32', 'i32', 'i32'] }, f => {
    const [left, right, out] = f.parameters as [Local, Local, Local]
    const { rows, columns, terms, isSum = false } = shape
    const tile = tileWriter(module, v, shape)
    const width = TILE_VECTORS * v.lanes
    const bytes = 16 / v.lanes
    for (let start = 0; start < terms; start += TERMS_AT_ONCE) {
      const count = Math.min(TERMS_AT_ONCE, terms - start)
      for (let firstRow = 0; firstRow < rows; firstRow += ROWS_AT_ONCE) {
        const height = Math.min(ROWS_AT_ONCE, rows - firstRow)
        const a = f.local('i32')
        const b = f.local('i32', i32.add(right.get, i32.const(start * shape.rightTerm)))
        const c = f.local('i32', i32.add(out.get, i32.const(firstRow * shape.outRow)))
        const column = (tileColumns: number) => {
          f.set(a, i32.add(left.get, i32.const(firstRow * shape.leftRow + start * shape.leftTerm)))
          const down = f.local('i32', c.get)
          f.repeat(Math.floor(height / TILE_ROWS), () => {
            f.emit(tile(TILE_ROWS, tileColumns, isSum || start > 0)(a.get, b.get, down.get, i32.const(count)))
            f.advance(a, TILE_ROWS * shape.leftRow)
            f.advance(down, TILE_ROWS * shape.outRow)
          })
          if (height % TILE_ROWS) f.emit(tile(height % TILE_ROWS, tileColumns, isSum || start > 0)(a.get, b.get, down.get, i32.const(count)))
          f.advance(b, tileColumns * bytes)
          f.advance(c, tileColumns * bytes)
        }
        f.repeat(Math.floor(columns / width), () => column(width))
        if (columns % width) column(columns % width)
      }
    }
  })
}

/** The function (left, right, out, terms) of a tile of some rows and columns; `isSum` adds to what is there. */
function tileWriter(module: ModuleWriter, v: Vectors, { leftRow, leftTerm, rightTerm, outRow }: ProductShape) {
  return (rows: number, columns: number, isSum: boolean): Callee => {
    const key = `tile ${v.precision} ${[rows, columns, isSum, leftRow, leftTerm, rightTerm, outRow].join()}`
    return module.define(key, { parameters: ['i32', 'i32', 'i32', 'i32'] }, f => {
      const [left, right, out, terms] = f.parameters as [Local, Local, Local, Local]
      const vectors = Math.ceil(columns / v.lanes)
      const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local('v128')))
      f.doWhile(() => {
        const ys = Array.from({ length: vectors }, (_, j) => f.local('v128', v.load('real', right.get, 16 * j)).get)
        sums.forEach((row, i) => {
          const x = f.local('v128', v.loadSplat('real', left.get, i * leftRow)).get
          row.forEach((sum, j) => f.set(sum, v.multiplyAdd(x, ys[j] ?? [], sum.get)))
        })
        f.advance(left, leftTerm)
        f.advance(right, rightTerm)
        f.set(terms, i32.sub(terms.get, i32.const(1)))
        return terms.get
      })
      sums.forEach((row, i) => row.forEach((sum, j) => storeColumns(f, v, out.get, i * outRow + 16 * j, sum.get, Math.min(v.lanes, columns - j * v.lanes), isSum)))
    })
  }
}

/** The first `columns` lanes, added to what is there or not. */
function storeColumns(f: FunctionWriter, v: Vectors, at: Code, offset: number, value: Code, columns: number, isSum: boolean): void {
  const total = isSum ? f.local('v128', v.real.add(v.load('real', at, offset), value)).get : value
  if (columns === v.lanes) return f.emit(v.store('real', at, total, offset))
  for (let lane = 0; lane < columns; lane++) f.emit(v.storeLane('real', at, total, lane, offset + (lane * 16) / v.lanes))
}
