/** Where the compiler is given up, for a program that is too much or for a bug of its own: nothing that is thrown gets further. */
import type { Span } from '../source/source'
import type { Code, ParametersOf } from './registry'
import type { DiagnosticSink } from './sink'

/** Thrown where going on would take too long, with what there is to say about it. */
export class GivenUp extends Error {
  constructor(readonly say: (sink: DiagnosticSink) => void) {
    super('given up')
    this.name = 'GivenUp'
  }

  static with<C extends Code>(code: C, span: Span, params: ParametersOf<C>): GivenUp {
    return new GivenUp(sink => { sink.report(code, span, params) })
  }
}

/**
 * Runs a part of the compiler.
 * @param place of what it is at, for a mistake without a place of its own
 * @returns undefined where it was given up, which has been reported
 */
export function contained<Made>(sink: DiagnosticSink, place: () => Span, work: () => Made): Made | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof GivenUp) error.say(sink)
    else sink.report('internal-error', place(), { what: inWords(error) }, { cause: error, help: 'BPC_DEBUG=1 shows where' })
    return undefined
  }
}

const inWords = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
