/** `bpc build --watch`: builds again whenever a file that the last build read changes, until Ctrl-C. */
import type { Host } from '../host'
import { writeModules, type BuildFlags } from './build'
import { NODE_HOST } from './nodeHost'
import { EXIT, type ExitStatus } from './outcome'
import { reportFailure } from './report'
import type { Terminal } from './terminal'

/** Editors write a file in several strokes: a build waits until nothing has changed for so long. In milliseconds. */
const QUIET = 50

export async function watch(files: readonly string[], flags: BuildFlags, terminal: Terminal): Promise<ExitStatus> {
  const read = new Set<string>()
  const host = recording(read)
  // What is wrong before there is anything to watch ends the command, as without --watch.
  await buildOnce(files, flags, terminal, host)
  const { watch: open } = await import('chokidar')
  const watcher = open([...read], { ignoreInitial: true })
  const building = new Rebuilding(async () => {
    try {
      await buildOnce(files, flags, terminal, host)
    } catch (error) {
      // A file that is gone for a moment is back at the next change.
      reportFailure(error, flags.json ?? false, terminal)
    }
    watcher.add([...read])
  })
  watcher.on('all', () => building.ask())
  watcher.once('ready', () => { if (!flags.json) terminal.complain(`watching ${read.size === 1 ? 'one file' : `${read.size} files`}; Ctrl-C ends it`) })
  await new Promise<void>(resolve => { process.once('SIGINT', () => resolve()) })
  building.stop()
  await watcher.close()
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

/** The disk, and the names of all that is read from it, found or not: a file that is missing may come. */
function recording(into: Set<string>): Host {
  const noted = <Found>(readFrom: (path: string) => Promise<Found>) => (path: string) => {
    into.add(path)
    return readFrom(path)
  }
  return { ...NODE_HOST, readText: noted(path => NODE_HOST.readText(path)), readBytes: noted(path => NODE_HOST.readBytes(path)) }
}

/** Builds after each burst of changes, and once more for changes during a build; never two at once. */
class Rebuilding {
  private timer: NodeJS.Timeout | undefined
  private isBuilding = false

  constructor(private readonly build: () => Promise<void>) {}

  ask(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { void this.start() }, QUIET)
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private async start(): Promise<void> {
    if (this.isBuilding) {
      this.ask()
      return
    }
    this.isBuilding = true
    try {
      await this.build()
    } finally {
      this.isBuilding = false
    }
  }
}
