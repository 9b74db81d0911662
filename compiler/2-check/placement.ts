/** Which statements may stand in which body. */
import type { RoutineKind, Statement } from '../1-parse/ast'

export type Place = RoutineKind | 'model' | 'const'

const EVERYWHERE: readonly Statement['kind'][] = ['let', 'for', 'invalid']
export const ALLOWED: { readonly [P in Place]: ReadonlySet<Statement['kind']> } = {
  const: new Set(),
  fn: new Set([...EVERYWHERE, 'var', 'assign', 'return', 'assert', 'yield']),
  layer: new Set([...EVERYWHERE, 'var', 'assign', 'return', 'assert', 'yield', 'param', 'state', 'update', 'instance', 'frozen']),
  gate: new Set([...EVERYWHERE, 'gate', 'if', 'assert']),
  circuit: new Set([...EVERYWHERE, 'gate', 'if', 'assert', 'qubits', 'return']),
  model: new Set([
    ...EVERYWHERE, 'var', 'assign', 'assert', 'yield', 'param', 'state', 'update', 'instance', 'frozen', 'input', 'output', 'loss', 'metric', 'rate',
  ]),
}
/** What belongs to a body as a whole: a loop would say it several times. */
export const ONCE: ReadonlySet<Statement['kind']> = new Set(['param', 'state', 'frozen', 'input', 'output', 'loss', 'metric', 'rate', 'return', 'qubits'])
export const PLACE_IN_WORDS: { readonly [P in Place]: string } = {
  const: 'a const', fn: 'a fn', layer: 'a layer', gate: 'a gate', circuit: 'a circuit', model: 'a model',
}

// ------------------------------------------------------------------------------------------------- what to do instead

const LAID_OUT = 'a circuit is laid out, not run: name values with `let`, or make them in the model'
const IN_A_LOOP = '`yield` stands in the body of a `for`, directly'

/** By the statement, then by the body that it cannot stand in. */
export const MISPLACED_HELP: { readonly [K in Statement['kind']]?: { readonly [P in Place]?: string } } = {
  if: everywhereBut(['gate', 'circuit'], '`if` chooses between values: `let y = if x > 0 then a else b`'),
  input: everywhereBut(['model'], 'only a model has inputs; a routine takes arguments, in the parentheses after its name'),
  output: everywhereBut(['model'], 'only a model has outputs; a routine gives back what stands after `return`'),
  loss: everywhereBut(['model'], 'only a model has a loss: give the value back with `return`, and write `loss` where it is called'),
  metric: everywhereBut(['model'], 'only a model has metrics: give the value back with `return`'),
  rate: everywhereBut(['model'], 'a model sets the rates of its parameters, also of those in its layers: `rate enc.W = 0.1`'),
  param: {
    fn: 'a function has no parameters of its own to train: make it a `layer`, or pass the value as an argument',
    gate: 'pass the angles as arguments; the model that calls the circuit has the parameters',
    circuit: 'pass the angles as arguments; the model that calls the circuit has the parameters',
  },
  state: everywhereBut(['model', 'layer'], 'models and layers keep states'),
  update: everywhereBut(['model', 'layer'], 'models and layers keep states, and update them'),
  instance: everywhereBut(['model', 'layer'], 'models and layers own layers'),
  return: { model: 'a model gives back what it calls an `output`', gate: 'a gate acts on its qubits and gives nothing back; a circuit measures them' },
  qubits: { gate: 'a gate is given its qubits: name them in its header, `gate g() a: qubit, b: qubit`' },
  gate: everywhereBut(['gate', 'circuit'], 'gates stand in a `circuit`, which a model calls as a function'),
  var: { gate: LAID_OUT, circuit: LAID_OUT },
  assign: { gate: LAID_OUT, circuit: LAID_OUT },
  yield: { model: IN_A_LOOP, fn: IN_A_LOOP, layer: IN_A_LOOP, gate: 'the loops of a gate lay gates out; lists are written `[e for i in 0..n]`', circuit: 'the loops of a circuit lay gates out; lists are written `[e for i in 0..n]`' },
}

/** Of what may stand in the body, and not in a loop of it. */
export const IN_LOOP_HELP: { readonly [K in Statement['kind']]?: string } = {
  output: 'gather with `yield`, and put the loop behind the name: `output y = for t in 0..n { yield … }`',
  return: 'gather with `yield`, and give the loop back: `return for t in 0..n { yield … }`',
  input: 'declare it above the loop', param: 'declare it above the loop', state: 'declare it above the loop',
  loss: 'add up in a `var`, and write `loss` below the loop', metric: 'add up in a `var`, and write `metric` below the loop',
  rate: 'write it below the loop', frozen: 'write it outside of the loop', qubits: 'declare all of them above the loop: `qubits q[4]`',
}

export const DIMENSION_HELP = 'a dimension is known where an `input`, a `target` or an argument has it in its shape; a fixed size is a `const`'

/** Where a name that is nowhere could come from. */
export const MISSING_HELP: { readonly [P in Place]: string } = {
  const: 'a `const` is made of numbers and of other constants',
  fn: 'a function knows its arguments and the constants of the file: pass it as an argument',
  layer: 'a layer knows its arguments, its parameters and the constants of the file: pass it as an argument',
  gate: 'a gate knows its arguments, its qubits and the constants of the file: pass it as an argument',
  circuit: 'a circuit knows its arguments, its qubits and the constants of the file: pass it as an argument',
  model: 'declare it above, as an `input`, a `param` or a `let`',
}

function everywhereBut(places: readonly Place[], help: string): { readonly [P in Place]?: string } {
  return Object.fromEntries((['const', 'fn', 'layer', 'gate', 'circuit', 'model'] as const).flatMap(place => (places.includes(place) ? [] : [[place, help]])))
}
