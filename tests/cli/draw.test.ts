import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { folder } from './bpc'
import { BELL, SEVERAL } from './circuits'
import { mustBeWellFormed } from './markup'
import { LINE } from './programs'

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

  it('draws the only model of a file, or the one that is named, as text and as SVG', async () => {
    const at = folder({ 'several.bp': SEVERAL })
    for (const words of [['several.bp'], ['several.bp', 'M']]) {
      const ended = await at.bpc('draw', ...words)
      expect(ended).toMatchObject({ status: 0, stderr: '' })
      expect(ended.stdout).toMatch(/^M: 0 parameters\n\n● +input +x +real\[batch, 3\]\n● +circuit +chain\(x\) +3 qubits, 3 angles +← x\n● +output +y +real\[batch\] +· +← chain\(x\)\n$/)
    }
    expect(await at.bpc('draw', 'several.bp', '--out', 'model.svg')).toMatchObject({ status: 0, stdout: '', stderr: '' })
    mustBeWellFormed(at.read('model.svg'))
    expect(at.read('model.svg')).toContain('<title>model M</title>')
    expect(await at.bpc('draw', 'several.bp', 'M', '--out', 'model.txt')).toMatchObject({ status: 0 })
    expect(at.read('model.txt')).toBe((await at.bpc('draw', 'several.bp')).stdout)
  })

  it('draws OpenQASM files, their first qubit above', async () => {
    const at = folder({ 'ghz.qasm': 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nh q[0];\ncx q[0], q[1];\ncx q[1], q[2];\n' })
    const ended = await at.bpc('draw', 'ghz.qasm')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout.split('\n')[1]).toBe('q[0]: ─┤ H ├─●───')
  })

  it.each([
    [['circuits.bp'], 2, 'several circuits', 'there are: bell, turn'],
    [['models.bp'], 2, 'several models', 'there are: M, N'],
    [['several.bp', '--set', 'x=1'], 2, '--set is for circuits, and M is a model', 'name a circuit'],
    [['several.bp', 'M', '--width', '80'], 2, '--width is for circuits', ''],
    [['line.bp', 'Lime'], 2, "neither a model nor a circuit 'Lime'", "did you mean 'Line'?"],
    [['several.bp', 'bel'], 2, "circuit 'bel'", "did you mean 'bell'?"],
    [['several.bp', 'alone'], 2, 'leaves sizes open', 'call it in a model'],
    [['several.bp', 'turn', '--set', 'phi=1'], 2, "no argument 'phi'", 'there are: θ, w'],
    [['bell.bp', '--out', 'bell.png'], 2, 'a .svg file or a .txt file', ''],
    [['bell.bp', '--out', 'bell.svg', '--text'], 2, '--text', 'leave --text out'],
    [['bad.qasm'], 1, 'bad.qasm:2:1: there is no gate `foo`', ''],
    [['none.bp'], 2, 'none.bp has neither a model nor a circuit', ''],
    [['nowhere.qasm'], 2, 'there is no file nowhere.qasm', ''],
  ])('answers %j with one clear message', async (words, status, message, help) => {
    const at = folder({
      'several.bp': SEVERAL, 'circuits.bp': SEVERAL.slice(0, SEVERAL.indexOf('circuit chain')), 'models.bp': `${SEVERAL}${SEVERAL.slice(SEVERAL.indexOf('model M')).replace('model M', 'model N')}`,
      'line.bp': LINE, 'bell.bp': BELL, 'bad.qasm': 'qubit q;\nfoo q;\n', 'none.bp': 'const N = 1\n',
    })
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
