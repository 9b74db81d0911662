/** Writes files all together: none of them is ever seen half written, and a failure leaves the old ones as they were. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { diskError } from './nodeHost'

export interface FileToWrite { readonly path: string; readonly content: string | Uint8Array }

/** Each goes to a file beside its place first; a rename within a directory is atomic. */
export async function writeFiles(files: readonly FileToWrite[]): Promise<void> {
  const pending = files.map(file => ({ ...file, temporary: `${file.path}.${process.pid}.tmp` }))
  try {
    for (const { path, temporary, content } of pending) await attempt(path, async () => {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(temporary, content)
    })
    for (const { path } of pending) await attempt(path, () => mustBeReplaceable(path))
    for (const { path, temporary } of pending) await attempt(path, () => rename(temporary, path))
  } finally {
    // The parent may be a file: then there is nothing to take away.
    for (const { temporary } of pending) await rm(temporary, { force: true }).catch(() => undefined)
  }
}

/** Found out before the first rename, since renames are not undone. */
async function mustBeReplaceable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) throw Object.assign(new Error(path), { code: 'EISDIR' })
}

async function attempt(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    throw diskError(error, path, 'write')
  }
}
