/**
 * Wrong programs, one mistake each, in a folder named after its code: the message is alone, stands where the file's first line
 * says (`// expect LINE:COLUMN «what it must name» …`), and is rendered beside it.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/compile'
import { REGISTRY } from '../../compiler/diagnostics/registry'
import { renderDiagnostic } from '../../compiler/diagnostics/render'
import type { Diagnostic } from '../../compiler/diagnostics/sink'
import type { Host } from '../../compiler/host'
import { positionAt } from '../../compiler/source/source'
import { EXEMPT } from './exempt'

const ROOM = dirname(fileURLToPath(import.meta.url))

const host: Host = {
  readText: path => readFile(join(ROOM, path), 'utf8').catch(() => undefined),
  readBytes: () => Promise.resolve(undefined),
  resolve: (from, to) => join(dirname(from), to).replaceAll('\\', '/'),
}

const folders = readdirSync(ROOM).filter(name => statSync(join(ROOM, name)).isDirectory()).sort()
const programs = folders.flatMap(code => readdirSync(join(ROOM, code)).filter(name => name.endsWith('.bp')).sort().map(name => ({ code, path: `${code}/${name}` })))

async function diagnose(path: string): Promise<readonly Diagnostic[]> {
  return (await compile(path, host)).diagnostics
}

function expectation(path: string): { readonly place: string; readonly named: readonly string[] } | undefined {
  const [first = ''] = readFileSync(join(ROOM, path), 'utf8').split('\n')
  const place = /^\/\/ expect (\d+:\d+)/.exec(first)?.[1]
  return place === undefined ? undefined : { place, named: [...first.matchAll(/«([^»]*)»/g)].map(match => match[1] ?? '') }
}

const everyWord = ({ message, help, related }: Diagnostic) => [message, help ?? '', ...related.map(each => each.message)].join('\n')

describe('a program with one mistake', () => {
  it.each(programs)('$path is told once, in its place', async ({ code, path }) => {
    const [diagnostic, ...more] = await diagnose(path)
    expect(more.map(everyWord)).toEqual([])
    expect(diagnostic?.code).toBe(code)
    if (!diagnostic) return
    const expected = expectation(path)
    const { line, column } = positionAt(diagnostic.span.file, diagnostic.span.start)
    if (expected) expect(`${line}:${column}`).toBe(expected.place)
    for (const name of expected?.named ?? []) expect(everyWord(diagnostic)).toContain(name)
    await expect(`${renderDiagnostic(diagnostic)}\n`).toMatchFileSnapshot(join(ROOM, path.replace(/\.bp$/, '.txt')))
  })
})

describe('the registry', () => {
  it('has a wrong program for each code, or a reason why not', () => {
    const lacking = Object.keys(REGISTRY).filter(code => !folders.includes(code) && !EXEMPT.has(code))
    expect(lacking).toEqual([])
  })

  it('has every code that a folder is named after', () => {
    expect(folders.filter(code => !Object.hasOwn(REGISTRY, code))).toEqual([])
  })

  it('needs none of the exemptions that have a program', () => {
    expect([...EXEMPT.keys()].filter(code => folders.includes(code))).toEqual([])
  })

  it('gives each number once', () => {
    const ids = Object.values(REGISTRY).map(row => row.id)
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  })
})

describe('a constant given from outside', () => {
  const path = relative(ROOM, join(ROOM, 'unknown-name/typo.bp')).replaceAll('\\', '/')
  it('must be one of the file', async () => {
    const { diagnostics } = await compile(path, host, { constants: { DEPTH: 3 } })
    expect(diagnostics.map(({ code }) => code)).toContain('unknown-constant')
    expect(diagnostics.find(({ code }) => code === 'unknown-constant')?.message).toContain('DEPTH')
  })
})
