import { describe, expect, it } from 'vitest'
import { simplify } from '../../../compiler/5-optimize/simplify'
import { GraphBuilder } from '../../../ir/builder'
import type { Graph, Value } from '../../../ir/graph'
import { SCALARS, scalarElement, type ScalarName } from '../../../ir/scalar'
import { tensor, type Element } from '../../../ir/type'
import { evaluate } from '../../support/evaluate'

/** The awkward ones of each element, NaN and infinities included. */
const NUMBERS: { readonly [E in Element]: readonly number[] } = {
  real: [0, 1, -1, 2, 0.5, -3, 4, 1e300, -1e-300, Infinity, -Infinity, NaN],
  int: [0, 1, -1, 2, 3, -5],
  bool: [0, 1],
}
const ELEMENTS = ['real', 'int', 'bool'] as const
const names = Object.keys(SCALARS) as ScalarName[]

/** Every list of elements that the function takes. */
function signatures(fn: ScalarName): readonly (readonly Element[])[] {
  let lists: Element[][] = [[]]
  for (let at = 0; at < SCALARS[fn].arity; at++) lists = lists.flatMap(list => ELEMENTS.map(element => [...list, element]))
  return lists.filter(list => scalarElement(fn, list) !== undefined)
}

/** Equal numbers; every NaN is one, and so are both zeros. */
const isSame = (a: number, b: number) => a === b || (a !== a && b !== b)

function expectSame(graph: Graph, inputs: readonly (readonly number[])[], tolerance: number): void {
  const tensors = inputs.map(data => ({ shape: [data.length], data }))
  const [expected] = evaluate(graph, tensors)
  const [actual] = evaluate(simplify(graph), tensors)
  expected?.data.forEach((number, i) => {
    const other = actual?.data[i] ?? NaN
    const isClose = isSame(number, other) || Math.abs(number - other) <= tolerance * Math.abs(number)
    if (!isClose) throw new Error(`${other} instead of ${number} for (${inputs.map(data => data[i]).join(', ')})`)
  })
}

/** What an operand may be, for a rule to see: a variable, and functions of one. */
const WRAPPERS: readonly (ScalarName | undefined)[] = [undefined, 'neg', 'not', 'relu', 'abs', 'real', 'int', 'bool']

describe('simplifying keeps the value, for NaN and infinities too, of', () => {
  it.each(names)('%s of a variable and a constant', fn => {
    for (const elements of signatures(fn)) for (let constant = 0; constant < elements.length; constant++) {
      for (const number of NUMBERS[elements[constant] ?? 'real']) {
        const b = GraphBuilder.create()
        const pool = elements.map(element => NUMBERS[element])
        const count = pool.reduce((product, numbers) => product * numbers.length, 1)
        const inputs = elements.map((element, at) => b.input(`x${at}`, tensor(element, [count])))
        const args = inputs.map((input, at) => (at === constant ? b.fill(elements[at] ?? 'real', [count], number) : input))
        // All combinations of the other arguments.
        const data = pool.map((numbers, at) => {
          const stride = pool.slice(0, at).reduce((product, before) => product * before.length, 1)
          return Array.from({ length: count }, (_, i) => numbers[Math.floor(i / stride) % numbers.length] ?? NaN)
        })
        // A power of a small whole number is that many products, each rounded once; pow itself is rounded once or a little more.
        expectSame(b.finish([b.scalar(fn, ...args)]), data, fn === 'pow' ? 1e-15 : 0)
      }
    }
  })

  it.each(names)('%s of functions of variables', fn => {
    for (const first of WRAPPERS) for (const second of WRAPPERS) for (const from of ELEMENTS) for (const shared of [true, false]) {
      const b = GraphBuilder.create()
      // An int that stands for NaN is the runtime's to define.
      const numbers = NUMBERS[from].filter(number => (first !== 'int' && second !== 'int') || Number.isFinite(number))
      const count = numbers.length ** 2
      const x = b.input('x', tensor(from, [count]))
      const y = b.input('y', tensor(from, [count]))
      const z = b.scalar('equal', y, b.fill(from, [count], 1))
      const wrap = (value: Value, wrapper: ScalarName | undefined) =>
        (wrapper && scalarElement(wrapper, [value.type.element]) ? b.scalar(wrapper, value) : value)
      const args = SCALARS[fn].arity === 1 ? [wrap(wrap(x, second), first)]
        : SCALARS[fn].arity === 2 ? [wrap(x, first), wrap(shared ? x : y, second)]
        : [wrap(z, first), x, shared ? x : y]
      if (!scalarElement(fn, args.map(arg => arg.type.element))) continue
      const data = [0, 1].map(at => Array.from({ length: count }, (_, i) => numbers[Math.floor(i / numbers.length ** at) % numbers.length] ?? NaN))
      expectSame(b.finish([b.scalar(fn, ...args)]), data, 0)
    }
  })
})

/** The scalar functions that are left. */
function left(build: (b: GraphBuilder, x: Value, y: Value) => Value): string {
  const b = GraphBuilder.create()
  const graph = simplify(b.finish([build(b, b.input('x', tensor('real', [3])), b.input('y', tensor('real', [3])))]))
  return graph.nodes.filter(node => node.op !== 'input').map(node => (node.op === 'elementwise' ? node.attributes.fn : node.op)).join(' ')
}

const fill = (b: GraphBuilder, value: number) => b.fill('real', [3], value)

describe('what is left of', () => {
  it.each<[string, string, (b: GraphBuilder, x: Value, y: Value) => Value]>([
    ['x + 0', '', (b, x) => b.scalar('add', x, fill(b, 0))],
    ['1 · x', '', (b, x) => b.scalar('mul', fill(b, 1), x)],
    ['x · 0, which may be NaN', 'fill mul', (b, x) => b.scalar('mul', x, fill(b, 0))],
    ['−(−x)', '', (b, x) => b.scalar('neg', b.scalar('neg', x))],
    ['x^2', 'mul', (b, x) => b.scalar('pow', x, fill(b, 2))],
    ['x^1', '', (b, x) => b.scalar('pow', x, fill(b, 1))],
    ['x^0.5, which is not √x at −0 and −∞', 'fill pow', (b, x) => b.scalar('pow', x, fill(b, 0.5))],
    ['x / 4', 'fill mul', (b, x) => b.scalar('div', x, fill(b, 4))],
    ['x / 3', 'fill div', (b, x) => b.scalar('div', x, fill(b, 3))],
    ['a chain with partial 1', '', (b, x) => b.scalar('chain', x, fill(b, 1))],
    ['a chain with a finite partial', 'fill mul', (b, x) => b.scalar('chain', x, fill(b, 3))],
    ['a chain with a choice of finite partials', 'less fill fill where mul',
      (b, x, y) => b.scalar('chain', y, b.scalar('where', b.scalar('less', fill(b, 0), x), fill(b, 1), fill(b, 0)))],
    ['a chain with any partial', 'log chain', (b, x, y) => b.scalar('chain', x, b.scalar('log', y))],
    ['x + (−y)', 'sub', (b, x, y) => b.scalar('add', x, b.scalar('neg', y))],
    ['x + y and y + x', 'add mul', (b, x, y) => b.scalar('mul', b.scalar('add', x, y), b.scalar('add', y, x))],
  ])('%s is: %s', (_, expected, build) => {
    expect(left(build).split(' ').sort().join(' ')).toBe(expected.split(' ').sort().join(' '))
  })
})
