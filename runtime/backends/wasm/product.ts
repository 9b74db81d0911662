/**
 * The matrix product out[m, n] = Σₖ left[m, k] · right[k, n], in tiles of 4 × 2 vectors.
 *
 * A tile keeps its eight sums in registers while k runs; more would spill, and unrolling k makes the machine's compiler spill too
 * (measured). The tiles of a stripe, one below the other, are one function: a call for each takes a fifth of the time of large products. The right operand and the result lie with n in neighbouring elements; the left may lie in any
 * way. Sums over k are taken in pieces whose part of the right operand stays in the first cache.
 */
import { copyView } from './copy'
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

export const TILE_ROWS = 4
const TILE_VECTORS = 2
/** Terms whose rows of a tile's width fill half of a first cache of 32 KiB. */
const TERMS_AT_ONCE = 256
/** Rows of left whose piece of the terms stays in the second cache: 256 KiB of 32-bit numbers. */
const ROWS_AT_ONCE = 256

/** From here on, in bytes, the rows of the right operand are so far apart that a cache of translations does not hold a piece of them. */
const FAR = 3072
/** Fewer rows do not pay for copying a piece of the right operand. */
const ROWS_FOR_PANEL = 32

/** Bytes of the room for a piece of the right operand that its rows are copied into; 0 where they are read where they are. */
export function panelBytes({ rows, terms, rightTerm }: ProductShape): number {
  return rightTerm >= FAR && rows >= ROWS_FOR_PANEL ? Math.min(terms, TERMS_AT_ONCE) * TILE_VECTORS * 16 : 0
}

/**
 * A function (left, right, out) of three addresses.
 * @param hasPanel whether there is a fourth, of the room that `panelBytes` asks for
 */
export function matrixProduct(module: ModuleWriter, v: Vectors, shape: ProductShape, hasPanel = false): Callee {
  const parameters = ['i32', 'i32', 'i32', ...(hasPanel ? ['i32'] as const : [])] as const
  return module.define(`product ${v.precision} ${hasPanel} ${Object.values(shape).join()}`, { parameters }, f => {
    const [left, right, out, panel] = f.parameters as [Local, Local, Local, Local?]
    const { terms, isSum = false } = shape
    // Pieces of the sum: the first one writes, the others add.
    const first = Math.min(TERMS_AT_ONCE, terms)
    const piece = (count: number, isAdded: boolean) => {
      pieceOfRows(f, module, v, shape, panel?.get, { left, right, out, count, isAdded })
      f.advance(left, count * shape.leftTerm)
      f.advance(right, count * shape.rightTerm)
    }
    piece(first, isSum)
    f.repeat(Math.floor((terms - first) / TERMS_AT_ONCE), () => piece(TERMS_AT_ONCE, true))
    if ((terms - first) % TERMS_AT_ONCE) piece((terms - first) % TERMS_AT_ONCE, true)
  })
}

interface Piece { readonly left: Local; readonly right: Local; readonly out: Local; readonly count: number; readonly isAdded: boolean }

/** Some terms of the sum, for all rows and columns: rows in blocks, in each of them tile after tile down every stripe of columns. */
function pieceOfRows(f: FunctionWriter, module: ModuleWriter, v: Vectors, shape: ProductShape, panel: Code | undefined, { left, right, out, count, isAdded }: Piece): void {
  const { rows, columns, leftRow, outRow, rightTerm } = shape
  const width = TILE_VECTORS * v.lanes
  const bytes = 16 / v.lanes
  const tiles = (tileRows: number, tileColumns: number, isPanel: boolean) =>
    tilesOf(module, v, isPanel ? { ...shape, rightTerm: width * bytes } : shape, tileRows, tileColumns, isAdded)
  const top = f.local('i32', left.get)
  const topOut = f.local('i32', out.get)
  const block = (height: number) => {
    const b = f.local('i32', right.get)
    const c = f.local('i32', topOut.get)
    const stripe = (tileColumns: number, room?: Code) => {
      const isPanel = room !== undefined
      if (isPanel) copyView(f, [count, width], bytes as 4 | 8, { address: b.get, strides: [rightTerm, bytes] }, { address: room, strides: [width * bytes, bytes] })
      const from = room ?? b.get
      const whole = Math.floor(height / TILE_ROWS)
      const rest = height % TILE_ROWS
      if (whole) f.emit(tiles(TILE_ROWS, tileColumns, isPanel)(top.get, from, c.get, i32.const(count), i32.const(whole)))
      const below = (address: Local, row: number) => i32.add(address.get, i32.const(whole * TILE_ROWS * row))
      if (rest) f.emit(tiles(rest, tileColumns, isPanel)(below(top, leftRow), from, below(c, outRow), i32.const(count), i32.const(1)))
      f.advance(b, tileColumns * bytes)
      f.advance(c, tileColumns * bytes)
    }
    f.repeat(Math.floor(columns / width), () => stripe(width, panel))
    if (columns % width) stripe(columns % width)
    f.advance(top, height * leftRow)
    f.advance(topOut, height * outRow)
  }
  f.repeat(Math.floor(rows / ROWS_AT_ONCE), () => block(ROWS_AT_ONCE))
  if (rows % ROWS_AT_ONCE) block(rows % ROWS_AT_ONCE)
}

/**
 * The function (left, right, out, terms, tiles) of so many tiles of some rows and columns, one below the other; `isSum` adds to what
 * is there.
 */
function tilesOf(
  module: ModuleWriter, v: Vectors, { leftRow, leftTerm, rightTerm, outRow }: ProductShape, rows: number, columns: number, isSum: boolean,
): Callee {
  const key = `tiles ${v.precision} ${[rows, columns, isSum, leftRow, leftTerm, rightTerm, outRow].join()}`
  return module.define(key, { parameters: ['i32', 'i32', 'i32', 'i32', 'i32'] }, f => {
    const [top, right, out, terms, tiles] = f.parameters as [Local, Local, Local, Local, Local]
    const vectors = Math.ceil(columns / v.lanes)
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local('v128')))
    const [x, y, left] = [f.local('i32'), f.local('i32'), f.local('i32')]
    f.doWhile(() => {
      f.set(x, top.get)
      f.set(y, right.get)
      f.set(left, terms.get)
      for (const sum of sums.flat()) f.set(sum, v.real.const(0))
      f.doWhile(() => {
        const ys = Array.from({ length: vectors }, (_, j) => f.local('v128', v.load('real', y.get, 16 * j)).get)
        sums.forEach((row, i) => {
          const factor = f.local('v128', v.loadSplat('real', x.get, i * leftRow)).get
          row.forEach((sum, j) => f.set(sum, v.multiplyAdd(factor, ys[j] ?? [], sum.get)))
        })
        f.advance(x, leftTerm)
        f.advance(y, rightTerm)
        f.advance(left, -1)
        return left.get
      })
      sums.forEach((row, i) => row.forEach((sum, j) => storeColumns(f, v, out.get, i * outRow + 16 * j, sum.get, Math.min(v.lanes, columns - j * v.lanes), isSum)))
      f.advance(top, rows * leftRow)
      f.advance(out, rows * outRow)
      f.advance(tiles, -1)
      return tiles.get
    })
  })
}

/** The first `columns` lanes, added to what is there or not. */
function storeColumns(f: FunctionWriter, v: Vectors, at: Code, offset: number, value: Code, columns: number, isSum: boolean): void {
  const total = isSum ? f.local('v128', v.real.add(v.load('real', at, offset), value)).get : value
  if (columns === v.lanes) return f.emit(v.store('real', at, total, offset))
  for (let lane = 0; lane < columns; lane++) f.emit(v.storeLane('real', at, total, lane, offset + (lane * 16) / v.lanes))
}
