/** Words by which other languages begin a statement or a declaration, and how the same is said here. */

/** What other languages call our declarations. */
export const FOREIGN_DECLARATIONS: ReadonlyMap<string, string> = new Map([
  ['def', 'fn'], ['function', 'fn'], ['func', 'fn'], ['fun', 'fn'], ['import', 'use'], ['from', 'use'], ['include', 'use'], ['require', 'use'],
  ['class', 'model'], ['struct', 'model'], ['module', 'layer'], ['qreg', 'circuit'], ['opaque', 'gate'], ['static', 'const'],
])

/** How one of ours is written, for who knows it by another word. */
const WRITTEN: Readonly<Record<string, string>> = {
  fn: '`fn f(x: real[n]) -> real = sum(x)`', use: '`use std.nn.dense`, or `use "./layers.bp".block`', model: '`model M { … }`; what owns parameters and is called is a `layer`',
}

/** What to say of a declaration under a foreign word. */
export function declarationHelp(word: string): string | undefined {
  if (word === 'OPENQASM') return 'OpenQASM is another language; a circuit is written `circuit c(t: real) -> real { qubits q[2] … }`'
  const ours = FOREIGN_DECLARATIONS.get(word)
  const written = ours === undefined ? undefined : WRITTEN[ours]
  return written === undefined ? undefined : `did you mean \`${ours}\`? It is written ${written}`
}

/** Words that other languages put before a declaration, and that say nothing here. */
export const EXTRA_WORDS: ReadonlySet<string> = new Set(['export', 'public', 'private', 'pub', 'async', 'inline', 'abstract', 'declare'])

const NO_WHILE = 'loops are counted: `for i in 0..n { … }` takes n turns; a value is held from some turn on by `x = if done then x else next`'
const NO_JUMP = 'a loop takes all of its turns: hold the value by `x = if done then x else next`'
const IN_TYPESCRIPT = 'there is nothing to catch here: what can go wrong at run time is told by the program that calls the model'

const STATEMENTS: ReadonlyMap<string, string> = new Map([
  ['while', NO_WHILE], ['do', NO_WHILE], ['loop', NO_WHILE], ['until', NO_WHILE], ['repeat', NO_WHILE],
  ['break', NO_JUMP], ['continue', NO_JUMP], ['pass', 'an empty block is written `{ }`'],
  ['elif', 'it is written `else if`'], ['elsif', 'it is written `else if`'], ['elseif', 'it is written `else if`'], ['else', 'it stands behind the `}` of an `if`'],
  ['switch', 'write `if … { } else if … { }` in a circuit, `if c then a else b` elsewhere'], ['match', 'write `if … { } else if … { }` in a circuit, `if c then a else b` elsewhere'],
  ['print', 'nothing is printed: an `output` shows a value'], ['println', 'nothing is printed: an `output` shows a value'], ['console', 'nothing is printed: an `output` shows a value'],
  ['try', IN_TYPESCRIPT], ['throw', IN_TYPESCRIPT], ['raise', IN_TYPESCRIPT], ['with', 'derivatives are expressions, `grad(y, x)`, and `stop(x)` blocks one: nothing is switched on or off'],
  ['del', 'values need no clearing away'], ['global', 'a constant of the file is known everywhere; a `var` is assigned in its own block and in loops there'],
  ['super', 'there are no classes: a model or layer declares its parameters with `param`'],
])

/** What to say of a statement that begins with a word of another language. */
export function statementHelp(word: string): string | undefined {
  const ours = FOREIGN_DECLARATIONS.get(word)
  if (ours === 'fn' || ours === 'use' || ours === 'model') return `declarations stand at the top of a file: ${WRITTEN[ours] ?? ''}`
  return STATEMENTS.get(word)
}
