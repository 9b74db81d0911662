/** Random graphs over small tensors: every op that needs no circuit, loops included, with the awkward numbers left in. */
import fc from 'fast-check'
import { GraphBuilder } from '../../../ir/builder'
import { namedDim, sameDim, sameShape, type Dim } from '../../../ir/dim'
import type { Graph, Node, Value } from '../../../ir/graph'
import { LoopBuilder } from '../../../ir/loop'
import { printGraph } from '../../../ir/print'
import { SCALARS, scalarElement, type ScalarName } from '../../../ir/scalar'
import { int, real, type Element } from '../../../ir/type'
import { evaluate } from '../../support/evaluate'

export const N = namedDim('n')
export const SIZES = new Map([['n', 3]])
const SCALAR_NAMES = Object.keys(SCALARS) as ScalarName[]
const DIMS: readonly Dim[] = [1, 2, 3, N]

/** A stream of choices; runs on with zeros, so that shrinking works. */
class Choices {
  private next = 0
  constructor(private readonly numbers: readonly number[]) {}
  below(limit: number): number {
    return limit <= 0 ? 0 : (this.numbers[this.next++] ?? 0) % limit
  }
  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
  get spent(): boolean {
    return this.next >= this.numbers.length
  }
}

/** Graphs with inputs a: real[n, 2], b: real[2], c: real, k: int[2], s: real[3, 2]. */
export const randomGraph: fc.Arbitrary<Graph> = fc.noBias(fc.array(fc.nat({ max: 9999 }), { minLength: 60, maxLength: 400, size: 'max' })).map(numbers => {
  const choices = new Choices(numbers)
  const b = GraphBuilder.create()
  const pool = [
    b.input('a', real(N, 2)), b.input('b', real(2)), b.input('c', real()), b.input('k', int(2)), b.input('s', real(3, 2)),
  ]
  grow(b, pool, choices, 2)
  const outputs = Array.from({ length: 4 + choices.below(6) }, () => pool[pool.length - 1 - choices.below(Math.min(pool.length, 16))] as Value)
  const graph = b.finish(outputs)
  return { ...graph, [fc.toStringMethod]: () => '\n' + printGraph(graph) }
})

/** Functions that jump: rounding upstream may flip them, so they only follow exact arithmetic. */
const JUMPING: ReadonlySet<ScalarName> = new Set([
  'floor', 'ceil', 'round', 'sign', 'int', 'bool', 'idiv', 'mod', 'equal', 'notEqual', 'less', 'lessEqual', 'chain',
])
const INEXACT: ReadonlySet<ScalarName> = new Set([
  'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh',
  'sigmoid', 'softplus', 'erf', 'div', 'pow', 'atan2',
])

const exactness = new WeakMap<Node, boolean>()

/** True for values that no rounding has touched. */
function isExact({ node }: Value): boolean {
  let known = exactness.get(node)
  if (known === undefined) {
    known = node.op !== 'loop' && !(node.op === 'input' && node.attributes.name.length > 1)
      && !(node.op === 'elementwise' && INEXACT.has(node.attributes.fn)) && node.inputs.every(isExact)
    exactness.set(node, known)
  }
  return known
}

const CONSTANTS = [0, 1, -1, 2, 0.5, 3, 4, -0]

function grow(b: GraphBuilder, pool: Value[], choices: Choices, depth: number): void {
  const most = depth === 2 ? 60 : 3 + choices.below(8)
  for (let added = 0; added < most && !choices.spent; added++) {
    const value = step(b, pool, choices, depth)
    if (value) pool.push(...value)
  }
}

function step(b: GraphBuilder, pool: readonly Value[], choices: Choices, depth: number): readonly Value[] | undefined {
  const x = pool[pool.length - 1 - choices.below(Math.min(pool.length, 12))] as Value
  const { shape, element } = x.type
  const axis = choices.below(shape.length)
  const sized = shape[axis]
  const like = (wanted: Element): Value => {
    const same = pool.filter(value => value.type.element === wanted && sameShape(value.type.shape, shape))
    if (same.length === 0 || choices.below(3) === 0) {
      return b.fill(wanted, shape, wanted === 'bool' ? choices.below(2) : wanted === 'int' ? choices.below(5) - 1 : choices.of(CONSTANTS))
    }
    return choices.of(same)
  }
  switch (choices.below(21)) {
    case 0: case 1: case 2: case 3: case 4: case 5: return [scalarOf(b, x, like, choices)].filter(value => value !== undefined)
    case 6: {
      const added = choices.below(Math.max(0, 4 - shape.length))
      const to = shape.map(dim => (dim === 1 ? choices.of(DIMS) : dim))
      const axes = shape.map((_, at) => at)
      for (let i = 0; i < added; i++) {
        const at = choices.below(to.length + 1)
        to.splice(at, 0, choices.of(DIMS))
        axes.forEach((old, k) => { axes[k] = old >= at ? old + 1 : old })
      }
      return [b.add('broadcast', { shape: to, axes }, [x])]
    }
    case 7: {
      const to = shape.filter(dim => dim !== 1 || choices.below(2) === 0)
      if (choices.below(2) === 0) to.splice(choices.below(to.length + 1), 0, 1)
      return [b.reshape(x, choices.below(4) === 0 && shape.every(dim => typeof dim === 'number') ? [(shape as number[]).reduce((p, q) => p * q, 1)] : to)]
    }
    case 8: {
      const permutation = shape.map((_, at) => at)
      if (shape.length > 1) [permutation[axis], permutation[0]] = [permutation[0] ?? 0, permutation[axis] ?? 0]
      return [b.add('transpose', { permutation }, [x])]
    }
    case 9: {
      if (typeof sized !== 'number' || sized < 2) return undefined
      const start = choices.below(sized)
      const size = 1 + choices.below(sized - start)
      const backwards = choices.below(3) === 0
      return [b.add('slice', {
        starts: shape.map((_, at) => (at === axis ? (backwards ? start + size - 1 : start) : 0)),
        sizes: shape.map((dim, at) => (at === axis ? size : dim)),
        steps: shape.map((_, at) => (at === axis && backwards ? -1 : 1)),
      }, [x])]
    }
    case 10: {
      const width = (limit: number) => shape.map((_, at) => (at === axis ? choices.below(limit) : 0))
      return [b.add('pad', { low: width(3), high: width(2), interior: width(2) }, [x])]
    }
    case 11: {
      const others = pool.filter(value => value.type.element === element && value.type.shape.length === shape.length
        && shape.length > 0 && value.type.shape.every((dim, at) => at === axis || sameDim(dim, shape[at] ?? 0)))
      return others.length === 0 ? undefined : [b.add('concat', { axis }, [x, choices.of(others)])]
    }
    case 12: return shape.length === 0 ? undefined : [choices.below(2) ? b.add('flip', { axis }, [x]) : b.add('cumulativeSum', { axis, reverse: choices.below(2) === 0 }, [b.cast(x, 'real')])]
    case 13: case 14: {
      const axes = shape.flatMap((_, at) => (choices.below(2) === 0 ? [at] : []))
      return [b.reduce(choices.of(['sum', 'sum', 'sum', 'max', 'min', 'prod'] as const), element === 'bool' ? b.cast(x, 'int') : x, axes)]
    }
    case 15: {
      const left = b.cast(x, 'real')
      const right = b.cast(choices.of(pool), 'real')
      const labels = right.type.shape.map((dim, at) => {
        const match = shape.findIndex(other => sameDim(other, dim))
        return match >= 0 && choices.below(3) > 0 ? match : 10 + at
      })
      if (new Set(labels).size !== labels.length) return undefined
      const leftLabels = shape.map((_, at) => at)
      const out = [...new Set([...leftLabels, ...labels])].filter(label => !(leftLabels.includes(label) && labels.includes(label)) || choices.below(3) === 0)
      return out.length > 4 ? undefined : [b.add('contract', { left: leftLabels, right: labels, out }, [left, right])]
    }
    case 16: {
      if (typeof sized !== 'number' || sized === 0) return undefined
      const index = indices(b, sized, choices)
      const gathered = b.add('gather', { axis, site: 'here' }, [x, index])
      return choices.below(2) === 0 || element === 'bool' ? [gathered] : [gathered, b.add('segmentSum', { axis, size: sized, site: 'here' }, [gathered, b.add('wrapIndex', { size: sized, site: 'here' }, [index])])]
    }
    case 17: {
      const data = Array.from({ length: 6 }, () => choices.of(CONSTANTS))
      return [b.constant('real', [3, 2], data), b.constant('bool', [2], [1, choices.below(2)]), b.constant('real', [], [choices.of(CONSTANTS)])]
    }
    case 18: {
      // What the derivative of two slices gives.
      if (typeof sized !== 'number' || sized < 2 || element === 'bool') return undefined
      const cut = 1 + choices.below(sized - 1)
      const part = (start: number, size: number) => b.add('pad', {
        low: shape.map((_, at) => (at === axis ? start : 0)), high: shape.map((_, at) => (at === axis ? sized - start - size : 0)), interior: shape.map(() => 0),
      }, [b.sliceAxis(x, axis, start, size)])
      return [b.scalar('add', part(cut, sized - cut), part(0, cut))]
    }
    case 19: {
      // Products of values that repeat, summed: a matrix product in disguise.
      const left = pool.filter(value => value.type.element === 'real' && value.type.shape.length === 2)
      if (left.length === 0) return undefined
      const p = choices.of(left)
      const q = choices.of(left)
      const [rows = 1, inner = 1] = p.type.shape
      const match = q.type.shape.findIndex(dim => sameDim(dim, inner))
      if (match < 0) return undefined
      const [columns = 1] = q.type.shape.filter((_, at) => at !== match)
      const whole = [rows, inner, columns]
      const product = b.scalar('mul', b.add('broadcast', { shape: whole, axes: [0, 1] }, [p]),
        b.add('broadcast', { shape: whole, axes: [1, 2] }, [match === 0 ? q : b.transpose(q, [1, 0])]))
      return [b.reduce('sum', product, [1])]
    }
    default: return depth === 0 ? undefined : loop(b, pool, choices, depth)
  }
}

/** Indices that the optimiser may know: any, evenly spaced, one, or a range. */
function indices(b: GraphBuilder, size: number, choices: Choices): Value {
  switch (choices.below(4)) {
    case 0: return b.constant('int', [3], [choices.below(size), -1, choices.below(size)])
    case 1: return b.constant('int', [2], size > 1 ? [size - 1, choices.below(size - 1)] : [0, 0])
    case 2: return b.fill('int', [], choices.below(2 * size) - size)
    default: return b.add('iota', { size: 1 + choices.below(size) }, [])
  }
}

function scalarOf(b: GraphBuilder, x: Value, like: (element: Element) => Value, choices: Choices): Value | undefined {
  const fn = choices.of(SCALAR_NAMES)
  const { arity } = SCALARS[fn]
  // 2^(−1) is no int; and the signs of zeros, which rules give up, show in atan2.
  if ((fn === 'pow' && x.type.element === 'int') || fn === 'atan2') return undefined
  const { element } = x.type
  const inputs = arity === 1 ? [x] : arity === 3 ? [like('bool'), x, like(element)]
    : choices.below(2) ? [x, like(element)] : [like(element), x]
  if (JUMPING.has(fn) && !inputs.every(isExact)) return undefined
  return scalarElement(fn, inputs.map(input => input.type.element)) ? b.scalar(fn, ...inputs) : undefined
}

function loop(b: GraphBuilder, pool: readonly Value[], choices: Choices, depth: number): readonly Value[] {
  const initial = Array.from({ length: choices.below(3) }, () => choices.of(pool))
  const trip = choices.of([3, N, 3, 1, 0] as const)
  const builder = new LoopBuilder(b, trip, initial, choices.below(2) === 0)
  const rows = pool.filter(value => value.type.shape.length > 0 && sameDim(value.type.shape[0] ?? 0, trip)).slice(0, 2).map(value => builder.rowOf(value))
  const inner = [...builder.carries, ...rows, builder.counter, ...(choices.below(2) ? [choices.of(pool)] : [])].map(value => builder.body.use(value))
  grow(builder.body, inner, choices, depth - 1)
  const next = builder.carries.map((carry, at) => {
    const same = inner.filter(value => value.type.element === carry.type.element && sameShape(value.type.shape, carry.type.shape))
    return at >= 0 && choices.below(4) > 0 ? same.at(-1) ?? carry : choices.of(same)
  })
  const { final, yields } = builder.finish(next, Array.from({ length: choices.below(3) }, () => choices.of(inner)))
  // The first carry's history is read now and then, as a reverse loop would.
  const history = initial.length > 0 && choices.below(2) === 0 ? historyValue(final[0]) : undefined
  return [...final, ...yields, ...(history ? [history] : [])]
}

function historyValue(final: Value | undefined): Value | undefined {
  return final?.node.results.at(-1)
}

export const INPUTS = [
  { shape: [3, 2], data: [0.25, -1.25, 2.5, 0, -0.75, 1] },
  { shape: [2], data: [1.5, -0.25] },
  { shape: [], data: [0.75] },
  { shape: [2], data: [1, -2] },
  { shape: [3, 2], data: [0.125, 1, -2, 1.5, 0, 0.5] },
]

/** Where nothing on the way is so large or so small that rounding decides. */
export function isTame(graph: Graph): boolean {
  const all = { ...graph, outputs: graph.nodes.flatMap(node => node.results) }
  return evaluate(all, INPUTS, { sizes: SIZES }).every(({ data }) => data.every(number => number === 0 || (Math.abs(number) < 1e4 && Math.abs(number) > 1e-6)))
}
