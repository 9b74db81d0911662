import { describe, expect, it } from 'vitest'
import { folder, lines } from './bpc'
import { LINE } from './programs'

/** One mistake each, its line and what the message must name. */
const WRONG: readonly (readonly [what: string, line: number, named: readonly string[], text: string])[] = [
  ['an unknown name', 3, ['slop', 'slope'], 'model M {\n  param slope: real ~ zeros()\n  output y = 2 * slop\n}\n'],
  ['two shapes that do not fit', 4, ['3', '4'], 'model M {\n  input x: real[batch, 3]\n  param W: real[4, 2] ~ zeros()\n  output y = x @ W\n}\n'],
  ['a qubit out of range', 3, ['2', 'q'], 'circuit c(t: real) -> real {\n  qubits q[2]\n  rx(t) q[2]\n  return expect(Z(q[0]))\n}\nmodel M {\n  param t: real ~ zeros()\n  loss c(t)\n}\n'],
  ['one qubit twice in a gate', 3, ['cx'], 'circuit c() -> real {\n  qubits q[2]\n  cx q[1], q[1]\n  return expect(Z(q[0]))\n}\nmodel M {\n  output e = c()\n}\n'],
  ['a bracket that is never closed', 3, ['('], 'model M {\n  input x: real[3]\n  output y = sum((x + 1)\n  output z = x\n}\n'],
  ['an unknown import', 1, ['dens', 'dense'], 'use std.nn.dens\nmodel M {\n  input x: real[3]\n  output y = dens(x, 2)\n}\n'],
  ['an unknown dimension', 3, ['bacth', 'batch'], 'model M {\n  input x: real[batch, 3]\n  output y = x + zeros([bacth, 3])\n}\n'],
]

describe('bpc check', () => {
  it('says nothing of a program without mistakes, and writes nothing', async () => {
    const at = folder({ 'line.bp': LINE })
    expect(await at.bpc('check', 'line.bp')).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(await at.bpc('check', '--json', 'line.bp')).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(at.names).toEqual(['line.bp'])
  })

  it.each(WRONG)('finds %s, once and at its line', async (_, line, named, text) => {
    const at = folder({ 'wrong.bp': text })
    const ended = await at.bpc('check', '--json', 'wrong.bp')
    expect(ended).toMatchObject({ status: 1, stderr: '' })
    const [diagnostic, ...more] = lines(ended)
    expect(more).toEqual([])
    expect(diagnostic).toMatchObject({ severity: 'error', file: 'wrong.bp', line })
    expect(diagnostic).toHaveProperty('column')
    expect(String(diagnostic?.['id'])).toMatch(/^BP\d{4}$/)
    for (const word of named) expect(JSON.stringify(diagnostic)).toContain(word)
  })

  it.each(WRONG)('tells a person of %s, with the line', async (_, line, __, text) => {
    const { status, stdout, stderr } = await folder({ 'wrong.bp': text }).bpc('check', 'wrong.bp')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^wrong\\.bp:${line}:\\d+ - error BP\\d{4} [a-z-]+: `))
    expect(stderr).toContain(text.split('\n')[line - 1]?.trim())
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('reports every mistake of a run, in the order of the text', async () => {
    const text = 'model M {\n  input x: real[batch, 3]\n  param W: real[4, 2] ~ zeros()\n  let a = x @ W\n  let b = sin(nothing)\n  output y = a\n}\n'
    const ended = await folder({ 'wrong.bp': text }).bpc('check', '--json', 'wrong.bp')
    expect(lines(ended).map(({ line }) => line)).toEqual([4, 5])
  })

  it('reports mistakes in the file that has them', async () => {
    const at = folder({
      'layers.bp': 'fn twice(x: real) -> real = 2 * y\n',
      'model.bp': 'use "./layers.bp".{twice}\nmodel M {\n  input x: real\n  output y = twice(x)\n}\n',
    })
    const ended = await at.bpc('check', '--json', 'model.bp')
    expect(lines(ended)).toMatchObject([{ file: 'layers.bp', line: 1 }])
  })

  it('names a const that the file does not have', async () => {
    const { status, stderr } = await folder({ 'n.bp': 'const COUNT = 2\nmodel M {\n  output y = zeros([COUNT])\n}\n' }).bpc('check', 'n.bp', '--const', 'CONUT=3')
    expect([1, 2]).toContain(status)
    expect(stderr).toContain('CONUT')
    expect(stderr).toContain('COUNT')
  })
})

describe('a warning', () => {
  const text = 'model M {\n  input x: real\n  let h = tanh(x)\n  output y = 2 * x\n}\n'

  it('is told on standard error, and nothing fails', async () => {
    const at = folder({ 'odd.bp': text })
    const { status, stdout, stderr } = await at.bpc('check', 'odd.bp')
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    expect(stderr).toMatch(/^odd\.bp:3:7 - warning BP2027 unused-name: the `let` `h` is never used\n/)
    expect(await at.bpc('odd.bp')).toMatchObject({ status: 0 })
    expect(at.names).toContain('odd.bp.js')
  })

  it('is a line of its own with --json', async () => {
    const ended = await folder({ 'odd.bp': text }).bpc('check', '--json', 'odd.bp')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(lines(ended)).toMatchObject([{ code: 'unused-name', id: 'BP2027', severity: 'warning', line: 3, column: 7 }])
  })

  it('has a colour of its own', async () => {
    const yellow = '\u001b[33mwarning'
    expect((await folder({ 'odd.bp': text }).start(['check', 'odd.bp'], { FORCE_COLOR: '1' }).ended).stderr).toContain(yellow)
  })
})
