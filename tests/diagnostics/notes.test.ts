/** Warnings and notes: they are said of what is seldom meant, and of nothing that is. */
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkOnly } from '../../compiler/compile'
import type { Diagnostic } from '../../compiler/diagnostics/sink'
import type { Host } from '../../compiler/host'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const disk: Host = {
  readText: path => readFile(join(ROOT, path), 'utf8').catch(() => undefined),
  readBytes: () => Promise.resolve(undefined),
  resolve: (from, to) => join(dirname(from), to).replaceAll('\\', '/'),
}

const programs = ['stdlib', 'examples', 'tests/cli', 'tests/stdlib', 'tests/language', 'tests/package', 'tests/runtime'].flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.bp')).map(name => `${folder}/${name.replaceAll('\\', '/')}`))

const said = ({ severity, message }: Diagnostic) => `${severity}: ${message}`

async function notesOn(text: string): Promise<readonly string[]> {
  const host: Host = { ...disk, readText: path => Promise.resolve(path === 'm.bp' ? text : undefined) }
  return (await checkOnly('m.bp', host)).diagnostics.map(said)
}

const model = (...lines: readonly string[]) => `model M {\n${lines.join('\n')}\n}\n`

describe('a program that is as it should be', () => {
  it('is one of many', () => expect(programs.length).toBeGreaterThan(8))

  it.each(programs)('%s hears nothing', async path => {
    expect((await checkOnly(path, disk)).diagnostics.map(said)).toEqual([])
  })

  it('hears nothing in the documentation either', async () => {
    const texts = ['README.md', 'docs/language.md', 'docs/training.md', 'docs/circuits.md'].map(name => readFileSync(join(ROOT, name), 'utf8'))
    const whole = texts.flatMap(text => [...text.matchAll(/```(?:bp)?\n([^`]*?\bmodel [^`]*?)```/g)].map(match => match[1] ?? ''))
    expect(whole.length).toBeGreaterThan(0)
    const warned = (await Promise.all(whole.map(notesOn))).flat().filter(line => !line.startsWith('error'))
    expect(warned).toEqual([])
  })
})

describe('what is meant is not warned of', () => {
  it.each<readonly [string, string]>([
    ['a name that begins with `_`', model('input x: real', 'input _z: real', 'output y = x')],
    ['one result of two', `fn f(x: real) -> (real, real) { return x, 2 * x }\n${model('input x: real', 'let (a, b) = f(x)', 'output y = a')}`],
    ['a name that only a path leads to', `use std.nn.dense\n${model('input x: real[batch, 2]', 'let h = x |> dense(2)', 'output y = x', 'loss sum(h.dense.W^2 + h.dense.b[0]^2)')}`],
    ['a parameter that only a loop feels', model('input x: real[n]', 'param w: real ~ ones()', 'var s = 0.0', 'for t in 0..n { s = w * s + x[t] }', 'loss s^2')],
    ['a parameter that only a derivative feels', model('input x: real', 'param w: real ~ ones()', 'let u = tanh(w * x)', 'loss grad(u, x)^2')],
    ['a frozen parameter', model('input x: real', 'frozen param w: real ~ ones()', 'param v: real ~ ones()', 'output y = w * x', 'loss (v * x)^2')],
    ['two classes as numbers', model('input x: real[batch]', 'target y: int[batch] in 0..2', 'param w: real ~ ones()', 'loss mean((sigmoid(w * x) - y)^2)')],
    ['classes squared in a metric', model('input x: real[batch]', 'target y: int[batch] in 0..5', 'param w: real ~ ones()', 'loss mean((w * x)^2)', 'metric off = mean((round(w * x) - y)^2)')],
    ['a logarithm of what stays positive', model('input x: real', 'output y = log(relu(x) + 0.1) + log(1 + sigmoid(x)) + log(softplus(x))')],
    ['sizes that resemble each other', model('input a: real[weight]', 'input b: real[height]', 'output y = sum(a) + sum(b)')],
    ['a dimension that stands once', `fn total(x: real[n], y: real[m]) -> real = sum(x) + sum(y)\n${model('input x: real[rows, 3]', 'output y = total(x[:, 0], x[0])')}`],
    ['a target with rows of its own, which are counted', model('input x: real[time]', 'target y: int[length]', 'param w: real ~ ones()', 'loss (mean(w * x) - sum(y) / length)^2')],
    ['the same by `size`', model('input x: real[time]', 'target y: int[length]', 'param w: real ~ ones()', 'loss (mean(w * x) - sum(y) / size(y, 0))^2')],
    ['a target with rows of its own by its name', model('input x: real[time]', 'target y: int[_length]', 'param w: real ~ ones()', 'loss (mean(w * x) - mean(y))^2')],
    ['two sets of rows, each with its target', model('input x: real[inside, 2]', 'input z: real[edge, 2]', 'target u: real[edge]', 'param w: real[2] ~ ones()', 'loss mean((x @ w)^2) + mean((z @ w - u)^2)')],
    ['a target beside an input of known size', model('input x: real[3]', 'target y: real[n]', 'param w: real ~ ones()', 'loss (w * sum(x) - mean(y))^2')],
    ['a size called as a constant is, in small letters', `const DEPTH = 2\nfn total(w: real[depth, 3]) -> real = sum(w)\n${model('param w: real[DEPTH, 3] ~ ones()', 'loss total(w)^2')}`],
    ['a plural', model('input a: real[node]', 'input b: real[nodes]', 'output y = sum(a) + sum(b)')],
    ['an angle of 2 or 3 radians', 'circuit c(t: real) -> real {\n qubits q\n rx(2) q\n rx(3.0) q\n rx(t) q\n return expect(Z(q))\n}\n'],
    ['an integer in a gate of the user\'s', 'gate turns(k: int) r: qubit { for i in 0..k { h r } }\ncircuit c(t: real) -> real {\n qubits q\n turns(90) q\n rx(t) q\n return expect(Z(q))\n}\n'],
    ['pairs of a size with itself, where a reshape says so', model('input x: real[n]', 'let column = 2 * reshape(x, [n, 1])', 'output y = mean(abs(column - x))')],
    ['the same in a loop', model('input x: real[n]', 'let column = reshape(x, [n, 1])', 'var s = 0.0', 'for i in 0..3 { s = s + mean(abs(column - x)) }', 'output y = s')],
    ['pairs by an axis that was kept', model('input x: real[n, 3]', 'output y = sum(x^2, axis = 1, keepdims = true) + sum(x^2, axis = 1) - 2 * x @ transpose(x)')],
    ['pairs by a transpose', model('input x: real[n]', 'output y = mean(abs(transpose([x]) - x))')],
    ['pairs through a function of the file', `fn column(x: real[n]) -> real[n, 1] = reshape(x, [n, 1])\n${model('input x: real[m]', 'output y = mean(abs(column(x) - x))')}`],
    ['pairs of two sizes', model('input x: real[n, 1]', 'input z: real[m]', 'output y = mean(abs(x - z))')],
    ['a column beside a column', `use std.nn.dense\n${model('input x: real[batch, 3]', 'target y: real[batch, 1]', 'loss mean(((x |> dense(1)) - y)^2)')}`],
    ['a function by the name of a gate', `fn h(x: real) -> real = 2 * x\n${model('input x: real', 'output y = h(x)')}`],
    ['a loss of the user\'s own', `fn cross_entropy(p: real[batch, k], y: real[batch, k]) -> real = -mean(y * log(p + 0.001))\n${model('input x: real[batch, 3]', 'target y: real[batch, 3]', 'param w: real ~ ones()', 'loss cross_entropy(softmax(w * x), y)')}`],
  ])('%s', async (_, text) => {
    expect(await notesOn(text)).toEqual([])
  })
})

describe('one mistake', () => {
  it('is told alone: beside an error nothing is noted', async () => {
    expect(await notesOn(model('input x: real', 'let slope = 2 * x', 'output y = slop'))).toEqual(['error: unknown name `slop`'])
  })

  it('is not told again of the parameters that are made for it alone', async () => {
    const text = `use std.nn.dense\n${model('input x: real[batch, 2]', 'param w: real ~ ones()', 'let h = x |> dense(2)', 'loss mean((w * x)^2)')}`
    expect(await notesOn(text)).toEqual(['warning: the `let` `h` is never used'])
  })

  it.each([
    ['the result of a circuit', 'circuit c(x: real[3]) -> real[1] {\n qubits q\n rx(x[0]) q\n return [expect(Z(q))]\n}\n', 'c(x)'],
    ['one column of several', '', 'x[:, 0:1]'],
    ['a column made wider before', 'use std.nn.dense\n', 'reshape(x[:, 0], [batch, 1]) |> dense(1)'],
  ])('of %s beside rows is found', async (_, head, column) => {
    const text = `${head}${model('input x: real[batch, 3]', 'target y: real[batch]', 'param w: real ~ ones()', `loss mean((w * (${column}) - y)^2)`)}`
    expect(await notesOn(text)).toEqual(['warning: `-` pairs each of batch with every other: real[batch, 1] and real[batch] give real[batch, batch]'])
  })

  it('of what is squared through a name is found', async () => {
    const text = model('input x: real[batch]', 'target y: int[batch] in 0..3', 'param w: real ~ ones()', 'let error = w * x - y', 'loss mean(error^2)')
    expect(await notesOn(text)).toEqual([expect.stringContaining('the target `y` holds classes')])
  })
})
