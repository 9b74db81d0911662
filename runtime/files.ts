/** Files, where there are any. Node's modules are asked for at run time, so that a browser's bundle has no trace of them. */
import { RunError } from './errors'

type NodeFiles = typeof import('node:fs/promises')

/** A variable, so that bundlers leave the import alone. */
const NODE_FILES = 'node:fs/promises'

async function nodeFiles(path: string): Promise<NodeFiles> {
  const inNode = typeof process === 'object' && process.versions?.node !== undefined
  if (!inNode) throw new RunError('unsupported', `'${path}' cannot be reached: there are no files here. Use toBytes() and fromBytes()`)
  return await import(/* @vite-ignore */ /* webpackIgnore: true */ NODE_FILES) as NodeFiles
}

/** @throws RunError 'file' when it cannot be read */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  const files = await nodeFiles(path)
  try {
    return await files.readFile(path)
  } catch (error) {
    throw new RunError('file', `'${path}' cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

/**
 * Writes beside the file and renames, so that a reader sees the old bytes or the new, never half of them.
 * @throws RunError 'file' when it cannot be written
 */
export async function writeFileBytes(path: string, bytes: Uint8Array): Promise<void> {
  const files = await nodeFiles(path)
  const temporary = `${path}.${crypto.randomUUID()}.tmp`
  try {
    await files.writeFile(temporary, bytes)
    await files.rename(temporary, path)
  } catch (error) {
    await files.rm(temporary, { force: true })
    throw new RunError('file', `'${path}' cannot be written: ${reasonOf(error)}`, { cause: error })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
