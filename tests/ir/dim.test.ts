/** Dimensions: the algebra against evaluation at random sizes, and the normal form. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDims, dimKey, divideDim, evaluateDim, exactQuotient, floorDivDim, mulDims, namedDim, namesOfDim, powerOfTwoDim, printDim, productOfDims, sameCount, sameDim, sameShape,
  solveDim, subDims, substituteDim, type Dim,
} from '../../ir/dim'

const [n, m] = [namedDim('n'), namedDim('m')]
const NAMES = ['n', 'm', 'h']
const SIZES = new Map([['n', 5], ['m', 3], ['h', 2]])

/** Any dimension of moderate size. */
const dims: fc.Arbitrary<Dim> = fc.letrec<{ dim: Dim }>(tie => ({
  dim: fc.oneof({ maxDepth: 3 },
    fc.integer({ min: -6, max: 6 }),
    fc.constantFrom(...NAMES).map(namedDim),
    fc.tuple(tie('dim'), tie('dim')).map(([a, b]) => addDims(a, b)),
    fc.tuple(tie('dim'), tie('dim')).map(([a, b]) => mulDims(a, b)),
    fc.tuple(tie('dim'), fc.integer({ min: 1, max: 4 })).map(([a, by]) => floorDivDim(a, by)),
    fc.constantFrom(...NAMES).map(name => powerOfTwoDim(namedDim(name)))),
})).dim
const sizes = fc.tuple(...NAMES.map(() => fc.integer({ min: 0, max: 9 }))).map(values => new Map(NAMES.map((name, at) => [name, values[at] ?? 0])))

/** Whether every quotient in it is exact at these sizes. */
const dividesAll = (dim: Dim, sizes: ReadonlyMap<string, number>): boolean => typeof dim === 'number' || dim.terms.every(({ atoms }) =>
  atoms.every(atom => typeof atom === 'string' || 'power' in atom || (evaluateDim(atom.floor, sizes) % atom.by === 0 && dividesAll(atom.floor, sizes))))

describe('the algebra', () => {
  it('agrees with arithmetic on numbers: + − · ⌊/⌋', () => {
    fc.assert(fc.property(dims, dims, fc.integer({ min: 1, max: 5 }), sizes, (a, b, by, sizes) => {
      const [x, y] = [evaluateDim(a, sizes), evaluateDim(b, sizes)]
      expect(evaluateDim(addDims(a, b), sizes)).toBe(x + y)
      expect(evaluateDim(subDims(a, b), sizes) + 0).toBe(x - y + 0)
      expect(evaluateDim(mulDims(a, b), sizes) + 0).toBe(x * y + 0)
      expect(evaluateDim(floorDivDim(a, by), sizes)).toBe(Math.floor(x / by))
    }))
  })
  it('is a commutative ring in normal form: the same data whatever the order', () => {
    fc.assert(fc.property(dims, dims, dims, (a, b, c) => {
      expect(addDims(a, b)).toEqual(addDims(b, a))
      expect(mulDims(a, b)).toEqual(mulDims(b, a))
      expect(dimKey(addDims(addDims(a, b), c))).toBe(dimKey(addDims(a, addDims(b, c))))
      expect(dimKey(mulDims(mulDims(a, b), c))).toBe(dimKey(mulDims(a, mulDims(b, c))))
      expect(dimKey(mulDims(a, addDims(b, c)))).toBe(dimKey(addDims(mulDims(a, b), mulDims(a, c))))
      expect(subDims(a, a)).toBe(0)
    }))
  })
  it('a product divides by its factors, and never wrongly', () => {
    fc.assert(fc.property(dims, dims, sizes, (a, b, sizes) => {
      const quotient = divideDim(a, b)
      if (quotient !== undefined && evaluateDim(b, sizes) !== 0) expect(evaluateDim(mulDims(quotient, b), sizes) + 0).toBe(evaluateDim(a, sizes) + 0)
      if (typeof b === 'number' && b !== 0) expect(sameDim(divideDim(mulDims(a, b), b) ?? NaN, a)).toBe(true)
    }))
    expect(divideDim(mulDims(6, mulDims(n, m)), mulDims(2, n))).toEqual(mulDims(3, m))
    expect(divideDim(mulDims(addDims(n, 1), m), addDims(n, 1))).toEqual(m)
    expect(divideDim(addDims(n, 1), 2)).toBeUndefined()
    expect(divideDim(n, m)).toBeUndefined()
    expect(divideDim(n, 0)).toBeUndefined()
  })
  it('counts are the same where quotients divide, and are said to be so for no other', () => {
    expect(sameCount(mulDims(2, floorDivDim(n, 2)), n)).toBe(true)
    expect(sameCount(mulDims(12, floorDivDim(n, 4)), mulDims(3, n))).toBe(true)
    expect(sameCount(mulDims(floorDivDim(n, 2), floorDivDim(m, 3)), mulDims(n, m))).toBe(false)
    expect(sameCount(mulDims(6, mulDims(floorDivDim(n, 2), floorDivDim(m, 3))), mulDims(n, m))).toBe(true)
    expect(sameCount(n, m)).toBe(false)
    expect(exactQuotient(mulDims(3, n), 6)).toEqual(floorDivDim(n, 2))
    expect(exactQuotient(mulDims(6, n), 3)).toEqual(mulDims(2, n))
    fc.assert(fc.property(dims, fc.integer({ min: 1, max: 4 }), sizes, (a, by, sizes) => {
      const quotient = exactQuotient(a, by)
      if (sameCount(mulDims(quotient, by), a) && evaluateDim(a, sizes) % by === 0 && dividesAll(a, sizes)) expect(evaluateDim(quotient, sizes) * by + 0).toBe(evaluateDim(a, sizes) + 0)
    }))
  })
  it('substitution commutes with evaluation', () => {
    fc.assert(fc.property(dims, fc.integer({ min: 0, max: 5 }), sizes, (a, more, sizes) => {
      const inner = addDims(m, more)
      const moved = new Map(sizes).set('n', evaluateDim(inner, sizes))
      expect(evaluateDim(substituteDim(a, new Map([['n', inner]])), sizes)).toBe(evaluateDim(a, moved))
    }))
  })
})

describe('the normal form', () => {
  it('a constant is a number', () => {
    expect(subDims(addDims(n, 3), n)).toBe(3)
    expect(mulDims(n, 0)).toBe(0)
    expect(mulDims(-2, 0)).toBe(0)
    expect(productOfDims([])).toBe(1)
  })
  it('exact parts leave a floor', () => {
    expect(floorDivDim(addDims(mulDims(4, n), 3), 2)).toEqual(addDims(mulDims(2, n), 1))
    expect(printDim(floorDivDim(addDims(n, 3), 2))).toBe('floor((n + 1)/2) + 1')
    expect(floorDivDim(-3, 2)).toBe(-2)
  })
  it('powers of two join, and their constants are coefficients', () => {
    expect(powerOfTwoDim(3)).toBe(8)
    expect(powerOfTwoDim(addDims(n, 2))).toEqual(mulDims(4, powerOfTwoDim(n)))
    expect(mulDims(powerOfTwoDim(n), powerOfTwoDim(m))).toEqual(powerOfTwoDim(addDims(n, m)))
    expect(evaluateDim(mulDims(powerOfTwoDim(n), powerOfTwoDim(n)), SIZES)).toBe(1024)
  })
  it('shapes are the same axis by axis', () => {
    expect(sameShape([n, 2], [namedDim('n'), 2])).toBe(true)
    expect(sameShape([n, 2], [n])).toBe(false)
    expect(sameShape([n], [m])).toBe(false)
  })
})

describe('names', () => {
  it('come in the order in which they first stand, inside floors and powers too', () => {
    expect([...namesOfDim(addDims(floorDivDim(m, 2), mulDims(n, powerOfTwoDim(namedDim('k')))))].sort()).toEqual(['k', 'm', 'n'])
  })
  it('an unbound one stops evaluation and is named', () => {
    expect(() => evaluateDim(addDims(n, namedDim('q')), SIZES)).toThrow("'q' is not bound")
  })
})

describe('solving', () => {
  it('finds the one open name with coefficient ±1', () => {
    expect(solveDim(addDims(n, 1), 5, new Set())).toEqual({ name: 'n', value: 4 })
    expect(solveDim(subDims(7, n), m, new Set(['m']))).toEqual({ name: 'n', value: subDims(7, m) })
    expect(solveDim(addDims(n, mulDims(2, m)), namedDim('q'), new Set(['m']))).toEqual({ name: 'n', value: subDims(namedDim('q'), mulDims(2, m)) })
  })
  it('gives up on two open names, other coefficients, products and floors', () => {
    for (const pattern of [addDims(n, m), mulDims(2, n), mulDims(n, m), mulDims(n, n), floorDivDim(n, 2), powerOfTwoDim(n)]) {
      expect(solveDim(pattern, 6, new Set())).toBeUndefined()
    }
    expect(solveDim(4, 4, new Set())).toBeUndefined()
    expect(solveDim(n, 4, new Set(['n']))).toBeUndefined()
    expect(solveDim(addDims(n, floorDivDim(n, 2)), 6, new Set())).toBeUndefined()
  })
  it('what it finds solves the equation', () => {
    fc.assert(fc.property(dims, sizes, (rest, sizes) => {
      const pattern = addDims(namedDim('open'), rest)
      const actual = evaluateDim(rest, sizes) + 4
      const solved = solveDim(pattern, actual, new Set(NAMES))
      expect(solved?.name).toBe('open')
      expect(evaluateDim(solved?.value ?? NaN, sizes)).toBe(4)
    }))
  })
})

describe('printing', () => {
  it('reads as a person writes it', () => {
    expect(printDim(addDims(mulDims(2, n), 1))).toBe('2*n + 1')
    expect(printDim(addDims(subDims(namedDim('h'), namedDim('k')), 1))).toBe('h - k + 1')
    expect(printDim(subDims(0, n))).toBe('-n')
    expect(printDim(mulDims(n, m))).toBe('m*n')
    expect(printDim(powerOfTwoDim(n))).toBe('2^(n)')
  })
  it('keeps the value: the text evaluates to what the dimension does', () => {
    fc.assert(fc.property(dims, sizes, (dim, sizes) => {
      const text = printDim(dim).replaceAll('2^(', 'Math.pow(2, ').replaceAll('floor', 'Math.floor')
      const value: unknown = new Function(...NAMES, `return ${text}`)(...NAMES.map(name => sizes.get(name)))
      expect((value as number) + 0).toBe(evaluateDim(dim, sizes) + 0)
    }))
  })
})
