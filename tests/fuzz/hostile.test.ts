/**
 * Programs that are too much on purpose: each is answered in words, and within bounds of memory. Nothing here looks at a clock:
 * what the compiler does not bound would not end, or end the process.
 */
import { describe, expect, it } from 'vitest'
import { answerTo, judgeAnswer } from './judge'

const many = (text: string, times: number) => text.repeat(times)
const circuit = (...lines: readonly string[]) => `circuit c(t: real) -> real {\n${lines.join('\n')}\n  return expect(Z(q[0]))\n}\n`
const constant = (value: string) => `const a = ${value}\n`
const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('\n')
const model = (body: string) => `model M {\n  input x: real[3]\n${body}\n}\n`
/** 100000 of what costs next to nothing each. */
const DEEP = 100_000

const HOSTILE: Readonly<Record<string, readonly [text: string, ...codes: readonly string[]]>> = {
  'parentheses in parentheses': [constant(many('(', DEEP) + '1' + many(')', DEEP)), 'nesting-too-deep'],
  'lists in lists': [constant(many('[', DEEP) + many(']', DEEP)), 'nesting-too-deep'],
  'blocks in blocks': [`gate g q: qubit {\n${many('if 1 == 1 {\n', 10_000)}h q\n${many('}\n', 10_000)}}`, 'nesting-too-deep'],
  'loops in loops': [`model M {${many('for i in 0..2 {', 10_000)}${many('}', 10_000)}}`, 'nesting-too-deep'],
  'openers alone': [many('(', DEEP), 'nesting-too-deep'],
  'signs of signs': [constant(many('-', DEEP) + '1'), 'chain-too-long'],
  'not not not': [constant(many('not ', DEEP) + 'true'), 'chain-too-long'],
  'a sum without end': [constant('1' + many(' + 1', DEEP)), 'chain-too-long'],
  'a pipe without end': [constant('1' + many(' |> f', DEEP)), 'chain-too-long'],
  'a path without end': [constant('b' + many('.c', DEEP)), 'chain-too-long'],
  'calls of calls': [constant('f' + many('()', DEEP)), 'chain-too-long'],
  'modifiers of modifiers': [circuit('  qubits q[2]', `  ${many('inv ', 10_000)}h q[0]`), 'chain-too-long'],
  'a thousand annotations': [many('@gradient(adjoint) ', 1000) + circuit('  qubits q[1]'), 'chain-too-long'],
  'an integer of a million digits': [constant(many('9', 1_000_000)), 'number-too-large'],
  'a name of a million letters': [`const ${many('a', 1_000_000)} = 1\n`],
  'a string that never ends': [constant('"' + many('a', 1_000_000)), 'unclosed-string'],
  'a comment that never ends': ['/*' + many('*', 1_000_000), 'unclosed-comment'],
  'a million slashes': [many('/', 1_000_000)],
  'a hundred thousand lines of documentation': [many('/// a\n', DEEP) + 'const a = 1\n'],
  'a hundred thousand semicolons': [many(';', DEEP)],
  'a file that uses itself': ['use "./main.bp".{a}\nconst a = 1\n', 'import-cycle'],
  'constants that go round': ['const A = B\nconst B = A\n', 'constant-cycle'],
  'a function that calls itself': ['fn f(x: real) -> real = f(x)\n', 'recursive-routine'],
  'more gates than time': [circuit('  qubits q[2]', '  pow(1000000000) h q[0]'), 'too-many-gates'],
  'more controls than qubits': [circuit('  qubits q[2]', '  ctrl(1000000000) h q[0], q[1]'), 'type-mismatch'],
  'more Pauli words than memory': ['circuit c(t: real) -> real {\n  qubits q[20]\n  let s = sum([X(q[i]) + Z(q[i]) for i in 0..20])\n  return expect(s * s * s * s * s * s)\n}\n', 'too-many-terms'],
  'a hundred thousand closers': [many(')', DEEP), 'unopened-bracket'],
  'a hundred thousand signs of an annotation': [many('@', DEEP), 'missing-syntax'],
  'twenty thousand broken statements': [model(many('  let = \n', 20_000)), 'too-many-mistakes'],
  'ten thousand names that there are not': [model(lines(5000, i => `let a${i} = b${i} + c${i}`)), 'too-many-mistakes'],
  'five thousand lets in a row': [model(`${lines(5000, i => `let a${i} = ${i > 0 ? `a${i - 1}` : 'x'} + 1`)}\n  output y = a4999`)],
  'constants that need the next': [lines(20_000, i => `const A${i} = ${i < 19_999 ? `A${i + 1} + 1` : '1'}`), 'too-deep'],
  'functions that each call the one before': [lines(5000, i => `fn f${i}(x: real) -> real = ${i > 0 ? `f${i - 1}(x) + 1` : 'x'}`), 'too-deep'],
  'functions that each call the one before twice': [lines(40, i => `fn f${i}(x: real) -> real = ${i > 0 ? `f${i - 1}(x) + f${i - 1}(x)` : 'x'}`), 'too-many-steps'],
  'gates that each apply the one before twice': [lines(40, i => `gate g${i} q: qubit { ${i > 0 ? `g${i - 1} q; g${i - 1} q` : 'h q'} }`), 'too-many-steps'],
  'functions that double the operations': [`${lines(14, i => `fn f${i}(x: real) -> real = ${i > 0 ? `f${i - 1}(sin(cos(tanh(sin(x))))) + f${i - 1}(cos(sin(tanh(cos(x)))))` : 'x'}`)}\n${model('  output y = f13(x[0])')}`, 'too-many-operations'],
  'five thousand parameters of a function': [`fn f(${Array.from({ length: 5000 }, (_, i) => `a${i}: real`).join(', ')}) -> real = a0\n`],
  'a loop without end in a constant': [constant('for i in 0..1000000000 { }'), 'too-many-steps'],
  'a list without end': [constant('[i for i in 0..1000000000]'), 'too-many-numbers'],
  'lists of lists of lists': [constant('[[[i * j * k for i in 0..1000] for j in 0..1000] for k in 0..1000]'), 'too-many-steps'],
  'loops around no gate at all': [circuit('  qubits q[2]', '  for i in 0..100000 { for j in 0..100000 { if i == -1 { h q[0] } } }'), 'too-many-steps'],
  'a loop around too many gates': [circuit('  qubits q[2]', '  for i in 0..1000000000 { h q[0] }'), 'too-many-gates'],
  'a constant of ones without end': [constant('ones([1000000000])'), 'too-many-numbers'],
  'a constant range without end': [constant('arange(1000000000)'), 'too-many-numbers'],
  'a range without end in a model': [model('  output y = x[0] * sum(arange(1000000000))')],
  'a constant unit matrix without end': [constant('eye(100000)'), 'too-many-numbers'],
  'a constant that is padded without end': [constant('pad([1], [[0, 1000000000]])'), 'too-many-numbers'],
  'constants that double': [lines(60, i => `const A${i} = ${i > 0 ? `concat([A${i - 1}, A${i - 1}])` : '[1, 2]'}`), 'too-many-numbers'],
  'a constant outer product': [constant('reshape(arange(100000), [100000, 1]) * arange(100000)'), 'too-many-numbers'],
  'a constant product of matrices': [constant('ones([900, 900]) @ ones([900, 900])'), 'too-many-steps'],
  'a power of a long size': ['model M {\n  input x: real[a, b, c, d, e, f]\n  output y = sum(x) * ones([(a + b + c + d + e + f)^30])\n}\n', 'size-too-long'],
  'sizes that square': [`model M {\n  input x: real[a, b, c, d]\n  let n0 = a + b + c + d\n${lines(30, i => `let n${i + 1} = n${i} * n${i}`)}\n  output y = sum(x) * ones([n30])\n}\n`, 'size-too-long'],
  'a size of a high degree': [`model M {\n  input x: real[a]\n  output y = sum(x) * ones([${Array.from({ length: 400 }, (_, i) => `(a + ${i})`).join(' * ')}])\n}\n`, 'size-too-long'],
  'a power tower': [constant('2^2^2^2^2^2')],
  'a tensor of ten to the thirty numbers': ['model M {\n  input x: real[1000000000000000, 1000000000000000]\n  output y = sum(x)\n}\n'],
  'more qubits than memory': [circuit('  qubits q[1000000000]'), 'too-many-qubits'],
  'the square of a long sum under a variance': ['circuit c(t: real) -> real {\n  qubits q[26]\n  let s = sum([X(q[i]) * Y(q[(i + 1) % 26]) + Z(q[i]) + X(q[i]) for i in 0..26])\n  return variance(s * s)\n}\n', 'too-many-terms'],
  'twelve derivatives inside each other': [`model M {\n  param w: real[3] ~ zeros()\n  let g0 = sum(sin(w) * w)\n${lines(12, i => `let g${i + 1} = sum(grad(g${i}, w))`)}\n  loss g12\n}\n`],
  'a list of ten thousand values': [model(`  output y = sum([${Array.from({ length: 10_000 }, () => 'x[0]').join(', ')}])`)],
  'nine derivatives inside each other, each larger': [`model M {\n  param w: real[3] ~ zeros()\n  let g0 = sum(tanh(sin(w) * exp(w)) / (1 + w^2))\n${lines(9, i => `let g${i + 1} = sum(grad(g${i}, w) * w)`)}\n  loss g9\n}\n`, 'too-many-operations'],
  'loops inside loops, through calls': [lines(90, i => `fn f${i}(x: real) -> real {\n  var s = x\n  for i in 0..2 { s = ${i > 0 ? `f${i - 1}(s)` : 'sin(s)'} }\n  return s\n}`), 'too-deep'],
  'five thousand slices': [`model M {\n  input x: real[3]\n  output y = x[${many(':,', 5000)}]\n}\n`, 'too-many-indices'],
}

describe('a program that is too much on purpose', () => {
  it.each(Object.entries(HOSTILE))('is answered: %s', async (_, [text, ...codes]) => {
    const answer = await answerTo(text)
    expect([...new Set(answer.diagnostics.map(({ code }) => code))].filter(code => codes.includes(code))).toEqual(codes)
    expect(await judgeAnswer(text, answer)).toBeUndefined()
  })
})
