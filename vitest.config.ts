import { defineConfig } from 'vitest/config'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const room = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests of what is built, not of the sources: these wait for a build. */
const BUILT = ['tests/cli/**/*.test.ts', 'tests/architecture/bundle.test.ts', 'tests/examples/**/*.test.ts', 'tests/browser/**/*.test.ts', 'tests/package/**/*.test.ts']

export default defineConfig({
  plugins: [{
    name: 'bp-as-text',
    enforce: 'pre',
    load(id) {
      return id.endsWith('.bp') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : null
    },
  }],
  resolve: {
    alias: [
      { find: /^bp-lang$/, replacement: room('./runtime/index.ts') },
      { find: /^bp-lang\/compiler$/, replacement: room('./compiler/index.ts') },
      { find: /^bp-lang\/quantum$/, replacement: room('./quantum/index.ts') },
    ],
  },
  test: {
    // Vitest leaves a core to itself, which on two cores leaves one for the tests.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    // Hooks install the package, and remove it: seconds, and a minute where many others work.
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'source', include: ['tests/**/*.test.ts'], exclude: BUILT } },
      { extends: true, test: { name: 'built', include: BUILT, globalSetup: './tests/cli/build.ts' } },
    ],
  },
})
