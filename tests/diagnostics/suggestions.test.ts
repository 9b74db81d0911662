/** What is suggested for the slips that people make, in every place where something has a name. */
import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/compile'
import type { Host } from '../../compiler/host'

async function told(text: string): Promise<readonly string[]> {
  const host: Host = {
    readText: path => Promise.resolve(path === 'm.bp' ? text : undefined), readBytes: () => Promise.resolve(undefined), resolve: (_, to) => to,
  }
  const { diagnostics } = await compile('m.bp', host)
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ message, help }) => `${message} | ${help ?? ''}`)
}

const inModel = (line: string) => `use std.nn.dense\nmodel M {\n  input features: real[batch, 4]\n  param weights: real[4] ~ zeros()\n${line}\n}\n`
const output = (expression: string) => inModel(`  output y = ${expression}`)
const inCircuit = (statement: string) => `circuit c(theta: real) -> real {\n  qubits wires[3]\n  ${statement}\n  return expect(Z(wires[0]))\n}\n`
const measured = (expression: string) => `circuit c(theta: real) -> real {\n  qubits wires[3]\n  rx(theta) wires\n  return ${expression}\n}\n`
const training = (option: string) => `model M {\n  input x: real[batch]\n  param slope: real ~ zeros()\n  loss mean((slope - x)^2)\n}\ntrain M {\n  data "a.csv" { x = a }\n  ${option}\n}\n`
const first = (initial: string) => `model M {\n  param w: real[3, 2] ~ ${initial}\n  loss sum(w^2)\n}\n`
const annotated = (annotation: string) => `${annotation}\n${inCircuit('rx(theta) wires')}`

const SLIPS: readonly (readonly [place: string, wrong: string, meant: string, program: string])[] = [
  ['a name', 'featrues', 'features', output('featrues')],
  ['a name', 'weigths', 'weights', output('weigths')],
  ['a name', 'weight', 'weights', output('weight')],
  ['a name in another case', 'Features', 'features', output('Features')],
  ['a constant', 'DEPHT', 'DEPTH', `const DEPTH = 3\n${output('DEPHT')}`],
  ['a dimension as a number', 'bacth', 'batch', output('features + bacth')],
  ['a dimension', 'bacth', 'batch', inModel('  let z: real[bacth, 4] = features\n  output y = z')],
  ['a dimension of a result', 'nn', 'n', 'fn f(x: real[n]) -> real[nn] = x\n'],
  ['an argument in a function', 'lenght', 'length', 'fn f(length: real) -> real = 2 * lenght\n'],
  ['a function', 'tahn', 'tanh', output('tahn(features)')],
  ['a function', 'sofmax', 'softmax', output('sofmax(features)')],
  ['a function', 'sigmiod', 'sigmoid', output('sigmiod(features)')],
  ['a function', 'sotfplus', 'softplus', output('sotfplus(features)')],
  ['a function', 'transpos', 'transpose', output('transpos(features)')],
  ['a function', 'concatt', 'concat', output('concatt([features])')],
  ['a function behind a pipe', 'reulu', 'relu', output('features |> reulu')],
  ['a function without an underscore', 'logsoftmax', 'log_softmax', output('logsoftmax(features)')],
  ['an abbreviated function', 'avg_pool2', 'avg_pool2d', output('avg_pool2(features, 2)')],
  ['a function of the file', 'scael', 'scale', `fn scale(x: real) -> real = 2 * x\nmodel M {\n  output y = scael(1)\n}\n`],
  ['a layer', 'dnese', 'dense', output('features |> dnese(3)')],
  ['an instance', 'encodr', 'encoder', inModel('  layer encoder = dense(3)\n  output y = encodr(features)')],
  ['a draw', 'random.norml', 'random.normal', output('random.norml([3])')],
  ['a draw', 'random.unifrom', 'random.uniform', output('random.unifrom([3])')],
  ['a derivative', 'grda', 'grad', inModel('  let z = sum(features)\n  output y = grda(z, features)')],
  ['a gate', 'cxx', 'cx', inCircuit('cxx wires[0], wires[1]')],
  ['a gate', 'siwap', 'iswap', inCircuit('siwap wires[0], wires[1]')],
  ['a gate', 'crrx', 'crx', inCircuit('crrx(theta) wires[0], wires[1]')],
  ['a gate in capitals', 'RX', 'rx', inCircuit('RX(theta) wires')],
  ['a gate', 'swpa', 'swap', inCircuit('swpa wires[0], wires[1]')],
  ['a gate', 'pauli_rotaiton', 'pauli_rotation', inCircuit('pauli_rotaiton("Z", theta) wires[0]')],
  ['a channel', 'depolarise', 'depolarize', inCircuit('depolarise(0.1) wires[0]')],
  ['a channel', 'amplitude_dump', 'amplitude_damp', inCircuit('amplitude_dump(0.1) wires[0]')],
  ['a gate of the file', 'entagle', 'entangle', `gate entangle(a: real) q: qubit { rx(a) q }\n${inCircuit('entagle(theta) wires[0]')}`],
  ['a register', 'wirse', 'wires', inCircuit('rx(theta) wirse[0]')],
  ['an angle in a circuit', 'tetha', 'theta', inCircuit('rx(tetha) wires')],
  ['a measurement', 'expct', 'expect', measured('expct(Z(wires[0]))')],
  ['a measurement', 'vairance', 'variance', measured('vairance(Z(wires[0]))')],
  ['a measurement', 'probabs', 'probs', measured('sum(probabs(wires))')],
  ['an observable', 'projectr', 'projector', measured('expect(projectr(wires, "000"))')],
  ['a template', 'strongly_entangled', 'strongly_entangling', 'use std.quantum.strongly_entangled\n'],
  ['a module', 'std.quantm', 'std.quantum', 'use std.quantm.qft\n'],
  ['a module', 'std.los', 'std.loss', 'use std.los.mse\n'],
  ['an imported name', 'cross_entrpy', 'cross_entropy', 'use std.loss.cross_entrpy\n'],
  ['an imported name', 'dens', 'dense', 'use std.nn.{dens}\n'],
  ['a setting of a function', 'axes', 'axis', output('sum(features, axes = 0)')],
  ['a setting of a function', 'keepdim', 'keepdims', output('sum(features, axis = 0, keepdim = true)')],
  ['a setting of a layer', 'otu', 'out', output('dense(features, otu = 3)')],
  ['an argument of a function of the file', 'scal', 'scale', 'fn f(x: real, scale: real = 1) -> real = x * scale\nmodel M {\n  output y = f(1, scal = 2)\n}\n'],
  ['an argument of a gate of the file', 'angel', 'angle', `gate turn(angle: real) q: qubit { rx(angle) q }\n${inCircuit('turn(angel = theta) wires[0]')}`],
  ['an initialiser', 'golrot', 'glorot', first('golrot()')],
  ['an initialiser', 'unifrom', 'uniform', first('unifrom(0, 1)')],
  ['an initialiser', 'orthognal', 'orthogonal', first('orthognal()')],
  ['an initialiser', 'norml', 'normal', first('norml()')],
  ['an argument of an initialiser', 'hihg', 'high', first('uniform(low = 0, hihg = 1)')],
  ['an option of training', 'epoch', 'epochs', training('epoch 3')],
  ['an option of training', 'optimiser', 'optimizer', training('optimiser adam()')],
  ['an option of training', 'hold_out', 'holdout', training('hold_out 0.2')],
  ['an option of training', 'batchs', 'batch', training('batchs 8')],
  ['an option of training', 'standardise', 'standardize', training('standardise x')],
  ['an option of training', 'shedule', 'schedule', training('shedule cosine()')],
  ['an optimizer', 'adan', 'adam', training('optimizer adan(rate = 0.1)')],
  ['an optimizer', 'rmsporp', 'rmsprop', training('optimizer rmsporp()')],
  ['an optimizer', 'lbgfs', 'lbfgs', training('optimizer lbgfs()')],
  ['an optimizer', 'natural_gradien', 'natural_gradient', training('optimizer natural_gradien()')],
  ['an option of an optimizer', 'rte', 'rate', training('optimizer adam(rte = 0.1)')],
  ['an option of an optimizer', 'momentm', 'momentum', training('optimizer sgd(momentm = 0.9)')],
  ['a schedule', 'cosin', 'cosine', training('schedule cosin()')],
  ['a group', 'slpoe', 'slope', training('group slpoe { rate = 0.1 }')],
  ['an input of the data', 'priec', 'price', 'model M {\n  input price: real[batch]\n  param w: real ~ zeros()\n  loss mean((w - price)^2)\n}\ntrain M {\n  data "a.csv" { priec = a, price = b }\n}\n'],
  ['the model to train', 'Mooons', 'Moons', 'model Moons {\n  param w: real ~ zeros()\n  loss w^2\n}\ntrain Mooons {\n  epochs 3\n}\n'],
  ['a path', 'h.dense.w', 'h.dense.W', inModel('  let h = features |> dense(2)\n  loss sum(h^2) + sum(h.dense.w)')],
  ['a frozen parameter', 'weigths', 'weights', inModel('  frozen weigths\n  loss sum(weights * features)')],
  ['a rate', 'wieghts', 'weights', inModel('  rate wieghts = 0.1\n  loss sum(weights * features)')],
  ['a state', 'averge', 'average', inModel('  state average: real = 0\n  update averge = mean(features)\n  output y = features - average')],
  ['a type', 'rael', 'real', 'fn f(x: rael) -> real = 1\n'],
  ['a type of an input', 'itn', 'int', 'model M {\n  input x: itn[3]\n  output y = x\n}\n'],
  ['an annotation', 'gradeint', 'gradient', annotated('@gradeint(adjoint)')],
  ['an annotation', 'shot', 'shots', annotated('@shot(100)')],
  ['a gradient method', 'adjont', 'adjoint', annotated('@gradient(adjont)')],
  ['a gradient method', 'parameter-shift', 'parameter_shift', annotated('@gradient(paramter_shift)')],
  ['a statement', 'lett', 'let', inModel('  lett a = 2\n  output y = features')],
  ['a statement', 'ouput', 'output', inModel('  ouput y = features')],
  ['a statement', 'parm', 'param', inModel('  parm b: real\n  output y = features')],
  ['a statement', 'metrc', 'metric', inModel('  metrc m = mean(features)\n  output y = features')],
  ['a statement in a circuit', 'qbits', 'qubits', 'circuit c(t: real) -> real {\n  qbits q[2]\n  rx(t) q\n  return expect(Z(q[0]))\n}\n'],
  ['a declaration', 'modl', 'model', 'modl M {\n  output y = 1\n}\n'],
  ['a declaration', 'ciruit', 'circuit', 'ciruit c(t: real) -> real {\n  qubits q\n  rx(t) q\n  return expect(Z(q))\n}\n'],
  ['a declaration of another language', 'def', 'fn', 'def f(x: real) -> real = x\n'],
]

describe('one slip is told once, with what was meant', () => {
  it('in many places', () => expect(SLIPS.length).toBeGreaterThan(60))

  it.each(SLIPS)('%s: %s for %s', async (_place, _wrong, meant, program) => {
    const messages = await told(program)
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain(`did you mean \`${_place === 'an annotation' ? '@' : ''}${meant}\`?`)
  })
})

describe('where nothing is near', () => {
  it.each<readonly [place: string, known: string, program: string]>([
    ['an optimizer', 'the optimizers are `sgd`', training('optimizer gauss()')],
    ['an option', 'the options are `data`', training('warmth 3')],
    ['a gradient method', 'the methods are parameter_shift', annotated('@gradient(backprop)')],
    ['an annotation', 'a circuit has `@gradient`', annotated('@fast(1)')],
    ['an initialiser', 'the initialisers are zeros', first('gauss(0, 1)')],
    ['an argument', 'it takes `x` and `scale`', 'fn f(x: real, scale: real = 1) -> real = x * scale\nmodel M {\n  output y = f(1, factor = 2)\n}\n'],
    ['a module', 'the modules are', 'use std.astronomy.orbit\n'],
    ['a draw', 'the draws are `random.normal`', output('random.gauss([3])')],
    ['a declaration', 'a file holds', 'enum Color {\n}\n'],
  ])('%s: what there is is listed', async (_place, known, program) => {
    const messages = await told(program)
    expect(messages[0]).toContain(known)
  })

  it('a name that is declared further down is found there', async () => {
    expect((await told(inModel('  let a = later + 1\n  let later = 2\n  output y = a')))[0]).toContain('move that line up')
  })
})
