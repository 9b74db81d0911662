/** Declarations that take the place of something built in: whoever reads `h q` or `relu(x)` further down takes it for the known one. */
import type { Const, Routine } from '../../1-parse/ast'
import { isCircuitFunction, isFunction, isInitializer } from '../../2-check/functions'
import { KNOWN_VALUES, SPECIAL_GATES } from '../../2-check/knownNames'
import type { DiagnosticSink } from '../../diagnostics/sink'
import { GATES } from '../../../quantum/gates'

export function noteShadowed(declaration: Routine | Const, sink: DiagnosticSink): void {
  const { name, span } = declaration.name
  const what = declaration.kind === 'const' ? (KNOWN_VALUES.has(name) ? 'constant' : undefined) : builtIn(declaration)
  if (what !== undefined) sink.report('shadowed-built-in', span, { name, what, suggestion: `my_${name}` })
}

/** Gates and callables are two namespaces, so a function may share the name of a gate. */
function builtIn({ routine, name: { name } }: Routine): string | undefined {
  if (routine === 'gate') return Object.hasOwn(GATES, name) || SPECIAL_GATES.has(name) ? 'gate' : undefined
  if (isFunction(name)) return 'function'
  if (isCircuitFunction(name)) return 'function of circuits'
  return isInitializer(name) ? 'initialiser' : undefined
}
