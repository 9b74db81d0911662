/** Every message about text: what is said, and where. */
import { describe, expect, it } from 'vitest'
import { REGISTRY } from '../../../compiler/diagnostics/registry'
import { messagesOf, parseText } from './print'

/** Statements of a model are on line 2, of a circuit too. */
const model = (text: string): string => `model M {\n${text}\n}`
const circuit = (text: string): string => `circuit c() {\n${text}\n}`

const CASES: readonly (readonly [about: string, text: string, ...messages: string[]])[] = [
  // ------------------------------------------------------------------------------------------ characters and words
  ['an unknown character', 'const a = $b', '1:11 unknown-character: `$` means nothing here'],
  ['an invisible character', 'const a = \u0007b', '1:11 unknown-character: the character U+0007 means nothing here'],
  ['a superscript', 'const a = x²', '1:12 unknown-character: `²` means nothing here'],
  ['an unclosed string', 'const a = "b\nconst c = 1', '1:11 unclosed-string: this string is never closed'],
  ['an unclosed string that swallows a closer', 'const a = f("b)\nconst c = 1', '1:13 unclosed-string: this string is never closed'],
  ['an unclosed string that swallows a block', 'train M {\n data "f.csv {\n x = a\n }\n epochs 3\n}', '2:7 unclosed-string: this string is never closed'],
  ['an unclosed comment', 'const a = 1 /* b\nc', '1:13 unclosed-comment: this `/*` is never closed'],
  ['an unknown escape', 'const a = "b\\qc"', '1:13 unknown-escape: unknown escape `\\q` in a string'],
  ['a code point beyond Unicode', 'const a = "\\u{110000}"', '1:12 unknown-escape: unknown escape `\\u{110000}` in a string'],
  ['a float beyond range', 'const a = 1e999', '1:11 number-too-large: `1e999` is beyond the largest 64-bit float'],
  ['an integer that is not exact', 'const a = 9007199254740993', '1:11 number-too-large: `9007199254740993` is too large to be an exact integer'],
  ['a float without a digit behind the dot', 'const a = 1.', '1:11 number-form: `1.` is written `1.0`'],
  ['a float without a digit before the dot', 'const a = .5 + 1', '1:11 number-form: `.5` is written `0.5`'],
  ['single quotes', "const a = 'b'", '1:11 single-quotes: strings stand in straight double quotes'],
  ['curly quotes', 'const a = “b”', '1:11 single-quotes: strings stand in straight double quotes'],
  ['signs of other languages', 'const a = b && !c ** 2', '1:13 foreign-operator: `&&` is written `and` in bp',
    '1:16 foreign-operator: `!` is written `not` in bp', '1:19 foreign-operator: `**` is written `^` in bp'],
  ['a sharp comment', 'const a = 1 # one', '1:13 foreign-comment: comments start with `//`, not with `#`'],
  ['a zero byte', 'const a = \0', '1:11 not-text: this is not a text file: it has a zero byte'],

  // ------------------------------------------------------------------------------------------------------ brackets
  ['an unclosed parenthesis', model('  let a = f(1,\n  let b = 2'), '2:12 unclosed-bracket: `(` is never closed'],
  ['an unclosed parenthesis at the end of a block', model('  let a = f(1'), '2:12 unclosed-bracket: `(` is never closed'],
  ['an unclosed parenthesis at the end of a file', 'const a = f(1', '1:12 unclosed-bracket: `(` is never closed'],
  ['unclosed brackets of gates', circuit('  qubits q[2\n  h q[0\n  ry(1) q[1\n  cx q[0], q[1]'),
    '2:11 unclosed-bracket: `[` is never closed', '3:6 unclosed-bracket: `[` is never closed', '4:10 unclosed-bracket: `[` is never closed'],
  ['an unclosed square before an assignment', model('  let a = [1, 2\n  b = 3'), '2:11 unclosed-bracket: `[` is never closed'],
  ['an unclosed signature', 'circuit c(x: real -> real {\n  return x\n}', '1:10 unclosed-bracket: `(` is never closed'],
  ['an unclosed condition', circuit('  for i in f(0 { h q }'), '2:13 unclosed-bracket: `(` is never closed'],
  ['an unclosed block at the end of a file', 'model M {\n  output y\n', '1:9 unclosed-bracket: `{` is never closed'],
  ['an unclosed block before a declaration', 'model M {\n  output y\n\ntrain M { epochs 3 }', '1:9 unclosed-bracket: `{` is never closed'],
  ['an unclosed inner block, by how it is indented', 'model M {\n  for k in 0..3 {\n    v = 1\n  loss v\n}\nconst a = 1', '2:17 unclosed-bracket: `{` is never closed'],
  ['unclosed entries', 'train M {\n  data "f" {\n    x = a\n  epochs 3\n}', '2:12 unclosed-bracket: `{` is never closed'],
  ['an unclosed import', 'use a.{b, c\nconst d = 1', '1:7 unclosed-bracket: `{` is never closed'],
  ['a declaration in an unindented block', 'model M {\noutput y\nconst a = 1\n}', '1:9 unclosed-bracket: `{` is never closed'],
  ['a stray closer', 'const a = 1)', '1:12 unopened-bracket: `)` closes nothing'],
  ['a stray brace', 'const a = 1\n}\nconst b = 2', '2:1 unopened-bracket: `}` closes nothing'],
  ['brackets crossed', 'const a = (1]', '1:13 mismatched-bracket: `(` is closed by `]`'],
  ['an unclosed bracket inside a closed one', 'const a = f(x[0)', '1:14 unclosed-bracket: `[` is never closed'],
  ['brackets far too deep', `const a = ${'('.repeat(10_000)}`, '1:75 nesting-too-deep: this is nested more than 64 deep'],
  ['choices far too deep', `const a = ${'if a then b else '.repeat(10_000)}c`, '1:1381 nesting-too-deep: this is nested more than 80 deep'],

  // --------------------------------------------------------------------------------------------------- something missing
  ['no name', model('  let = 3'), '2:7 missing-syntax: expected a name after `let`, found `=`'],
  ['no `=`', model('  let x 3'), '2:9 missing-syntax: expected `=` after `x`, found `3`'],
  ['no value', model('  let x =\n  let y = 1'), '2:9 missing-syntax: expected an expression after `=`, found the end of the line'],
  ['no operand', model('  let x = a + * b'), '2:15 missing-syntax: expected an expression after `+`, found `*`'],
  ['no value at the end of a file', 'const a =', '1:9 missing-syntax: expected an expression after `=`, found the end of the file'],
  ['no type', model('  param w: ~ zeros()'), '2:12 missing-syntax: expected a type such as `real[3]` after `:`, found `~`'],
  ['no colon', model('  input x real'), '2:11 missing-syntax: expected `:` after `x`, found `real`'],
  ['no `then`', model('  let x = if a { b } else { c }'), '2:16 missing-syntax: expected `then` after `a`, found `{`'],
  ['no `else`', model('  let x = if a then b'), '2:21 missing-syntax: expected `else` after `b`, found the end of the line'],
  ['no comma', 'const a = f(1 2)', '1:15 missing-syntax: expected `,` or `)` after `1`, found `2`'],
  ['two commas', 'const a = [1, , 2]', '1:15 missing-syntax: expected an expression after `,`, found `,`'],
  ['no index', model('  let a = x[]'), '2:13 missing-syntax: expected an index, a slice such as `1:3`, or `...` after `[`, found `]`'],
  ['no member', model('  let a = x.\n  let b = 1'), '2:12 missing-syntax: expected a name after `.`, found the end of the line'],
  ['no body', 'fn f(x: real) -> real\nconst a = 1', '1:18 missing-syntax: expected `{` or `=` after `real`, found the end of the line'],
  ['no brace, but a body', 'model M\n  output y\n}\nconst a = 1', '1:7 missing-syntax: expected `{` after `M`, found the end of the line'],
  ['no brace for a loop', model('  for i in 0..3\n    v = 1\n  }'), '2:15 missing-syntax: expected `{` after `3`, found the end of the line'],
  ['no brace for a loop on one line', circuit('  for i in 0..3 h q }'), '2:17 missing-syntax: expected `{` after `3`, found `h`'],
  ['no parentheses', 'circuit c {\n  return 1\n}', '1:11 missing-syntax: expected `(` after `c`, found `{`'],
  ['nothing imported', 'use std\nconst a = 1', '1:5 missing-syntax: expected `.` and what to import after `std`, found the end of the line'],
  ['no module', 'use\nconst a = 1', '1:1 missing-syntax: expected a module or a file after `use`, found the end of the line'],
  ['no precision', 'precision\nconst a = 1', '1:1 missing-syntax: expected a name after `precision`, found the end of the line'],
  ['no entry value', 'train M { group w { rate 0.1 } }', '1:26 missing-syntax: expected `=` after `rate`, found `0.1`'],

  // ------------------------------------------------------------------------------------------------ something too much
  ['a reserved word for a name', model('  let input = 3'), '2:7 reserved-word: `input` is a reserved word and cannot be a name'],
  ['a reserved word for an argument', 'fn f(in: real) = 1', '1:6 reserved-word: `in` is a reserved word and cannot be a name'],
  ['a reserved word in an expression', model('  let a = target + 1'), '2:11 missing-syntax: expected an expression after `=`, found the reserved word `target`'],
  ['a product without its sign', model('  let y = 2x'), '2:12 unexpected-syntax: unexpected `x` after `2`'],
  ['two operands', model('  let y = a b'), '2:13 unexpected-syntax: unexpected `b` after `a`'],
  ['entries side by side', 'train M { data "f" { x = a y = b } }', '1:28 unexpected-syntax: unexpected `y` after `a`'],
  ['qubits without a comma', circuit('  cx q[0] q[1]'), '2:11 unexpected-syntax: unexpected `q` after `]`'],
  ['a slip in a keyword', model('  pram w: real'), '2:3 unknown-statement: `pram` does not start a statement'],
  ['a slip in a declaration', 'modle M {\n  output x\n}\nconst a = 1', '1:1 unknown-declaration: `modle` does not start a declaration'],
  ['another language', 'def f(x):\n  return x\n\nconst a = 1', '1:1 unknown-declaration: `def` does not start a declaration'],
  ['statements outside', 'let a = 1\nlet b = 2\nmodel M { output y }', '1:1 outside-declaration: `let` cannot stand at the top of a file'],
  ['an assignment outside', 'x = 3', '1:1 outside-declaration: an assignment cannot stand at the top of a file'],
  ['a declaration inside', model('  const a = 1\n  fn f() { return 1 }\n  output a'), '2:3 nested-declaration: `const` declarations stand at the top of a file, not inside a block',
    '3:3 nested-declaration: `fn` declarations stand at the top of a file, not inside a block'],
  ['an expression alone', model('  f(x)\n  3'), '2:3 expression-statement: an expression alone is not a statement', '3:3 expression-statement: an expression alone is not a statement'],
  ['a gate in a model', model('  h q\n  ry(x) q[0]'), '2:3 misplaced-gate: a gate is applied inside a `gate` or a `circuit` only',
    '3:3 misplaced-gate: a gate is applied inside a `gate` or a `circuit` only'],
  ['an operator first on a line', model('  let a = b\n    + c'), '3:5 unexpected-start: a statement cannot begin with `+`'],
  ['an `else` alone', model('  let a = 1\n  in b'), '3:3 unexpected-start: a statement cannot begin with `in`'],
  ['a brace on a line of its own', 'model M\n{\n  output y\n}', '2:1 sign-on-own-line: this `{` stands on a line of its own'],
  ['an equals sign on a line of its own', 'fn f(x: real)\n  = x', '2:3 sign-on-own-line: this `=` stands on a line of its own'],

  // -------------------------------------------------------------------------------------------------- two readings
  ['a chain of comparisons', 'const a = b < c <= d', '1:17 chained-comparison: comparisons do not chain'],
  ['a chain of ranges', 'const a = b..c..d', '1:15 chained-range: a range has one `..`'],
  ['a pipe after a choice', 'const a = if b then c else d |> f', '1:30 pipe-after-if: a pipe after an `if` could mean two things'],
  ['a pipe inside a choice', 'const a = if b then c |> f else d', '1:23 pipe-after-if: a pipe after an `if` could mean two things'],
  ['an operator after a pipe', 'const a = b |> f + 1', '1:18 operator-after-pipe: an operator after a pipe could mean two things'],
  ['a choice as an operand', 'const a = 1 + if b then c else d', '1:15 needs-parentheses: `if` inside a larger expression needs parentheses'],
  ['a `not` as an operand', 'const a = 1 + not b', '1:15 needs-parentheses: `not` inside a larger expression needs parentheses'],
  ['a pipe into a number', 'const a = b |> 3', '1:16 not-a-pipe-target: the right side of `|>` must be a function or a call'],
  ['a sum without end', `const a = ${'1 + '.repeat(600)}1`, '1:2013 chain-too-long: more than 500 operators in one expression'],
  ['arguments out of order', 'const a = f(b = 1, 2)', '1:20 positional-after-named: arguments without a name stand before those with one'],

  // --------------------------------------------------------------------------------------- declarations and statements
  ['a register that is no qubit', 'gate g(x: real) q: real { h q }', '1:20 wrong-register: the registers of a gate are `qubit` or `qubit[n]`, not `real`'],
  ['registers of a circuit', 'circuit c() q: qubit { h q }', '1:13 misplaced-register: only a `gate` names registers'],
  ['an annotation before a model', '@shots(9)\nmodel M { output y }', '1:1 misplaced-annotation: `@shots` stands before `model`'],
  ['an annotation before nothing', 'const a = 1\n@shots(9)', '2:1 misplaced-annotation: `@shots` stands before nothing'],
  ['an unknown precision', 'precision f16', '1:11 unknown-precision: `precision` is `f32` or `f64`, not `f16`'],
  ['a late precision', 'const a = 1\nprecision f64', '2:1 misplaced-precision: `precision` stands once, at the top of a file'],
  ['a second precision', 'precision f64\nprecision f32', '2:1 misplaced-precision: `precision` stands once, at the top of a file'],
  ['a range that is none', model('  param k: real in 3'), '2:20 unknown-range: a range of values is an interval such as `(0, inf)`, classes such as `0..3`, or `simplex`'],
  ['a modifier as OpenQASM writes it', circuit('  ctrl @ x q[0], q[1]'), '2:8 modifier-with-at: gate modifiers are written without `@`'],
  ['a gate without qubits', circuit('  h'), '2:3 missing-operand: `h` names no qubit'],
  ['an updating assignment', model('  v += 3\n  output v'), '2:5 update-operator: `+=` is not an assignment here'],
  ['an option with `=`', 'train M { epochs = 3 }', '1:18 option-with-equals: the options of `train` are written without `=`'],
  ['a statement in training', 'train M { let a = 3 }', '1:11 not-an-option: `let` does not start an option of `train`'],
]

describe('a mistake', () => {
  it.each(CASES)('%s', (_, text, ...messages) => {
    expect(messagesOf(text)).toEqual(messages)
  })

  it('has a case here for every code about text', () => {
    const covered = new Set(CASES.flatMap(([, , ...messages]) => messages.map(message => message.split(' ')[1]?.replace(':', ''))))
    const codes = Object.entries(REGISTRY).filter(([, { id }]) => id.startsWith('BP1') && !id.startsWith('BP19')).map(([code]) => code)
    expect(codes.filter(code => !covered.has(code))).toEqual([])
  })

  it('has advice where there is some', () => {
    const helpOf = (text: string): string | undefined => parseText(text).diagnostics[0]?.help
    expect(helpOf(model('  pram w: real'))).toBe('did you mean `param`?')
    expect(helpOf('modle M { }')).toBe('did you mean `model`?')
    expect(helpOf('function f() { }')).toBe('did you mean `fn`? It is written `fn f(x: real[n]) -> real = sum(x)`')
    expect(helpOf('const a = b < c <= d')).toBe('write `b < c and c <= d`')
    expect(helpOf(model('  let y = 2x'))).toBe('a product needs its sign: `2 * x`')
    expect(helpOf(model('  let a = b\n    + c'))).toBe('to go on with the line above, end that one with `+`')
    expect(helpOf(model('  v += 3'))).toBe('write `v = v + …`')
    expect(helpOf('const a = x²')).toBe('a power is written `^2`')
    expect(helpOf('const a = (1')).toBe('close it with `)`')
    expect(helpOf(model('  let x = if a { b } else { c }'))).toBe('a choice between values is `if c then a else b`')
  })

  it('of a bracket names where it was noticed', () => {
    const relatedOf = (text: string): readonly string[] =>
      parseText(text).diagnostics.flatMap(d => d.related.map(r => `${text.slice(r.span.start, r.span.end)}: ${r.message}`))
    expect(relatedOf(model('  let a = f(1,\n  let b = 2'))).toEqual(['let: noticed here, at `let`'])
    expect(relatedOf('model M {\n  output y\n')).toEqual([': the file ends here'])
    expect(relatedOf('model M {\n  output y\nconst a = 1')).toEqual(['const: a new declaration starts here'])
    expect(relatedOf('const a = (1]')).toEqual(['(: opened here'])
    expect(relatedOf('model M {\n  for k in 0..3 {\n    v = 1\n  loss v\n}')).toEqual(['}: this `}` closes it, but lines up with something further out'])
    expect(relatedOf('const a = f([1, (2')).toEqual(['[: nor is this one', '(: nor is this one', ': the file ends here'])
  })
})
