/** What a page loads with the runtime. */
import { build } from 'esbuild'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BUILD, ROOT } from '../harness/places'
import type { Row } from '../harness/row'

/** By the sources that they begin with: what is loaded with the runtime, what its first model loads, and what its first circuit does. */
const KERNELS = ['runtime/index.ts', 'runtime/backends/wasm/index.ts']
const CIRCUITS = [...KERNELS, 'runtime/backends/wasm/circuits.ts']

/**
 * Training, readers of files, the reference backend, threads, convolutions and engines in TypeScript come when they are needed, and do not count.
 * @returns kB of 1000 bytes, each file gzipped at the best level
 */
async function kilobytes(entries: readonly string[]): Promise<readonly number[]> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, 'runtime/index.ts')], bundle: true, minify: true, splitting: true, format: 'esm', platform: 'browser', target: 'es2022', absWorkingDir: ROOT,
    outdir: join(BUILD, 'browser'), write: false, metafile: true, external: ['node:*', 'quantum-circuit'], tsconfig: join(ROOT, 'tsconfig.json'), logLevel: 'error',
  })
  const outputs = Object.entries(metafile.outputs)
  const loaded = new Set(entries.map(entry => {
    const found = outputs.find(([, { entryPoint }]) => entryPoint === entry)
    if (!found) throw new Error(`no file of the bundle begins with ${entry}`)
    return found[0]
  }))
  // A set's iterator also meets what is added on the way.
  for (const name of loaded) for (const { path, kind } of metafile.outputs[name]?.imports ?? []) if (kind === 'import-statement') loaded.add(path)
  const names = new Set([...loaded].map(path => basename(path)))
  return [outputFiles.filter(({ path }) => names.has(basename(path))).reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000]
}

export const BUNDLE: Row = {
  name: 'bundle', title: 'The runtime in a browser bundle, minified and gzipped', how: 'esbuild, from runtime/index.ts: what a page has loaded when its first model runs',
  limits: [
    { name: 'with kernels', limit: 60, unit: 'kB', measure: () => kilobytes(KERNELS) },
    { name: 'and circuits', limit: 60, unit: 'kB', measure: () => kilobytes(CIRCUITS) },
  ],
}
