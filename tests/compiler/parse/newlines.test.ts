/** Where a newline ends a statement and where it does not. */
import { describe, expect, it } from 'vitest'
import { messagesOf, statementsOf, treeOf } from './print'

describe('a newline', () => {
  it('ends a statement, as `;` does', () => {
    expect(statementsOf('let a = 1\nlet b = 2; let c = 3;;\n\n;')).toBe('(let a 1)\n(let b 2)\n(let c 3)')
  })

  it.each(['+', '-', '*', '/', '%', '@', '^', '==', '!=', '<', '<=', '>', '>=', '..', 'and', 'or'])('does not count after `%s`', operator => {
    expect(statementsOf(`let a = b ${operator}\n\n  // a comment\n  c`)).toBe(statementsOf(`let a = b ${operator} c`))
  })

  it('does not count after `= -> ~ , |> then else in`', () => {
    expect(statementsOf('let a =\n 1')).toBe('(let a 1)')
    expect(statementsOf('param w: real ~\n zeros()')).toBe('(param w real ~ (call zeros))')
    expect(statementsOf('return a,\n b')).toBe('(return a b)')
    expect(statementsOf('let a = x |>\n f')).toBe('(let a (|> x f))')
    expect(statementsOf('let a = if c then\n x else\n y')).toBe('(let a (if c x y))')
    expect(statementsOf('for i in\n xs { h = i }')).toBe('(for i xs {(assign h i)})')
    expect(treeOf('fn f(x: real) ->\n real = x')).toBe('(fn f [(x real)] -> real = x)')
  })

  it('does not count before `|> then else ~ ->`', () => {
    expect(statementsOf('let a = x\n  |> f\n  |> g')).toBe('(let a (|> (|> x f) g))')
    expect(statementsOf('let a = if c\n then x\n else y')).toBe('(let a (if c x y))')
    expect(statementsOf('param w: real\n  ~ zeros()')).toBe('(param w real ~ (call zeros))')
    expect(treeOf('fn f(x: real)\n -> real = x')).toBe('(fn f [(x real)] -> real = x)')
    expect(statementsOf('if a { x = 1 }\nelse { x = 2 }')).toBe('(if a {(assign x 1)} {(assign x 2)})')
  })

  it('does not count inside `(` and `[`', () => {
    expect(statementsOf('let a = f(\n x\n + 1,\n y = [\n 1,\n 2\n ]\n)')).toBe('(let a (call f (+ x 1) y=[1 2]))')
    expect(statementsOf('let a = [\n e\n for i\n in 0..n\n]')).toBe('(let a (each i (.. 0 n) e))')
  })

  it('counts inside a block, also one within parentheses', () => {
    expect(statementsOf('let a = f(for t in 0..n {\n let b = t\n yield b\n}, 1)'))
      .toBe('(let a (call f (for t (.. 0 n) {(let b t) (yield b)}) 1))')
  })

  it('does not count inside the braces of an import', () => {
    expect(treeOf('use a.{\nb,\nc}')).toBe('(use a [b c])')
  })

  it('parts the entries of data, which need no comma then', () => {
    expect(treeOf('train M {\n data "f" {\n x = a\n y = b,\n z = c +\n d\n }\n}')).toBe('(train M (data "f" {x=a y=b z=(+ c d)}))')
  })

  it('in a comment counts like any other', () => {
    expect(statementsOf('let a = 1 /* one\ntwo */ let b = 2')).toBe('(let a 1)\n(let b 2)')
    expect(messagesOf('const a = 1 /* one */ const b = 2')).toHaveLength(1)
  })
})

describe('a closing brace', () => {
  it('ends a statement', () => {
    expect(statementsOf('for i in 0..3 { x = i } let y = 1')).toBe('(for i (.. 0 3) {(assign x i)})\n(let y 1)')
    expect(treeOf('model A { output x } model B { output y }')).toBe('(model A {(output x)})\n(model B {(output y)})')
  })

  it('ends none before what carries a line on', () => {
    expect(statementsOf('let a = for i in 0..3 { yield i } |> f')).toBe('(let a (|> (for i (.. 0 3) {(yield i)}) f))')
    expect(statementsOf('let a = [for i in 0..3 { yield i }, 1]')).toBe('(let a [(for i (.. 0 3) {(yield i)}) 1])')
  })

  it('needs no newline before it', () => {
    expect(treeOf('model M { param t: real ~ zeros()\n loss c(t) }')).toBe('(model M {(param t real ~ (call zeros)) (loss (call c t))})')
  })
})

describe('brackets on a new line', () => {
  it('are not a call or an index', () => {
    expect(statementsOf('let a = f\n(b, c) = g')).toBe('(let a f)\n(assign [b c] g)')
    expect(messagesOf('model M {\n let a = [b\n [0]]\n}')).toEqual(['2:11 missing-syntax: expected `,` or `]` after `b`, found `[`'])
  })
})
