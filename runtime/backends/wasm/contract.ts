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
import type { FunctionWriter, Local } from '../../../wasm/module'
import { inputOf } from './movement'
import { mergeAxes, walk, type Axes } from './nest'
import { matrixProduct, panelBytes, TILE_ROWS } from './product'
import { cutOf, type Work } from '../../../wasm/cut'
import { inPieces, moved, type Part } from './sharing'
import type { Place, ProgramSite, RoutinePlaces } from './site'
import { bytesOf, type Vectors } from './vectors'

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

/** How a product is computed: as dot products, by a copy of the right operand, or as it is. Pieces do as the whole does. */
interface Way { readonly usesDots: boolean; readonly needsCopy: boolean }

function wayOf({ rows, columns, summed }: Product, v: Vectors): Way {
  const bytes = 16 / v.lanes
  const [width, terms, height] = [columns, summed, rows].map(group => group.sizes.at(-1) ?? 1) as [number, number, number]
  const isNeighbouring = width === 1 || columns.right.at(-1) === bytes
  const isDot = (terms === 1 || (summed.left.at(-1) === bytes && summed.right.at(-1) === bytes)) && terms >= v.lanes
  const usesDots = isDot && summed.sizes.length <= 1 && (width === 1 || (!isNeighbouring && height < ROWS_FOR_COPY))
  return { usesDots, needsCopy: !isNeighbouring && !usesDots }
}

/** An axis of the result, by which a product can be cut. */
interface CutAxis extends Work { readonly group: 'batch' | 'columns' | 'rows'; readonly axis: number }

/** So many pieces keep the threads of most machines busy. */
const ENOUGH_PIECES = 8

/**
 * Batches and columns are cut before rows: each piece reads its own part of the right operand then, and copies that alone. Columns
 * are cut where lines of the cache are, rows where tiles are.
 */
function cutAxisOf(product: Product, { v, sharing }: ProgramSite): CutAxis {
  const { batch, columns, rows, summed } = product
  const count = [batch, columns, rows, summed].flatMap(group => group.sizes).reduce((size, other) => size * other, 1)
  const axesOf = (group: CutAxis['group'], grain: number): CutAxis[] => product[group].sizes.map((units, axis, { length }) =>
    ({ group, axis, units, grain: axis === length - 1 ? grain : 1, nanoseconds: (count * NANOSECONDS) / v.lanes }))
  const axes = [...axesOf('batch', 1), ...axesOf('columns', 4 * v.lanes), ...axesOf('rows', TILE_ROWS)]
  const piecesOf = (axis: CutAxis) => Math.min(ENOUGH_PIECES, (sharing && cutOf(axis, sharing.worth)?.pieces) ?? 1)
  const none: CutAxis = { group: 'rows', axis: 0, units: 1, nanoseconds: 0 }
  return axes.reduce((best, axis) => (piecesOf(axis) > piecesOf(best) ? axis : best), axes[0] ?? none)
}

/** Of a product of two numbers, for each lane. */
const NANOSECONDS = 0.16

function lowerProduct(product: Product, site: ProgramSite): Code {
  const { group, axis, ...work } = cutAxisOf(product, site)
  const way = wayOf(product, site.v)
  const isSum = product.summed.sizes.length > 1
  const { address, shape } = product.out
  return [
    isSum ? bulk.fill(i32.const(address), i32.const(0), i32.const(countOf(shape) * bytesOf('real', site.precision))) : [],
    inPieces(site, 'contract', work, (f, part) => {
      const { sizes, left, right, out } = product[group]
      const start = (place: Place, strides: readonly number[]) => f.local('i32', moved(place.address, part.first, strides[axis] ?? 0))
      const cut = { ...product, [group]: { ...product[group], sizes: sizes.length > 0 ? sizes.with(axis, part.count) : sizes } }
      writeProduct(f, cut, way, site, { left: start(product.left, left), right: start(product.right, right), out: start(product.out, out) }, part.scratch)
    }),
  ]
}

function writeProduct(
  f: FunctionWriter, { rows, columns, summed, batch }: Product, { usesDots, needsCopy }: Way, site: ProgramSite,
  addresses: { readonly left: Local; readonly right: Local; readonly out: Local }, scratch: Part['scratch'],
): void {
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
  const outer = (group: Group): Group => ({ sizes: group.sizes.slice(0, -1), left: group.left.slice(0, -1), right: group.right.slice(0, -1), out: group.out.slice(0, -1) })
  // What is walked through, outermost first: a copy of the right operand serves all that stands within.
  const walks = [batch, outer(columns), outer(rows), outer(summed)]
  const total = (of: keyof Group) => walks.flatMap(group => group[of])
  const walkers = (['left', 'right', 'out'] as const).map(name => ({ address: addresses[name], strides: total(name) }))
  const [left, right, out] = [addresses.left.get, addresses.right.get, addresses.out.get]
  if (usesDots) return walk(f, total('sizes'), walkers, () => f.emit(dotProducts(site.module, site.v, { ...shape, rightColumn: columnStride })(left, right, out)))
  const padded = Math.ceil(width / site.v.lanes) * 16
  const inner = needsCopy ? { ...shape, rightTerm: padded } : shape
  const copied = needsCopy ? terms * padded : 0
  const room = panelBytes(inner)
  const copy = scratch(copied + room)
  walk(f, total('sizes'), walkers, () => {
    if (needsCopy) copyView(f, [terms, width], bytes, { address: right, strides: [rightTerm, columnStride] }, { address: copy, strides: [padded, bytes] })
    f.emit(matrixProduct(site.module, site.v, inner, room > 0)(left, needsCopy ? copy : right, out, ...(room > 0 ? [i32.add(copy, i32.const(copied))] : [])))
  })
}
