/** What `bpc init` can start a project from: a model, its data where it needs some, and a program that uses it. */
import { drawsFrom, type Draw } from '../drawnInputs'

export interface Template {
  /** For the help and the README. */
  readonly title: string
  readonly model: string
  readonly data?: { readonly file: string; readonly content: string }
  readonly run: string
  /** What training it should show. */
  readonly expect: string
}

/** Everything in a file of data comes from this seed. */
const SEED = 7

export type TemplateName = 'classifier' | 'hybrid' | 'vqe'

export const TEMPLATES: Readonly<Record<TemplateName, () => Template>> = { classifier, hybrid, vqe }

// ------------------------------------------------------------------------------------------------------ classifier

function classifier(): Template {
  return {
    title: 'three arms of a spiral, told apart by a small network',
    model: `/// Which arm of a spiral a point is on.
use std.nn.dense
use std.loss.cross_entropy

model Spiral {
  /// Where the point is.
  input  x: real[batch, 2]
  target y: int[batch] in 0..3

  let hidden = x |> dense(24) |> tanh |> dense(24) |> tanh
  let logits = hidden |> dense(3)

  output probability = softmax(logits)
  loss   cross_entropy(logits, y)
  metric accuracy = mean(argmax(logits) == y)
}

train Spiral {
  data "points.csv" { x = [x1, x2], y = arm }
  holdout   0.2
  optimizer adam(rate = 0.02)
  epochs    60
  batch     32
  seed      7
}
`,
    data: { file: 'points.csv', content: csv('x1,x2,arm', spiral(100, drawsFrom(SEED))) },
    run: program('Spiral', 'x1', 'x2', 'arm'),
    expect: 'All of the held-out points, or nearly all, are told right after a second of training.',
  }
}

/** Points of three arms r e^{i(4r + 2πk/3)}, r from 0.15 to 1, with a little noise. */
function spiral(perArm: number, draw: Draw): readonly Row[] {
  return Array.from({ length: 3 * perArm }, (_, at): Row => {
    const arm = at % 3
    const radius = 0.15 + 0.85 * Math.floor(at / 3) / perArm
    const angle = 4 * radius + 2 * Math.PI * arm / 3 + 0.3 * (draw() - 0.5)
    return [radius * Math.cos(angle), radius * Math.sin(angle), `arm${arm}`]
  })
}

// ---------------------------------------------------------------------------------------------------------- hybrid

function hybrid(): Template {
  return {
    title: 'a circuit between two dense layers, which tells a disc from the ring around it',
    model: `/// Whether a point is on a disc, or on the ring around it: a circuit in the middle of a network.
use std.nn.dense
use std.loss.cross_entropy
use std.quantum.{angle_embedding, strongly_entangling}

/// Features become angles, trained layers entangle, and the three ⟨Z⟩ are what the next layer sees.
circuit sandwich(x: real[3], w: real[depth, 3, 3]) -> real[3] {
  qubits q[3]
  angle_embedding(x) q
  strongly_entangling(w) q
  return [expect(Z(q[i])) for i in 0..3]
}

model Ring {
  /// Where the point is.
  input  x: real[batch, 2]
  target y: int[batch] in 0..2
  param  w: real[2, 3, 3] ~ uniform(0, 2*pi)

  let features = x |> dense(3) |> tanh
  let logits   = sandwich(pi * features, w) |> dense(2)

  output probability = softmax(logits)
  loss   cross_entropy(logits, y)
  metric accuracy = mean(argmax(logits) == y)
}

train Ring {
  data "points.csv" { x = [x1, x2], y = place }
  holdout   0.2
  optimizer adam(rate = 0.03)
  epochs    40
  batch     32
  seed      7
}
`,
    data: { file: 'points.csv', content: csv('x1,x2,place', ring(240, drawsFrom(SEED))) },
    run: program('Ring', 'x1', 'x2', 'place'),
    expect: 'All of the held-out points, or nearly all, are told right after a few seconds of training.',
  }
}

/** Points of a disc of radius 0.5 and of a ring from 0.7 to 1, evenly by area. */
function ring(count: number, draw: Draw): readonly Row[] {
  return Array.from({ length: count }, (_, at): Row => {
    const [low, high] = at % 2 === 0 ? [0, 0.5] : [0.7, 1]
    const radius = Math.sqrt(low ** 2 + (high ** 2 - low ** 2) * draw())
    const angle = 2 * Math.PI * draw()
    return [radius * Math.cos(angle), radius * Math.sin(angle), at % 2 === 0 ? 'disc' : 'ring']
  })
}

// ------------------------------------------------------------------------------------------------------------- vqe

function vqe(): Template {
  return {
    title: 'the ground state of a chain of spins, found by training a circuit',
    model: `/// The ground state of an Ising chain in a transverse field, by training a circuit.
const SPINS  = 4
const LAYERS = 4
/// Strength of the field; neighbours are coupled by 1.
const FIELD  = 1.0

/// ⟨H⟩ of H = −Σ Z(i) Z(i+1) − FIELD Σ X(i), on an open chain, in the state that the angles make.
circuit energy(coupling: real[LAYERS], field: real[LAYERS]) -> real {
  qubits q[SPINS]
  h q
  for step in 0..LAYERS {
    for i in 0..SPINS - 1 { rzz(coupling[step]) q[i], q[i + 1] }
    rx(field[step]) q
  }
  let bonds  = sum([Z(q[i]) * Z(q[i + 1]) for i in 0..SPINS - 1])
  let fields = sum([X(q[i]) for i in 0..SPINS])
  return expect(-1.0 * bonds - FIELD * fields)
}

model Chain {
  param coupling: real[LAYERS] ~ uniform(-0.5, 0.5)
  param field:    real[LAYERS] ~ uniform(-0.5, 0.5)

  let ground = energy(coupling, field)
  output ground
  loss   ground
}

train Chain {
  optimizer lbfgs()
  steps     300
  seed      7
}
`,
    run: `/** Trains the circuit, and prints the energy that it finds. Run it with: npm start */
import { Chain } from './model.bp.js'

const model = await Chain.create()
const history = await model.fit({})
const { ground } = await model.predict({})
console.log(\`energy \${ground.toArray()} after \${history.steps} steps\`)
`,
    expect: 'The energy comes close to −4.758770, the exact ground energy of four spins.',
  }
}

// --------------------------------------------------------------------------------------------------------- pieces

type Row = readonly [x1: number, x2: number, name: string]

const csv = (heading: string, rows: readonly Row[]): string => `${[heading, ...rows.map(([a, b, name]) => `${a.toFixed(4)},${b.toFixed(4)},${name}`)].join('\n')}\n`

function program(model: string, first: string, second: string, label: string): string {
  return `/** Trains the model on points.csv, and asks it for a point. Run it with: npm start */
import { readFile } from 'node:fs/promises'
import { ${model} } from './model.bp.js'

const [, ...rows] = (await readFile(new URL('points.csv', import.meta.url), 'utf8')).trim().split('\\n').map(line => line.split(','))
// Columns ${first}, ${second}, ${label}; classes are numbers, in sorted order.
const classes = [...new Set(rows.map(row => row[2]))].sort()
const x = rows.map(row => [Number(row[0]), Number(row[1])])
const y = rows.map(row => classes.indexOf(row[2]))

const model = await ${model}.create()
const history = await model.fit({ x, y })
const last = history.epochs.at(-1)
console.log(\`accuracy \${last?.holdout?.metrics['accuracy']} of held-out points after \${history.steps} steps\`)

const { probability } = await model.predict({ x: [[0.2, 0.1]] })
console.log('a point at (0.2, 0.1):', Object.fromEntries(classes.map((name, at) => [name, probability.data[at]])))
await model.save('weights.safetensors')
`
}
