/** `bpc lsp` as an editor starts it: a process of its own, spoken to over its standard streams. */
import { spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, placed, type Client, type CompletionItem, type Location, type WorkspaceEdit } from '../lsp/client'
import { BPC, folder } from './bpc'

interface Served { readonly client: Client; readonly ended: Promise<number | null>; readonly uri: (name: string) => string; readonly errors: () => string }

async function served(files: Readonly<Record<string, string>> = {}, words: readonly string[] = []): Promise<Served> {
  const made = folder(files)
  const child = spawn(process.execPath, [BPC, 'lsp', ...words], { cwd: made.path, stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => { child.kill() })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', text => { errors += text })
  const ended = new Promise<number | null>(resolve => { child.on('exit', resolve) })
  const client = connect(child.stdout, child.stdin)
  const uri = (name: string) => pathToFileURL(`${made.path}/${name}`).href
  await client.start(pathToFileURL(made.path).href)
  return { client, ended, uri, errors: () => errors }
}

const MAIN = 'use std.nn.dense\nuse "./my blocks.bp".half\n\nmodel M {\n  input x: real[batch, 4]\n  let hidden = x |> dense(3) |> half\n  output y = hidden\n}\n'
const FILES = { 'main.bp': MAIN, 'my blocks.bp': 'fn half(x: real[..., n]) -> real[..., n] = x / 2\n', 'rows.csv': 'one,two\n1,2\n' }

describe('bpc lsp', () => {
  it('says diagnostics, and what names are, from the files on the disk', async () => {
    const { client, uri } = await served(FILES)
    const next = client.nextDiagnostics(uri('main.bp'))
    expect(await client.hover(MAIN.replace('let hidden', 'let hid‸den'), uri('main.bp'))).toContain('let hidden: real[batch, 3]')
    expect(await next).toEqual([])
    await client.change(uri('main.bp'), MAIN.replace('x |> dense', 'z |> dense'))
    expect((await client.nextDiagnostics(uri('main.bp'))).map(({ code }) => code)).toEqual(['BP2001'])
  })

  it('goes to other files and to the standard library, and renames across files', async () => {
    const { client, uri } = await served(FILES)
    const half = await client.at<Location>('textDocument/definition', MAIN.replace('|> half', '|> ha‸lf'), {}, uri('main.bp'))
    expect(half).toMatchObject({ uri: uri('my blocks.bp'), range: { start: { line: 0, character: 3 } } })
    const dense = await client.request<Location>('textDocument/definition', { textDocument: { uri: uri('main.bp') }, position: placed(MAIN.replace('|> dense', '|> de‸nse')).position })
    expect(dense.uri).toMatch(/\/stdlib\/nn\.bp$/)
    const edit = await client.request<WorkspaceEdit>('textDocument/rename', { textDocument: { uri: uri('main.bp') }, position: placed(MAIN.replace('|> half', '|> ha‸lf')).position, newName: 'halved' })
    expect(Object.entries(edit.changes ?? {}).map(([file, edits]) => [file, edits.length])).toEqual([[uri('my blocks.bp'), 1], [uri('main.bp'), 2]])
  })

  it('completes columns of a data file', async () => {
    const { client, uri } = await served(FILES)
    const items = await client.at<readonly CompletionItem[]>('textDocument/completion', `${MAIN}train M {\n  data "rows.csv" { x = [‸] }\n}\n`, {}, uri('main.bp'))
    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(['one', 'two']))
  })

  it('ends with 0 after shutdown, and with 1 without', async () => {
    const first = await served({}, ['--stdio'])
    await first.client.request('shutdown', {})
    await first.client.connection.sendNotification('exit')
    expect(await first.ended).toBe(0)
    const second = await served()
    await second.client.connection.sendNotification('exit')
    expect(await second.ended).toBe(1)
    expect(first.errors() + second.errors()).toBe('')
  })

  it('ends when the client goes without a word', async () => {
    const { client, ended } = await served()
    client.connection.end()
    expect(await ended).toBe(1)
  })

  it('refuses requests after shutdown', async () => {
    const { client, uri } = await served(FILES)
    await client.request('shutdown', {})
    await expect(client.request('textDocument/hover', { textDocument: { uri: uri('main.bp') }, position: { line: 0, character: 0 } })).rejects.toThrow('the server has shut down')
  })

  it('tells what it is for', async () => {
    const { status, stdout } = await folder().bpc('lsp', '--help')
    expect({ status, text: stdout.includes('language server') }).toEqual({ status: 0, text: true })
  })
})
