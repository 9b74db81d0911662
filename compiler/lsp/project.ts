/** The open documents, and what the compiler says of them: each is compiled once for a state of all files that it reads. */
import { TextDocument } from 'vscode-languageserver-textdocument'
import { ErrorCodes, ResponseError, type Location, type Position, type Range } from 'vscode-languageserver'
import { tokensOf, type Scan } from '../1-parse/scan'
import { inspect, type Inspection } from '../compile'
import type { Host } from '../host'
import type { SourceFile, Span } from '../source/source'
import type { Workspace } from './workspace'

/** A place in an open document, with all that is known about it. */
export interface Place {
  readonly inspection: Inspection
  readonly document: TextDocument
  readonly file: SourceFile
  readonly offset: number
}

interface Compiled {
  readonly result: Promise<Inspection | undefined>
  /** Paths of the files that it went by, also of those that are not there. */
  readonly reads: Set<string>
}

export class Project {
  readonly #open = new Map<string, TextDocument>()
  #ended = false
  readonly #compiled = new Map<string, Compiled>()
  readonly #documents = new WeakMap<SourceFile, TextDocument>()
  readonly #scans = new WeakMap<SourceFile, Scan>()

  /** @param fail is told of a bug in the compiler */
  constructor(readonly workspace: Workspace, private readonly fail: (error: unknown) => void) {}

  // ------------------------------------------------------------------------------------------------- documents

  /** A document is opened, or has another text. @returns paths of the open documents that this concerns */
  update(document: TextDocument): readonly string[] {
    const path = this.workspace.pathOf(document.uri)
    this.#open.set(path, document)
    return this.changed(path)
  }

  close(uri: string): readonly string[] {
    const path = this.workspace.pathOf(uri)
    this.#open.delete(path)
    this.#compiled.delete(path)
    return this.changed(path)
  }

  /** What was compiled from a file is out of date. @returns paths of the open documents that this concerns */
  changed(path: string): readonly string[] {
    for (const [entry, { reads }] of this.#compiled) if (reads.has(path)) this.#compiled.delete(entry)
    return [...this.#open.keys()].filter(entry => !this.#compiled.has(entry))
  }

  /** The client wants nothing more than that the process ends. */
  end(): void {
    this.#ended = true
  }

  isOpen(path: string): boolean {
    return this.#open.has(path)
  }

  document(uri: string): TextDocument | undefined {
    return this.#open.get(this.workspace.pathOf(uri))
  }

  // --------------------------------------------------------------------------------------------------- compiling

  /** Texts of open documents go before those on the disk. */
  get host(): Host {
    return { ...this.workspace, readText: path => this.#read(path), readBytes: path => this.workspace.readBytes(path), resolve: (from, relative) => this.workspace.resolve(from, relative) }
  }

  #read(path: string): Promise<string | undefined> {
    const open = this.#open.get(path)
    return open ? Promise.resolve(open.getText()) : this.workspace.readText(path)
  }

  /** @returns undefined where there is no such file */
  inspection(path: string): Promise<Inspection | undefined> {
    const known = this.#compiled.get(path)
    if (known) return known.result
    const reads = new Set<string>()
    const host: Host = { ...this.host, readText: read => { reads.add(read); return this.#read(read) } }
    const result = inspect(path, host).catch(error => { this.fail(error); return undefined })
    this.#compiled.set(path, { result, reads })
    // What nobody has open is not worth keeping.
    if (!this.#open.has(path)) void result.finally(() => this.#compiled.delete(path))
    return result
  }

  async place(uri: string, position: Position): Promise<Place | undefined> {
    const document = this.document(uri)
    const inspection = await this.inspectionOf(uri)
    return inspection && document && { inspection, document, file: inspection.module.file.file, offset: document.offsetAt(position) }
  }

  /** @throws ResponseError after `end` */
  async inspectionOf(uri: string): Promise<Inspection | undefined> {
    if (this.#ended) throw new ResponseError(ErrorCodes.InvalidRequest, 'the server has shut down')
    return this.document(uri) && await this.inspection(this.workspace.pathOf(uri))
  }

  // ------------------------------------------------------------------------------------------------------ places

  rangeOf({ file, start, end }: Span): Range {
    const document = this.#documents.get(file) ?? TextDocument.create('', 'bp', 0, file.text)
    this.#documents.set(file, document)
    return { start: document.positionAt(start), end: document.positionAt(end) }
  }

  /** @returns undefined in a standard module that is nowhere to be opened */
  locationOf(span: Span): Location | undefined {
    const uri = this.uriOf(span.file)
    return uri === undefined ? undefined : { uri, range: this.rangeOf(span) }
  }

  uriOf({ name }: SourceFile): string | undefined {
    return this.#open.get(name)?.uri ?? (name.startsWith('std.') ? this.workspace.standardUri(name) : this.workspace.uriOf(name))
  }

  scanOf(file: SourceFile): Scan | undefined {
    const known = this.#scans.get(file) ?? tokensOf(file)
    if (known) this.#scans.set(file, known)
    return known
  }
}
