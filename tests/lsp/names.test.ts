/** Names: what they are, where they are declared and used, and other names for them. */
import { describe, expect, it } from 'vitest'
import { editedFiles, FOLDER, MAIN, placed, serveFiles, shownPlace, textIn, type Location, type WorkspaceEdit } from './client'

const STUDY = `use std.nn.dense
use "./blocks.bp".{block, SCALE}

/// Twice the features.
fn twice(x: real[..., n], by: real = 2) -> real[..., n] = by * x

gate pair(θ: real) a: qubit, b: qubit {
  rx(θ) a
  cx a, b
}

circuit c(x: real[4], w: real[4]) -> real[4] {
  qubits q[4]
  for i in 0..3 { pair(x[i] * w[i]) q[i], q[i + 1] }
  return [expect(Z(q[i])) for i in 0..4]
}

model M {
  input  x: real[batch, 4]
  target y: real[batch]
  param  w: real[4] ~ normal(0, 0.1)
  layer  enc = block(4)
  var h = zeros([batch, 4])
  for t in 0..3 { h = tanh(h + x) }
  let features = twice(x, by = SCALE) |> enc |> dense(4)
  let seen = c(features + h, w)
  rate features.dense.W = 0.1
  frozen enc.W
  output result = seen
  loss mean((sum(seen, axis = 1) - y)^2)
}

train M {
  data "rows.csv" { x = [a, b, c, d], y = e }
  standardize x
  optimizer adam(rate = 0.02)
  group w { rate = 0.1 }
  epochs 3
}
`
const BLOCKS = `/// How much.
const SCALE = 3

/// One layer.
layer block(x: real[..., n], out: int) -> real[..., out] {
  param W: real[n, out] ~ glorot()
  return x @ W
}
`

/** The text of `STUDY` with the mark behind a piece of it, where that stands first behind another one. */
function behind(piece: string, after = ''): string {
  const at = STUDY.indexOf(piece, STUDY.indexOf(after) + after.length)
  if (at < 0) throw new Error(`${piece} is not in the text`)
  return `${STUDY.slice(0, at + piece.length)}‸${STUDY.slice(at + piece.length)}`
}

const server = () => serveFiles({ 'blocks.bp': BLOCKS, 'main.bp': STUDY })

describe('hover', () => {
  it.each([
    ['an input', 'x', 'input  ', 'input x: real[batch, 4]'],
    ['a use of it', 'x', 'features = twice(', 'input x: real[batch, 4]'],
    ['a let', 'features', 'let ', 'let features: real[batch, 4]'],
    ['a var in a loop', 'h', 't in 0..3 { ', 'var h: real[batch, 4]'],
    ['an output', 'result', 'output ', 'output result: real[batch, 4]'],
    ['a dimension', 'batch', 'real[', 'dimension batch'],
    ['an argument of a generic function, with its sizes open', 'x', '= by * ', 'x: real[..., n]'],
    ['an argument of a circuit', 'w', 'real[4], ', 'w: real[4]'],
    ['qubits', 'q', 'qubits ', 'qubits q: 4 qubits'],
    ['a counter', 'i', 'for ', 'i: int'],
    ['a function, with its documentation and what it gives here', 'twice', 'features = ', 'fn twice(x: real[..., n], by: real = 2) -> real[..., n]\n```\n\nTwice the features.\n\nGives `real[batch, 4]` here.'],
    ['a constant of another file', 'SCALE', 'by = ', 'const SCALE: int = 3\n```\n\nHow much.'],
    ['an imported layer', 'block', 'enc = ', 'layer block(x: real[..., n], out: int) -> real[..., out]\n```\n\nOne layer.'],
    ['an instance', 'enc', 'layer  ', 'layer enc: layer block('],
    ['a layer of the standard library', 'dense', '|> enc |> ', 'layer dense(x: real[..., n], out: int) -> real[..., out]\n```\n\nA fully connected layer'],
    ['a gate of the language', 'cx', '', 'cx a, b\n```\n\n'],
    ['a gate of the file', 'pair', '{ ', 'gate pair(θ: real) a: qubit, b: qubit'],
    ['a function of the language', 'tanh', '', 'tanh(x)\n```\n\nhyperbolic tangent, elementwise\n\nGives `real[batch, 4]` here.'],
    ['a measurement', 'expect', '', 'expect(observable)\n```\n\nexpectation value'],
    ['an initialiser', 'normal', '', 'normal(mean?, std?)\n```\n\nnormal, by default mean 0 and standard deviation 1'],
    ['an optimizer', 'adam', '', 'adam(rate = 0.001, beta1 = 0.9,'],
    ['an option of a train block', 'epochs', '', 'epochs 40'],
    ['the name of an argument', 'by', 'twice(x, ', 'by: real'],
    ['a parameter by its path', 'W', 'frozen enc.', 'param W'],
    ['a parameter in a train block', 'w', 'group ', 'param w: real[4]'],
    ['an input in a data line', 'y', 'd], ', 'target y: real[batch]'],
  ])('tells of %s', async (_, piece, after, expected) => {
    const client = await server()
    expect(await client.hover(behind(piece, after))).toContain(expected)
  })

  it('says nothing of a word that is no name, and of the space between words', async () => {
    const client = await server()
    expect(await client.hover(behind('output'))).toBeUndefined()
    expect(await client.hover('model M {\n  ‸\n}\n')).toBeUndefined()
  })
})

describe('definition', () => {
  it.each([
    ['a let', 'features', 'c(', 'main.bp:25:7'],
    ['a var from inside its loop', 'h', 't in 0..3 { ', 'main.bp:23:7'],
    ['an argument', 'θ', 'rx(', 'main.bp:7:11'],
    ['the name of an argument', 'by', 'twice(x, ', 'main.bp:5:27'],
    ['an imported layer', 'block', 'enc = ', 'blocks.bp:5:7'],
    ['a name in an import', 'SCALE', 'block, ', 'blocks.bp:2:7'],
    ['the file of an import', '"./blo', '', 'blocks.bp:1:1'],
    ['a parameter of a layer in another file', 'W', 'frozen enc.', 'blocks.bp:6:9'],
    ['the model of a train block', 'M', 'train ', 'main.bp:18:7'],
  ])('finds %s', async (_, piece, after, expected) => {
    const client = await server()
    const found = await client.at<Location>('textDocument/definition', behind(piece, after))
    expect(shownPlace(found)).toBe(expected)
  })

  it('finds what the standard library declares in its published text', async () => {
    const client = await server()
    const found = await client.at<Location>('textDocument/definition', behind('dense', '|> enc |> '))
    expect(found.uri).toBe('file:///library/nn.bp')
  })
})

describe('references', () => {
  const asked = { context: { includeDeclaration: true } }

  it('go through loops, paths and train blocks', async () => {
    const client = await server()
    const found = await client.at<readonly Location[]>('textDocument/references', behind('features', 'let '), asked)
    expect(found.map(shownPlace)).toEqual(['main.bp:25:7', 'main.bp:26:16', 'main.bp:27:8'])
    const inputs = await client.at<readonly Location[]>('textDocument/references', behind('x', 'input  '), asked)
    expect(inputs.map(shownPlace)).toEqual(['main.bp:19:10', 'main.bp:24:32', 'main.bp:25:24', 'main.bp:34:21', 'main.bp:35:15'])
  })

  it('keep namespaces apart: a gate, a function and a value of one name are three', async () => {
    const client = await serveFiles()
    const text = 'gate mean a: qubit { x a }\nfn mean(x: real[n]) -> real = sum(x)\ncircuit c(x: real) -> real {\n  qubits q\n  rx(x) q\n  mean q\n  return expect(Z(q))\n}\nmodel M {\n  input v: real[3]\n  let mean = mean(v)\n  output y = mean + c(mean)\n}\n'
    const at = async (marked: string) => (await client.at<readonly Location[]>('textDocument/references', marked, asked)).map(({ range }) => range.start.line + 1)
    expect(await at(text.replace('gate mean', 'gate me‸an'))).toEqual([1, 6])
    expect(await at(text.replace('fn mean', 'fn me‸an'))).toEqual([2, 11])
    expect(await at(text.replace('let mean', 'let me‸an'))).toEqual([11, 12, 12])
  })

  it('reach files that are not open', async () => {
    const client = await server()
    const marked = BLOCKS.replace('const SCALE', 'const SC‸ALE')
    const found = await client.at<readonly Location[]>('textDocument/references', marked, asked, `${FOLDER}/blocks.bp`)
    expect(found.map(shownPlace).sort()).toEqual(['blocks.bp:2:7', 'main.bp:25:32', 'main.bp:2:27'])
  })

  it('leave the declaration out where it is not asked for', async () => {
    const client = await server()
    const found = await client.at<readonly Location[]>('textDocument/references', behind('seen', 'let '), { context: { includeDeclaration: false } })
    expect(found.map(shownPlace)).toEqual(['main.bp:29:19', 'main.bp:30:18'])
  })
})

describe('rename', () => {
  const texts = { [MAIN]: STUDY, [`${FOLDER}/blocks.bp`]: BLOCKS }

  it('changes a name in all files of the project, arguments by name among them', async () => {
    const client = await server()
    const edit = await client.at<WorkspaceEdit>('textDocument/rename', BLOCKS.replace('layer block', 'layer bl‸ock'), { newName: 'mixer' }, `${FOLDER}/blocks.bp`)
    const after = editedFiles(texts, edit)
    expect(after[MAIN]).toBe(STUDY.replaceAll(/\bblock\b/g, 'mixer'))
    expect(after[`${FOLDER}/blocks.bp`]).toBe(BLOCKS.replace('layer block', 'layer mixer'))
  })

  it('changes an input where the data line names it, and nothing of the same name elsewhere', async () => {
    const client = await server()
    const edit = await client.at<WorkspaceEdit>('textDocument/rename', behind('y', 'target '), { newName: 'goal' })
    expect(editedFiles(texts, edit)[MAIN]).toBe(STUDY.replace('target y', 'target goal').replace('- y)', '- goal)').replace(', y = e', ', goal = e'))
  })

  it('changes a parameter of a layer where a path of another file names it', async () => {
    const client = await server()
    const edit = await client.at<WorkspaceEdit>('textDocument/rename', BLOCKS.replace('param W', 'param W‸'), { newName: 'weights' }, `${FOLDER}/blocks.bp`)
    expect(editedFiles(texts, edit)[MAIN]).toBe(STUDY.replace('enc.W', 'enc.weights'))
  })

  it('offers the name that is there', async () => {
    const client = await server()
    const found = await client.at<{ range: Location['range']; placeholder: string }>('textDocument/prepareRename', behind('feat', 'let '))
    expect(found.placeholder).toBe('features')
    expect(textIn(STUDY, found.range)).toBe('features')
  })

  it.each([
    ['a name of the standard library', behind('dense', '|> enc |> '), 'other', 'is a name of the standard library'],
    ['a function of the language', behind('tanh'), 'other', 'is a name of the language'],
    ['what is no name', behind('output'), 'other', 'there is no name here'],
    ['a reserved word', behind('features', 'let '), 'model', '`model` is a reserved word'],
    ['what cannot be a name', behind('features', 'let '), 'a b', '`a b` is no name'],
    ['a name that is taken', behind('features', 'let '), 'seen', '`seen` would not do: `seen` is declared twice'],
    ['a name that would be caught by another', 'model M {\n  input x: real\n  let a‸ = x\n  output y = [a + i for i in 0..3]\n}\n', 'i', 'already means something else'],
  ])('refuses %s', async (_, marked, newName, reason) => {
    const client = await server()
    await expect(client.at('textDocument/rename', marked, { newName })).rejects.toThrow(reason)
  })
})

describe('highlights', () => {
  it('are the places in the file at hand', async () => {
    const client = await server()
    const { text } = placed(behind('SCALE', 'by = '))
    const found = await client.at<readonly { range: Location['range'] }[]>('textDocument/documentHighlight', behind('SCALE', 'by = '))
    expect(found.map(({ range }) => `${range.start.line + 1} ${textIn(text, range)}`)).toEqual(['2 SCALE', '25 SCALE'])
  })
})
