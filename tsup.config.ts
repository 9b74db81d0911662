import { defineConfig } from 'tsup'

// Chevrotain loads lodash-es file by file, which costs 0.2 s of every start; bundled it costs a few milliseconds. Of onnx-proto
// and protobufjs the command needs two modules, in a chunk of their own that only an export loads.
const BUNDLED = ['chevrotain', 'onnx-proto']

export default defineConfig([
  {
    entry: { index: 'runtime/index.ts', compiler: 'compiler/index.ts', quantum: 'quantum/index.ts' },
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    // tsup sets `baseUrl` itself, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    splitting: true,
    loader: { '.bp': 'text' },
    noExternal: BUNDLED,
  },
  {
    entry: { bpc: 'compiler/cli/main.ts' },
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    banner: { js: '#!/usr/bin/env node' },
    loader: { '.bp': 'text' },
    // Node resolves a package's own name, so the command runs the runtime that programs import, in a clone and installed.
    external: ['bp-lang'],
    noExternal: BUNDLED,
  },
])
