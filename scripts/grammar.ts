/**
 * How .bp is coloured, for editors and for the site: a TextMate grammar over the words of the parser and the names of the
 * language. It goes line by line and knows no types, so words that are keywords only first in a statement are so at the
 * beginning of a line, behind `{` and behind `;`.
 */
import { RESERVED, SOFT } from '../compiler/1-parse/tokens'
import { DECLARATION_WORDS, STATEMENT_WORDS } from '../compiler/1-parse/words'
import { CIRCUIT_FUNCTIONS, FUNCTIONS, INITIALIZERS } from '../compiler/2-check/functions'
import { KNOWN_VALUES, OPTIONS, RUN_VALUES, SPECIAL_GATES } from '../compiler/2-check/knownNames'
import { OPTIMIZERS, SCHEDULES } from '../ir/training'
import { GATES } from '../quantum/gates'

/** A rule of a TextMate grammar; its lists are as its readers want them, who write into none. */
interface Rule {
  readonly name?: string
  readonly match?: string
  readonly begin?: string
  readonly end?: string
  readonly include?: string
  readonly captures?: Record<string, { name: string }>
  readonly beginCaptures?: Record<string, { name: string }>
  readonly endCaptures?: Record<string, { name: string }>
  readonly patterns?: Rule[]
}

const NAME = String.raw`[\p{L}_][\p{L}\p{M}\p{Nd}_₀-₉]*`
/** `\b` of the engines goes by ASCII in some of them: θ is a letter here. */
const word = (names: Iterable<string>): string => String.raw`(?<![\p{L}\p{Nd}_.])(?:${[...names].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).map(escaped).join('|')})(?![\p{L}\p{Nd}_])`
const escaped = (name: string): string => name.replaceAll('.', String.raw`\.`)
const START = String.raw`(?:^|(?<=[{;]))\s*`
const NOT_ASSIGNED = String.raw`(?!\s*=(?!=))`

const DECLARING = ['fn', 'layer', 'model', 'const']
const TYPES = ['real', 'int', 'bool', 'qubit', 'observable', 'string']
const MODIFIERS = ['ctrl', 'negctrl', 'inv', 'pow']
const LITERALS = ['true', 'false', 'inf']
const OPERATORS = ['and', 'or', 'not']
/** Reserved words inside of statements. */
const INNER = Object.keys(RESERVED).filter(each => ![...TYPES, ...LITERALS, ...OPERATORS, ...DECLARATION_WORDS, ...STATEMENT_WORDS].includes(each))
const BUILT_IN = new Set([...Object.keys(FUNCTIONS), ...Object.keys(CIRCUIT_FUNCTIONS), ...Object.keys(INITIALIZERS)])

const include = (...names: readonly string[]): Rule[] => names.map(name => ({ include: `#${name}` }))

/** A declaration at the beginning of a line. */
const NEXT = String.raw`(?=^(?:${DECLARATION_WORDS.join('|')})\b)`

/** From a word to the end of the block behind it; a new declaration ends it too, where a bracket was lost. */
const block = (inner: readonly Rule[], begin: string, names: Rule['beginCaptures']): Rule => ({
  begin, beginCaptures: names, end: String.raw`(?<=\})|${NEXT}`,
  patterns: [{ begin: String.raw`\{`, end: String.raw`\}|${NEXT}`, patterns: [...inner, { include: '#braces' }, ...include('statements', 'expressions')] }, ...include('expressions')],
})

const repository: Record<string, { readonly patterns: Rule[] }> = {
  comments: { patterns: [
    { name: 'comment.line.documentation.bp', match: String.raw`///(?!/).*$` },
    { name: 'comment.line.double-slash.bp', match: '//.*$' },
    { name: 'comment.block.bp', begin: String.raw`/\*`, end: String.raw`\*/` },
  ] },
  strings: { patterns: [{ name: 'string.quoted.double.bp', begin: '"', end: String.raw`"|$`, patterns: [{ name: 'constant.character.escape.bp', match: String.raw`\\(?:u\{[0-9a-fA-F]+\}|.)` }] }] },
  declarations: { patterns: [
    { match: String.raw`^\s*(use)\s+(${NAME}(?:\.${NAME})*)?`, captures: { 1: { name: 'keyword.control.import.bp' }, 2: { name: 'entity.name.namespace.bp' } } },
    { match: String.raw`^\s*(precision)\s+(f32|f64)\b`, captures: { 1: { name: 'keyword.other.bp' }, 2: { name: 'constant.language.bp' } } },
    block(include('comments', 'gates'), String.raw`^\s*(circuit|gate)\s+(${NAME})`, { 1: { name: 'storage.type.bp' }, 2: { name: 'entity.name.function.bp' } }),
    block([...include('comments'), {
      match: String.raw`${START}(${OPTIONS.join('|')})(?![\p{L}\p{Nd}_])${NOT_ASSIGNED}`, captures: { 1: { name: 'keyword.other.option.bp' } },
    }, { name: 'support.function.bp', match: word([...Object.keys(OPTIMIZERS), ...Object.keys(SCHEDULES)]) + String.raw`(?=\s*\()` }], String.raw`^\s*(train)\s+(${NAME})`, { 1: { name: 'storage.type.bp' }, 2: { name: 'entity.name.type.bp' } }),
    { match: String.raw`${START}(model)\s+(${NAME})`, captures: { 1: { name: 'storage.type.bp' }, 2: { name: 'entity.name.type.bp' } } },
    { match: String.raw`${START}(${DECLARING.join('|')})\s+(${NAME})`, captures: { 1: { name: 'storage.type.bp' }, 2: { name: 'entity.name.function.bp' } } },
    { name: 'entity.name.function.decorator.bp', match: String.raw`@(?:gradient|shots|trajectories|precision)\b` },
  ] },
  gates: { patterns: [
    { name: 'keyword.other.modifier.bp', match: String.raw`${word(MODIFIERS)}(?=\s*\(|\s+[\p{L}_])` },
    { match: String.raw`(?:${START}|(?<=ctrl\s|inv\s|\)\s))(${[...Object.keys(GATES), ...SPECIAL_GATES].sort((a, b) => b.length - a.length).join('|')})(?=\s*\(|\s+[\p{L}_])`, captures: { 1: { name: 'support.function.gate.bp' } } },
    { match: String.raw`${START}(?!(?:${[...STATEMENT_WORDS, ...MODIFIERS].join('|')})\b)(${NAME})(?=(?:\s*\([^)]*\))?\s+[\p{L}_])`, captures: { 1: { name: 'entity.name.function.gate.bp' } } },
  ] },
  statements: { patterns: [
    { match: String.raw`${START}(${[...new Set([...STATEMENT_WORDS, ...Object.keys(SOFT).filter(each => each !== 'precision')])].join('|')})(?![\p{L}\p{Nd}_])${NOT_ASSIGNED}(?:\s+(param)\b)?`, captures: { 1: { name: 'keyword.control.bp' }, 2: { name: 'keyword.control.bp' } } },
  ] },
  braces: { patterns: [{ begin: String.raw`\{`, end: String.raw`\}|${NEXT}`, patterns: [...include('comments', 'gates', 'braces', 'statements', 'expressions')] }] },
  expressions: { patterns: [
    ...include('comments', 'strings'),
    { name: 'constant.numeric.bp', match: String.raw`(?<![\p{L}\p{Nd}_])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?` },
    { name: 'storage.type.bp', match: word(TYPES) },
    { name: 'constant.language.bp', match: word([...LITERALS, ...KNOWN_VALUES, 'π', ...RUN_VALUES]) + NOT_ASSIGNED },
    { name: 'keyword.operator.word.bp', match: word(OPERATORS) },
    { name: 'keyword.control.bp', match: word([...INNER, 'for', 'if', 'return', 'yield']) },
    { match: String.raw`(?<=[(,{]|[(,{]\s)(${NAME})(?=\s*=(?!=))`, captures: { 1: { name: 'variable.parameter.bp' } } },
    { name: 'support.function.bp', match: String.raw`${word(BUILT_IN)}(?=\s*\()|(?<=\|>|\|>\s)${word(BUILT_IN)}` },
    { match: String.raw`(?<=\|>|\|>\s)(${NAME})`, captures: { 1: { name: 'entity.name.function.bp' } } },
    { match: String.raw`(?<![\p{L}\p{Nd}_])(${NAME})(?=\s*\()`, captures: { 1: { name: 'entity.name.function.bp' } } },
    { name: 'keyword.operator.bp', match: String.raw`\|>|->|\.\.\.?|==|!=|<=|>=|[-+*/%^@~=<>]` },
  ] },
}

export const GRAMMAR = {
  $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
  name: 'bp', scopeName: 'source.bp', fileTypes: ['bp'], patterns: include('comments', 'declarations', 'statements', 'expressions'), repository,
}
