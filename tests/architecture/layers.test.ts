import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { brokenRules, type SourceText } from './layers'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['wasm', 'quantum', 'ir', 'compiler', 'runtime', 'stdlib', 'examples']

function sources(): readonly SourceText[] {
  return FOLDERS.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && /\.(ts|bp)$/.test(entry.name) && !entry.name.endsWith('.bp.d.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({ path: relative(ROOT, path).split(sep).join('/'), text: path.endsWith('.ts') ? readFileSync(path, 'utf8') : '' }))
}

describe('the source', () => {
  it('keeps every rule of the table, and has no cycle', () => {
    expect(brokenRules(sources())).toEqual([])
  })
})

/** Files that exist for the imports below to find. */
const FURNITURE: readonly SourceText[] = [
  'quantum/circuit.ts', 'ir/plan.ts', 'compiler/compile.ts', 'compiler/source/source.ts', 'compiler/1-parse/parse.ts',
  'compiler/3-elaborate/elaborate.ts', 'compiler/cli/main.ts', 'runtime/model.ts', 'stdlib/nn.bp',
].map(path => ({ path, text: '' }))

function broken(path: string, text: string): readonly string[] {
  return brokenRules([...FURNITURE.filter(file => file.path !== path), { path, text }])
}

describe('the layer test itself', () => {
  it.each([
    ['the compiler from the runtime', 'runtime/load.ts', `import { compile } from '../compiler/compile'`, 'runtime/load.ts:1 in runtime imports compiler/compile.ts'],
    ['the runtime from the compiler', 'compiler/compile.ts', `import { f } from '../runtime/model'`, 'runtime is not open'],
    ['the runtime by its path from the command', 'compiler/cli/train.ts', `import { f } from '../../runtime/model'`, 'runtime is not open'],
    ['a type of the compiler from the runtime', 'runtime/load.ts', `\nimport type { A } from '../compiler/compile'`, 'runtime/load.ts:2'],
    ['a type of the compiler inside an expression', 'runtime/load.ts', `let a: import('../compiler/compile').A`, 'compiler is not open'],
    ['the compiler, lazily, from the runtime', 'runtime/load.ts', `await import('../compiler/compile')`, 'compiler is not open'],
    ['the compiler, handed on by the runtime', 'runtime/load.ts', `export * from '../compiler/compile'`, 'compiler is not open'],
    ['the runtime from ir', 'ir/op.ts', `import { f } from '../runtime/model'`, 'runtime is not open'],
    ['ir from quantum', 'quantum/gates.ts', `import { p } from '../ir/plan'`, 'ir is not open'],
    ['a later phase from an earlier one', 'compiler/1-parse/ast.ts', `import { e } from '../3-elaborate/elaborate'`, 'compiler/3-elaborate is not open'],
    ['the driver from a phase', 'compiler/1-parse/ast.ts', `import { c } from '../compile'`, 'compiler is not open'],
    ['the command from the compiler', 'compiler/compile.ts', `import { c } from './cli/main'`, 'compiler/cli is not open'],
    ['a phase from the sources', 'compiler/source/source.ts', `import { p } from '../1-parse/parse'`, 'compiler/1-parse is not open'],
    ['the standard library from the runtime', 'runtime/load.ts', `import nn from '../stdlib/nn.bp'`, 'stdlib is not open'],
    ['the source by its path from an example', 'examples/moons/run.ts', `import { m } from '../../runtime/model'`, 'runtime is not open'],
    ['chevrotain outside 1-parse', 'compiler/3-elaborate/elaborate.ts', `import { Lexer } from 'chevrotain'`, 'only compiler/1-parse may'],
    ['a type of chevrotain outside 1-parse', 'compiler/compile.ts', `import type { IToken } from 'chevrotain'`, 'only compiler/1-parse may'],
    ['gpu.js with the file', 'runtime/backends/gpu/adapter.ts', `import { GPU } from 'gpu.js'`, `it must be import('gpu.js')`],
    ['gpu.js from the compiler', 'compiler/compile.ts', `await import('gpu.js')`, 'only runtime may'],
    ['quantum-circuit with the file', 'quantum/interop.ts', `import Q from 'quantum-circuit'`, `it must be import('quantum-circuit')`],
    ['quantum-circuit from the runtime', 'runtime/load.ts', `await import('quantum-circuit')`, 'only quantum may'],
    ['the disk from the compiler', 'compiler/compile.ts', `import { readFileSync } from 'node:fs'`, 'compiler/compile.ts:1 imports node:'],
    ['the disk with the file in the runtime', 'runtime/load.ts', `import { readFileSync } from 'node:fs'`, 'it must be import'],
    ['a package that the table does not know', 'ir/op.ts', `import _ from 'lodash-es'`, 'not in the table of packages'],
    ['a module by a computed name', 'runtime/load.ts', `await import(name)`, 'computed name'],
    ['a file that is not there', 'ir/op.ts', `import { a } from './nowhere'`, 'not in the source'],
    ['from a folder without a row', 'bench/run.ts', ``, 'stands in no room'],
  ])('refuses an import of %s', (_, path, text, message) => {
    const found = broken(path, text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })

  it.each([
    ['an earlier phase', 'compiler/3-elaborate/infer.ts', `import { parse } from '../1-parse/parse'`],
    ['ir and quantum from the runtime', 'runtime/load.ts', `import '../ir/plan'\nimport type { C } from '../quantum/circuit'`],
    ['the public runtime from the command', 'compiler/cli/train.ts', `await import('bp-lang')`],
    ['the disk from the runtime, lazily', 'runtime/load.ts', `await import('node:fs/promises')`],
    ['a type of gpu.js in its adapter', 'runtime/backends/gpu/adapter.ts', `import type { GPU } from 'gpu.js'\nawait import('gpu.js')`],
    ['its compiled model from an example', 'examples/moons/run.ts', `import { Moons } from './model.bp.js'`],
    ['the standard library in the phase that reads modules', 'compiler/2-check/modules.ts', `import nn from '../../stdlib/nn.bp'`],
  ])('allows %s', (_, path, text) => {
    expect(broken(path, text)).toEqual([])
  })

  it('refuses a second adapter of a package', () => {
    const files = ['a', 'b'].map(name => ({ path: `runtime/${name}.ts`, text: `await import('gpu.js')` }))
    expect(brokenRules(files)).toEqual(['runtime/a.ts and runtime/b.ts: gpu.js has one adapter, not 2'])
  })

  it('refuses a cycle between files, also one of types', () => {
    const found = brokenRules([
      { path: 'ir/a.ts', text: `import { b } from './b'` },
      { path: 'ir/b.ts', text: `import type { C } from './c'` },
      { path: 'ir/c.ts', text: `export { a } from './a'` },
    ])
    expect(found).toEqual(['ir/a.ts → ir/b.ts → ir/c.ts → ir/a.ts is a cycle'])
  })

  it('lets ops and graphs be one recursive type, but not one recursive program', () => {
    const graph = { path: 'ir/graph.ts', text: `import type { Operation } from './op'` }
    expect(brokenRules([graph, { path: 'ir/op.ts', text: `import type { Graph } from './graph'` }])).toEqual([])
    expect(brokenRules([graph, { path: 'ir/op.ts', text: `import { Graph } from './graph'` }])).toHaveLength(1)
  })
})
