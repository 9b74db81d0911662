/** Sends diagnostics: a little after the last change, so that typing is never waited for, and each file's once. */
import type { Connection, Diagnostic } from 'vscode-languageserver'
import { diagnosticsByFile } from './diagnostics'
import type { Project } from './project'

/** Milliseconds without a change, after which a file is compiled. */
const PAUSE = 80

export class Publisher {
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #waiting = new Set<string>()
  /** What each open file had to say, by the file that it is about. */
  readonly #said = new Map<string, ReadonlyMap<string, readonly Diagnostic[]>>()

  constructor(private readonly connection: Connection, private readonly project: Project) {}

  /** @param paths of open documents; those that changed again meanwhile are compiled once */
  schedule(paths: readonly string[]): void {
    for (const path of paths) this.#waiting.add(path)
    clearTimeout(this.#timer)
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => { void this.#publishNext() }, PAUSE)
  }

  clear(uri: string): void {
    const path = this.project.workspace.pathOf(uri)
    this.#waiting.delete(path)
    this.#replace(path, new Map())
    this.#said.delete(path)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#waiting.clear()
  }

  /** One file, then whatever the client has sent meanwhile, then the next. */
  async #publishNext(): Promise<void> {
    const [path] = this.#waiting
    if (path === undefined) return
    this.#waiting.delete(path)
    const pending = this.project.inspection(path)
    const inspection = await pending
    // What has changed while it was compiled is waiting again.
    if (inspection && !this.#waiting.has(path) && this.project.isOpen(path)) this.#replace(path, diagnosticsByFile(inspection.diagnostics, this.project))
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => { void this.#publishNext() }, 0)
  }

  #replace(entry: string, said: ReadonlyMap<string, readonly Diagnostic[]>): void {
    const before = this.#said.get(entry)
    this.#said.set(entry, said)
    for (const path of new Set([entry, ...before?.keys() ?? [], ...said.keys()])) this.#send(path)
  }

  /** An open file speaks for itself; for another one every file that uses it does. */
  #send(path: string): void {
    const uri = this.project.uriOf({ name: path, text: '' })
    if (uri === undefined) return
    const own = this.#said.get(path)?.get(path)
    const fromOthers = [...this.#said.values()].flatMap(said => said.get(path) ?? [])
    const unique = new Map(fromOthers.map(each => [JSON.stringify([each.range, each.code, each.message]), each]))
    void this.connection.sendDiagnostics({ uri, diagnostics: this.project.isOpen(path) ? [...own ?? []] : [...unique.values()] })
  }
}
