/** What the language server asks of the world. The command brings the disk; a web page could bring something else. */
import type { Host } from '../host'

export interface Workspace extends Host {
  /** The path that the compiler knows a document by. */
  pathOf(uri: string): string
  uriOf(path: string): string
  /** The first lines of a file that may be large. */
  readHead(path: string): Promise<string | undefined>
  /** The .bp files below a folder, without those of packages and hidden folders; of a very large folder only the first ones. */
  sourcesBelow(folder: string): Promise<readonly string[]>
  /** Names of the files and folders beside a file, or below a path seen from there; folders end in `/`. */
  namesBeside(path: string, folder: string): Promise<readonly string[]>
  /** Where the text of a module of the standard library can be opened. */
  standardUri(module: string): string | undefined
}
