/** How samples of .bp are coloured on the site: a TextMate grammar over the words of the parser. */
import { DECLARATION_WORDS, STATEMENT_WORDS } from '../../compiler/1-parse/words'

const words = (...names: readonly string[]): string => String.raw`\b(?:${names.join('|')})\b`

export const BP = {
  name: 'bp',
  scopeName: 'source.bp',
  repository: {},
  patterns: [
    { name: 'comment.line', match: String.raw`//.*$` },
    { name: 'comment.block', begin: String.raw`/\*`, end: String.raw`\*/` },
    { name: 'string.quoted.double', begin: '"', end: '"', patterns: [{ name: 'constant.character.escape', match: String.raw`\\.` }] },
    { name: 'entity.name.function.decorator', match: String.raw`@[a-z_]\w*` },
    { name: 'constant.numeric', match: String.raw`\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b` },
    { name: 'storage.type', match: words('real', 'int', 'bool', 'qubit', 'observable') },
    { name: 'constant.language', match: words('true', 'false', 'inf', 'pi') },
    { match: String.raw`^\s*(${[...DECLARATION_WORDS, ...STATEMENT_WORDS].join('|')})\b(?!\s*=)`, captures: { 1: { name: 'keyword.control' } } },
    { name: 'keyword.control', match: words('in', 'then', 'else', 'for', 'if', 'and', 'or', 'not', 'ctrl', 'negctrl', 'inv', 'pow', 'use', 'return', 'precision') },
    { match: String.raw`([\p{L}_][\p{L}\w]*)\s*(?=\()`, captures: { 1: { name: 'entity.name.function' } } },
    { name: 'keyword.operator', match: String.raw`\|>|->|\.\.|[-+*/^@%~=<>!]` },
  ],
}
