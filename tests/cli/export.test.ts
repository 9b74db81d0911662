import { describe, expect, it } from 'vitest'
import { folder } from './bpc'
import { BELL, SEVERAL } from './circuits'

const FORMATS = ['openqasm3', 'openqasm2', 'qiskit', 'cirq', 'pyquil', 'quil', 'braket', 'cudaq', 'myqlm', 'quirk', 'bp']

describe('bpc export', () => {
  it.each(FORMATS)('writes %s, and nothing else', async format => {
    const ended = await folder({ 'bell.bp': BELL }).bpc('export', 'bell.bp', 'bell', '--to', format)
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout.length).toBeGreaterThan(30)
  })

  it('arguments are inputs in OpenQASM 3', async () => {
    const { stdout } = await folder({ 'several.bp': SEVERAL }).bpc('export', 'several.bp', 'turn', '--to', 'openqasm3')
    expect(stdout).toBe([
      'OPENQASM 3.0;', 'include "stdgates.inc";', 'input float[64] θ;', 'input float[64] w_1;', 'qubit[3] q;', 'rx(θ) q[2];', 'ry(2*w_1 + θ) q[0];', '',
    ].join('\n'))
  })

  it('values make numbers of them, and a part of them what is left', async () => {
    const at = folder({ 'several.bp': SEVERAL, 'values.json': '{"θ": 0.25, "w": [9, 0.5]}' })
    expect((await at.bpc('export', 'several.bp', 'turn', '--to', 'openqasm2', '--values', 'values.json')).stdout).toContain('ry(1.25) q[0];')
    expect((await at.bpc('export', 'several.bp', 'turn', '--to', 'openqasm3', '--set', 'θ=0.25')).stdout).toContain('ry(2*w_1 + 0.25) q[0];')
  })

  it('a file in OpenQASM 3 comes back as the same file', async () => {
    const at = folder({ 'several.bp': SEVERAL })
    expect(await at.bpc('export', 'several.bp', 'turn', '--to', 'openqasm3', '--out', 'turn.qasm')).toMatchObject({ status: 0, stdout: '' })
    expect((await at.bpc('export', 'turn.qasm', '--to', 'openqasm3')).stdout).toBe(at.read('turn.qasm'))
  })

  it('an OpenQASM file becomes a .bp circuit that the compiler takes', async () => {
    const at = folder({ 'ghz.qasm': 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[3];\nh q[2];\ncx q[2],q[1];\ncx q[1],q[0];\nu3(0.1,0.2,0.3) q[0];\nmeasure q -> c;\n' })
    expect(await at.bpc('export', 'ghz.qasm', '--to', 'bp', '--out', 'ghz.bp')).toMatchObject({ status: 0, stderr: '' })
    expect(at.read('ghz.bp')).toMatch(/^circuit ghz\(\) -> real\[8\] \{\n {2}qubits q\[3\]\n {2}h q\[0\]\n {2}cx q\[0\], q\[1\]\n/)
    expect(await at.bpc('check', 'ghz.bp')).toMatchObject({ status: 0, stderr: '' })
  })

  it.each([
    [['several.bp', 'turn', '--to', 'qiskit'], 'Qiskit (Python) needs values of θ, w', '--set θ=…'],
    [['several.bp', 'turn', '--to', 'qiskit', '--set', 'θ=1'], 'needs values of w', '--set w=…'],
    [['several.bp', 'turn'], 'needs a format', 'openqasm3, openqasm2, qiskit'],
    [['several.bp', 'turn', '--to', 'qiskitt'], "no format 'qiskitt'", "did you mean 'qiskit'?"],
    [['several.bp', 'M', '--to', 'onnx'], 'models cannot be exported to ONNX yet', 'formats of circuits'],
    [['several.bp', 'M', '--to', 'qiskit'], 'M is a model', 'there are: bell, turn, chain'],
  ])('answers %j with one clear message', async (words, message, help) => {
    const ended = await folder({ 'several.bp': SEVERAL }).bpc('export', ...words)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain(message)
    expect(ended.stderr).toContain(help)
  })
})
