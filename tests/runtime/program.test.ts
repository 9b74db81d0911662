import { describe, expect, it } from 'vitest'
import { addDims, mulDims, namedDim, type Dim } from '../../ir/dim'
import { real } from '../../ir/type'
import { bindSizes, checkObligations, type GivenShape } from '../../runtime/program'

const [batch, n] = [namedDim('batch'), namedDim('n')]
const given = (name: string, declared: readonly Dim[], shape: readonly number[], role: 'input' | 'target' = 'input'): GivenShape =>
  ({ label: { role, name }, type: real(...declared), shape })

describe('bindSizes', () => {
  it('solves names, also through one another', () => {
    const sizes = bindSizes([given('a', [addDims(n, batch)], [7]), given('b', [batch, 2], [3, 2]), given('c', [addDims(mulDims(2, n), 1)], [9])])
    expect(Object.fromEntries(sizes)).toEqual({ batch: 3, n: 4 })
    expect(bindSizes([given('x', [batch], [0])]).get('batch')).toBe(0)
  })

  it('names both inputs, the dimension and both sizes where they disagree', () => {
    expect(() => bindSizes([given('x', [batch, 2], [3, 2]), given('y', [batch], [4], 'target')])).toThrow(
      "sizes disagree: dimension 'batch' is 3 in input 'x' (shape [3, 2], declared real[batch, 2]) and 4 in target 'y' (shape [4], declared real[batch])")
  })

  it.each([
    [[given('x', [batch, 4], [3, 5])], "input 'x' has the shape [3, 5], but real[batch, 4] was expected: 5 where 4 was expected"],
    [[given('x', [batch], [3]), given('z', [addDims(batch, 2)], [4])],
      "input 'z' has the shape [4], but real[batch + 2] was expected: 4 where batch + 2 = 5 was expected (batch = 3 from input 'x')"],
    [[given('x', [addDims(n, 2)], [1])], "input 'x' has the shape [1], but real[n + 2] was expected: axis of size n + 2 would make n = -1"],
    [[given('x', [mulDims(2, n)], [4])], "the size of 'n' cannot be worked out from the inputs given"],
  ])('refuses what cannot be', (shapes, message) => {
    expect(() => bindSizes(shapes)).toThrow(message)
  })
})

describe('checkObligations', () => {
  const check = (relation: '==' | '>=' | 'divides', left: Dim, right: Dim, size: number) =>
    () => checkObligations([{ left, relation, right, message: 'moons.bp:7:3: x[0:2] needs n ≥ 2' }], new Map([['n', size]]))

  it('says what does not hold, with the sizes', () => {
    expect(check('>=', n, 2, 1)).toThrow('moons.bp:7:3: x[0:2] needs n ≥ 2 (here n = 1)')
    expect(check('>=', n, 2, 2)).not.toThrow()
    expect(check('==', n, 2, 3)).toThrow('x[0:2] needs n ≥ 2')
    expect(check('divides', 4, n, 6)).toThrow('x[0:2] needs n ≥ 2')
    expect(check('divides', 3, n, 6)).not.toThrow()
    expect(check('divides', n, 5, 0)).toThrow('x[0:2] needs n ≥ 2')
  })

  it('leaves out conditions on sizes that are not bound', () => {
    expect(check('>=', namedDim('other'), 2, 1)).not.toThrow()
  })
})
