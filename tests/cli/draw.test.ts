import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { folder } from './bpc'
import { BELL, SEVERAL } from './circuits'

describe('bpc draw', () => {
  it('draws the picture that the README shows', async () => {
    const model = readFileSync(new URL('../../examples/moons/model.bp', import.meta.url), 'utf8')
    const at = folder({ 'model.bp': model })
    expect(await at.bpc('draw', 'model.bp', 'sandwich', '--out', 'circuit.svg')).toMatchObject({ status: 0, stderr: '' })
    expect(at.read('circuit.svg')).toBe(readFileSync(new URL('../../examples/moons/circuit.svg', import.meta.url), 'utf8'))
  })

  it('prints the only circuit of a file as text', async () => {
    const ended = await folder({ 'bell.bp': BELL }).bpc('draw', 'bell.bp')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toBe([
      '       ┌───┐', 'q[0]: ─┤ H ├─●─┤ p', '       └───┘ │', '             │', 'q[1]: ───────⊕─┤ p', '', 'reports p(q[0], q[1])', '',
    ].join('\n'))
  })

  it('names wires as the program does, and angles by its arguments', async () => {
    const { stdout } = await folder({ 'several.bp': SEVERAL }).bpc('draw', 'several.bp', 'turn')
    expect(stdout).toContain('   a: ')
    expect(stdout).toContain('┤ Rx(θ) ├')
    expect(stdout).toContain('┤ Ry(2·w[1] + θ) ├')
  })

  it('shows numbers where values are given', async () => {
    const { stdout } = await folder({ 'several.bp': SEVERAL }).bpc('draw', 'several.bp', 'turn', '--set', 'θ=0.25', '--set', 'w=[0, 0.5]')
    expect(stdout).toContain('┤ Rx(0.25) ├')
    expect(stdout).toContain('┤ Ry(1.25) ├')
  })

  it('draws a circuit of open size with the sizes of its call', async () => {
    const { stdout } = await folder({ 'several.bp': SEVERAL }).bpc('draw', 'several.bp', 'chain')
    expect(stdout).toContain('┤ Rx(x[2]) ├')
    expect(stdout).not.toContain('x[3]')
  })

  it('writes SVG, or text, where --out says', async () => {
    const at = folder({ 'bell.bp': BELL })
    expect(await at.bpc('draw', 'bell.bp', '--out', 'pictures/bell.svg')).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(at.read('pictures/bell.svg')).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(await at.bpc('draw', 'bell.bp', '--out', 'bell.txt')).toMatchObject({ status: 0, stdout: '' })
    expect(at.read('bell.txt')).toContain('┤ H ├')
  })

  it('draws OpenQASM files, their first qubit above', async () => {
    const at = folder({ 'ghz.qasm': 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nh q[0];\ncx q[0], q[1];\ncx q[1], q[2];\n' })
    const ended = await at.bpc('draw', 'ghz.qasm')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout.split('\n')[1]).toBe('q[0]: ─┤ H ├─●───')
  })

  it.each([
    [['several.bp'], 2, 'several circuits', 'there are: bell, turn, chain'],
    [['several.bp', 'bel'], 2, "no circuit 'bel'", "did you mean 'bell'?"],
    [['several.bp', 'alone'], 2, 'leaves sizes open', 'call it in a model'],
    [['several.bp', 'M'], 2, 'M is a model: graphs of models cannot be drawn yet', 'circuits can'],
    [['several.bp', 'turn', '--set', 'phi=1'], 2, "no argument 'phi'", 'there are: θ, w'],
    [['bell.bp', '--out', 'bell.png'], 2, 'a .svg file or a .txt file', ''],
    [['bell.bp', '--out', 'bell.svg', '--text'], 2, '--text', 'leave --text out'],
    [['bad.qasm'], 1, 'bad.qasm:2:1: there is no gate `foo`', ''],
    [['none.bp'], 2, 'none.bp has no circuit', ''],
    [['nowhere.qasm'], 2, 'there is no file nowhere.qasm', ''],
  ])('answers %j with one clear message', async (words, status, message, help) => {
    const at = folder({ 'several.bp': SEVERAL, 'bell.bp': BELL, 'bad.qasm': 'qubit q;\nfoo q;\n', 'none.bp': 'const N = 1\n' })
    const ended = await at.bpc('draw', ...words)
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).toContain(message)
    expect(ended.stderr).toContain(help)
    expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('reports an error of the program as check does', async () => {
    const ended = await folder({ 'bell.bp': BELL.replace('q[1]', 'q[2]') }).bpc('draw', 'bell.bp')
    expect(ended).toMatchObject({ status: 1, stdout: '' })
    expect(ended.stderr).toContain('bell.bp:4:')
  })
})
