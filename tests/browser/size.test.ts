import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundlePage, type Bundle, type BundledFile } from './bundle'

/** Of the runtime with its kernels and all of training, before any model. */
const BUDGET = 60_000
/** Of them without training. */
const PREDICTION_BUDGET = 45_000
/** What circuits may add. */
const CIRCUITS_BUDGET = 32_000

let page: Bundle

beforeAll(async () => { page = await bundlePage('runtime') })
afterAll(() => page.remove())

const loaded = (...names: string[]): readonly BundledFile[] => [...new Set(names.flatMap(name => page.loadedWith(page.entry(name))))]
const bytesOf = (files: readonly BundledFile[]): number => files.reduce((sum, { gzipped }) => sum + gzipped, 0)
/** The modules that are in some files. */
const inputsOf = (files: readonly BundledFile[]): readonly string[] => files.flatMap(({ output }) => Object.keys(output.inputs))

describe('a page that trains', () => {
  it('loads less than 60 kB, gzipped, for the runtime, the kernels of classical models and training, and less than 45 before it trains', () => {
    const files = loaded('runtime', 'wasm', 'fit', 'shuffle')
    expect(inputsOf(files).filter(name => /dist\/(index|wasm-\w+|fit-\w+)\.js$/.test(name))).toHaveLength(3)
    expect(bytesOf(files)).toBeLessThan(BUDGET)
    const before = loaded('runtime', 'wasm')
    expect(before).not.toContain(page.entry('fit'))
    expect(bytesOf(before)).toBeLessThan(PREDICTION_BUDGET)
  })

  it('loads less than 32 kB more for circuits', () => {
    const classical = loaded('runtime', 'wasm')
    const more = loaded('circuits').filter(file => !classical.includes(file))
    expect(inputsOf(more).some(name => name.includes('/dist/'))).toBe(true)
    expect(bytesOf(more)).toBeLessThan(CIRCUITS_BUDGET)
  })

  it('loads no training, reader of data files, reference backend, optimizer that searches, worker, convolution, or engine in TypeScript before it needs one', () => {
    const files = loaded('runtime', 'wasm', 'circuits').map(({ output }) => output.entryPoint)
    for (const name of ['csv', 'json', 'npy', 'parquet', 'reference', 'oracles', 'engineFor', 'stepwiseEngines', 'routines', 'fit', 'workers', 'convolve']) {
      expect(files).not.toContain(page.entry(name).output.entryPoint)
    }
    expect(inputsOf(loaded('runtime', 'wasm', 'circuits')).filter(name => /csv-parse|hyparquet|quantum-circuit/.test(name))).toEqual([])
  })

  it('has no parser, no eval and no module of Node anywhere', () => {
    for (const { name, text, output } of page.files) {
      expect(Object.keys(output.inputs).filter(input => /chevrotain|dist\/compiler/.test(input)), name).toEqual([])
      expect(output.imports.filter(({ external }) => external), name).toEqual([])
      expect(text, name).not.toMatch(/\beval\(|new Function\b|from ?["']node:/)
    }
  })
})
