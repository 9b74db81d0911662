/** Random programs of one to eight qubits: their text through the compiler and the plan, against dense matrices. */
import { describe, it } from 'vitest'
import { dagger, Dense, GATES, identity, matrixOf, principalPower, product, randomNumbers, rotation, type Matrix, type Placed } from './dense'
import { expectClose, expectGradients, outputOf, start, type Values } from './run'

interface Program { readonly text: string; readonly values: Values; readonly expected: readonly number[] }

/** A piece of program text and what it does. */
interface Written { readonly text: string; readonly placed: readonly Placed[] }

class Writer {
  private readonly random: () => number
  private readonly w: readonly number[]
  private readonly x: readonly number[]

  constructor(seed: number, private readonly qubits: number) {
    this.random = randomNumbers(seed)
    this.w = Array.from({ length: 5 }, () => (this.random() - 0.5) * 3)
    this.x = Array.from({ length: qubits }, () => (this.random() - 0.5) * 3)
  }

  private below(n: number): number { return Math.floor(this.random() * n) }
  private one<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('one of nothing')
    return item
  }

  private wires(count: number): number[] {
    const all = [...Array(this.qubits).keys()]
    return Array.from({ length: count }, () => all.splice(this.below(all.length), 1)[0] ?? 0)
  }

  /** The first half of the qubits is register a, the rest b; a negative index now and then. */
  private name(wire: number): string {
    const first = Math.ceil(this.qubits / 2)
    const [register, index, size] = wire < first ? ['a', wire, first] as const : ['b', wire - first, this.qubits - first] as const
    return `${register}[${this.random() < 0.2 ? index - size : index}]`
  }

  private angle(): { readonly text: string; readonly value: number } {
    const [i, j, k] = [this.below(5), this.below(5), this.below(this.qubits)]
    const [a, b, c] = [this.w[i] ?? 0, this.w[j] ?? 0, this.x[k] ?? 0]
    return this.one([
      { text: `w[${i}]`, value: a },
      { text: `2 * w[${i}] - 0.3`, value: 2 * a - 0.3 },
      { text: `w[${i}] * x[${k}]`, value: a * c },
      { text: `sin(w[${i}] + w[${j}])`, value: Math.sin(a + b) },
      { text: `-x[${k}] / 2`, value: -c / 2 },
      { text: 'pi / 3', value: Math.PI / 3 },
    ])
  }

  private tableGate(): Written {
    const fitting = Object.keys(GATES).filter(name => (GATES[name]?.qubits ?? 99) <= this.qubits)
    const name = this.one(fitting)
    const row = GATES[name]
    if (!row) throw new Error(name)
    const angles = Array.from({ length: row.angles }, () => this.angle())
    const text = row.angles > 0 ? `${name}(${angles.map(angle => angle.text).join(', ')})` : name
    const values = angles.map(angle => angle.value)
    const scaled = (k: number): Matrix => (row.angles === 1 ? row.matrix((values[0] ?? 0) * k) : principalPower(row.matrix(), k))
    return this.modified(text, row.qubits, row.matrix(...values), row.angles < 2 ? scaled : undefined)
  }

  private pauliRotation(): Written {
    const count = 1 + this.below(Math.min(3, this.qubits))
    const letters = Array.from({ length: count }, () => this.one([...'IXYZ'])).join('')
    const angle = this.angle()
    return this.modified(`pauli_rotation("${letters}", ${angle.text})`, count, rotation(letters, angle.value), k => rotation(letters, angle.value * k))
  }

  private matrix(): Written {
    const [i, phase] = [this.below(5), this.random() * 6]
    const angle = this.w[i] ?? 0
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const [c, s] = [Math.cos(phase), Math.sin(phase)]
    // e^{iφ}·diag(1, e^{−2iφ})-like columns: [[cos, −e^{iφ} sin], [sin, e^{iφ} cos]].
    const text = `unitary([[cos(w[${i}]), -${c} * sin(w[${i}])], [sin(w[${i}]), ${c} * cos(w[${i}])]], [[0, -(${s}) * sin(w[${i}])], [0, ${s} * cos(w[${i}])]])`
    const entries = [[[cos, 0], [-c * sin, -s * sin]], [[sin, 0], [c * cos, s * cos]]] as const
    return this.modified(text.replace(`-${c}`, `-(${c})`), 1, matrixOf(2, (r, k) => entries[r]?.[k] ?? [0, 0]), undefined)
  }

  /** Under a random stack of modifiers; what the wires are is decided last, when it is known how many controls there are. */
  private modified(gate: string, targets: number, matrix: Matrix, power: ((k: number) => Matrix) | undefined): Written {
    let text = gate
    let current = matrix
    const values: number[] = []
    // A real power needs the gate as it is in the table; everything else may stand around it.
    if (power && this.random() < 0.25) {
      const k = this.one([0.5, -1.5, 0.25])
      text = `pow(${k}) ${text}`
      current = power(k)
    }
    for (let more = this.below(3); more > 0; more--) {
      const kind = this.below(4)
      if (kind === 0) { text = `inv ${text}`; current = dagger(current) }
      if (kind === 1) {
        const k = this.one([2, 3, -1, -2])
        text = `pow(${k}) ${text}`
        const base = k < 0 ? dagger(current) : current
        current = Array.from({ length: Math.abs(k) }, () => base).reduce(product, identity(current.size))
      }
      if (kind > 1 && targets + values.length < this.qubits) {
        text = `${kind === 2 ? 'ctrl' : 'negctrl'} ${text}`
        values.unshift(kind === 2 ? 1 : 0)
      }
    }
    const wires = this.wires(targets + values.length)
    const controls = values.map((value, at) => [wires[at] ?? 0, value] as const)
    return { text: `${text} ${wires.map(wire => this.name(wire)).join(', ')}`, placed: [{ matrix: current, wires: wires.slice(values.length), controls }] }
  }

  private phase(): Written {
    const [wire = 0] = this.wires(1)
    const angle = this.angle()
    return { text: `ctrl gphase(${angle.text}) ${this.name(wire)}`, placed: [{ matrix: { size: 1, entries: [[Math.cos(angle.value), Math.sin(angle.value)]] }, wires: [], controls: [[wire, 1]] }] }
  }

  /** A register at once, with a vector of angles or the same one for all. */
  private zipped(): Written {
    const letter = this.one(['x', 'y', 'z'])
    const first = Math.ceil(this.qubits / 2)
    const inA = this.qubits === 1 || this.random() < 0.5
    const wires = [...Array(this.qubits).keys()].filter(wire => (wire < first) === inA)
    const offset = inA ? 0 : first
    const angle = this.angle()
    const vector = this.random() < 0.5
    const text = `r${letter}(${vector ? `x[${offset}:${offset + wires.length}] * 0.7` : angle.text}) ${inA ? 'a' : 'b'}`
    return { text, placed: wires.map(wire => ({ matrix: rotation(letter.toUpperCase(), vector ? (this.x[wire] ?? 0) * 0.7 : angle.value), wires: [wire] })) }
  }

  private declared(): Written {
    const wires = this.wires(Math.min(2, this.qubits))
    if (wires.length < 2) return this.tableGate()
    const angle = this.angle()
    const inverse = this.random() < 0.5
    const steps: Placed[] = [
      { matrix: rotation('Y', angle.value), wires: [wires[0] ?? 0] },
      { matrix: GATES['cx']?.matrix() ?? identity(4), wires },
      { matrix: GATES['crz']?.matrix(2 * angle.value) ?? identity(4), wires: [...wires].reverse() },
    ]
    const placed = inverse ? steps.reverse().map(step => ({ ...step, matrix: dagger(step.matrix) })) : steps
    return { text: `${inverse ? 'inv ' : ''}pair(${angle.text}) ${wires.map(wire => this.name(wire)).join(', ')}`, placed }
  }

  private statement(): Written {
    const roll = this.random()
    return roll < 0.5 ? this.tableGate() : roll < 0.65 ? this.pauliRotation() : roll < 0.72 ? this.phase() : roll < 0.85 ? this.zipped() : roll < 0.93 ? this.declared() : this.matrix()
  }

  program(length: number, method: string): Program {
    const dense = new Dense(this.qubits)
    const lines: string[] = []
    for (let k = 0; k < length; k++) {
      const { text, placed } = this.statement()
      lines.push(text)
      for (const each of placed) dense.apply(each)
    }
    const first = Math.ceil(this.qubits / 2)
    const words = Array.from({ length: 6 }, () => {
      const wires = this.wires(1 + this.below(Math.min(3, this.qubits)))
      return { wires, letters: wires.map(() => this.one([...'XYZ'])).join('') }
    })
    const observables = words.map(({ wires, letters }) => wires.map((wire, at) => `${letters[at] ?? ''}(${this.name(wire)})`).join(' * '))
    const expectations = words.map(({ wires, letters }) => dense.expect(letters, wires))
    const some = this.wires(Math.min(2, this.qubits))
    const sum = observables.map((observable, at) => `w[${at % 5}] * ${observable}`).join(' + ')
    const declared = this.qubits > 1 ? `qubits a[${first}]\n  qubits b[${this.qubits - first}]` : 'qubits a[1]'
    const text = `gate pair(t: real) c: qubit, d: qubit {
  ry(t) c
  cx c, d
  crz(2 * t) d, c
}
@gradient(${method})
circuit c(w: real[5], x: real[${this.qubits}]) -> real[${words.length + 1 + 2 ** some.length}] {
  ${declared}
  ${lines.join('\n  ')}
  return concat([[${observables.map(observable => `expect(${observable})`).join(', ')}, expect(${sum})], probs(${some.map(wire => this.name(wire)).join(', ')})])
}
model M {
  param w: real[5] ~ zeros()
  param x: real[${this.qubits}] ~ zeros()
  output e = c(w, x)
  loss sum(c(w, x)^2)
}`
    const total = expectations.reduce((all, value, at) => all + (this.w[at % 5] ?? 0) * value, 0)
    return { text, values: { w: this.w, x: this.x }, expected: [...expectations, total, ...dense.probs(some)] }
  }
}

const QUBITS = [1, 2, 3, 4, 5, 6, 7, 8]

describe('random programs', () => {
  it.each(QUBITS)('of %i qubits have the values that dense matrices give', async qubits => {
    for (let seed = 0; seed < 12; seed++) {
      const { text, values, expected } = new Writer(1000 * qubits + seed, qubits).program(14, 'parameter_shift')
      // 1e−11: powers of some fourteen matrices, each rounded.
      expectClose(await outputOf(text, values), expected, 1e-11, text)
    }
  })

  it.each([1, 2, 3, 4])('of %i qubits have gradients that equal central differences, and agree by method', async qubits => {
    for (let seed = 0; seed < 4; seed++) {
      const [shift, adjoint] = ['parameter_shift', 'adjoint'].map(method => new Writer(77 * qubits + seed, qubits).program(10, method))
      if (!shift || !adjoint) continue
      await expectGradients(shift.text, shift.values, ['w', 'x'], 1e-8)
      const [a, b] = [await (await start(shift.text)).gradients(shift.values), await (await start(adjoint.text)).gradients(adjoint.values)]
      for (const name of ['w', 'x']) expectClose(a[name] ?? [], b[name] ?? [], 1e-10, `${name} of\n${shift.text}`)
    }
  })
})
