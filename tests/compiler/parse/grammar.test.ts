/** Each construct of the language and the tree it becomes. */
import { describe, expect, it } from 'vitest'
import { Grammar } from '../../../compiler/1-parse/grammar'
import { createLexer } from '../../../compiler/1-parse/lexer'
import { messagesOf, parseText, showFile, statementsOf, treeOf } from './print'
import { EVERYTHING, PROGRAMS } from './programs'

describe('the grammar itself', () => {
  it('has no ambiguities, unreachable alternatives or left recursion', () => {
    expect(() => new Grammar(true)).not.toThrow()
    expect(() => createLexer(true)).not.toThrow()
  })
})

describe('whole programs', () => {
  it.each(Object.entries(PROGRAMS))('%s parses without a diagnostic', (_, text) => {
    expect(messagesOf(text)).toEqual([])
  })

  it('the program with every construct parses without a diagnostic', () => {
    expect(messagesOf(EVERYTHING)).toEqual([])
  })

  it('an empty file, and one with comments alone, is an empty tree', () => {
    for (const text of ['', '\n\n', '// nothing\n/* at\nall */', '\ufeff']) {
      expect(messagesOf(text)).toEqual([])
      expect(showFile(parseText(text).tree)).toBe('')
    }
  })

  it('the first look is read as it is meant', () => {
    expect(treeOf(PROGRAMS['moons'] ?? '')).toMatchInlineSnapshot(`
      "(use std.nn [dense])
      (use std.loss [cross_entropy])
      (use std.quantum [angle_embedding strongly_entangling])
      (circuit sandwich [(x real[4]) (w real[depth 4 3])] -> real[4] {(qubits q 4) (gate angle_embedding (x) q) (gate strongly_entangling (w) q) (return (each i (.. 0 4) (call expect (call Z (index q i)))))})
      (model Moons {(input x real[batch 2]) (target y int[batch] in (.. 0 2)) (param w real[2 4 3] ~ (call uniform 0 (* 2 pi))) (let features (|> (|> x (call dense 4)) tanh)) (let logits (|> (call sandwich (* pi features) w) (call dense 2))) (output probability (call softmax logits)) (loss (call cross_entropy logits y)) (metric accuracy (call mean (== (call argmax logits) y)))})
      (train Moons (data "moons.csv" {x=[x1 x2] y=label}) (holdout 0.2f) (optimizer (call adam rate=0.02f)) (epochs 40) (batch 32) (seed 7))"
    `)
  })

  it('carriage returns, tabs and a byte order mark change nothing', () => {
    for (const text of Object.values(PROGRAMS)) {
      expect(treeOf('\ufeff' + text.replaceAll('\n', '\r\n').replaceAll('  ', '\t'))).toBe(treeOf(text))
    }
  })
})

describe('head of a file', () => {
  it('imports', () => {
    expect(treeOf('use std.nn.dense')).toBe('(use std.nn [dense])')
    expect(treeOf('use std.nn.{dense, gru,}')).toBe('(use std.nn [dense gru])')
    expect(treeOf('use std.nn.{\n  dense,\n  gru\n}')).toBe('(use std.nn [dense gru])')
    expect(treeOf('use "./layers.bp".{block}')).toBe('(use "./layers.bp" [block])')
    expect(treeOf('use "./layers.bp".block')).toBe('(use "./layers.bp" [block])')
    expect(treeOf('use std.gate.layer')).toBe('(use std.gate [layer])')
  })

  it('an import notes where its module and its names are', () => {
    const [use] = parseText('use std.nn.{dense, gru}').tree.uses
    expect(use).toMatchObject({ module: { span: { start: 4, end: 10 } }, span: { start: 0, end: 23 } })
    expect(use?.names[1]).toMatchObject({ name: 'gru', span: { start: 19, end: 22 } })
  })

  it('precision', () => {
    expect(treeOf('precision f64\nconst x = 1')).toBe('(precision f64)\n(const x 1)')
    expect(treeOf('/// About the file.\nuse a.b\nprecision f32')).toBe('(precision f32)\n(use a [b])')
  })
})

describe('declarations', () => {
  it('constants', () => {
    expect(treeOf('const E = [[0, 1], [1, 2]]\nconst s = "a"')).toBe('(const E [[0 1] [1 2]])\n(const s "a")')
  })

  it('functions and layers, with a block or an expression', () => {
    expect(treeOf('fn f(x: real[n], k: real = 1) -> real[n] = x * k')).toBe('(fn f [(x real[n]) (k real = 1)] -> real[n] = (* x k))')
    expect(treeOf('fn f() { return 1 }')).toBe('(fn f [] {(return 1)})')
    expect(treeOf('layer l(x: real[..., n], out: int) -> real[..., out] {\n  param W: real[n, out] ~ glorot()\n  return x @ W\n}'))
      .toBe('(layer l [(x real[... n]) (out int)] -> real[... out] {(param W real[n out] ~ (call glorot)) (return (@ x W))})')
    expect(treeOf('fn f(x: real)\n  -> real =\n  x')).toBe('(fn f [(x real)] -> real = x)')
  })

  it('several results', () => {
    expect(treeOf('fn f(x: real) -> (real[h], int in 0..3) { return x, 1 }')).toBe('(fn f [(x real)] -> real[h] int in (.. 0 3) {(return x 1)})')
  })

  it('gates with registers', () => {
    expect(treeOf('gate g(w: real[n, 3]) a: qubit, b: qubit[n] { h b }')).toBe('(gate g [(w real[n 3])] [(a qubit) (b qubit n)] {(gate h b)})')
    expect(treeOf('gate g q: qubit { h q }')).toBe('(gate g [] [(q qubit)] {(gate h q)})')
  })

  it('circuits with annotations, on the line above or the same', () => {
    const tree = '(circuit (@shots 1000) (@gradient spsa) c [] -> real {(qubits q 1) (return 1)})'
    expect(treeOf('@shots(1000)\n@gradient(spsa)\ncircuit c() -> real { qubits q[1]; return 1 }')).toBe(tree)
    expect(treeOf('@shots(1000) @gradient(spsa) circuit c() -> real { qubits q[1]; return 1 }')).toBe(tree)
  })

  it('documentation belongs to what begins on the next line', () => {
    expect(treeOf('/// One.\n/// Two.\nconst a = 1\n/// Far.\n\nconst b = 2')).toBe('(const "One.\\nTwo." a 1)\n(const b 2)')
    expect(treeOf('/// Doc.\n@shots(1)\ncircuit c() { return 1 }')).toBe('(circuit "Doc." (@shots 1) c [] {(return 1)})')
    expect(treeOf('//// no doc\nconst a = 1 /// nor this\nconst b = 2')).toBe('(const a 1)\n(const b 2)')
    const [model] = parseText('model M {\n  /// In.\n  input x: real\n  /// Out.\n  output y = x\n}').tree.declarations
    expect(model?.kind === 'model' && model.body.statements.map(s => 'doc' in s ? s.doc : undefined)).toEqual(['In.', 'Out.'])
  })

  it('a signature ends before its body', () => {
    const text = 'fn f(x: real) -> real = x'
    const [f] = parseText(text).tree.declarations
    expect(f?.kind === 'routine' && text.slice(f.signature.start, f.signature.end)).toBe('fn f(x: real) -> real')
  })
})

describe('types', () => {
  const type = (text: string): string => statementsOf(`input x: ${text}`).replace('(input x ', '').slice(0, -1)
  it.each([
    ['real', 'real'],
    ['real[batch, 4]', 'real[batch 4]'],
    ['real[2*n + 1, ...]', 'real[(+ (* 2 n) 1) ...]'],
    ['int[batch] in 0..3', 'int[batch] in (.. 0 3)'],
    ['int in lo - 1..hi', 'int in (.. (- lo 1) hi)'],
    ['real in (0, inf)', 'real in (0 inf)'],
    ['real[8] in [-pi, π]', 'real[8] in [(- pi) pi]'],
    ['real in (0, 1]', 'real in (0 1]'],
    ['real in [0, 1)', 'real in [0 1)'],
    ['real[n] in simplex', 'real[n] in simplex'],
    ['bool[n]', 'bool[n]'],
    ['string', 'string'],
    ['observable', 'observable'],
  ])('%s', (text, tree) => {
    expect(type(text)).toBe(tree)
  })
})

describe('statements', () => {
  it.each([
    ['input x: real[batch, 2]', '(input x real[batch 2])'],
    ['target y: int[batch] in 0..2', '(target y int[batch] in (.. 0 2))'],
    ['param w: real[3] ~ uniform(0, 2*pi)', '(param w real[3] ~ (call uniform 0 (* 2 pi)))'],
    ['param k: real', '(param k real)'],
    ['param k: real in (0, inf)\n  ~ constant(1)', '(param k real in (0 inf) ~ (call constant 1))'],
    ['frozen param w: real', '(frozen-param w real)'],
    ['frozen enc.W', '(frozen enc.W)'],
    ['state m: real[n] = zeros([n])', '(state m real[n] (call zeros [n]))'],
    ['update m = 0.9 * m', '(update m (* 0.9f m))'],
    ['let a = b', '(let a b)'],
    ['let a: real[3] = b', '(let a : real[3] b)'],
    ['let (h, c) = f(x)', '(let [h c] (call f x))'],
    ['var h = zeros([3])', '(var h (call zeros [3]))'],
    ['h = 1', '(assign h 1)'],
    ['(h, c) = f(x)', '(assign [h c] (call f x))'],
    ['h[0] = 1', '(assign-element h 1)'],
    ['output y', '(output y)'],
    ['output y = x', '(output y x)'],
    ['loss (p - y)^2', '(loss (^ (- p y) 2))'],
    ['loss -value', '(loss (- value))'],
    ['metric m = mean(a == b)', '(metric m (call mean (== a b)))'],
    ['rate enc.W = 0.1', '(rate enc.W 0.1f)'],
    ['assert batch == n', '(assert (== batch n))'],
    ['layer enc = dense(16)', '(instance enc (call dense 16))'],
    ['layer blocks[L] = block(64)', '(instance blocks [L] (call block 64))'],
    ['return a, b', '(return a b)'],
    ['yield (a, b)', '(yield (tuple a b))'],
    ['let hs = for t in 0..time {\n yield h\n}', '(let hs (for t (.. 0 time) {(yield h)}))'],
    ['for [i, j] in EDGES { h = i }', '(for [i j] EDGES {(assign h i)})'],
    ['if a > b { h = 1 } else if c { h = 2 } else { h = 3 }', '(if (> a b) {(assign h 1)} (if c {(assign h 2)} {(assign h 3)}))'],
  ])('%s', (text, tree) => {
    expect(statementsOf(text)).toBe(tree)
  })

  it('soft words are names before `=`, and everywhere but first', () => {
    expect(statementsOf('loss = 1\nrate = loss\nlet metric = state\nqubits[0] = 3'))
      .toBe('(assign loss 1)\n(assign rate loss)\n(let metric state)\n(assign-element qubits 3)')
    expect(treeOf('const data = loss\nfn frozen(rate: real) = rate')).toBe('(const data loss)\n(fn frozen [(rate real)] = rate)')
  })

  it('any word is a name after a dot and before `=` in arguments', () => {
    expect(statementsOf('let a = enc.param\nlet b = f(x, in = 3, output = 4)\nlet c = random.normal([2])'))
      .toBe('(let a enc.param)\n(let b (call f x in=3 output=4))\n(let c (call random.normal [2]))')
  })
})

describe('gates', () => {
  it.each([
    ['qubits q[4]', '(qubits q 4)'],
    ['qubits q', '(qubits q)'],
    ['h q', '(gate h q)'],
    ['cx q[0], q[1]', '(gate cx (index q 0) (index q 1))'],
    ['ry(θ) q[1:3]', '(gate ry (θ) (index q 1:3))'],
    ['ctrl ry(θ) q[0], q[1]', '(gate ctrl: ry (θ) (index q 0) (index q 1))'],
    ['ctrl(2) negctrl inv pow(k) s q', '(gate ctrl(2): negctrl: inv: pow(k): s q)'],
    ['gphase(γ)', '(gate gphase (γ))'],
    ['inv gphase(γ)', '(gate inv: gphase (γ))'],
    ['pauli_rotation("XYZ", θ) q', '(gate pauli_rotation ("XYZ" θ) q)'],
    ['depolarize(0.1) q[0]', '(gate depolarize (0.1f) (index q 0))'],
    ['x q[0] // x is an argument too', '(gate x (index q 0))'],
    ['loss q', '(gate loss q)'],
    ['rate(x) q', '(gate rate (x) q)'],
    ['inv = 3', '(assign inv 3)'],
    ['let x = 3; x q', '(let x 3)\n(gate x q)'],
    ['for i in 0..n { h q[i] }', '(for i (.. 0 n) {(gate h (index q i))})'],
    ['if n > 2 { x q } else { y q }', '(if (> n 2) {(gate x q)} {(gate y q)})'],
    ['metric m = 3', '(metric m 3)'],
    ['param w: real', '(param w real)'],
  ])('%s', (text, tree) => {
    expect(statementsOf(text, 'circuit')).toBe(tree)
  })
})

describe('training', () => {
  const option = (text: string): string => treeOf(`train M {\n${text}\n}`).replace('(train M ', '').slice(0, -1)
  it.each([
    ['epochs 40', '(epochs 40)'],
    ['holdout 0.2', '(holdout 0.2f)'],
    ['holdout last 1186', "(holdout 'last 1186)"],
    ['holdout "test.csv"', '(holdout "test.csv")'],
    ['optimizer adam(rate = 0.02)', '(optimizer (call adam rate=0.02f))'],
    ['schedule cosine(steps = 100) |> warmup(10)', '(schedule (|> (call cosine steps=100) (call warmup 10)))'],
    ['standardize x, y', '(standardize x y)'],
    ['given goal = [1, 0]', "(given 'goal [1 0])"],
    ['group w { rate = 0.1 }', "(group 'w {rate=0.1f})"],
    ['group enc.W { rate = 0.1, decay = 0 }', "(group 'enc.W {rate=0.1f decay=0})"],
    ['data "f.csv" { x = [a, b], y = label }', '(data "f.csv" {x=[a b] y=label})'],
    ['data "f.csv" {\n x = columns(0..64) / 16\n y = one_hot(columns(64),\n 10)\n}', '(data "f.csv" {x=(/ (call columns (.. 0 64)) 16) y=(call one_hot (call columns 64) 10)})'],
    ['data "f.csv" { input = "a b", target = c }', '(data "f.csv" {input="a b" target=c})'],
    ['checkpoint', '(checkpoint)'],
    ['epochs 3; batch 32', '(epochs 3) (batch 32)'],
  ])('%s', (text, tree) => {
    expect(option(text)).toBe(tree)
  })
})
