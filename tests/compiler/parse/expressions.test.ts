/** Precedence, literals and what may stand in an expression. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expressionOf, messagesOf, parseText, statementsOf } from './print'

describe('precedence', () => {
  it.each([
    ['a + b * c', '(+ a (* b c))'],
    ['a - b - c', '(- (- a b) c)'],
    ['a / b * c % d @ e', '(@ (% (* (/ a b) c) d) e)'],
    ['-x^2', '(- (^ x 2))'],
    ['2^-1', '(^ 2 (- 1))'],
    ['2^-1^2', '(^ 2 (- (^ 1 2)))'],
    ['a^b^c', '(^ a (^ b c))'],
    ['-a * b', '(* (- a) b)'],
    ['a * -b', '(* a (- b))'],
    ['- -a', '(- (- a))'],
    ['+a', '(+ a)'],
    ['not a == b', '(not (== a b))'],
    ['not a and not b or c', '(or (and (not a) (not b)) c)'],
    ['a or b and c', '(or a (and b c))'],
    ['a + 1 < b and c', '(and (< (+ a 1) b) c)'],
    ['0..n + 1', '(.. 0 (+ n 1))'],
    ['-1..-n', '(.. (- 1) (- n))'],
    ['a == 0..3', '(== a (.. 0 3))'],
    ['f(x)[0].y', '(index (call f x) 0).y'],
    ['-f(x)^2', '(- (^ (call f x) 2))'],
    ['(a + b) * c', '(* (+ a b) c)'],
    ['x |> f |> g(a)', '(|> (|> x f) (call g a))'],
    ['a + b |> f', '(|> (+ a b) f)'],
    ['a or b |> f', '(|> (or a b) f)'],
    ['if c then a else b', '(if c a b)'],
    ['if a or b then c + 1 else if d then e else f', '(if (or a b) (+ c 1) (if d e f))'],
    ['if a then if b then c else d else e', '(if a (if b c d) e)'],
    ['(if c then a else b) |> f', '(|> (if c a b) f)'],
    ['1 + (if c then a else b)', '(+ 1 (if c a b))'],
    ['(x |> f) + 1', '(+ (|> x f) 1)'],
    ['for i in xs |> flip { yield i }', '(for i (|> xs flip) {(yield i)})'],
  ])('%s', (text, tree) => {
    expect(expressionOf(text)).toBe(tree)
  })

  it('arithmetic binds as JavaScript binds it, parentheses or none', () => {
    // Whatever the row, evaluating our tree gives what JavaScript's own parser gives for the same text.
    const operators = fc.constantFrom('+', '-', '*', '/', '%')
    const row = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.array(fc.tuple(operators, fc.integer({ min: 1, max: 9 })), { maxLength: 8 }))
    fc.assert(fc.property(row, ([first, rest]) => {
      const text = [first, ...rest.flat()].join(' ')
      const lisp = expressionOf(text)
      const infix = lisp.replaceAll(/[()]/g, ' ').trim().split(/\s+/)
      expect(evaluate(infix)).toBeCloseTo(Number(Function(`return ${text}`)()), 9)
    }), { numRuns: 100 })
  })
})

/** Prefix notation, read from the left. */
function evaluate(words: string[]): number {
  const word = words.shift() ?? ''
  if (/^\d/.test(word)) return Number(word)
  const [a, b] = [evaluate(words), evaluate(words)]
  return word === '+' ? a + b : word === '-' ? a - b : word === '*' ? a * b : word === '/' ? a / b : a % b
}

describe('literals', () => {
  it.each([
    ['1', '1'], ['1.5', '1.5f'], ['1e-3', '0.001f'], ['1.5E+3', '1500f'], ['2e0', '2f'],
    ['inf', 'inf'], ['true', 'true'], ['false', 'false'],
    ['"a\\n\\"\\\\\\u{3b8}"', JSON.stringify('a\n"\\θ')],
    ['[]', '[]'], ['[1, 2,]', '[1 2]'], ['[[1], []]', '[[1] []]'],
    ['(a, b)', '(tuple a b)'], ['(a,)', '(tuple a)'],
    ['[e for i in 0..n]', '(each i (.. 0 n) e)'],
    ['[i * j for [i, j] in EDGES]', '(each [i j] EDGES (* i j))'],
    ['0..4', '(.. 0 4)'],
    ['f(0..4)', '(call f (.. 0 4))'],
  ])('%s', (text, tree) => {
    expect(expressionOf(text)).toBe(tree)
  })

  it('names are letters of any script, with digits and subscripts', () => {
    for (const name of ['θ', 'logσ', 'x_1', '_x', 'θ₀', 'größe', '変数', '𝜃']) expect(expressionOf(name)).toBe(name)
  })

  it('π is pi, the micro sign is the Greek letter, and composed letters are one', () => {
    expect(expressionOf('π')).toBe('pi')
    expect(expressionOf('\u00b5')).toBe('\u03bc')
    expect(expressionOf('e\u0301')).toBe('\u00e9')
  })

  it('words that JavaScript objects have are names', () => {
    expect(statementsOf('let constructor = toString\nlet __proto__ = hasOwnProperty')).toBe('(let constructor toString)\n(let __proto__ hasOwnProperty)')
  })
})

describe('calls and indices', () => {
  it.each([
    ['f()', '(call f)'],
    ['f(a, b = 1, c = g(x))', '(call f a b=1 c=(call g x))'],
    ['blocks[i](h)', '(call (index blocks i) h)'],
    ['random.normal([batch, n])', '(call random.normal [batch n])'],
    ['x[i, :, 2:5, ...]', '(index x i : 2:5 ...)'],
    ['x[:n, n:, ::2, 1:-1:2]', '(index x :n n: ::2 1:(- 1):2)'],
    ['x[e : e+k]', '(index x e:(+ e k))'],
    ['x[-1]', '(index x (- 1))'],
    ['x[if a then 0 else 1]', '(index x (if a 0 1))'],
    ['grad(y, x)', '(call grad y x)'],
  ])('%s', (text, tree) => {
    expect(expressionOf(text)).toBe(tree)
  })
})

describe('places', () => {
  const text = 'const e = f(a + 1, (b)) * c[0]'
  const [constant] = parseText(text).tree.declarations
  const value = constant?.kind === 'const' ? constant.value : undefined
  const sliceOf = (span: { readonly start: number; readonly end: number } | undefined): string => text.slice(span?.start, span?.end)

  it('a node covers its text', () => {
    expect(sliceOf(value?.span)).toBe('f(a + 1, (b)) * c[0]')
    expect(value?.kind === 'binary' && sliceOf(value.left.span)).toBe('f(a + 1, (b))')
    expect(value?.kind === 'binary' && sliceOf(value.operatorSpan)).toBe('*')
    expect(value?.kind === 'binary' && sliceOf(value.right.span)).toBe('c[0]')
  })

  it('parentheses belong to what they hold', () => {
    const call = value?.kind === 'binary' ? value.left : undefined
    expect(call?.kind === 'call' && call.arguments.map(argument => sliceOf(argument.span))).toEqual(['a + 1', '(b)'])
  })

  it('a pipe covers both sides', () => {
    expect(messagesOf('const a = x |>\n  f')).toEqual([])
  })
})
