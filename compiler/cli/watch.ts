/** `bpc build --watch`: builds again whenever a file that the last build read changes, until Ctrl-C. */
import type { FSWatcher } from 'chokidar'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Host } from '../host'
import { writeModules, type BuildFlags } from './build'
import { NODE_HOST } from './nodeHost'
import { EXIT, type ExitStatus } from './outcome'
import { reportFailure } from './report'
import type { Terminal } from './terminal'

/** Editors write a file in several strokes: a build waits until nothing has changed for so long. In milliseconds. */
const QUIET = 50

export async function watch(files: readonly string[], flags: BuildFlags, terminal: Terminal): Promise<ExitStatus> {
  const ended = new AbortController()
  process.once('SIGINT', () => ended.abort())
  const sources = new Sources()
  // What is wrong before there is anything to watch ends the command, as without --watch.
  await buildOnce(files, flags, terminal, sources.host)
  await sources.follow()
  if (!flags.json) terminal.complain(`watching ${sources.count === 1 ? 'one file' : `${sources.count} files`}; Ctrl-C ends it`)
  while (await sources.changed(ended.signal)) {
    try {
      await buildOnce(files, flags, terminal, sources.host)
    } catch (error) {
      // A file that is gone for a moment is back at the next change.
      reportFailure(error, flags.json ?? false, terminal)
    }
    await sources.follow()
  }
  await sources.close()
  return EXIT.done
}

/** One line a build, behind what the compiler has to say. */
async function buildOnce(files: readonly string[], flags: BuildFlags, terminal: Terminal, host: Host): Promise<void> {
  const start = performance.now()
  const written = await writeModules(files, flags, terminal, host)
  const milliseconds = Math.round(performance.now() - start)
  if (flags.json) terminal.print(JSON.stringify({ event: 'build', ok: written !== undefined, files: written ?? [], seconds: milliseconds / 1000 }))
  else terminal.print(written ? `built ${written.join(', ')} in ${milliseconds} ms` : `not built: ${files.join(', ')}`)
}

/**
 * All files that builds have read, found or not, as they were when last read.
 *
 * Their folders are watched, not the files: a missing file may come, and an editor may put a new one in the place of the old. Events only say when
 * to look; whether there is something to build is told by the disk, so nothing is lost that changes before the watcher is ready.
 */
class Sources {
  private readonly stamps = new Map<string, string>()
  private folders: ReadonlySet<string> = new Set()
  private watcher: FSWatcher | undefined
  /** Something has happened since anyone last looked. */
  private isNews = false
  private wake = () => {}

  /** The disk; what is read from it is followed from then on. */
  readonly host: Host = {
    ...NODE_HOST,
    readText: path => this.noted(path, () => NODE_HOST.readText(path)),
    readBytes: path => this.noted(path, () => NODE_HOST.readBytes(path)),
  }

  get count(): number {
    return this.stamps.size
  }

  /** Watches the folders of all files read so far; returns when every later change will be seen. */
  async follow(): Promise<void> {
    const folders = new Set(await Promise.all([...this.stamps.keys()].map(path => nearestFolder(dirname(path)))))
    if (this.watcher && folders.size === this.folders.size && [...folders].every(folder => this.folders.has(folder))) return
    const { watch: open } = await import('chokidar')
    // Of what is in a folder only the files that were read matter, and a folder on the way to one that is missing.
    const isOnTheWay = (path: string) => [...this.stamps.keys()].some(file => file === path || file.startsWith(`${path}/`) || file.startsWith(`${path}\\`))
    const watcher = open([...folders], { ignoreInitial: true, depth: 0, ignored: path => !isOnTheWay(resolve(path)) })
    watcher.on('all', () => {
      this.isNews = true
      this.wake()
    })
    await new Promise<void>(ready => { watcher.once('ready', ready) })
    await this.watcher?.close()
    this.watcher = watcher
    this.folders = folders
  }

  /** Waits until a file differs from what was read of it, and has been quiet since; false when the signal ends the waiting. */
  async changed(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && !await this.differs()) {
      await this.event(signal)
      // A folder that was missing may be there now.
      await this.follow()
    }
    while (!signal.aborted && await this.event(signal, QUIET)) { /* still being written */ }
    return !signal.aborted
  }

  async close(): Promise<void> {
    await this.watcher?.close()
  }

  /** Stamped before it is read: a change between the two is built once more, never missed. */
  private async noted<Content>(path: string, read: () => Promise<Content>): Promise<Content> {
    this.stamps.set(resolve(path), await stampOf(path))
    return read()
  }

  private async differs(): Promise<boolean> {
    for (const [path, stamp] of this.stamps) if (await stampOf(path) !== stamp) return true
    return false
  }

  /** True at an event of the watcher that nobody has seen, or at the next one; false when the time or the signal came first. */
  private event(signal: AbortSignal, milliseconds?: number): Promise<boolean> {
    if (this.isNews) {
      this.isNews = false
      return Promise.resolve(true)
    }
    return new Promise(resolveEvent => {
      const timer = milliseconds === undefined ? undefined : setTimeout(() => end(false), milliseconds)
      const abort = () => end(false)
      const end = (came: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        this.wake = () => {}
        this.isNews = false
        resolveEvent(came)
      }
      this.wake = () => end(true)
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
    })
  }
}

/** What tells one version of a file from the next; the same for all files that are not there. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : 'missing'
}

async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined)
  const parent = dirname(folder)
  return found?.isDirectory() || parent === folder ? folder : nearestFolder(parent)
}
