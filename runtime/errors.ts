/** The one error class of the runtime. */

/**
 * What went wrong: `usage` is a wrong call (an unknown or missing name, an option that makes no sense), everything else a
 * run that failed.
 */
export type RunErrorKind =
  | 'usage' | 'data' | 'sizes' | 'index' | 'matrix' | 'diverged' | 'memory' | 'weights' | 'file' | 'plan' | 'unsupported'

/** The message stands alone: what, where, expected against found, and what to do next. */
export class RunError extends Error {
  override readonly name = 'RunError'

  constructor(readonly kind: RunErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}
