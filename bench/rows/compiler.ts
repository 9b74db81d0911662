/** The command and the compiler on a typical file, held to limits. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkOnly } from '../../compiler/compile'
import type { Host } from '../../compiler/host'
import { BUILD, ROOT } from '../harness/places'
import type { Row } from '../harness/row'

/** 35 lines with a circuit, two layers from the library, and a train block. */
const TYPICAL = join(ROOT, 'examples/moons/model.bp')

const milliseconds = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}

/** A process for each sample; the first one warms the disk's cache, and does not count. */
function cold(rounds: number): Promise<readonly number[]> {
  const folder = join(BUILD, 'package')
  execFileSync(process.execPath, [join(ROOT, 'node_modules/tsup/dist/cli-default.js'), '--silent', '--no-dts', '--out-dir', folder], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const once = () => { execFileSync(process.execPath, [join(folder, 'bpc.js'), 'build', TYPICAL, '--out-dir', join(BUILD, 'out')], { stdio: 'pipe' }) }
  once()
  return Promise.resolve(Array.from({ length: rounds }, () => milliseconds(once)))
}

/** 30 checks beforehand let the machine's compiler settle. */
async function warm(rounds: number): Promise<readonly number[]> {
  const text = readFileSync(TYPICAL, 'utf8')
  const host: Host = { readText: path => Promise.resolve(path === TYPICAL ? text : undefined), readBytes: () => Promise.resolve(undefined), resolve: (_, path) => path }
  const samples: number[] = []
  for (let i = 0; i < 30 + rounds; i++) {
    const start = performance.now()
    const { ok } = await checkOnly(TYPICAL, host)
    if (!ok) throw new Error(`${TYPICAL} has errors`)
    if (i >= 30) samples.push(performance.now() - start)
  }
  return samples
}

export const COMPILER: Row = {
  name: 'compiler', title: 'bpc on a typical file, examples/moons',
  how: 'cold: the built command in a new process, from its start to its end, with what it writes; warm: parsing, names, types and shapes, in this process',
  limits: [{ name: 'cold', limit: 300, unit: 'ms', measure: cold }, { name: 'warm check', limit: 20, unit: 'ms', measure: warm }],
}
