/** `bpc lsp`: the language server on standard input and output, for editors. */
import { open, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createConnection } from 'vscode-languageserver/node.js'
import { serve } from '../lsp/server'
import type { Workspace } from '../lsp/workspace'
import { NODE_HOST } from './nodeHost'

/** Serves until the client ends it: with 0 after `shutdown`, with 1 without. */
export function lsp(): Promise<never> {
  serve(createConnection(process.stdin, process.stdout), diskWorkspace())
  return new Promise(() => undefined)
}

/** Bytes that hold any header. */
const HEAD = 65_536
/** Of a folder with more, nobody wants each of them compiled for a search. */
const MOST_SOURCES = 2000

export function diskWorkspace(): Workspace {
  return {
    ...NODE_HOST,
    // What cannot be read, a folder for example, is to the editor as good as not there.
    readText: path => NODE_HOST.readText(path).catch(() => undefined),
    pathOf: uri => (uri.startsWith('file:') ? filePath(uri) : uri),
    uriOf: path => (/^[a-z][a-z\d+.-]+:/i.test(path) ? path : pathToFileURL(path).href),
    readHead,
    sourcesBelow,
    namesBeside: async (path, folder) => (await readdir(join(dirname(path), folder), { withFileTypes: true }))
      .filter(entry => !entry.name.startsWith('.') && entry.name !== 'node_modules').map(entry => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort(),
    // The library is published beside the command, in the folder above it.
    standardUri: module => pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '..', 'stdlib', `${module.slice('std.'.length)}.bp`)).href,
  }
}

/** A URI that names no file of this machine stays what it is. */
function filePath(uri: string): string {
  try {
    return resolve(fileURLToPath(uri))
  } catch {
    return uri
  }
}

async function readHead(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined)
  if (!file) return undefined
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function sourcesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      if (found.length >= MOST_SOURCES || entry.name.startsWith('.') || entry.name === 'node_modules') continue
      if (entry.isDirectory()) await visit(join(path, entry.name))
      else if (entry.name.endsWith('.bp')) found.push(join(path, entry.name))
    }
  }
  await visit(folder)
  return found
}
