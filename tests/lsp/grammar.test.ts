/** The colours: the grammar as it is published, and what it makes of a program. */
import { createHighlighter } from 'shiki'
import { describe, expect, it } from 'vitest'
import { GATES } from '../../quantum/gates'
import { GRAMMAR } from '../../scripts/grammar'

/** The innermost scope of each piece of text that has one, with the word that it colours. */
async function scopes(text: string): Promise<readonly string[]> {
  const highlighter = await createHighlighter({ langs: [GRAMMAR as unknown as Parameters<typeof highlighter.loadLanguage>[0] & object], themes: ['github-light'] })
  const { tokens } = highlighter.codeToTokens(text, { lang: 'bp' as 'javascript', theme: 'github-light', includeExplanation: 'scopeName' })
  highlighter.dispose()
  return tokens.flat().flatMap(({ explanation = [] }) => explanation).flatMap(({ content, scopes: own }) => {
    const inner = own.map(({ scopeName }) => scopeName).findLast(name => name !== 'source.bp')
    return inner === undefined || content.trim() === '' ? [] : [`${content.trim()} ${inner.replace(/\.bp$/, '')}`]
  })
}

it('is published as it is generated', async () => {
  await expect(`${JSON.stringify(GRAMMAR, undefined, 2)}\n`).toMatchFileSnapshot('../../editors/vscode/syntaxes/bp.tmLanguage.json')
})

describe('a program', () => {
  it('has declarations, keywords, gates, types and documentation in colours of their own', async () => {
    const found = await scopes('/// Told.\n// Said.\ncircuit c(x: real[4]) -> real {\n  qubits q[4]\n  ctrl ry(x[0]) q[0], q[1]\n  return expect(Z(q[0]))\n}\n')
    expect(found).toEqual([
      '/// Told. comment.line.documentation', '// Said. comment.line.double-slash', 'circuit storage.type', 'c entity.name.function', 'real storage.type',
      '4 constant.numeric', '-> keyword.operator', 'real storage.type', 'qubits keyword.control', '4 constant.numeric', 'ctrl keyword.other.modifier',
      'ry support.function.gate', '0 constant.numeric', '0 constant.numeric', '1 constant.numeric', 'return keyword.control', 'expect support.function',
      'Z support.function', '0 constant.numeric',
    ])
  })

  it.each(Object.keys(GATES))('colours %s as a gate where it begins a line of a circuit, and nowhere else', async gate => {
    expect(await scopes(`circuit c() -> real {\n  ${gate} q\n}\n`)).toContain(`${gate} support.function.gate`)
    expect((await scopes(`model M {\n  let y = ${gate} + 1\n}\n`)).filter(each => each.startsWith(`${gate} `))).toEqual([])
  })

  it('takes soft words for keywords only where they are', async () => {
    expect(await scopes('model M {\n  loss rate * state\n  rate w = 0.1\n}\n')).toEqual([
      'model storage.type', 'M entity.name.type', 'loss keyword.control', '* keyword.operator', 'rate keyword.control', '= keyword.operator', '0.1 constant.numeric',
    ])
    expect(await scopes('train M {\n  epochs 3\n}\nmodel M {\n  let epochs = 3\n}\n')).toEqual([
      'train storage.type', 'M entity.name.type', 'epochs keyword.other.option', '3 constant.numeric', 'model storage.type', 'M entity.name.type', 'let keyword.control',
      '= keyword.operator', '3 constant.numeric',
    ])
  })

  it('knows letters of any script', async () => {
    expect(await scopes('fn größe(θ₀: real) -> real = sin(θ₀) |> tanh\n')).toEqual([
      'fn storage.type', 'größe entity.name.function', 'real storage.type', '-> keyword.operator', 'real storage.type', '= keyword.operator', 'sin support.function',
      '|> keyword.operator', 'tanh support.function',
    ])
  })

  it('goes on behind a bracket that was never closed', async () => {
    expect(await scopes('circuit c() -> real {\n  h q[0]\nmodel M {\n  h x\n}\n')).toContain('model storage.type')
  })
})
