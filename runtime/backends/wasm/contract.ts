/**
 * The contraction of two tensors as matrix products (product.ts). Labels that only one operand has are rows or columns, shared
 * ones that stay are a batch; what does not merge into one axis each is walked through. Where the columns of the right operand
 * are not neighbours, it is copied so that they are, or, for few rows, every result is a dot product.
 */
import type { OpAttributes } from '../../../ir/op'
import { countOf, stridesOf } from '../reference/layout'
import { copyView } from './copy'
import { dotProducts } from './dots'
import { bulk, i32, type Code } from '../../../wasm/instructions'
import { inputOf } from './movement'
import { mergeAxes, walk, type Axes } from './nest'
import { matrixProduct, panelBytes } from './product'
import type { Place, ProgramSite, RoutinePlaces } from './site'
import { bytesOf } from './vectors'

interface Operand { readonly place: Place; readonly labels: readonly number[] }

/** Axes of one kind of label, and bytes along each in the operands and the result. */
interface Group { readonly sizes: readonly number[]; readonly left: readonly number[]; readonly right: readonly number[]; readonly out: readonly number[] }

/** Fewer rows do not pay for a copy of the right operand. */
const ROWS_FOR_COPY = 8

export function lowerContract(attributes: OpAttributes['contract'], places: RoutinePlaces, site: ProgramSite): Code | undefined {
  const { output } = places
  if (output.element !== 'real') return undefined
  const bytes = bytesOf('real', site.precision)
  const left = { place: inputOf(places, 0), labels: attributes.left }
  const right = { place: inputOf(places, 1), labels: attributes.right }
  if (countOf(output.shape) === 0) return []
  const sizes = sizesOf(left, right)
  if (attributes.left.some(label => attributes.right.includes(label) && !attributes.out.includes(label) && sizes.get(label) === 0)) {
    return bulk.fill(i32.const(output.address), i32.const(0), i32.const(countOf(output.shape) * bytes))
  }
  // Columns are the side whose elements are neighbours in the result.
  const last = attributes.out.findLast(label => sizes.get(label) !== 1)
  const isTurned = last !== undefined && attributes.left.includes(last) && !attributes.right.includes(last)
  const product = isTurned ? productOf(right, left, { place: output, labels: attributes.out }, sizes, bytes) : productOf(left, right, { place: output, labels: attributes.out }, sizes, bytes)
  return product && lowerProduct(product, site)
}

function sizesOf(...operands: readonly Operand[]): ReadonlyMap<number, number> {
  return new Map(operands.flatMap(({ place, labels }) => labels.map((label, axis) => [label, place.shape[axis] ?? 1] as const)))
}

interface Product {
  readonly left: Place
  readonly right: Place
  readonly out: Place
  readonly batch: Group
  readonly rows: Group
  readonly columns: Group
  readonly summed: Group
}

/** @returns undefined where neighbours in the result are a batch: there is nothing to multiply by rows and columns */
function productOf(left: Operand, right: Operand, out: Operand, sizes: ReadonlyMap<number, number>, bytes: number): Product | undefined {
  const strideOf = ({ place, labels }: Operand) => {
    const strides = stridesOf(place.shape)
    return (label: number) => (labels.includes(label) ? (strides[labels.indexOf(label)] ?? 0) * bytes : 0)
  }
  const group = (labels: readonly number[]): Group => {
    const { sizes: merged, strides: [l = [], r = [], o = []] }: Axes =
      mergeAxes(labels.map(label => sizes.get(label) ?? 1), [left, right, out].map(operand => labels.map(strideOf(operand))))
    return { sizes: merged, left: l, right: r, out: o }
  }
  const isIn = ({ labels }: Operand) => (label: number) => labels.includes(label)
  const columns = group(out.labels.filter(label => !isIn(left)(label)))
  if (columns.sizes.length > 0 && columns.out.at(-1) !== bytes) return undefined
  return {
    left: left.place, right: right.place, out: out.place, columns,
    batch: group(out.labels.filter(label => isIn(left)(label) && isIn(right)(label))),
    rows: group(out.labels.filter(label => !isIn(right)(label))),
    summed: group(left.labels.filter(label => isIn(right)(label) && !isIn(out)(label))),
  }
}

function lowerProduct(product: Product, site: ProgramSite): Code {
  const { rows, columns, summed, batch } = product
  const bytes = bytesOf('real', site.precision)
  const height = rows.sizes.at(-1) ?? 1
  const width = columns.sizes.at(-1) ?? 1
  const terms = summed.sizes.at(-1) ?? 1
  const leftTerm = summed.left.at(-1) ?? 0
  const rightTerm = summed.right.at(-1) ?? 0
  // Sums over several axes are added up in the result, one product after the other.
  const isSum = summed.sizes.length > 1
  const shape = { rows: height, columns: width, terms, leftRow: rows.left.at(-1) ?? 0, leftTerm, rightTerm, outRow: rows.out.at(-1) ?? 0, isSum }
  const columnStride = columns.right.at(-1) ?? bytes
  const isNeighbouring = width === 1 || columnStride === bytes
  const isDot = (leftTerm === bytes || terms === 1) && (rightTerm === bytes || terms === 1) && terms >= site.v.lanes
  const usesDots = isDot && !isSum && (width === 1 || (!isNeighbouring && height < ROWS_FOR_COPY))
  const needsCopy = !isNeighbouring && !usesDots
  const outer = (group: Group): Group => ({ sizes: group.sizes.slice(0, -1), left: group.left.slice(0, -1), right: group.right.slice(0, -1), out: group.out.slice(0, -1) })
  // What is walked through, outermost first: a copy of the right operand serves all that stands within.
  const walks = [batch, outer(columns), outer(rows), outer(summed)]
  const total = (of: keyof Group) => walks.flatMap(group => group[of])
  return site.module.define(`contract ${site.nextKernel()}`, { parameters: [] }, f => {
    const left = f.local('i32', i32.const(product.left.address))
    const right = f.local('i32', i32.const(product.right.address))
    const out = f.local('i32', i32.const(product.out.address))
    const walkers = (['left', 'right', 'out'] as const).map((name, i) => ({ address: [left, right, out][i] ?? left, strides: total(name) }))
    const padded = Math.ceil(width / site.v.lanes) * 16
    const inner = needsCopy ? { ...shape, rightTerm: padded } : shape
    const copied = needsCopy ? terms * padded : 0
    const room = panelBytes(inner)
    const scratch = site.scratch(copied + room)
    const multiply = () => matrixProduct(site.module, site.v, inner, room ? scratch + copied : 0)
    if (isSum) f.emit(bulk.fill(out.get, i32.const(0), i32.const(countOf(product.out.shape) * bytes)))
    walk(f, total('sizes'), walkers, () => {
      if (usesDots) return f.emit(dotProducts(site.module, site.v, { ...shape, rightColumn: columnStride })(left.get, right.get, out.get))
      if (needsCopy) copyView(f, [terms, width], bytes, { address: right.get, strides: [rightTerm, columnStride] }, { address: i32.const(scratch), strides: [padded, bytes] })
      f.emit(multiply()(left.get, needsCopy ? i32.const(scratch) : right.get, out.get))
    })
  })()
}
