/** Texts that nobody would write: bytes, tokens in any order, and programs of the project with something changed. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAMS } from '../compiler/parse/programs'
import type { Choices } from './choices'

/** @param root of the repository */
export function corpusOf(root: string): readonly string[] {
  const files = ['stdlib', 'examples', 'tests/golden', 'tests/diagnostics'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.bp') && !name.includes('node_modules')).sort().map(name => join(root, folder, name)))
  return [...files.map(file => readFileSync(file, 'utf8')), ...Object.values(PROGRAMS)]
}

const WORDS = [
  'use', 'const', 'fn', 'layer', 'gate', 'circuit', 'model', 'train', 'input', 'target', 'param', 'let', 'var', 'output', 'for', 'in', 'if',
  'then', 'else', 'yield', 'return', 'and', 'or', 'not', 'true', 'false', 'inf', 'real', 'int', 'bool', 'precision', 'state', 'update', 'loss',
  'metric', 'rate', 'frozen', 'assert', 'qubits', 'qubit', 'observable', 'ctrl', 'inv', 'pow', 'x', 'y', 'q', 'n', 'θ', 'batch', 'std', 'sum',
  'grad', 'rx', 'h', 'cx', 'Z', 'expect', 'axis', 'data', 'optimizer', 'adam', 'group', 'simplex', 'string', 'string_', 'x̂', 'hamiltonian',
]
const SIGNS = [
  '(', ')', '[', ']', '{', '}', '.', '..', '...', ',', ':', ';', '->', '|>', '~', '=', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%',
  '@', '^', '\n', '\n', '\n  ', ' ', '//c', '///d', '/*e*/', '/*', '#', '!', '&&', '"', '\\', '\'', '“', '\t', '\r', '\u00a0', '😀', '\u0301', '\0',
]
const LITERALS = [
  '0', '1', '2', '3', '-1', '0.5', '1e308', '1e309', '1e-320', '.5', '1.', '9007199254740993', '99999999999', '1_000', '0x1F', '"a"', '"Z"', '""',
  '"\\u{110000}"', '"../a.bp"', '"moons.csv"',
]

export function randomBytes(choices: Choices): string {
  const bytes = Uint8Array.from({ length: choices.below(200) }, () => (choices.chance(0.7) ? 32 + choices.below(95) : choices.below(256)))
  return new TextDecoder().decode(bytes)
}

export function randomTokens(choices: Choices): string {
  const token = () => choices.of(choices.of([WORDS, WORDS, SIGNS, SIGNS, LITERALS]))
  return Array.from({ length: 1 + choices.below(120) }, token).join(choices.of([' ', ' ', '']))
}

/** Words, numbers, strings, comments, space and single signs: what a change takes hold of. */
const PIECES = /[\p{L}_][\p{L}\p{M}\p{Nd}_]*|\d+(?:\.\d+)?(?:e[+-]?\d+)?|"[^"\n]*"|\/\/[^\n]*|\n *| +|\|>|->|\.\.\.?|[=!<>]=|[^]/gu

const piecesOf = (text: string): string[] => text.match(PIECES) ?? []

export function mutated(choices: Choices, corpus: readonly string[]): string {
  const pieces = piecesOf(choices.of(corpus))
  for (let changes = 1 + choices.below(choices.chance(0.5) ? 2 : 12); changes > 0; changes--) change(pieces, choices, corpus)
  return pieces.join('')
}

function change(pieces: string[], choices: Choices, corpus: readonly string[]): void {
  const at = choices.below(pieces.length)
  const other = choices.below(pieces.length)
  const length = 1 + choices.below(choices.of([1, 4, 30]))
  switch (choices.below(9)) {
    case 0: return void pieces.splice(at, length)
    case 1: return void pieces.splice(at, 0, ...pieces.slice(other, other + length))
    case 2: {
      const [one = '', two = ''] = [pieces[at], pieces[other]]
      pieces.splice(at, 1, two)
      pieces.splice(other, 1, one)
      return
    }
    case 3: return void pieces.splice(at, 1, choices.of(choices.of([WORDS, SIGNS, LITERALS])))
    case 4: return void pieces.splice(at, 0, choices.of(choices.of([WORDS, SIGNS, LITERALS])))
    // One of its own pieces in the place of another: names and numbers that mean something here.
    case 5: case 6: return void pieces.splice(at, 1, pieces[other] ?? '')
    case 7: {
      const foreign = piecesOf(choices.of(corpus))
      const from = choices.below(foreign.length)
      return void pieces.splice(at, choices.below(2) * length, ...foreign.slice(from, from + length))
    }
    default: {
      // A number only: sizes, indices and qubits out of step with each other.
      const numbers = pieces.flatMap((piece, index) => (/^\d+$/.test(piece) ? [index] : []))
      if (numbers.length > 0) pieces[choices.of(numbers)] = choices.of(LITERALS)
    }
  }
}
