/** What a client may do to a server: everything at once, nothing sensible, and things that are too large. */
import { readFileSync } from 'node:fs'
import { CancellationTokenSource } from 'vscode-jsonrpc/node.js'
import { describe, expect, it } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { connectTo, MAIN, placed, serveFiles } from './client'

const MOONS = readFileSync(new URL('../../examples/moons/model.bp', import.meta.url), 'utf8')

describe('the server', () => {
  it('states what it can do, in UTF-16', async () => {
    const client = await serveFiles()
    expect((await client.start()).capabilities).toMatchObject({
      positionEncoding: 'utf-16', hoverProvider: true, definitionProvider: true, referencesProvider: true, renameProvider: { prepareProvider: true },
      documentFormattingProvider: true, documentRangeFormattingProvider: true, inlayHintProvider: true, documentSymbolProvider: true, foldingRangeProvider: true,
    })
  })

  it('answers for the last text of a storm of changes, and says its diagnostics', async () => {
    const client = await serveFiles()
    await client.open(MAIN, '')
    // Letter by letter, as fast as they go.
    for (let at = 0; at < MOONS.length; at++) {
      const before = MOONS.slice(0, at).split('\n')
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
      await client.change(MAIN, MOONS.charAt(at), { start: position, end: position })
    }
    const hover = await client.request<{ contents: { value: string } }>('textDocument/hover', { textDocument: { uri: MAIN }, position: placed(MOONS.replace('let features', 'let fea‸tures')).position })
    expect(hover.contents.value).toContain('let features: real[batch, 4]')
    await expect.poll(() => client.diagnostics(MAIN)).toEqual([])
  })

  it('answers while a model is typed, and no unfinished text is a bug', async () => {
    const client = await serveFiles()
    const bugs: string[] = []
    client.connection.onNotification('window/logMessage', ({ message }: { message: string }) => { bugs.push(message) })
    await client.open(MAIN, '')
    const document = { textDocument: { uri: MAIN } }
    const typed = TextDocument.create(MAIN, 'bp', 0, MOONS)
    for (let at = 0; at < MOONS.length; at++) {
      const [start, position] = [typed.positionAt(at), typed.positionAt(at + 1)]
      await client.change(MAIN, MOONS.charAt(at), { start, end: start })
      // Each answer is a compilation; no statement is shorter than this many keys.
      if (at % 7 > 0) continue
      const [items, , tokens] = await Promise.all([
        client.request('textDocument/completion', { ...document, position }), client.request('textDocument/signatureHelp', { ...document, position }),
        client.request('textDocument/semanticTokens/full', document),
      ])
      expect([items, tokens]).toMatchObject([expect.any(Array), { data: expect.any(Array) as unknown }])
    }
    await expect.poll(() => client.diagnostics(MAIN)).toEqual([])
    expect(bugs).toEqual([])
  })

  it('goes on when an edit cuts a character of two units apart, and answers inside of one', async () => {
    const client = await serveFiles()
    await client.open(MAIN, '// 🙂\r\nconst θ = 1\r\n')
    const document = { textDocument: { uri: MAIN } }
    expect(await client.request('textDocument/hover', { ...document, position: { line: 0, character: 4 } })).toBeNull()
    expect(await client.request('textDocument/completion', { ...document, position: { line: 0, character: 4 } })).toEqual([])
    await client.change(MAIN, '', { start: { line: 0, character: 4 }, end: { line: 0, character: 5 } })
    const hover = await client.request<{ contents: { value: string } }>('textDocument/hover', { ...document, position: { line: 1, character: 6 } })
    expect(hover.contents.value).toContain('const θ: int = 1')
  })

  it('serves a client that asks before it says initialized, or never says it', async () => {
    const client = connectTo({})
    await client.connection.sendRequest('initialize', { processId: null, rootUri: null, workspaceFolders: null, capabilities: {} })
    const next = client.nextDiagnostics(MAIN)
    expect(await client.hover('const N‸ = missing\n')).toContain('const N')
    expect(await next).toHaveLength(1)
  })

  it('refuses what it is asked after shutdown, and answers shutdown without initialize', async () => {
    const client = connectTo({})
    expect(await client.connection.sendRequest('shutdown')).toBeNull()
    await client.open(MAIN, 'const N = 1\n')
    await expect(client.request('textDocument/hover', { textDocument: { uri: MAIN }, position: { line: 0, character: 6 } })).rejects.toThrow('the server has shut down')
  })

  it('goes on after questions that lack what they ask about', async () => {
    const client = await serveFiles()
    await client.open(MAIN, MOONS)
    for (const method of ['hover', 'completion', 'codeAction', 'inlayHint', 'rename']) await expect(client.request(`textDocument/${method}`, {})).rejects.toThrow()
    await client.change('file:///project/never-opened.bp', 'x')
    await client.change(MAIN, '', { start: { line: 9999, character: 5 }, end: { line: 9, character: 5 } })
    expect(await client.hover(MOONS.replace('let features', 'let fea‸tures'))).toContain('features')
  })

  it('compiles once for a storm, not once a change', async () => {
    const client = await serveFiles()
    let published = 0
    client.connection.onUnhandledNotification(() => undefined)
    await client.open(MAIN, 'const N = 1\n')
    await client.nextDiagnostics(MAIN)
    const count = async () => { for (;;) { await client.nextDiagnostics(MAIN); published++ } }
    void count()
    for (let at = 0; at < 200; at++) await client.change(MAIN, `const N = ${at === 199 ? 'missing' : at}\n`)
    await expect.poll(() => client.diagnostics(MAIN)).toHaveLength(1)
    expect(published).toBeLessThan(20)
  })

  it('refuses a method that it does not know, and goes on', async () => {
    const client = await serveFiles()
    await expect(client.request('textDocument/moonPhase', {})).rejects.toThrow(/Unhandled method/)
    await client.connection.sendNotification('bpc/unheardOf', {})
    expect(await client.hover(MOONS.replace('let features', 'let fea‸tures'))).toContain('features')
  })

  it('ends a request that is cancelled before its turn', async () => {
    const client = await serveFiles()
    await client.open(MAIN, MOONS)
    const source = new CancellationTokenSource()
    const asked = client.connection.sendRequest('textDocument/hover', { textDocument: { uri: MAIN }, position: { line: 18, character: 8 } }, source.token)
    source.cancel()
    await expect(asked).rejects.toMatchObject({ code: -32800 })
  })

  it('answers nothing about documents that nobody opened', async () => {
    const client = await serveFiles()
    const there = { textDocument: { uri: 'file:///elsewhere/a.bp' } }
    const position = { line: 0, character: 0 }
    expect(await client.request('textDocument/hover', { ...there, position })).toBeNull()
    expect(await client.request('textDocument/completion', { ...there, position })).toEqual([])
    expect(await client.request('textDocument/documentSymbol', there)).toEqual([])
    expect(await client.request('textDocument/formatting', { ...there, options: {} })).toEqual([])
    await expect(client.request('textDocument/rename', { ...there, position, newName: 'b' })).rejects.toThrow('not open')
  })

  it('serves a file outside of every folder, and one that was never saved', async () => {
    const client = await serveFiles()
    for (const uri of ['file:///elsewhere/a.bp', 'untitled:Untitled-1']) {
      const next = client.nextDiagnostics(uri)
      expect(await client.hover('const N‸ = 3\nconst K = missing\n', uri)).toContain('const N: int = 3')
      expect(await next).toHaveLength(1)
    }
  })

  it('answers at positions that the text does not have', async () => {
    const client = await serveFiles()
    await client.open(MAIN, 'const N = 3')
    const at = (line: number, character: number) => client.request('textDocument/completion', { textDocument: { uri: MAIN }, position: { line, character } })
    expect(await at(99, 99)).toEqual(expect.any(Array))
    expect(await at(0, 99)).toEqual(expect.any(Array))
  })

  it('takes in a huge file, and one that is no text', async () => {
    const client = await serveFiles()
    const huge = `const A0 = 1\n${Array.from({ length: 3000 }, (_, at) => `const A${at + 1} = A${at} + ${at} // θ 🙂`).join('\n')}\n`
    expect(await client.hover(huge.replace('const A2999 ', 'const A29‸99 '))).toContain('const A2999: int')
    const next = client.nextDiagnostics('file:///project/zero.bp')
    await client.open('file:///project/zero.bp', 'const N\0 = 1')
    expect((await next).map(({ code }) => code)).toEqual(['BP1009'])
    expect(await client.labels('con‸\0st', 'file:///project/other.bp')).toEqual([])
  })

  it('survives files that import each other', async () => {
    const client = await serveFiles({ 'a.bp': 'use "./main.bp".K\nconst L = K\n' })
    const next = client.nextDiagnostics(MAIN)
    await client.open(MAIN, 'use "./a.bp".L\nconst K = L\n')
    await next
    expect(await client.hover('use "./a.bp".L\nconst K‸ = 2\n')).toContain('const K: int = 2')
  })
})
