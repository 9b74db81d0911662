/** What `bpc fmt` does: the layout itself by small texts, and what it must never do by texts with comments and spaces everywhere. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scan } from '../../compiler/1-parse/scan'
import { DiagnosticSink } from '../../compiler/diagnostics/sink'
import { format } from '../../compiler/format/format'
import { printGraph } from '../../ir/print'
import { elaborateText } from '../language/run'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const bpFiles = (folder: string): readonly string[] => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.bp') && !name.includes('node_modules')).map(name => join(folder, name)).sort()
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')

function formatted(text: string): string {
  const result = format({ name: 'test.bp', text })
  if (!result.ok) throw new Error(result.diagnostics.map(diagnostic => diagnostic.message).join('\n'))
  return result.text
}

describe('the layout', () => {
  it.each([
    ['one space between words, none inside brackets', 'const  a=f( 1 ,-2 )*[ 3 ][0 ]\n', 'const a = f(1, -2) * [3][0]\n'],
    ['powers and ranges hold together', 'const a = [x ^ 2 for x in 0 .. n-1]\n', 'const a = [x^2 for x in 0..n - 1]\n'],
    ['a sign belongs to what follows', 'const a = - x + 2 ^ - 1\nconst b = not(- y)\n', 'const a = -x + 2^-1\nconst b = not (-y)\n'],
    ['a slice takes space between operators', 'const a = x[ :,1 :, k:k+2,2*k:, ...]\n', 'const a = x[:, 1:, k : k + 2, 2 * k:, ...]\n'],
    ['an interval is no call', 'model M {\n  param k: real in(0, 1]\n}\n', 'model M {\n  param k: real in (0, 1]\n}\n'],
    ['what follows a keyword is no argument', 'fn f(x: real) {\nreturn(x)\n}\n', 'fn f(x: real) {\n  return (x)\n}\n'],
    ['two spaces a level', 'model M {\nloss 1\n      output a = 1\n\t}\n', 'model M {\n  loss 1\n  output a = 1\n}\n'],
    ['a block on one line stays there, its statements parted by `;`', 'gate g q: qubit[n] { h q;x   q[0]; }\n', 'gate g q: qubit[n] { h q; x q[0] }\n'],
    ['elsewhere a statement has a line of its own', 'gate g q: qubit {\n h q; x q\n}\n', 'gate g q: qubit {\n  h q\n  x q\n}\n'],
    ['one empty line between statements, none at the edges of a block', '\n\nmodel M {\n\n  loss 1\n\n\n\n  loss 2\n\n}\n\n', 'model M {\n  loss 1\n\n  loss 2\n}\n'],
    ['a branch stands with the brace before it', 'gate g q: qubit {\n  if a { h q }\n  else { x q }\n}\n', 'gate g q: qubit {\n  if a { h q } else { x q }\n}\n'],
    ['a bracket that has lines has them to itself', 'const A = [[1, 0],\n           [0, 1]]\n', 'const A = [\n  [1, 0],\n  [0, 1]\n]\n'],
    ['a pipe on a line of its own takes all with it', 'const a = x |> f\n    |> g(1)\n', 'const a = x\n  |> f\n  |> g(1)\n'],
    ['a break before an operator is one behind it', 'const a = (x\n  + y)\n', 'const a = (\n  x +\n  y\n)\n'],
    ['annotations touch their name', '@ gradient( adjoint )\n@shots(10) circuit c() { qubits q }\n', '@gradient(adjoint)\n@shots(10) circuit c() { qubits q }\n'],
    ['the options of training', 'train M {\n  rate   -1\n  clip (2)\n  group enc.W {rate=0.1}\n}\n', 'train M {\n  rate -1\n  clip (2)\n  group enc.W { rate = 0.1 }\n}\n'],
    ['line ends are line feeds', 'const a = 1\r\n\r\nconst b = 2\r', 'const a = 1\n\nconst b = 2\n'],
    ['nothing stays nothing', ' \n', ''],
  ])('%s', (_, before, after) => {
    expect(formatted(before)).toBe(after)
    expect(formatted(after)).toBe(after)
  })

  it('breaks what is longer than 120 characters: the outer bracket first, then as few lines as there can be', () => {
    const items = Array.from({ length: 30 }, (_, i) => `item_${i}`)
    const lines = formatted(`const long = f(g(1), [${items.join(', ')}])\n`).split('\n')
    expect(lines.slice(0, 2)).toEqual(['const long = f(', '  g(1),'])
    expect(Math.max(...lines.map(each => each.length))).toBeLessThanOrEqual(120)
    expect(lines.join(' ').replace(/\s+/g, ' ').trim()).toBe(`const long = f( g(1), [ ${items.join(', ')} ] )`)
  })

  it('breaks a sum behind its operators, and a product in it only where it must', () => {
    const product = 'alpha_beta_gamma * delta_epsilon'
    const lines = formatted(`const a = ${Array.from({ length: 6 }, () => product).join(' + ')}\n`).trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/ \+$/)
    expect(lines[1]).toMatch(/^ {2}alpha/)
  })

  it('puts a value on the next line where only there it fits', () => {
    const value = `sum(${'x'.repeat(100)})`
    expect(formatted(`const a_long_name = ${value}\n`)).toBe(`const a_long_name =\n  ${value}\n`)
  })
})

describe('columns', () => {
  it('that were lined up are lined up, also for a line that is new among them', () => {
    expect(formatted('model M {\n  let a   = 1\n  let bcd = 2\n  let longer   = 3\n}\n')).toBe('model M {\n  let a      = 1\n  let bcd    = 2\n  let longer = 3\n}\n')
  })
  it('a single wide gap is no column', () => {
    expect(formatted('model M {\n  let a    = 1\n  let bcd = 2\n}\n')).toBe('model M {\n  let a = 1\n  let bcd = 2\n}\n')
  })
  it('a line that sticks out with one space is left as it is', () => {
    const text = 'train M {\n  standardize x\n  holdout   0.2\n  optimizer adam\n  epochs    20\n}\n'
    expect(formatted(text)).toBe(text)
  })
  it('count characters, and no marks above them', () => {
    const text = 'model M {\n  let x\u0302  = 1\n  let yy = 2\n}\n'
    expect(formatted(text)).toBe(text)
  })
  it('of comments are kept, and two spaces stand before others', () => {
    expect(formatted('model M {\n  let a = 1 // one\n  let b = 2\n\n  let abc = 1   // one\n  let d = 2     // two\n}\n'))
      .toBe('model M {\n  let a = 1  // one\n  let b = 2\n\n  let abc = 1  // one\n  let d = 2    // two\n}\n')
  })
})

it('a text with mistakes is not laid out, and they are told', () => {
  const result = format({ name: 'a.bp', text: 'model M {\n  let = 1\n}\n' })
  expect(result).toMatchObject({ ok: false, diagnostics: [{ code: 'missing-syntax', span: { file: { name: 'a.bp' } } }] })
})

it.each([...bpFiles('stdlib'), ...bpFiles('examples')])('%s is laid out so', path => {
  expect(formatted(textOf(path))).toBe(textOf(path))
})

describe('the meaning', () => {
  it.each(bpFiles('tests/golden'))('of %s is the same graph', async path => {
    const graphs = async (text: string) => (await elaborateText(text)).map(({ model }) => printGraph(model.graph))
    const text = textOf(path)
    const jumbled = text.replace(/ +/g, '   ').replaceAll('{ ', '{\n')
    expect(await graphs(formatted(jumbled))).toEqual(await graphs(text))
  })
})

/** What someone may type between any two tokens. */
const INSERTED = [' // c\n', '\n// c\n', ' /* c */ ', '\n/* c\n   d */\n', '\n', '\n\n\n', '   ', '// c\n// d\n', '/// c\n']

describe.each([...bpFiles('examples'), ...bpFiles('tests/golden'), 'stdlib/loss.bp', 'stdlib/control.bp'])('anywhere in %s', path => {
  it.each(INSERTED)('%j leaves a text that is laid out with all its tokens and comments, once and for all', inserted => {
    const text = textOf(path)
    const tokens = scan({ name: path, text }, new DiagnosticSink())?.tokens ?? []
    let accepted = 0
    // A prime stride through the places keeps this to a second, and meets each kind of place somewhere.
    for (let index = 0; index < tokens.length; index += 17) {
      const at = tokens[index]?.span.end ?? 0
      const changed = text.slice(0, at) + inserted + text.slice(at)
      const once = format({ name: 'a.bp', text: changed })
      // Where a line cannot end, a comment that ends it is the user's mistake; a refusal of the formatter's own is BP9001.
      if (!once.ok) expect(once.diagnostics.map(each => each.id)).not.toContain('BP9001')
      else {
        accepted++
        expect(formatted(once.text)).toBe(once.text)
        expect(once.text.split(/\b(?:c|d)\b/).length).toBe(changed.split(/\b(?:c|d)\b/).length)
      }
    }
    expect(accepted).toBeGreaterThan(0)
  })
})
