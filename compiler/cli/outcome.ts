/** How a run of the command ends: exit statuses, and the one error class that carries one. */

export const EXIT = {
  done: 0,
  /** The program has errors, all of them reported. */
  program: 1,
  /** Wrong use of the command. */
  usage: 2,
  /** A run failed: bad data, diverged, out of memory. */
  run: 3,
  /** Ended by Ctrl-C, as shells say it: 128 and the number of the signal. */
  interrupted: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

/** Ends the command with a message that stands alone: what, where, expected against found. */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  constructor(readonly status: Exclude<ExitStatus, typeof EXIT.done>, message: string, readonly help?: string, options?: ErrorOptions) {
    super(message, options)
  }
}

export const wrongUse = (message: string, help?: string): CommandError => new CommandError(EXIT.usage, message, help)

export const runFailed = (message: string, help?: string, cause?: unknown): CommandError =>
  new CommandError(EXIT.run, message, help, { cause })
