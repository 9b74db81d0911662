/** The extension: what its manifest names is there, and what it needs is declared. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const FOLDER = new URL('../../editors/vscode/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8')

interface Manifest {
  readonly main: string
  readonly version: string
  readonly files: readonly string[]
  readonly engines: { readonly vscode: string }
  readonly contributes: {
    readonly languages: readonly { readonly id: string; readonly extensions: readonly string[]; readonly configuration: string }[]
    readonly grammars: readonly { readonly language: string; readonly scopeName: string; readonly path: string }[]
    readonly commands: readonly { readonly command: string }[]
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> }
  }
  readonly devDependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
}

const MANIFEST = JSON.parse(read('package.json')) as Manifest

describe('the manifest of the extension', () => {
  it('packs the files that it names, its page and its licence, and nothing else', () => {
    const { contributes: { languages, grammars }, main, files } = MANIFEST
    const named = [main, ...languages.map(each => each.configuration), ...grammars.map(each => each.path)].map(path => path.slice('./'.length))
    expect([...files].sort()).toEqual([...named, 'README.md', 'LICENSE'].sort())
    // The program is bundled when it is packed; vsce takes either this list or that of an ignore file.
    for (const path of files.filter(each => `./${each}` !== main)) expect(existsSync(fileURLToPath(new URL(path, FOLDER))), path).toBe(true)
    expect(existsSync(fileURLToPath(new URL('.vscodeignore', FOLDER)))).toBe(false)
  })

  it('bundles its program where it says that it is, for the Node that the command needs, with tools of one version', () => {
    const { main, scripts, devDependencies } = MANIFEST
    const { engines } = JSON.parse(readFileSync(new URL('../../package.json', FOLDER), 'utf8')) as { engines: { node: string } }
    expect(scripts['build']).toContain(`--outfile=${main.slice('./'.length)}`)
    expect(scripts['build']).toContain(`--target=node${/\d+/.exec(engines.node)?.[0] ?? ''} `)
    expect(scripts['package']).toMatch(/^npm run build && vsce package /)
    for (const [name, version] of Object.entries(devDependencies)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('declares every package that the program imports, and every setting and command that it uses', () => {
    const program = read('src/extension.ts')
    const imported = [...program.matchAll(/from '([^'./][^']*)'/g)].map(([, name = '']) => name).filter(name => !name.startsWith('node:') && name !== 'vscode')
    for (const name of imported) expect(Object.keys(MANIFEST.devDependencies)).toContain(name.split('/')[0])
    for (const [, command] of program.matchAll(/registerCommand\('([^']+)'/g)) expect(MANIFEST.contributes.commands.map(each => each.command)).toContain(command)
    for (const [, setting] of program.matchAll(/get<\w+>\('(\w+)'/g)) expect(Object.keys(MANIFEST.contributes.configuration.properties)).toContain(`bp.${setting}`)
    // The types are those of the oldest editor that it runs in.
    expect(`^${MANIFEST.devDependencies['@types/vscode']}`).toBe(MANIFEST.engines.vscode)
  })

  it('has the version and the licence of the compiler', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', FOLDER), 'utf8')) as { version: string }
    expect(MANIFEST.version).toBe(version)
    expect(read('LICENSE')).toBe(readFileSync(new URL('../../LICENSE', FOLDER), 'utf8'))
  })

  it('takes for a word what the language takes for a name', () => {
    // The editor compiles a pattern without flags, unless they stand beside it: without `u`, `\\p{L}` is no letter, nothing is a word, and nothing is offered while typing.
    const { wordPattern: { pattern, flags } } = JSON.parse(read('language-configuration.json')) as { wordPattern: { pattern: string; flags: string } }
    const word = new RegExp(`^(?:${pattern})$`, flags)
    for (const name of ['x', 'θ₀', 'größe_2', '_spare']) expect(word.test(name), name).toBe(true)
    for (const other of ['2x', 'a b', 'a.b']) expect(word.test(other), other).toBe(false)
  })
})
