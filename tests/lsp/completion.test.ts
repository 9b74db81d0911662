/** What is offered where. */
import { describe, expect, it } from 'vitest'
import { FUNCTIONS } from '../../compiler/2-check/functions'
import { OPTIMIZERS } from '../../ir/training'
import { GATES } from '../../quantum/gates'
import { edited, MAIN, placed, serveFiles, type CompletionItem } from './client'

const FILES = { 'rows.csv': 'size,"two words",label\n1,2,3\n', 'nohead.csv': '1,2,3\n', 'blocks.bp': 'layer block(x: real[n]) -> real[n] = x\nconst SCALE = 3\n' }

const model = (line: string): string => `use std.nn.dense
const N = 4
fn twice(a: real, factor: real = 2) -> real = factor * a
circuit c(θ: real) -> real { qubits q; ry(θ) q; return expect(Z(q)) }
model M {
  input x: real[batch, 4]
  target y: int[batch]
  param w: real[4, 2]
  layer enc = dense(3)
  let hidden = tanh(x @ w)
  ${line}
  output last = hidden
}
train M {
  data "rows.csv" { x = [size] }
  epochs 3
}
`
const circuit = (line: string): string => `gate pair(θ: real) a: qubit { rx(θ) a }
circuit c(x: real[4]) -> real {
  qubits q[4]
  ${line}
  return expect(Z(q[0]))
}
`
const train = (line: string): string => `model M {\n  input x: real[batch]\n  target y: real[batch]\n  param w: real\n  loss mean((w * x - y)^2)\n}\ntrain M {\n  ${line}\n  epochs 3\n}\n`

async function offered(marked: string): Promise<readonly string[]> {
  return (await serveFiles(FILES)).labels(marked)
}

/** As an editor lists them before anything is typed. */
async function ordered(marked: string): Promise<readonly CompletionItem[]> {
  const items = await (await serveFiles(FILES)).at<readonly CompletionItem[]>('textDocument/completion', marked)
  const key = ({ sortText, label }: CompletionItem) => sortText ?? label
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

describe('completion', () => {
  it.each([
    ['declarations at the top of a file', 'mo‸', ['model', 'circuit', 'fn', 'layer', 'use']],
    ['statements of a model', model('l‸'), ['let', 'loss', 'layer', 'metric', 'param', 'output']],
    ['values in an expression', model('let b = h‸'), ['hidden', 'x', 'w', 'batch', 'N', 'pi', 'step']],
    ['functions, layers and circuits in an expression', model('let b = ‸'), ['tanh', 'dense', 'enc', 'twice', 'c', 'random.normal']],
    ['callables behind a pipe that is not finished', model('let b = x |> ‸'), ['tanh', 'dense', 'softmax']],
    ['names by which arguments are given', model('let b = sum(x, ‸)'), ['axis = ', 'keepdims = ']],
    ['arguments of a routine by name, where the bracket is open', model('let b = twice(‸'), ['factor = ', 'hidden']],
    ['types', model('let b: ‸'), ['real', 'int', 'bool']],
    ['sizes in a type', model('param v: real[‸'), ['batch', 'N']],
    ['initialisers', model('param v: real[4] ~ ‸'), ['zeros', 'glorot', 'normal']],
    ['what an instance owns', model('rate enc.‸'), ['W', 'b']],
    ['draws', model('let b = random.‸'), ['normal', 'uniform', 'bernoulli']],
    ['gates at the start of a line of a circuit', circuit('‸'), [...Object.keys(GATES), 'depolarize', 'unitary', 'pair', 'for', 'let', 'ctrl']],
    ['gates behind a modifier', circuit('ctrl ‸'), ['rx', 'x', 'pair']],
    ['gates inside a loop', circuit('for i in 0..4 { ‸ }'), ['rx', 'cx']],
    ['qubits and counters behind a gate', circuit('for i in 0..4 { h q[‸] }'), ['i', 'q']],
    ['measurements in a circuit', circuit('let z = ‸'), ['expect', 'probs', 'Z', 'purity']],
    ['annotations', `@‸\n${circuit('h q')}`, ['gradient', 'shots', 'trajectories', 'precision']],
    ['gradient methods', `@gradient(‸)\n${circuit('h q')}`, ['parameter_shift', 'adjoint']],
    ['options of a train block', train('‸'), ['optimizer', 'data', 'batch', 'standardize']],
    ['optimizers', train('optimizer ‸'), Object.keys(OPTIMIZERS)],
    ['options of an optimizer', train('optimizer adam(‸)'), ['rate = ', 'beta1 = ']],
    ['schedules', train('schedule ‸'), ['cosine', 'warmup', 'one_cycle']],
    ['inputs to standardize', train('standardize ‸'), ['x', 'y']],
    ['parameters of a group', train('group ‸'), ['w']],
    ['options of a group: those of the optimizer', train('optimizer sgd(0.1)\n  group w { ‸ }'), ['rate = ', 'momentum = ']],
    ['inputs in a data line', train('data "rows.csv" { ‸ }'), ['x', 'y']],
    ['columns of the data file', train('data "rows.csv" { x = [‸] }'), ['size', '"two words"', 'label', 'columns']],
    ['data files in a string', train('data "‸"'), ['rows.csv']],
    ['models to train', 'model M { input x: real }\ntrain ‸', ['M']],
    ['the standard library', 'use ‸', ['std']],
    ['its modules', 'use std.‸', ['nn', 'loss', 'quantum', 'prob']],
    ['names of a module', 'use std.nn.‸', ['dense', 'gru']],
    ['names of a module in braces', 'use std.nn.{dense, ‸}', ['gru', 'lstm']],
    ['files in a string', 'use "‸"', ['./blocks.bp']],
    ['names of a file', 'use "./blocks.bp".{block, ‸}', ['SCALE']],
  ])('offers %s', async (_, marked, expected) => {
    expect(await offered(marked)).toEqual(expect.arrayContaining([...expected]))
  })

  it.each([
    ['in a comment', model('// h‸')],
    ['in a string that names no file', circuit('pauli_rotation("X‸", 1) q[0]')],
    ['where a name is being made up', model('let ‸')],
    ['where the counter of a loop is being named', model('for ‸')],
  ])('offers nothing %s', async (_, marked) => {
    expect(await offered(marked)).toEqual([])
  })

  it('knows what is in sight: nothing from other bodies, nothing from below', async () => {
    const labels = await offered(model('let b = ‸'))
    expect(labels).not.toContain('θ')
    expect(labels).not.toContain('a')
    expect(labels).not.toContain('last')
    expect(labels).not.toContain('rx')
    expect(labels).not.toContain('expect')
  })

  it('offers a name of its own scope before the one that it hides, once', async () => {
    const labels = await offered('const a = 1\nfn f(a: real) -> real = ‸a\n')
    expect(labels.filter(label => label === 'a')).toEqual(['a'])
  })

  it('offers all functions of the language where an expression stands', async () => {
    expect(await offered(model('let b = ‸'))).toEqual(expect.arrayContaining(Object.keys(FUNCTIONS)))
  })

  it.each([
    ['arguments by name', model('let b = twice(‸'), ['factor = ', 'hidden', 'twice', 'tanh', 'cross_entropy']],
    ['initialisers', model('param v: real[4] ~ ‸'), ['glorot', 'hidden', 'twice', 'tanh', 'cross_entropy']],
    ['gates of the file', circuit('‸'), ['pair', 'cx', 'qft']],
  ])('lists %s first, then what is in sight, then the language, and last what would have to be imported', async (_, marked, expected) => {
    const items = await ordered(marked)
    expect(items.map(({ label }) => label).filter(label => expected.includes(label))).toEqual(expected)
    const isImport = ({ additionalTextEdits }: CompletionItem) => additionalTextEdits !== undefined
    expect(items.findIndex(isImport)).toBeGreaterThan(items.findLastIndex(item => !isImport(item)))
  })

  it('takes the word at the cursor away', async () => {
    const client = await serveFiles(FILES)
    const marked = model('let b = hid‸')
    const items = await client.at<readonly CompletionItem[]>('textDocument/completion', marked)
    const edit = items.find(({ label }) => label === 'hidden')?.textEdit
    if (!edit || !('range' in edit)) throw new Error('there is no edit')
    expect(edited(placed(marked).text, [edit])).toBe(model('let b = hidden'))
  })

  it('imports what it completes from the standard library', async () => {
    const client = await serveFiles(FILES)
    const marked = model('let b = x |> layer_no‸')
    const items = await client.at<readonly CompletionItem[]>('textDocument/completion', marked)
    const item = items.find(({ label }) => label === 'layer_norm')
    expect(edited(placed(marked).text, item?.additionalTextEdits ?? [])).toContain('use std.nn.{dense, layer_norm}\n')
    const loss = items.find(({ label }) => label === 'cross_entropy')
    expect(edited(placed(marked).text, loss?.additionalTextEdits ?? [])).toContain('use std.nn.dense\nuse std.loss.cross_entropy\nconst N')
  })

  it('reads no columns from a file without a header', async () => {
    expect(await offered(train('data "nohead.csv" { x = [‸] }'))).toEqual(['columns', 'chars', 'one_hot'])
  })
})

describe('signature help', () => {
  const help = async (marked: string) => {
    const client = await serveFiles(FILES)
    const found = await client.at<{ signatures: { label: string; parameters: { label: [number, number] }[] }[]; activeParameter: number } | null>('textDocument/signatureHelp', marked)
    const [signature] = found?.signatures ?? []
    const at = signature?.parameters[found?.activeParameter ?? 0]?.label
    return signature && { label: signature.label, active: Array.isArray(at) ? signature.label.slice(...at) : undefined }
  }

  it.each([
    ['a function of the language', model('let b = clamp(x, ‸'), 'clamp(x, low, high)', 'low'],
    ['a routine of the file', model('let b = twice(‸)'), 'fn twice(a: real, factor: real = 2) -> real', 'a'],
    ['an argument that is named', model('let b = twice(1, factor = ‸)'), 'fn twice(a: real, factor: real = 2) -> real', 'factor'],
    ['a piped call, whose first argument is the value', model('let b = x |> dense(‸)'), 'layer dense(x: real[..., n], out: int) -> real[..., out]', 'out'],
    ['a gate', circuit('rot(1, ‸) q[0]'), 'rot(φ, θ, ω) a', 'θ'],
    ['a gate of the file', circuit('pair(‸) q[0]'), 'gate pair(θ: real) a: qubit', 'θ'],
    ['an initialiser', model('param v: real ~ normal(0, ‸'), 'normal(mean?, std?)', 'std'],
    ['an optimizer', train('optimizer sgd(0.1, ‸)'), 'sgd(rate = 0.01, momentum = 0, nesterov = false, decay = 0)', 'momentum'],
    ['the inner of two calls', model('let b = twice(exp(‸'), 'exp(x)', 'x'],
    ['a draw', model('let b = random.bernoulli([2], ‸)'), 'random.bernoulli(shape, p)', 'p'],
  ])('tells of %s', async (_, marked, label, active) => {
    expect(await help(marked)).toEqual({ label, active })
  })

  it('says nothing outside of a call', async () => {
    expect(await help(model('let b = (x + ‸)'))).toBeUndefined()
  })

  it('says nothing of a file that is not open', async () => {
    const client = await serveFiles(FILES)
    expect(await client.request('textDocument/signatureHelp', { textDocument: { uri: MAIN }, position: { line: 0, character: 0 } })).toBeNull()
  })
})
