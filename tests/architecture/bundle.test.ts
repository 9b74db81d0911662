import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importsOf } from './imports'

const DIST = fileURLToPath(new URL('../../dist', import.meta.url))

/** The text of a bundle and of every chunk that is loaded with it or by it, and what they import from elsewhere. */
function reach(entry: string): { readonly text: string; readonly packages: ReadonlyMap<string, boolean> } {
  const texts = new Map<string, string>()
  const packages = new Map<string, boolean>()
  const visit = (path: string): void => {
    if (texts.has(path)) return
    const text = readFileSync(path, 'utf8')
    texts.set(path, text)
    for (const { specifier = '', isLazy } of importsOf(path, text)) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier))
      else packages.set(specifier, isLazy && (packages.get(specifier) ?? true))
    }
  }
  visit(join(DIST, entry))
  return { text: [...texts.values()].join('\n'), packages }
}

type Reach = ReturnType<typeof reach>

// The bundler heads each module with its path: `// runtime/model.ts`.
const FROM_COMPILER = /^\/\/ (compiler|stdlib)\/.*$/m

/** Bundled, from wherever `node_modules` stands, or imported. */
const carriesParser = ({ text, packages }: Reach): boolean => packages.has('chevrotain') || /^\/\/ (?:.*\/)?node_modules\/chevrotain\//m.test(text)

describe('the built runtime', () => {
  it('carries no code of the compiler, and no parser', () => {
    const runtime = reach('index.js')
    expect(runtime.text).toMatch(/^\/\/ runtime\/model\.ts$/m)
    expect(runtime.text.match(FROM_COMPILER)).toBeNull()
    expect(carriesParser(runtime)).toBe(false)
  })

  it('loads nothing of Node before it is asked to', () => {
    const eager = [...reach('index.js').packages].filter(([name, isLazy]) => name.startsWith('node:') && !isLazy)
    expect(eager).toEqual([])
  })

  it('would be seen to carry a parser', () => {
    const compiler = reach('compiler.js')
    expect(compiler.text).toMatch(FROM_COMPILER)
    expect(carriesParser(compiler)).toBe(true)
  })
})

describe('the package', () => {
  it('has every file that its exports and its command name', () => {
    const { exports, bin } = JSON.parse(readFileSync(join(DIST, '../package.json'), 'utf8')) as { exports: object; bin: object }
    const named = [exports, bin].flatMap(function values(entry: unknown): string[] {
      return typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(values)
    })
    expect(named.filter(path => !existsSync(join(DIST, '..', path)))).toEqual([])
  })
})
