/** The compiler's view of the disk. */
import { constants, openAsBlob } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { arrayBuffer } from 'node:stream/consumers'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import type { Host } from '../host'
import { CommandError, EXIT, runFailed, wrongUse } from './outcome'

/** Paths stay as the user wrote them, so that messages name files as they were named. */
export const NODE_HOST: Host = {
  async readText(path) {
    const bytes = await readIfThere(path)
    return bytes && decode(path, bytes, EXIT.program)
  },
  readBytes: readIfThere,
  resolve: (from, relative) => isAbsolute(relative) ? normalize(relative) : join(dirname(from), relative),
}

/** The same, for a file that was named on the command line: there is no going on without it. */
export async function readNamed(path: string, what: string): Promise<string> {
  const bytes = await readIfThere(path)
  if (!bytes) throw wrongUse(`there is no ${what} ${path}`)
  return decode(path, bytes, EXIT.usage)
}

export async function readStandardInput(name: string): Promise<string> {
  return decode(name, new Uint8Array(await arrayBuffer(process.stdin)), EXIT.program)
}

/** What can be read piece by piece, however large; undefined where there is none. */
export async function openIfThere(path: string): Promise<Blob | undefined> {
  const found = await stat(path).catch(() => undefined)
  // A pipe has no size, and can be read once.
  if (!found?.isFile()) {
    const bytes = await readIfThere(path)
    return bytes && new Blob([bytes as BlobPart])
  }
  try {
    await access(path, constants.R_OK)
    return await openAsBlob(path)
  } catch (error) {
    throw diskError(error, path, 'read')
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw diskError(error, path, 'read')
  }
}

function decode(path: string, bytes: Uint8Array, status: CommandError['status']): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CommandError(status, `${path}:${lineOfBadByte(bytes)}: this line is not UTF-8 text`, 'save the file as UTF-8')
  }
}

/** 1-based line of the first byte that no UTF-8 text has there. */
function lineOfBadByte(bytes: Uint8Array): number {
  let line = 1
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline + 1
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end
    line++
  }
  return line
}

export function diskError(error: unknown, path: string, verb: 'read' | 'write'): CommandError {
  const code = codeOf(error)
  const why = DISK_REASONS[code] ?? (code || String(error))
  const message = `cannot ${verb} ${path}: ${why}`
  return verb === 'read' ? wrongUse(message) : runFailed(message, undefined, error)
}

const DISK_REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such directory',
  ENOTDIR: 'a part of the path is a file, not a directory',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'the name is too long',
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
