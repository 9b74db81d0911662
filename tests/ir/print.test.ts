/** Graphs and types as text. */
import { describe, expect, it } from 'vitest'
import { GraphBuilder, named } from '../../ir/builder'
import { namedDim } from '../../ir/dim'
import { LoopBuilder } from '../../ir/loop'
import { printGraph } from '../../ir/print'
import { printType, real } from '../../ir/type'

describe('printGraph', () => {
  it('is one line a node, numbered from 0, with attributes and types', () => {
    const b = GraphBuilder.create()
    const x = b.input('x', named('real', 'batch', 2))
    b.scalar('cos', x)
    const graph = b.finish([b.reduce('sum', b.scalar('sin', x), [1])])
    expect(printGraph(graph, ['total'])).toBe([
      '%0: real[batch, 2] = input name=x element=real shape=[batch, 2]',
      '%1: real[batch, 2] = elementwise sin %0',
      '%2: real[batch] = reduce fn=sum axes=[1] %1',
      'return total = %2',
      '',
    ].join('\n'))
  })
  it('shows the body of a loop indented, its values numbered on their own', () => {
    const b = GraphBuilder.create()
    const loop = new LoopBuilder(b, namedDim('n'), [b.input('x', real())])
    const { final } = loop.finish(loop.carries.map(carry => loop.body.scalar('sin', carry)), [])
    expect(printGraph(b.finish(final))).toBe([
      '%0: real = input name=x element=real shape=[]',
      '%1: real, %2: real[n] = loop trip=n reverse=false carries=1 constants=0 %0',
      '  %0: int = input name=counter element=int shape=[]',
      '  %1: real = input name=carry0 element=real shape=[]',
      '  %2: real = elementwise sin %1',
      '  return %2, %1',
      'return %1',
      '',
    ].join('\n'))
  })
  it('cuts long constants short', () => {
    const b = GraphBuilder.create()
    const text = printGraph(b.finish([b.constant('int', [40], Array.from({ length: 40 }, (_, i) => i))]))
    expect(text).toContain('14, 15, … 40]')
    expect(text).not.toContain('16,')
  })
  it('a scalar type has no brackets', () => expect([real(), real(namedDim('n'), 2)].map(printType)).toEqual(['real', 'real[n, 2]']))
})
