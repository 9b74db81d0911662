/** out[m, n] = left[m, :] · right[n, :] where both lie in neighbouring elements: vectors along the sum. */
import { i32 } from '../../../wasm/instructions'
import { sumLanes } from './lanes'
import type { Callee, Local, ModuleWriter } from '../../../wasm/module'
import type { ProductShape } from './product'
import type { Vectors } from './vectors'

/** Results at once: each vector of left serves them all. */
const AT_ONCE = 4

/** A function (left, right, out) of three addresses. */
export function dotProducts(module: ModuleWriter, v: Vectors, shape: Omit<ProductShape, 'leftTerm' | 'rightTerm'> & { readonly rightColumn: number }): Callee {
  const { rows, columns, terms, leftRow, outRow, rightColumn } = shape
  return module.define(`dots ${v.precision} ${[rows, columns, terms, leftRow, outRow, rightColumn].join()}`, { parameters: ['i32', 'i32', 'i32'] }, f => {
    const [left, right, out] = f.parameters as [Local, Local, Local]
    const bytes = 16 / v.lanes
    const whole = Math.floor(terms / v.lanes)
    const block = (count: number, to: Local, column: Local) => {
      const sums = Array.from({ length: count }, () => f.local('v128'))
      for (const sum of sums) f.set(sum, v.real.const(0))
      const x = f.local('i32', left.get)
      const y = f.local('i32', column.get)
      f.repeat(whole, () => {
        const values = f.local('v128', v.load('real', x.get)).get
        sums.forEach((sum, i) => f.set(sum, v.multiplyAdd(values, v.load('real', y.get, i * rightColumn), sum.get)))
        f.advance(x, 16)
        f.advance(y, 16)
      })
      sums.forEach((sum, i) => {
        const total = f.local('v128', v.real.splat(sumLanes(v, sum.get)))
        for (let k = 0; k < terms % v.lanes; k++) {
          f.set(total, v.multiplyAdd(v.loadSplat('real', x.get, k * bytes), v.loadSplat('real', y.get, i * rightColumn + k * bytes), total.get))
        }
        f.emit(v.storeLane('real', to.get, total.get, 0, i * bytes))
      })
      f.advance(to, count * bytes)
      f.advance(column, count * rightColumn)
    }
    f.repeat(rows, () => {
      const to = f.local('i32', out.get)
      const column = f.local('i32', right.get)
      f.repeat(Math.floor(columns / AT_ONCE), () => block(AT_ONCE, to, column))
      if (columns % AT_ONCE) block(columns % AT_ONCE, to, column)
      f.set(left, i32.add(left.get, i32.const(leftRow)))
      f.set(out, i32.add(out.get, i32.const(outRow)))
    })
  })
}
