/** Diagnostics while typing, layout, hints, symbols, folding, and what can be done about a mistake. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DiagnosticSeverity, type DocumentSymbol, type FoldingRange, type InlayHint } from 'vscode-languageserver'
import { describe, expect, it } from 'vitest'
import { inspect } from '../../compiler/compile'
import { REPLACED_BY } from '../../compiler/diagnostics/registry'
import { format } from '../../compiler/format/format'
import type { Host } from '../../compiler/host'
import { edited, editedFiles, FOLDER, MAIN, placed, serveFiles, textIn, type Client, type CodeAction, type Diagnostic, type TextEdit } from './client'

const MOONS = readFileSync(new URL('../../examples/moons/model.bp', import.meta.url), 'utf8')
const document = { textDocument: { uri: MAIN } }
const ALL = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } }

async function said(client: Client, text: string): Promise<readonly Diagnostic[]> {
  const next = client.nextDiagnostics(MAIN)
  await client.open(MAIN, text)
  return await next
}

describe('diagnostics', () => {
  it('have the place, the number, the message with its help, and related places', async () => {
    const text = 'model M {\n  input x: real[batch, 3]\n  let x = 1\n  output y = slop\n}\n'
    const [twice, unknown] = await said(await serveFiles(), text)
    expect(twice).toMatchObject({ code: 'BP2005', severity: DiagnosticSeverity.Error, source: 'bpc', relatedInformation: [{ message: 'first declared here', location: { uri: MAIN } }] })
    expect(unknown?.message).toContain('unknown name `slop`\nhelp: ')
    expect(unknown && textIn(text, unknown.range)).toBe('slop')
  })

  it('are warnings and notes too, and fade what is never used', async () => {
    const found = await said(await serveFiles(), 'model M {\n  input x: real\n  let spare = x\n  output y = 2 * x\n}\n')
    expect(found).toMatchObject([{ code: 'BP2027', severity: DiagnosticSeverity.Warning, tags: [1] }])
  })

  it('go when the mistake goes, and when the file is closed', async () => {
    const client = await serveFiles()
    expect(await said(client, 'const N = M\n')).toHaveLength(1)
    const mended = client.nextDiagnostics(MAIN)
    await client.change(MAIN, '1', { start: { line: 0, character: 10 }, end: { line: 0, character: 11 } })
    expect(await mended).toEqual([])
    await client.change(MAIN, 'const N = M\n')
    expect(await client.nextDiagnostics(MAIN)).toHaveLength(1)
    const closed = client.nextDiagnostics(MAIN)
    await client.close(MAIN)
    expect(await closed).toEqual([])
  })

  it('count UTF-16 units: behind θ, and behind a character of two units', async () => {
    const text = '// 🙂 θ\nconst θ = 1 /* 🙂🙂 */ + missing\n'
    const [found] = await said(await serveFiles(), text)
    expect(found?.range).toEqual({ start: { line: 1, character: 25 }, end: { line: 1, character: 32 } })
    expect(found && textIn(text, found.range)).toBe('missing')
  })

  it('stand in the right lines of a file with CRLF', async () => {
    const [found] = await said(await serveFiles(), 'const N = 1\r\n\r\nconst K = missing\r\n')
    expect(found?.range.start).toEqual({ line: 2, character: 10 })
  })

  it('of a file that another one uses stand in that file, and follow what is typed there', async () => {
    const blocks = `${FOLDER}/blocks.bp`
    const client = await serveFiles({ 'blocks.bp': 'const SCALE = missing\n' })
    const there = client.nextDiagnostics(blocks)
    await said(client, 'use "./blocks.bp".SCALE\nconst N = SCALE\n')
    expect((await there).map(({ message }) => message)).toEqual([expect.stringContaining('missing')])
    const mended = client.nextDiagnostics(blocks)
    await client.open(blocks, 'const SCALE = 2\n')
    expect(await mended).toEqual([])
    // What is not saved counts.
    const again = client.nextDiagnostics(MAIN)
    await client.change(blocks, 'const OTHER = 2\n')
    expect((await again)[0]?.message).toContain('has no `SCALE`')
  })

  it('follow a file that changes on the disk', async () => {
    const files: Record<string, string> = { 'blocks.bp': 'const SCALE = 1\n' }
    const client = await serveFiles(files)
    expect(await said(client, 'use "./blocks.bp".SCALE\nconst N = SCALE\n')).toEqual([])
    files['blocks.bp'] = 'const OTHER = 1\n'
    const next = client.nextDiagnostics(MAIN)
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${FOLDER}/blocks.bp`, type: 2 }] })
    expect(await next).toHaveLength(1)
  })

  it('follow a file that is renamed while it and what uses it are open', async () => {
    const files: Record<string, string> = { 'blocks.bp': 'const SCALE = 1\n' }
    const client = await serveFiles(files)
    await client.open(`${FOLDER}/blocks.bp`, 'const SCALE = 1\n')
    expect(await said(client, 'use "./blocks.bp".SCALE\nconst N = SCALE\n')).toEqual([])
    files['parts.bp'] = files['blocks.bp'] ?? ''
    delete files['blocks.bp']
    await client.close(`${FOLDER}/blocks.bp`)
    await client.open(`${FOLDER}/parts.bp`, 'const SCALE = 1\n')
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${FOLDER}/blocks.bp`, type: 3 }, { uri: `${FOLDER}/parts.bp`, type: 1 }] })
    await expect.poll(() => client.diagnostics(MAIN)?.map(({ message }) => message)).toEqual([expect.stringContaining('there is no module')])
    await client.change(MAIN, 'use "./parts.bp".SCALE\nconst N = SCALE\n')
    await expect.poll(() => client.diagnostics(MAIN)).toEqual([])
  })

  it('of several mistakes are all there, each once', async () => {
    const text = 'model M {\n  input x: real\n  output a = p\n  output b = q\n  loss x @\n}\n'
    expect((await said(await serveFiles(), text)).map(({ range }) => range.start.line)).toEqual([2, 3, 4])
  })
})

describe('a file that is being written', () => {
  it.each([
    ['a call without its end', '  let next = dense(hidden, \n'],
    ['a pipe to nothing', '  let next = hidden |> \n'],
    ['half a keyword', '  outp\n'],
    ['an operator without its right side', '  let next = hidden +\n'],
    ['an open list', '  let next = [hidden, \n'],
    ['an open block', '  let next = for t in 0..3 {\n'],
    ['an open string', '  let next = einsum("ij\n'],
  ])('still knows its names and types: %s', async (_, line) => {
    const client = await serveFiles()
    const text = `use std.nn.dense\n\nmodel M {\n  input x: real[batch, 4]\n  let hidden‸ = x |> dense(3)\n${line}}\n\nfn f(a: real) -> real = 2 * a\n`
    expect(await client.hover(text)).toContain('let hidden: real[batch, 3]')
    expect(await client.hover(text.replace('‸', '').replace('= 2 * a', '= 2 * a‸'))).toContain('a: real')
  })
})

describe('formatting', () => {
  const messy = 'model   M {\n    input x:real[batch,2]  // θ 🙂\n  let h=x*2;let k =h\n\n\n\n  output y=k }\n'

  it('gives what bpc fmt gives, as edits of the space between words', async () => {
    const client = await serveFiles()
    await client.open(MAIN, messy)
    const edits = await client.request<readonly TextEdit[]>('textDocument/formatting', { ...document, options: { tabSize: 2, insertSpaces: true } })
    const expected = format({ name: 'a', text: messy })
    expect(expected.ok && edited(messy, edits)).toBe(expected.ok && expected.text)
    expect(edits.every(({ range }) => /^[\s;]*$/.test(textIn(messy, range)))).toBe(true)
  })

  it('keeps CRLF', async () => {
    const client = await serveFiles()
    const text = messy.replaceAll('\n', '\r\n')
    await client.open(MAIN, text)
    const edits = await client.request<readonly TextEdit[]>('textDocument/formatting', { ...document, options: {} })
    const expected = format({ name: 'a', text: messy })
    expect(edited(text, edits)).toBe(expected.ok && expected.text.replaceAll('\n', '\r\n'))
  })

  it('of some lines leaves the others as they are', async () => {
    const client = await serveFiles()
    const text = 'model M {\n  input x:real\n  let a=x\n  let b=a\n  output y=b\n}\n'
    await client.open(MAIN, text)
    const range = { start: { line: 2, character: 0 }, end: { line: 3, character: 9 } }
    const edits = await client.request<readonly TextEdit[]>('textDocument/rangeFormatting', { ...document, range, options: {} })
    expect(edited(text, edits)).toBe('model M {\n  input x:real\n  let a = x\n  let b = a\n  output y=b\n}\n')
  })

  it('changes nothing in a file with mistakes, nor in one that is laid out', async () => {
    const client = await serveFiles()
    await client.open(MAIN, 'model M {\n    input x:real\n')
    expect(await client.request('textDocument/formatting', { ...document, options: {} })).toEqual([])
    await client.change(MAIN, MOONS)
    expect(await client.request('textDocument/formatting', { ...document, options: {} })).toEqual([])
  })
})

describe('the outline', () => {
  it('has declarations with what they declare, and types', async () => {
    const client = await serveFiles()
    await client.open(MAIN, MOONS)
    const symbols = await client.request<readonly DocumentSymbol[]>('textDocument/documentSymbol', document)
    expect(symbols.map(({ name, detail, children }) => [name, detail, children?.map(child => `${child.name} ${child.detail ?? ''}`)])).toEqual([
      ['sandwich', 'circuit', ['q 4 qubits']],
      ['Moons', 'model', ['x real[batch, 2]', 'y int[batch]', 'w real[2, 4, 3]', 'features real[batch, 4]', 'logits real[batch, 2]', 'probability real[batch, 2]', 'accuracy metric']],
      ['Moons', 'train', []],
    ])
    for (const { range, selectionRange } of symbols) expect(textIn(MOONS, range)).toContain(textIn(MOONS, selectionRange))
  })

  it('folds blocks, comments and imports', async () => {
    const client = await serveFiles()
    await client.open(MAIN, `// one\n// two\n${MOONS}`)
    const folds = await client.request<readonly FoldingRange[]>('textDocument/foldingRange', document)
    expect(folds.map(({ startLine, endLine, kind }) => [startLine, endLine, kind])).toEqual([
      [8, 12, undefined], [15, 25, undefined], [28, 34, undefined], [0, 2, 'comment'], [3, 5, 'imports'],
    ])
  })
})

describe('inlay hints', () => {
  it('show the shape of what a line names, unless it is written', async () => {
    const client = await serveFiles()
    const text = MOONS.replace('let logits  ', 'let logits: real[batch, 2]')
    await client.open(MAIN, text)
    const hints = await client.request<readonly InlayHint[]>('textDocument/inlayHint', { ...document, range: ALL })
    expect(hints.map(({ position, label }) => `${position.line + 1}:${position.character + 1}${String(label)}`)).toEqual(['19:15: real[batch, 4]', '22:21: real[batch, 2]'])
  })

  it('are those of the range alone', async () => {
    const client = await serveFiles()
    await client.open(MAIN, MOONS)
    const range = { start: { line: 18, character: 0 }, end: { line: 19, character: 0 } }
    expect(await client.request<readonly InlayHint[]>('textDocument/inlayHint', { ...document, range })).toHaveLength(1)
  })
})

describe('semantic tokens', () => {
  it('tell names of one spelling apart by what they mean', async () => {
    const client = await serveFiles()
    const legend = (await client.start(FOLDER).catch(() => undefined))?.capabilities['semanticTokensProvider'] as { legend: { tokenTypes: readonly string[] } } | undefined
    const text = 'circuit c(x: real) -> real {\n  qubits q\n  x q\n  rx(x) q\n  return expect(X(q))\n}\n'
    await client.open(MAIN, text)
    const { data } = await client.request<{ data: readonly number[] }>('textDocument/semanticTokens/full', document)
    const types = legend?.legend.tokenTypes ?? ['variable', 'parameter', 'property', 'function', 'class', 'method', 'typeParameter', 'macro']
    let line = 0, character = 0
    const tokens: string[] = []
    for (let at = 0; at < data.length; at += 5) {
      const [lines = 0, characters = 0, length = 0, type = 0] = data.slice(at, at + 4)
      character = lines > 0 ? characters : character + characters
      line += lines
      tokens.push(`${text.split('\n')[line]?.slice(character, character + length) ?? ''} ${types[type] ?? ''}`)
    }
    expect(tokens).toEqual(['c function', 'x parameter', 'q variable', 'x method', 'q variable', 'rx method', 'x parameter', 'q variable', 'expect function', 'X function', 'q variable'])
  })
})

describe('code actions', () => {
  async function actions(marked: string): Promise<{ readonly text: string; readonly found: readonly CodeAction[] }> {
    const client = await serveFiles()
    const { text, position } = placed(marked)
    const diagnostics = await said(client, text)
    const found = await client.request<readonly CodeAction[]>('textDocument/codeAction', { ...document, range: { start: position, end: position }, context: { diagnostics } })
    return { text, found }
  }
  const after = (text: string, action: CodeAction | undefined) => action?.edit && editedFiles({ [MAIN]: text }, action.edit)[MAIN]

  it('put in what was meant', async () => {
    const { text, found } = await actions('model M {\n  input slope: real\n  output y = slo‸p\n}\n')
    expect(found).toMatchObject([{ title: 'Change `slop` to `slope`', kind: 'quickfix', isPreferred: true, diagnostics: [{ code: 'BP2001' }] }])
    expect(after(text, found[0])).toBe('model M {\n  input slope: real\n  output y = slope\n}\n')
  })

  it('import from the standard library, below what is imported, or first in the file', async () => {
    const first = await actions('/// Mine.\nmodel M {\n  input x: real[4]\n  output y = x |> den‸se(2)\n}\n')
    expect(first.found.map(({ title }) => title)).toContain('Import `dense` from `std.nn`')
    expect(after(first.text, first.found[0])).toBe(`use std.nn.dense\n\n${first.text}`)
    const second = await actions('use std.loss.cross_entropy\nuse std.nn.gelu\n\nmodel M {\n  input x: real[4]\n  output y = x |> gelu |> den‸se(2)\n}\n')
    expect(after(second.text, second.found[0])).toBe(second.text.replace('std.nn.gelu', 'std.nn.{gelu, dense}'))
    const gate = await actions('circuit c() -> real {\n  qubits q[2]\n  q‸ft q\n  return expect(Z(q[0]))\n}\n')
    expect(after(gate.text, gate.found[0])).toContain('use std.quantum.qft\n\ncircuit')
  })

  it('are about the mistake at hand alone', async () => {
    expect((await actions('const N = ‸1\nconst K = pii\n')).found).toEqual([])
  })

  const CASES = new URL('../diagnostics', import.meta.url).pathname
  const files = readdirSync(CASES, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.bp'))
  const read = (path: string) => Promise.resolve(existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined)
  const host = (entry: string, text: string): Host => ({
    readText: path => (path === entry ? Promise.resolve(text) : read(path)), readBytes: () => Promise.resolve(undefined), resolve: (from, relative) => join(dirname(from), relative),
  })

  /** Of codes whose own cases have nothing near. */
  const NEAR = [
    'model M {\n  input x: real[batch, 4]\n  param w: real[4]\n  output y = zeros([batch]) + (x @ w)\n  let z: real[bach] = x @ w\n}\n',
    'fn f(x: reall) -> real = x\n',
    'model M {\n  input speed: real[batch]\n  param w: real\n  loss mean(w * speed)\n}\ntrain M {\n  data "a.csv" { sped = a }\n}\n',
  ]

  it('mend each mistake of the diagnostics\' own cases that says what was meant', async () => {
    const mended = new Set<string>()
    const programs = [...files.map(name => [join(CASES, name), readFileSync(join(CASES, name), 'utf8')] as const), ...NEAR.map((text, at) => [`near${at}.bp`, text] as const)]
    for (const [path, text] of programs) {
      for (const { code, span, replacement } of (await inspect(path, host(path, text)))?.diagnostics ?? []) {
        if (replacement === undefined || span.file.name !== path) continue
        const after = text.slice(0, span.start) + replacement + text.slice(span.end)
        const again = (await inspect(path, host(path, after)))?.diagnostics ?? []
        expect(again.filter(each => each.code === code && each.span.start === span.start), path).toEqual([])
        mended.add(code)
      }
    }
    expect(Object.keys(REPLACED_BY).filter(code => !mended.has(code))).toEqual([])
  })
})
