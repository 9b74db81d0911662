/** A client of the language server, as an editor is one: over pipes in this process, or over the standard streams of another. */
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node.js'
import { createConnection } from 'vscode-languageserver/node.js'
import type { CodeAction, CompletionItem, Diagnostic, Location, Position, PublishDiagnosticsParams, Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { onTestFinished } from 'vitest'
import { serve } from '../../compiler/lsp/server'
import type { Workspace } from '../../compiler/lsp/workspace'

/** Where the cursor is in a text of a test. */
export const CURSOR = '‸'

export class Client {
  readonly #published = new Map<string, readonly Diagnostic[]>()
  readonly #heard: ((params: PublishDiagnosticsParams) => void)[] = []
  #version = 1

  constructor(readonly connection: MessageConnection) {
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#published.set(params.uri, params.diagnostics)
      for (const heard of this.#heard.splice(0)) heard(params)
    })
    connection.onRequest('client/registerCapability', () => null)
    connection.listen()
  }

  async start(folder?: string): Promise<{ readonly capabilities: Readonly<Record<string, unknown>> }> {
    const workspaceFolders = folder === undefined ? null : [{ uri: folder, name: 'project' }]
    const result = await this.connection.sendRequest<{ capabilities: Record<string, unknown> }>('initialize', { processId: null, rootUri: null, workspaceFolders, capabilities: {} })
    await this.connection.sendNotification('initialized', {})
    return result
  }

  request<T>(method: string, params: object): Promise<T> {
    return this.connection.sendRequest<T>(method, params)
  }

  async open(uri: string, text: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'bp', version: this.#version, text } })
  }

  /** The whole text anew, or a range of it. */
  async change(uri: string, text: string, range?: Range): Promise<void> {
    this.#version++
    await this.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: this.#version }, contentChanges: [range ? { range, text } : { text }] })
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } })
  }

  /** What is said next about a file. */
  nextDiagnostics(uri: string): Promise<readonly Diagnostic[]> {
    return new Promise(resolve => {
      const hear = (params: PublishDiagnosticsParams) => {
        if (params.uri === uri) resolve(params.diagnostics)
        else this.#heard.push(hear)
      }
      this.#heard.push(hear)
    })
  }

  /** What was said last. */
  diagnostics(uri: string): readonly Diagnostic[] | undefined {
    return this.#published.get(uri)
  }

  /** Opens a text, without its mark, and asks at the mark. */
  async at<T>(method: string, marked: string, more: object = {}, uri = MAIN): Promise<T> {
    const { text, position } = placed(marked)
    await this.open(uri, text)
    return await this.request<T>(method, { textDocument: { uri }, position, ...more })
  }

  async labels(marked: string, uri = MAIN): Promise<readonly string[]> {
    return (await this.at<readonly CompletionItem[]>('textDocument/completion', marked, {}, uri)).map(({ label }) => label)
  }

  /** The hover's text. */
  async hover(marked: string, uri = MAIN): Promise<string | undefined> {
    return (await this.at<{ contents: { value: string } } | null>('textDocument/hover', marked, {}, uri))?.contents.value
  }
}

export const FOLDER = 'file:///project'
export const MAIN = `${FOLDER}/main.bp`

/** A server in this process, over files that are held in memory, by their paths below the project. */
export async function serveFiles(files: Readonly<Record<string, string>> = {}): Promise<Client> {
  const client = connectTo(files)
  await client.start(FOLDER)
  return client
}

/** The same, before anything is said. */
export function connectTo(files: Readonly<Record<string, string>>): Client {
  const [up, down] = [new PassThrough(), new PassThrough()]
  serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)), memoryWorkspace(files))
  return connect(down, up)
}

export function connect(from: Readable, to: Writable): Client {
  const connection = createMessageConnection(new StreamMessageReader(from), new StreamMessageWriter(to))
  onTestFinished(() => connection.dispose())
  return new Client(connection)
}

function memoryWorkspace(files: Readonly<Record<string, string>>): Workspace {
  const read = (path: string) => Promise.resolve(Object.hasOwn(files, path.slice('/project/'.length)) ? files[path.slice('/project/'.length)] : undefined)
  return {
    readText: read, readHead: read, readBytes: () => Promise.resolve(undefined),
    resolve: (from, relative) => new URL(relative, `file://${from}`).pathname,
    pathOf: uri => uri.replace(/^file:\/\//, ''), uriOf: path => (path.startsWith('/') ? `file://${path}` : path),
    sourcesBelow: folder => Promise.resolve(Object.keys(files).filter(name => name.endsWith('.bp')).map(name => `${folder}/${name}`)),
    namesBeside: (_, folder) => Promise.resolve(Object.keys(files).filter(name => name.startsWith(folder)).map(name => name.slice(folder.length))),
    standardUri: module => `file:///library/${module.slice('std.'.length)}.bp`,
  }
}

// ------------------------------------------------------------------------------------------------------------ texts

export function placed(marked: string): { readonly text: string; readonly position: Position } {
  const offset = marked.indexOf(CURSOR)
  if (offset < 0) throw new Error('the text has no mark')
  const text = marked.replace(CURSOR, '')
  return { text, position: TextDocument.create('', 'bp', 0, text).positionAt(offset) }
}

export function edited(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('', 'bp', 0, text), [...edits])
}

/** Texts after an edit of several files, by URI. */
export function editedFiles(texts: Readonly<Record<string, string>>, edit: WorkspaceEdit): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([uri, text]) => [uri, edited(text, edit.changes?.[uri] ?? [])]))
}

/** What stands in a range. */
export function textIn(text: string, { start, end }: Range): string {
  const document = TextDocument.create('', 'bp', 0, text)
  return text.slice(document.offsetAt(start), document.offsetAt(end))
}

export const shownPlace = ({ uri, range }: Location): string => `${uri.slice(FOLDER.length + 1)}:${range.start.line + 1}:${range.start.character + 1}`

export type { CodeAction, CompletionItem, Diagnostic, Location, TextEdit, WorkspaceEdit }
