/** Columns as they are read: numbers in typed arrays, and cells that are no numbers once each, so that a file may be large. */
import type { Cell } from './table'
import type { Use } from './wanted'

/** Entries a block: what grows is a list of blocks, and nothing is copied. */
const BLOCK = 1 << 16

export type NumberArray = Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array

/** An array that grows. */
export class GrowingNumbers {
  private readonly blocks: NumberArray[] = []
  length = 0

  constructor(private readonly make: (length: number) => NumberArray) {}

  push(value: number): void {
    const at = this.length++ % BLOCK
    if (at === 0) this.blocks.push(this.make(BLOCK))
    const block = this.blocks[this.blocks.length - 1]
    if (block) block[at] = value
  }

  at(index: number): number {
    return this.blocks[Math.floor(index / BLOCK)]?.[index % BLOCK] ?? NaN
  }
}

export interface StoredColumn {
  push(cell: Cell): void
  at(row: number): Cell
}

/** Of the cells that are no numbers the first is kept: reading it fails, and rows are read in order. */
class NumberColumn implements StoredColumn {
  private readonly values = new GrowingNumbers(length => new Float64Array(length))
  private odd: { readonly row: number; readonly cell: Cell } | undefined

  push(cell: Cell): void {
    if (typeof cell !== 'number') this.odd ??= { row: this.values.length, cell }
    this.values.push(typeof cell === 'number' ? cell : NaN)
  }

  at(row: number): Cell {
    return this.odd?.row === row ? this.odd.cell : this.values.at(row)
  }
}

/** Each cell that occurs, once, and which of them stands in each row. */
class CellColumn implements StoredColumn {
  private readonly cells: Cell[] = []
  private readonly codes = new Map<Cell, number>()
  private readonly rows = new GrowingNumbers(length => new Int32Array(length))

  push(cell: Cell): void {
    let code = this.codes.get(cell)
    if (code === undefined) {
      const kept = typeof cell === 'string' ? detached(cell) : cell
      code = this.cells.push(kept) - 1
      this.codes.set(kept, code)
    }
    this.rows.push(code)
  }

  at(row: number): Cell {
    return this.cells[this.rows.at(row)]
  }
}

/** A part of a text keeps the whole of it in memory; what has been taken apart and put together again does not. */
const detached = (text: string): string => [...text].join('')

export function storedColumn(use: Use): StoredColumn {
  switch (use) {
    case 'number': return new NumberColumn()
    case 'cell': return new CellColumn()
    default: return use satisfies never
  }
}
