/** What a name that is called takes: a function of the language, a routine of the file, a layer's instance, an optimizer. */
import type { Routine } from '../1-parse/ast'
import { isInvalid } from '../2-check/modules'
import type { Inspection } from '../compile'
import { textOf, type SourceFile } from '../source/source'
import { builtInsOf, type Described } from './builtIns'
import type { Context, OpenCall } from './context'

/** By the name alone, since the statement that calls it may not be finished. */
export function describedCall({ name, isGate }: OpenCall, context: Context, offset: number, file: SourceFile, inspection: Inspection): Described | undefined {
  const find = (table: Parameters<typeof builtInsOf>[0]) => builtInsOf(table).find(each => each.name === name)
  const { module, names } = inspection
  if (isGate) return describedRoutine(module.gates.get(name)?.node) ?? find('gate')
  if (context.place === 'train') return find('optimizer') ?? find('schedule') ?? find('clip')
  if (isInitial(context)) {
    const initializer = find('initializer')
    if (initializer) return initializer
  }
  const instance = names.inSight(file, offset).findLast(each => each.role === 'instance' && each.name.name === name)?.node
  if (instance?.kind === 'routine') return describedRoutine(instance)
  const routine = describedRoutine(module.callables.get(name)?.node)
  if (routine) return routine
  return (context.place === 'circuit' || context.place === 'gate' ? find('measurement') : undefined) ?? find('function')
}

/** Behind the `~` of a parameter. */
export function isInitial({ frames }: Pick<Context, 'frames'>): boolean {
  return frames.some(({ before, statement }) => [before, statement].some(tokens => tokens.some(({ text }) => text === '~')))
}

export function describedRoutine(routine: Routine | undefined): Described | undefined {
  if (!routine || isInvalid(routine)) return undefined
  return {
    name: routine.name.name, title: textOf(routine.signature).replace(/\s+/g, ' '), doc: routine.doc,
    parameters: routine.parameters.map(({ name, span }) => ({ name: name.name, doc: textOf(span).replace(/\s+/g, ' '), byName: false })),
  }
}
