/** Which statements may stand in which body. */
import type { RoutineKind, Statement } from '../1-parse/ast'

export type Place = RoutineKind | 'model' | 'const'

const EVERYWHERE: readonly Statement['kind'][] = ['let', 'for', 'invalid']
export const ALLOWED: { readonly [P in Place]: ReadonlySet<Statement['kind']> } = {
  const: new Set(),
  fn: new Set([...EVERYWHERE, 'var', 'assign', 'return', 'assert', 'yield']),
  layer: new Set([...EVERYWHERE, 'var', 'assign', 'return', 'assert', 'yield', 'param', 'state', 'update', 'instance', 'frozen']),
  gate: new Set([...EVERYWHERE, 'gate', 'if']),
  circuit: new Set([...EVERYWHERE, 'gate', 'if', 'qubits', 'return']),
  model: new Set([
    ...EVERYWHERE, 'var', 'assign', 'assert', 'yield', 'param', 'state', 'update', 'instance', 'frozen', 'input', 'output', 'loss', 'metric', 'rate',
  ]),
}
/** What belongs to a body as a whole: a loop would say it several times. */
export const ONCE: ReadonlySet<Statement['kind']> = new Set(['param', 'state', 'frozen', 'input', 'output', 'loss', 'metric', 'rate', 'return', 'qubits'])
export const PLACE_IN_WORDS: { readonly [P in Place]: string } = {
  const: 'a const', fn: 'a fn', layer: 'a layer', gate: 'a gate', circuit: 'a circuit', model: 'a model',
}
