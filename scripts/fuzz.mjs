/**
 * `npm run fuzz -- --seconds 3600 --seed 1`: texts of all kinds, one after the other, in a process that is watched. A text that
 * throws, is a bug, hangs or takes all memory is written into .try/fuzz and told; the run goes on behind it. Exit status 1 where
 * there was one.
 */
import { fork } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'tsup'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ROOM = join(ROOT, '.try/fuzz')
/** Longer than any text may take even on a machine that is busy; the worker measures its own processor time. */
const HANG_MS = 30_000
const MEMORY_MB = 1024

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, kinds: { type: 'string', default: '' } },
})
const seconds = Number(flags.seconds), first = Number(flags.seed)
if (!(seconds > 0) || !Number.isSafeInteger(first)) {
  console.error('npm run fuzz -- [--seconds S] [--seed N] [--kinds bytes,tokens,mutated,wellTyped]')
  process.exit(2)
}

mkdirSync(ROOM, { recursive: true })
const bundle = join(ROOM, `worker-${process.pid}`)
await build({
  entry: { worker: join(ROOT, 'tests/fuzz/worker.ts') }, outDir: bundle, format: 'esm', platform: 'node', target: 'node20', config: false, silent: true,
  loader: { '.bp': 'text' }, noExternal: [/.*/], external: ['quantum-circuit', 'gpu.js'], outExtension: () => ({ js: '.mjs' }),
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
})

const current = join(bundle, 'current.bp')
writeFileSync(current, '')
const counts = {}
let findings = 0, next = first
const deadline = Date.now() + seconds * 1000
while (Date.now() < deadline) await watched()
rmSync(bundle, { recursive: true, force: true })
const told = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`).join(', ')
console.log(`seeds ${first} to ${next - 1}: ${told}; ${findings} finding${findings === 1 ? '' : 's'}`)
process.exitCode = findings > 0 ? 1 : 0

/** One worker, until the time is over or a text has been its end. */
function watched() {
  return new Promise(resolve => {
    const worker = fork(join(bundle, 'worker.mjs'), [ROOT, current, String(next), flags.kinds], { execArgv: [`--max-old-space-size=${MEMORY_MB}`] })
    let watch, ending = false, hung = false
    const wind = () => {
      clearTimeout(watch)
      watch = setTimeout(() => {
        hung = true
        worker.kill('SIGKILL')
      }, HANG_MS)
    }
    wind()
    worker.on('message', ({ kind, seed, finding, text }) => {
      wind()
      counts[kind] = (counts[kind] ?? 0) + 1
      next = seed + 1
      if (finding) tell(`${kind}, seed ${seed}`, finding, text)
      if (Date.now() < deadline || ending) return
      ending = true
      worker.kill()
    })
    worker.on('exit', (code, signal) => {
      clearTimeout(watch)
      if (!ending) tell(`seed ${next}`, hung ? `hangs for ${HANG_MS / 1000} s` : `ends the process: ${signal ?? code}`, readFileSync(current, 'utf8'))
      if (!ending) next++
      resolve()
    })
  })
}

function tell(title, finding, text) {
  const path = join(ROOM, `${title.replace(/\W+/g, '-')}.bp`)
  writeFileSync(path, text)
  findings++
  console.log(`${title}: ${String(finding).split('\n').slice(0, 6).join('\n  ')}\n  ${path}`)
}
