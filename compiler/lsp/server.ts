/**
 * The language server: what an editor asks, answered from one compilation of the file at hand. It keeps open documents and
 * what was last compiled, and nothing else; a request after a change waits for the compilation that the change began.
 */
import {
  CodeActionKind, DidChangeWatchedFilesNotification, ErrorCodes, ResponseError, TextDocuments, TextDocumentSyncKind,
  type CancellationToken, type Connection, type InitializeParams, type InitializeResult, type Position,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { VERSION } from '../version'
import { codeActions } from './codeActions'
import { completion } from './completion'
import { formatting } from './formatting'
import { hover } from './hover'
import { definition, highlights, references, rename, renamed } from './navigation'
import { documentSymbols, foldingRanges, inlayHints, semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from './outline'
import { Project, type Place } from './project'
import { Publisher } from './publisher'
import { signatureHelp } from './signatureHelp'
import type { Workspace } from './workspace'

/** Serves a client until it hangs up. */
export function serve(connection: Connection, workspace: Workspace): void {
  const project = new Project(workspace, error => connection.console.error(`a bug in bpc, please report: ${error instanceof Error ? error.stack ?? error.message : String(error)}`))
  const publisher = new Publisher(connection, project)
  const documents = new TextDocuments(TextDocument)
  let folders: readonly string[] = []
  let canWatch = false

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    folders = foldersOf(params, workspace)
    canWatch = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true
    return { capabilities: CAPABILITIES, serverInfo: { name: 'bpc', version: VERSION } }
  })
  connection.onInitialized(() => {
    if (canWatch) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*.{bp,json}' }] })
  })
  connection.onShutdown(() => {
    publisher.stop()
    project.end()
  })

  documents.onDidChangeContent(({ document }) => publisher.schedule(project.update(document)))
  documents.onDidClose(({ document }) => {
    const concerned = project.close(document.uri)
    publisher.clear(document.uri)
    publisher.schedule(concerned)
  })
  connection.onDidChangeWatchedFiles(({ changes }) => {
    publisher.schedule(changes.map(({ uri }) => workspace.pathOf(uri)).filter(path => !project.isOpen(path)).flatMap(path => project.changed(path)))
  })

  answer(connection, project, () => folders)
  documents.listen(connection)
  connection.listen()
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams, workspace: Workspace): readonly string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : [])
  return uris.map(uri => workspace.pathOf(uri))
}

const CAPABILITIES: InitializeResult['capabilities'] = {
  positionEncoding: 'utf-16',
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
  hoverProvider: true, definitionProvider: true, referencesProvider: true, documentHighlightProvider: true, documentSymbolProvider: true,
  foldingRangeProvider: true, inlayHintProvider: true, documentFormattingProvider: true, documentRangeFormattingProvider: true,
  renameProvider: { prepareProvider: true },
  completionProvider: { triggerCharacters: ['.', '"', '/', '@', '~', '{'] },
  signatureHelpProvider: { triggerCharacters: ['(', ','] },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  semanticTokensProvider: { legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] }, full: true },
  workspace: { workspaceFolders: { supported: true } },
}

interface At { readonly textDocument: { readonly uri: string }; readonly position: Position }

function answer(connection: Connection, project: Project, folders: () => readonly string[]): void {
  /** Lets a cancellation that has arrived come first. */
  const place = async ({ textDocument, position }: At, token: CancellationToken): Promise<Place | undefined> => {
    await turn()
    if (token.isCancellationRequested) throw new ResponseError(-32800, 'the request was cancelled')
    return project.place(textDocument.uri, position)
  }
  connection.onHover(async (params, token) => {
    const at = await place(params, token)
    return at && hover(at, project)
  })
  connection.onCompletion(async (params, token) => {
    const at = await place(params, token)
    return at ? [...await completion(at, project)] : []
  })
  connection.onSignatureHelp(async (params, token) => {
    const at = await place(params, token)
    return at && signatureHelp(at, project)
  })
  connection.onDefinition(async (params, token) => {
    const at = await place(params, token)
    return at && definition(at, project)
  })
  connection.onDocumentHighlight(async (params, token) => {
    const at = await place(params, token)
    return at ? [...highlights(at, project)] : []
  })
  connection.onReferences(async (params, token) => {
    const at = await place(params, token)
    return at ? [...await references(at, project, folders(), params.context.includeDeclaration)] : []
  })
  connection.onPrepareRename(async (params, token) => {
    const at = await place(params, token)
    return at && renamed(at, project)
  })
  connection.onRenameRequest(async (params, token) => {
    const at = await place(params, token)
    if (!at) throw new ResponseError(ErrorCodes.InvalidRequest, 'this document is not open')
    return rename(at, project, folders(), params.newName)
  })
  connection.onDocumentSymbol(async ({ textDocument }) => {
    const found = await project.inspectionOf(textDocument.uri)
    return found ? [...documentSymbols(found, project)] : []
  })
  connection.onFoldingRanges(async ({ textDocument }) => {
    const found = await project.inspectionOf(textDocument.uri)
    return found ? [...foldingRanges(found.module.file, project)] : []
  })
  connection.onCodeAction(async ({ textDocument, range, context }) => {
    const found = await project.inspectionOf(textDocument.uri)
    return found ? [...codeActions(found, textDocument.uri, range, context, project)] : []
  })
  connection.languages.inlayHint.on(async ({ textDocument, range }) => {
    const found = await project.inspectionOf(textDocument.uri)
    const document = project.document(textDocument.uri)
    return found && document ? [...inlayHints(found, range, document, project)] : []
  })
  connection.languages.semanticTokens.on(async ({ textDocument }) => {
    const found = await project.inspectionOf(textDocument.uri)
    return found ? semanticTokens(found, project) : { data: [] }
  })
  const layout = (uri: string, ...range: Parameters<typeof formatting> extends [TextDocument, ...infer Rest] ? Rest : never) => {
    const document = project.document(uri)
    return document ? [...formatting(document, ...range)] : []
  }
  connection.onDocumentFormatting(({ textDocument }) => layout(textDocument.uri))
  connection.onDocumentRangeFormatting(({ textDocument, range }) => layout(textDocument.uri, range))
}

const turn = (): Promise<void> => new Promise(resolve => { setTimeout(resolve, 0) })
