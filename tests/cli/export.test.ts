import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from './bpc'
import { openModel } from '../onnx/runtime'
import { BELL, SEVERAL } from './circuits'
import { LINE } from './programs'

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
    [['several.bp', 'M', '--to', 'onnx'], 'output y needs circuit chain, and ONNX has no operators for circuits', '--to openqasm3'],
    [['several.bp', 'turn', '--to', 'onnx'], 'turn is a circuit, and ONNX has no operators for circuits', '--to openqasm3'],
    [['several.bp', 'turn', '--to', 'qiskit', '--weights', 'w.safetensors'], '--weights is for models', ''],
    [['several.bp', 'M', '--to', 'qiskit'], 'M is a model, and models are exported with --to onnx', 'circuits of the file: bell, turn, chain'],
  ])('answers %j with one clear message', async (words, message, help) => {
    const ended = await folder({ 'several.bp': SEVERAL }).bpc('export', ...words)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain(message)
    expect(ended.stderr).toContain(help)
  })
})

describe('bpc export --to onnx', () => {
  const x = { element: 'real', shape: [2], data: [1, 10] } as const

  it('writes the model of the file beside it, with the first values of the seed of its train block', async () => {
    const at = folder({ 'line.bp': LINE })
    const ended = await at.bpc('export', 'line.bp', '--to', 'onnx')
    expect(ended).toMatchObject({ status: 0, stderr: '', stdout: 'Line.onnx: ONNX, opset 17: (x: float[batch]) -> (prediction: float[batch]); 2 nodes, parameters from seed 3\n' })
    expect(at.names).toEqual(['Line.onnx', 'line.bp'])
    const session = await openModel(readFileSync(join(at.path, 'Line.onnx')), 'f32')
    expect(await session.run({ x })).toEqual({ prediction: { shape: [2], data: [0, 0] } })
  })

  it('takes parameters from values and from trained weights, and real in 64 bits', async () => {
    const at = folder({ 'line.bp': LINE, 'line.csv': 'x,y\n1,3\n2,5\n3,7\n' })
    expect(await at.bpc('export', 'line.bp', 'Line', '--to', 'onnx', '--set', 'slope=2', '--set', 'offset=0.1', '--precision', 'f64', '--out', 'out/line.onnx')).toMatchObject({ status: 0, stderr: '' })
    const given = await openModel(readFileSync(join(at.path, 'out/line.onnx')), 'f64')
    expect(await given.run({ x })).toEqual({ prediction: { shape: [2], data: [2.1, 20.1] } })

    expect(await at.bpc('train', 'line.bp', '--data', 'line.csv', '--steps', '3', '--out', 'w.safetensors')).toMatchObject({ status: 0 })
    expect(await at.bpc('export', 'line.bp', '--to', 'onnx', '--weights', 'w.safetensors')).toMatchObject({ status: 0, stderr: '' })
    const trained = await openModel(readFileSync(join(at.path, 'Line.onnx')), 'f32')
    const { prediction } = await trained.run({ x })
    const evaluated = await at.bpc('eval', 'line.bp', '--weights', 'w.safetensors', '--set', 'x=[1,10]')
    const { outputs } = JSON.parse(evaluated.stdout) as { readonly outputs: { readonly prediction: readonly number[] } }
    expect(outputs.prediction[1]).not.toBe(0)
    // One product and one sum in f32, which holds 2⁻²⁴ ≈ 6e−8 of a number, and the printed digits as many.
    outputs.prediction.forEach((number, i) => expect(Math.abs((prediction?.data[i] ?? NaN) / number - 1)).toBeLessThan(2e-7))
  })

  it('ends with 2 for weights that are not there or an input with a value, and writes nothing', async () => {
    const at = folder({ 'line.bp': LINE })
    expect(await at.bpc('export', 'line.bp', '--to', 'onnx', '--weights', 'w.safetensors')).toMatchObject({ status: 3 })
    const ended = await at.bpc('export', 'line.bp', '--to', 'onnx', '--set', 'x=[1]')
    expect(ended).toMatchObject({ status: 2 })
    expect(ended.stderr).toContain("'x' is an input")
    expect(at.names).toEqual(['line.bp'])
  })
})
