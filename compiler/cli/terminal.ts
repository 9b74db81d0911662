/** The streams that a verb writes to, and what they can show. */
import colors from 'picocolors'

export interface Terminal {
  /** What was asked for. */
  print(text: string): void
  /** Everything said about it. */
  complain(text: string): void
  readonly paint: ReturnType<typeof colors.createColors>
  /** A person watches: a line may be drawn over. */
  readonly isLive: boolean
  readonly errorStream: NodeJS.WriteStream
  /** How what was asked for may look. */
  readonly printStyle: PrintStyle
}

export interface PrintStyle {
  readonly paint: ReturnType<typeof colors.createColors>
  /** How many characters stand in a line. */
  readonly columns: number
}

/** Of what goes into a file nobody knows the width. */
const USUAL_COLUMNS = 80

/** The terminal of this process. Colour obeys NO_COLOR and FORCE_COLOR, and whether the stream that is written to is a terminal. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  const isDumb = env['TERM'] === 'dumb'
  // Always a boolean: told nothing, picocolors would go by an environment variable of build servers.
  const hasColor = (stream: NodeJS.WriteStream) => (env['NO_COLOR'] ? false : env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : Boolean(stream.isTTY) && !isDumb)
  return {
    print: text => { stdout.write(`${text}\n`) },
    complain: text => { stderr.write(`${text}\n`) },
    paint: colors.createColors(hasColor(stderr)),
    isLive: Boolean(stderr.isTTY) && !isDumb,
    errorStream: stderr,
    printStyle: { paint: colors.createColors(hasColor(stdout)), columns: stdout.columns || USUAL_COLUMNS },
  }
}
