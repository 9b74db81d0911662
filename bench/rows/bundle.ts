/** What a page loads with the runtime. */
import { build } from 'esbuild'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BUILD, ROOT } from '../harness/places'
import type { Row } from '../harness/row'

/** Kernels and engines are within; what is loaded when it is first needed, readers of files above all, is in chunks of its own. */
async function kilobytes(): Promise<readonly number[]> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, 'runtime/index.ts')], bundle: true, minify: true, splitting: true, format: 'esm', platform: 'browser', target: 'es2022',
    outdir: join(BUILD, 'browser'), write: false, metafile: true, external: ['node:*', 'quantum-circuit'], tsconfig: join(ROOT, 'tsconfig.json'), logLevel: 'error',
  })
  const chunks = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output.imports]))
  const eager = new Set(['index.js'])
  // A set's iterator also meets what is added on the way.
  for (const name of eager) for (const { path, kind } of chunks.get(name) ?? []) if (kind === 'import-statement') eager.add(basename(path))
  // 1000 bytes a kB, gzipped at the best level.
  return [outputFiles.filter(({ path }) => eager.has(basename(path))).reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000]
}

export const BUNDLE: Row = {
  name: 'bundle', title: 'The runtime in a browser bundle, minified and gzipped', how: 'esbuild, from runtime/index.ts: what is loaded with it, not what it loads later',
  limits: [{ name: 'gzipped', limit: 60, unit: 'kB', measure: kilobytes }],
}
