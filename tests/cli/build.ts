/** Before the tests of what is built: builds it, where a source is newer than the bundle. Once a run, not once a test. */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './bpc'

const SOURCES = ['wasm', 'quantum', 'ir', 'compiler', 'runtime', 'stdlib']

export default function build(): void {
  if (builtAt() > newestSource()) return
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The oldest of the files that a build leaves; 0 where one is missing. */
function builtAt(): number {
  const files = ['bpc.js', 'index.js', 'compiler.js', 'quantum.js', 'index.d.ts'].map(name => join(ROOT, 'dist', name))
  return Math.min(...files.map(file => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}

function newestSource(): number {
  const files = SOURCES.flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Math.max(...[...files, join(ROOT, 'tsup.config.ts'), join(ROOT, 'package.json')].map(file => statSync(file).mtimeMs))
}
