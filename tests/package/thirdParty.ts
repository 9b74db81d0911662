/** Which packages the built files carry a part of, and the page that says under which licences. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from '../cli/bpc'

/** The bundler heads each module with its path; where `node_modules` stands is the machine's business. */
const FROM_PACKAGE = /^\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm

export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** As its manifest says it, in the words of SPDX. */
  readonly license: string
  readonly text: string
}

/** By name. */
export function bundledPackages(): readonly BundledPackage[] {
  const dist = join(ROOT, 'dist')
  const texts = readdirSync(dist).filter(name => name.endsWith('.js')).map(name => readFileSync(join(dist, name), 'utf8'))
  const names = new Set(texts.flatMap(text => [...text.matchAll(FROM_PACKAGE)].flatMap(([, name]) => name ?? [])))
  return [...names].sort().map(readPackage)
}

function readPackage(name: string): BundledPackage {
  const folder = folderOf(name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string; license: string }
  const file = readdirSync(folder).find(each => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`${name} comes without its licence: look for one before it is bundled`)
  // What Apache-2.0 asks for where there is one, in its section 4(d).
  const notice = readdirSync(folder).filter(each => /^notice/i.test(each)).map(each => readFileSync(join(folder, each), 'utf8'))
  return { name, version, license, text: [readFileSync(join(folder, file), 'utf8'), ...notice].map(tidy).join('\n\n') }
}

/** Not by `resolve`: a package need not let its manifest be loaded. */
function folderOf(name: string): string {
  const places = createRequire(join(ROOT, 'package.json')).resolve.paths(name) ?? []
  const place = places.find(each => readdirIfThere(join(each, name)).includes('package.json'))
  if (place === undefined) throw new Error(`${name} is bundled and not installed`)
  return join(place, name)
}

function readdirIfThere(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Lines as they are, without what nobody sees. */
const tidy = (text: string): string => text.replaceAll('\r\n', '\n').replace(/[ \t]+$/gm, '').replace(/^\n+|\n+$/g, '')

/** Packages of one licence text stand together. */
export function noticesPage(packages: readonly BundledPackage[]): string {
  const groups = [...new Set(packages.map(({ text }) => text))].map(text => {
    const members = packages.filter(each => each.text === text)
    return [
      `## ${members.map(({ name }) => name).join(', ')}`,
      members.map(({ name, version, license }) => `- ${name} ${version}, ${license}`).join('\n'),
      `\`\`\`text\n${text}\n\`\`\``,
    ].join('\n\n')
  })
  return `${[
    '# Third-party notices',
    'The files in `dist` carry parts of these packages, each under its own licence. What `package.json` lists as dependencies is not in\n'
    + 'them: a package manager installs it, with its licence. `npm run notices` writes this page from what was built.',
    ...groups,
  ].join('\n\n')}\n`
}
