/** After a mistake: the rest is read, each mistake is said once, and nothing throws, whatever the text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messagesOf, parseText, showFile } from './print'
import { EVERYTHING, PROGRAMS } from './programs'

describe('several mistakes', () => {
  it('are all reported in one run, one message each', () => {
    expect(messagesOf([
      'use std.nn.{dense, gru',
      'const a = ',
      'fn f(x real) -> real = x',
      'gate g(θ: real) q: qubit { ry(θ q }',
      'circuit c(x: real) -> real {',
      '  qubits q[2]',
      '  ry(x q[0]',
      '  for i in 0..2 { h q[i }',
      '  cx q[0] q[1]',
      '  return expect(Z(q[0]))',
      '}',
      'model M {',
      '  input x real',
      '  let y = x +',
      '  let = 3',
      '  pram w: real',
      '  let z = [1, 2',
      '  loss y y',
      '}',
      'trian M { epochs 3 }',
    ].join('\n'))).toEqual([
      '1:12 unclosed-bracket: `{` is never closed',
      '2:9 missing-syntax: expected an expression after `=`, found the end of the line',
      '3:8 missing-syntax: expected `:` after `x`, found `real`',
      '4:30 unclosed-bracket: `(` is never closed',
      '7:5 unclosed-bracket: `(` is never closed',
      '8:22 unclosed-bracket: `[` is never closed',
      '9:11 unexpected-syntax: unexpected `q` after `]`',
      '13:11 missing-syntax: expected `:` after `x`, found `real`',
      '14:13 missing-syntax: expected an expression after `+`, found the end of the line',
      '15:7 missing-syntax: expected a name after `let`, found `=`',
      '16:3 unknown-statement: `pram` does not start a statement',
      '17:11 unclosed-bracket: `[` is never closed',
      '18:10 unexpected-syntax: unexpected `y` after `y`',
      '20:1 unknown-declaration: `trian` does not start a declaration',
    ])
  })

  it('in nested blocks are each reported, and do not disturb what is around them', () => {
    const text = 'model M {\n let a = for i in 0..3 {\n  let b =\n  let c = d e\n  yield c\n }\n output a\n}'
    expect(messagesOf(text)).toEqual([
      '3:9 missing-syntax: expected an expression after `=`, found the end of the line',
      '4:13 unexpected-syntax: unexpected `e` after `d`',
    ])
    expect(showFile(parseText(text).tree)).toBe('(model M {(let a (for i (.. 0 3) {(let b <invalid>) (let c d) (yield c)})) (output a)})')
  })
})

describe('what is left of a wrong statement', () => {
  const treeOfWrong = (statement: string): string => showFile(parseText(`model M {\n${statement}\noutput y\n}`).tree)
  it.each([
    ['let x = 1 +', '(let x <invalid>)'],
    ['let x 3', '(let x 3)'],
    ['let = 3', '(let <none> 3)'],
    ['let input = 3', '(let input 3)'],
    ['let x = f(1 2)', '(let x (call f 1))'],
    ['let x = f(1 2 3)', '(let x <invalid>)'],
    ['let x = f(1', '(let x (call f 1))'],
    ['param w: ~ zeros()', '(param w <none> ~ (call zeros))'],
    ['param w real', '(param w real)'],
    ['input x', '<invalid>'],
    ['pram w: real', '<invalid>'],
    ['let x = a < b < c', '(let x (< (< a b) c))'],
    ['let x = a && b', '(let x (and a b))'],
    ['return a b, c', '(return a)'],
  ])('%s', (statement, tree) => {
    expect(treeOfWrong(statement)).toBe(`(model M {${tree} (output y)})`)
  })

  it('a declaration that cannot be read keeps its name', () => {
    expect(showFile(parseText('fn f(1 + 2) = x\nconst a = f(1)').tree)).toBe('(invalid f)\n(const a (call f 1))')
  })

  it('a misplaced annotation costs nothing', () => {
    expect(showFile(parseText('@shots(9)\nmodel M { output y }').tree)).toBe('(model M {(output y)})')
  })
})

// ------------------------------------------------------------------------------------------------------ mutations

const TOKEN = /[\p{L}_][\p{L}\p{N}_]*|\d+(?:\.\d+)?|"[^"\n]*"|\/\/[^\n]*|\|>|->|\.\.\.?|==|\S/gu

/** The text with each of its tokens taken away in turn, or put in place of another. */
function mutants(text: string, replacement: string): readonly string[] {
  return [...text.matchAll(TOKEN)].filter(token => !token[0].startsWith('//'))
    .map(token => text.slice(0, token.index) + replacement + text.slice(token.index + token[0].length))
}

describe('a program with one token wrong', () => {
  const texts = [EVERYTHING, PROGRAMS['moons'] ?? '', PROGRAMS['qaoa'] ?? '', PROGRAMS['costates'] ?? '']

  it('gives few messages when one is missing: hardly ever more than one', () => {
    const counts = texts.flatMap(text => mutants(text, '')).map(text => messagesOf(text).length)
    expect(Math.max(...counts)).toBeLessThanOrEqual(3)
    const more = counts.filter(count => count > 1).length
    // 3 of a hundred: mostly closers of blocks on one line, which could belong elsewhere.
    expect(more / counts.length).toBeLessThan(0.03)
  })

  it.each([')', '}', '{', '(', 'let', '=', '"'])('gives few messages when one is `%s`', replacement => {
    const counts = mutants(texts[1] ?? '', ` ${replacement} `).map(text => messagesOf(text).length)
    expect(Math.max(...counts)).toBeLessThanOrEqual(6)
    expect(counts.reduce((a, b) => a + b, 0) / counts.length).toBeLessThan(replacement === '}' ? 2.5 : 2)
  })

  it('is reported near the token that is missing', () => {
    const text = PROGRAMS['moons'] ?? ''
    const tokens = [...text.matchAll(TOKEN)].filter(token => !token[0].startsWith('//'))
    for (const token of tokens) {
      const mutant = text.slice(0, token.index) + text.slice(token.index + token[0].length)
      // A block that is never closed is reported where it begins, and so is a brace that was never opened where it ends.
      if (token[0] === '{' || token[0] === '}') continue
      for (const { span } of parseText(mutant).diagnostics) {
        const [a, b] = [span.start, token.index].map(offset => mutant.slice(0, offset).split('\n').length)
        expect(Math.abs((a ?? 0) - (b ?? 0)), JSON.stringify(token[0])).toBeLessThanOrEqual(1)
      }
    }
  })

  it('cut off anywhere, does not throw', () => {
    for (let end = 0; end < EVERYTHING.length; end += 3) expect(() => parseText(EVERYTHING.slice(0, end))).not.toThrow()
  })
})

describe('any text at all', () => {
  const wholeAndOrdered = (text: string): void => {
    const { diagnostics, tree } = parseText(text)
    showFile(tree)
    for (const { span, related, message, help = '' } of diagnostics) {
      // Neither the names of token types nor those of rules are anyone's words, and nothing is said without its words.
      expect(`${message} ${help}`).not.toMatch(/Keyword_|(?:Left|Right)(?:Paren|Square|Brace)|Literal|something else|undefined|NaN|``/)
      for (const { start, end } of [span, ...related.map(r => r.span)]) {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeGreaterThanOrEqual(start)
        expect(end).toBeLessThanOrEqual(text.length)
      }
    }
  }

  it('random characters give diagnostics and never throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), wholeAndOrdered), { numRuns: 300 })
  })

  it('random bytes give diagnostics and never throw', () => {
    const decoder = new TextDecoder()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => wholeAndOrdered(decoder.decode(bytes))), { numRuns: 300 })
  })

  it('random words and signs give diagnostics and never throw', () => {
    const words = fc.constantFrom(...new Set(EVERYTHING.match(TOKEN) ?? []), '\n', '\n', ';', 'θ', '1e5', '"a', '/*', '@', ' ')
    fc.assert(fc.property(fc.array(words, { maxLength: 60 }), parts => wholeAndOrdered(parts.join(' '))), { numRuns: 500 })
  })

  it('nesting of every kind is refused politely before the stack ends', () => {
    const times = 10_000
    const nests = [
      'f('.repeat(times), '['.repeat(times), 'x['.repeat(times) + '0' + ']'.repeat(times), '('.repeat(times) + '1' + ')'.repeat(times),
      '-'.repeat(times) + '1', 'not '.repeat(times) + 'a', '2^'.repeat(times) + '1', 'a' + '.b'.repeat(times), 'a' + ' |> f'.repeat(times),
      'if a then '.repeat(times), 'if '.repeat(times), 'a + if '.repeat(times), 'for i in '.repeat(times), 'for i in 0..3 { yield '.repeat(times),
    ]
    for (const nest of nests) expect(messagesOf(`const e = ${nest}`).length, nest.slice(0, 20)).toBe(1)
    for (const nest of ['for i in 0..3 {\n'.repeat(times), 'if a { } else '.repeat(times), '{'.repeat(times), '}'.repeat(times)]) {
      expect(messagesOf(`circuit c() {\n${nest}\n}`).length, nest.slice(0, 20)).toBeGreaterThanOrEqual(1)
    }
  })

  it('as deep as is allowed, it parses', () => {
    const deep = (open: string, close: string, times: number): string => `const e = ${open.repeat(times)}1${close.repeat(times)}`
    for (const text of [deep('f(', ')', 64), deep('[', ']', 64), deep('x[', ']', 64), deep('(a, ', ')', 64), deep('(if a then ', ' else b)', 38)]) {
      expect(messagesOf(text)).toEqual([])
    }
  })
})
