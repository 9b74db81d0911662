/** Programs that are too much on purpose: each is answered in words, in time, and within bounds of memory. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../language/run'
import { judge } from './judge'

const many = (text: string, times: number) => text.repeat(times)
const circuit = (...lines: readonly string[]) => `circuit c(t: real) -> real {\n${lines.join('\n')}\n  return expect(Z(q[0]))\n}\n`
const constant = (value: string) => `const a = ${value}\n`
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
  'five thousand slices': [`model M {\n  input x: real[3]\n  output y = x[${many(':,', 5000)}]\n}\n`, 'too-many-indices'],
}

describe('a program that is too much on purpose', () => {
  it.each(Object.entries(HOSTILE))('is answered: %s', async (_, [text, ...codes]) => {
    expect([...new Set((await diagnose(text)).map(({ code }) => code))].filter(code => codes.includes(code))).toEqual(codes)
    expect(await judge(text)).toBeUndefined()
  })
})
