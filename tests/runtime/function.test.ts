import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/compile'
import type { Host } from '../../compiler/host'
import { defineFunction } from '../../runtime/function'
import type { Tensor } from '../../runtime/tensor'

const hostOf = (text: string): Host => ({ readText: async () => text, readBytes: async () => undefined, resolve: (_, relative) => relative })

async function functionsOf(text: string) {
  const { diagnostics, functions, files } = await compile('f.bp', hostOf(text))
  expect(diagnostics.map(diagnostic => diagnostic.message)).toEqual([])
  const defined = new Map(functions.map(plan => [plan.model, defineFunction<readonly unknown[], Tensor | readonly Tensor[]>(plan)]))
  return { call: (name: string, ...args: unknown[]) => defined.get(name)?.(...args), names: [...defined.keys()], declarations: files[1]?.text ?? '' }
}

describe('functions and circuits of a file are plain functions', () => {
  it('a function of open sizes gives its results in order', async () => {
    const { call } = await functionsOf('precision f64\nfn both(x: real[n, 3], y: real[n]) -> (real[n], real) { return sum(x, axis = 1) * y, sum(y) }')
    const results = await call('both', [[1, 2, 3], [4, 5, 6]], [1, 2])
    expect(Array.isArray(results) && results.map(tensor => tensor.toArray())).toEqual([[6, 30], 3])
  })

  it('a circuit gives its expectation values: ⟨Z⟩ of RX(θ) is cos θ', async () => {
    const { call } = await functionsOf('circuit c(t: real) -> real { qubits q; rx(t) q; return expect(Z(q)) }')
    const result = await call('c', 0.3)
    expect(result && !Array.isArray(result) && 'data' in result ? result.data[0] : NaN).toBeCloseTo(Math.cos(0.3), 14)
  })

  it('a wrong number of arguments is refused by name', async () => {
    const { call } = await functionsOf('fn twice(x: real) -> real = 2 * x')
    await expect(call('twice', 1, 2)).rejects.toThrow('twice(x) takes 1 arguments, found 2')
  })

  it('ranks and static arguments that only a call decides leave a function out', async () => {
    const { names } = await functionsOf('fn f(x: real[...]) -> real[...] = x\nfn g(n: int) -> real[n] = zeros([n])\nfn h(x: real[n]) -> real = sum(x)')
    expect(names).toEqual(['h'])
  })

  it('the declaration has names, shapes and the documentation', async () => {
    const { declarations } = await functionsOf('/// Doubles.\nfn twice(x: real[n, 3]) -> real[n, 3] = 2 * x')
    expect(declarations).toContain('export declare const twice: PlainFunction<[x: TensorLike<[n: number, 3]>], Tensor<[n: number, 3]>>')
    expect(declarations).toContain(' * Doubles.')
  })
})
