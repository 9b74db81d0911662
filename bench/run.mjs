// Starts the bench: `npm run bench`. The harness, the compiler and the runtime are bundled from their sources as they are now, in the way
// the package is built, so that what is measured is never an older build, and no build that others use is touched.
import { build } from 'esbuild'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const bench = dirname(fileURLToPath(import.meta.url))
const outfile = join(bench, '.build', 'main.mjs')
process.env.BP_BENCH = bench
await build({
  entryPoints: [join(bench, 'main.ts')], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external',
  loader: { '.bp': 'text' }, tsconfig: join(bench, '..', 'tsconfig.json'), logLevel: 'warning',
})
await import(pathToFileURL(outfile).href)
