import ts from 'typescript'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../compiler/compile'
import type { Host } from '../../compiler/host'
import { printType } from '../../ir/type'
import { ROOT } from '../cli/bpc'
import { PAGES, samplesOf, type Sample } from './samples'

const SAMPLES = PAGES.flatMap(samplesOf)
const ofKind = (kind: string): readonly Sample[] => SAMPLES.filter(sample => sample.kind === kind)

/** The files that a page has by name. */
const named = (page: string): ReadonlyMap<string, string> => new Map(SAMPLES.flatMap(sample => (sample.page === page && sample.name ? [[sample.name, sample.text]] : [])))

async function compileSample({ page, name = 'sample.bp', text }: Sample) {
  const files = new Map([...named(page), [name, text]])
  const host: Host = {
    readText: path => Promise.resolve(files.get(path)),
    readBytes: path => Promise.resolve(files.has(path) ? new TextEncoder().encode(files.get(path)) : undefined),
    resolve: (_, relative) => relative.replace(/^\.\//, ''),
  }
  return await compile(name, host)
}

it('every sample says what it is', () => {
  expect(SAMPLES.filter(({ kind }) => !['bp', 'ts', 'sh', 'json', 'csv', 'text'].includes(kind)).map(({ place }) => place)).toEqual([])
  expect(ofKind('bp').length).toBeGreaterThan(5)
  expect(ofKind('ts').length).toBeGreaterThan(2)
})

describe('samples of bp', () => {
  it.each(ofKind('bp'))('$place compiles', async sample => {
    const { diagnostics, plans } = await compileSample(sample)
    // Warnings may come: a sample need not use everything that it shows.
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([])
    // `output last = …   // real[batch, 3]` is a promise.
    const said = [...sample.text.matchAll(/^\s*output (\w+).*\/\/ ((?:real|int|bool)(?:\[[^\]]*\])?)/gm)].map(([, name, type]) => [name, type])
    const types = new Map(plans.flatMap(plan => plan.outputs).map(({ name, type }) => [name, printType(type)]))
    expect(said).toEqual(said.map(([name = '']) => [name, types.get(name)]))
  })
})

describe('samples of TypeScript', () => {
  const OPTIONS: ts.CompilerOptions = {
    strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleDetection: ts.ModuleDetectionKind.Force,
    moduleResolution: ts.ModuleResolutionKind.Bundler, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')],
    paths: { 'bp-lang': [join(ROOT, 'runtime/index.ts')], 'bp-lang/compiler': [join(ROOT, 'compiler/index.ts')], 'bp-lang/quantum': [join(ROOT, 'quantum/index.ts')] },
  }
  const samples = ofKind('ts')
  const pathOf = (sample: Sample): string => join(ROOT, `.samples/${sample.page}/${samples.indexOf(sample)}.ts`)
  let program: ts.Program

  beforeAll(async () => {
    const files = new Map(samples.map(sample => [pathOf(sample), sample.text]))
    for (const sample of ofKind('bp')) {
      if (!sample.name) continue
      const declarations = (await compileSample(sample)).files.find(({ name }) => name.endsWith('.d.ts'))
      if (declarations) files.set(join(ROOT, '.samples', sample.page, declarations.name), declarations.text)
    }
    const host = ts.createCompilerHost(OPTIONS)
    const { getSourceFile, fileExists, readFile, directoryExists } = host
    host.fileExists = name => files.has(name) || fileExists(name)
    host.readFile = name => files.get(name) ?? readFile(name)
    host.directoryExists = name => name.startsWith(join(ROOT, '.samples')) || (directoryExists?.(name) ?? true)
    host.getSourceFile = (name, options, ...rest) => {
      const text = files.get(name)
      return text === undefined ? getSourceFile(name, options, ...rest) : ts.createSourceFile(name, text, options)
    }
    program = ts.createProgram([...samples.map(pathOf), join(ROOT, 'compiler/bpText.d.ts')], OPTIONS, host)
  })

  it.each(samples)('$place has the types of the package', sample => {
    const file = program.getSourceFile(pathOf(sample))
    if (!file) throw new Error('not read')
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([])
  })
})
