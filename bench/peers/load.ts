/** Loads a peer from npm, which may not be installed: the project does without. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { LeftOut } from '../harness/contender'
import { BENCH } from '../harness/places'

const require = createRequire(join(BENCH, 'package.json'))

/**
 * What the package exports by default, or all that it exports.
 * @throws LeftOut where it is not installed
 */
export async function loadPackage<Exports>(name: string): Promise<Exports> {
  try {
    require.resolve(name)
  } catch {
    throw new LeftOut(`${name} is not installed: bench/peers/setup installs it`)
  }
  const loaded = await import(name) as { readonly default?: Exports }
  return loaded.default ?? loaded as Exports
}

/** From the package's own description; its directory is the first one of that name upwards from its entry. */
export function versionOf(name: string): string {
  const entry = require.resolve(name)
  const directory = entry.slice(0, entry.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length)
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }).version
}
