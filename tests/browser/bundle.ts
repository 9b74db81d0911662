/** A page bundled from the built package, as a user bundles one: esbuild, no plugin and no define. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { BPC, ROOT } from '../cli/bpc'

export interface Bundle {
  /** With the bundled files, and the data files of the examples. */
  readonly folder: string
  readonly files: readonly BundledFile[]
  /** What is loaded with a file, itself included. */
  loadedWith(file: BundledFile): readonly BundledFile[]
  /** The one that starts with a module of the page or, by the first part of its name, of the package. */
  entry(name: string): BundledFile
  remove(): void
}

export interface BundledFile {
  readonly name: string
  readonly gzipped: number
  readonly text: string
  readonly output: Metafile['outputs'][string]
}

const PAGE = 'tests/browser/page'
const EXAMPLES = ['moons', 'iris']

/** @param scripts of the folder `page`, which share what they both import */
export async function bundlePage(...scripts: readonly string[]): Promise<Bundle> {
  const source = mkdtempSync(join(tmpdir(), 'bp-page-'))
  const folder = join(source, 'out')
  cpSync(join(ROOT, PAGE), join(source, PAGE), { recursive: true })
  for (const name of EXAMPLES) {
    const model = join('examples', name, 'model.bp')
    cpSync(join(ROOT, model), join(source, model))
    execFileSync(process.execPath, [BPC, join(source, model)])
    cpSync(join(ROOT, 'examples', name, `${name}.csv`), join(folder, `${name}.csv`))
  }
  mkdirSync(join(source, 'node_modules'))
  symlinkSync(ROOT, join(source, 'node_modules/bp-lang'))
  writeFileSync(join(source, 'package.json'), '{ "type": "module" }')
  const { outputFiles, metafile } = await build({
    absWorkingDir: source, entryPoints: scripts.map(name => `${PAGE}/${name}.ts`), outdir: 'out', bundle: true, format: 'esm', platform: 'browser', target: 'es2022',
    splitting: true, minify: true, metafile: true, write: false, logLevel: 'error',
  })
  const files = outputFiles.map(({ path, contents, text }): BundledFile => {
    const name = basename(path)
    writeFileSync(join(folder, name), contents)
    const output = metafile.outputs[`out/${name}`]
    if (!output) throw new Error(`the bundle says nothing about ${name}`)
    return { name, gzipped: gzipSync(contents).length, text, output }
  })
  return {
    folder, files, loadedWith: file => closure(files, file), entry: name => entryOf(files, name),
    remove: () => rmSync(source, { recursive: true, force: true }),
  }
}

function closure(files: readonly BundledFile[], start: BundledFile): readonly BundledFile[] {
  const reached = new Set([start])
  // A set hands out what is added while it is gone through.
  for (const { output } of reached) {
    for (const { path, kind } of output.imports) {
      const file = kind === 'import-statement' ? files.find(({ name }) => name === basename(path)) : undefined
      if (file) reached.add(file)
    }
  }
  return [...reached]
}

function entryOf(files: readonly BundledFile[], wanted: string): BundledFile {
  const found = files.filter(({ output: { entryPoint } }) => entryPoint !== undefined && new RegExp(`^${wanted}(-[A-Z0-9]+)?\\.[jt]s$`).test(basename(entryPoint)))
  const [file] = found
  if (!file || found.length > 1) throw new Error(`${found.length} files of the bundle start with '${wanted}'`)
  return file
}
