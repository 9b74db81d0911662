/** The Kraus operators of noise, K₀, K₁, … with ρ ↦ Σ KρK†, at the values of its slots. */
import type { Channel, ChannelName, KrausChannel, Noise } from '../circuit'
import { pauliWordMatrix } from '../gates'
import { krausDeviation, matrixFromRows, MAX_DEVIATION, scaleMatrix, type ComplexMatrix } from '../linearAlgebra'
import { parameterComplaint } from './channelKernel'
import { OperandVector, slotsOf } from './operands'

/** The operators of one noise operation; `operators` are those of the last `load`. */
export interface KrausSource {
  readonly slots: readonly number[]
  readonly operators: readonly ComplexMatrix[]
  load(values: Float64Array): void
  /** What is wrong with the numbers, as the program calls them; undefined where nothing is. */
  complaint(): string | undefined
}

export const krausSource = (noise: Noise): KrausSource => (noise.kind === 'kraus' ? new GivenOperators(noise) : new NamedOperators(noise))

/** `kraus(re, im)`: the entries themselves. */
export class GivenOperators implements KrausSource {
  readonly slots: readonly number[]
  readonly re: OperandVector
  readonly im: OperandVector
  /** Views into the entries, so a load changes them all. */
  readonly operators: readonly ComplexMatrix[]

  constructor({ wires, re, im }: KrausChannel) {
    this.slots = slotsOf([...re, ...im])
    this.re = new OperandVector(re)
    this.im = new OperandVector(im)
    const size = 2 ** wires.length, area = size * size
    this.operators = Array.from({ length: re.length / area }, (_, m) => ({
      size, re: this.re.values.subarray(m * area, (m + 1) * area), im: this.im.values.subarray(m * area, (m + 1) * area),
    }))
  }

  load(values: Float64Array): void {
    this.re.load(values)
    this.im.load(values)
  }

  complaint(): string | undefined {
    const deviation = krausDeviation(this.operators)
    return deviation <= MAX_DEVIATION ? undefined
      : `the operators of \`kraus\` are no channel: Σ K†K differs from the identity by ${deviation.toPrecision(3)}, at most 1e-6 is allowed`
  }
}

class NamedOperators implements KrausSource {
  readonly slots: readonly number[]
  private value = NaN
  operators: readonly ComplexMatrix[] = []

  constructor(private readonly channel: Channel) {
    this.slots = slotsOf([channel.parameter])
    if ('value' in channel.parameter) this.set(channel.parameter.value)
  }

  load(values: Float64Array): void {
    if ('slot' in this.channel.parameter) this.set(values[this.channel.parameter.slot] as number)
  }

  complaint(): string | undefined {
    return parameterComplaint(this.channel.name, this.value)
  }

  private set(value: number): void {
    this.value = value
    this.operators = operatorsOf(this.channel.name, this.channel.wires.length, value)
  }
}

/** @param x a probability; of the damping channels √(1 − γ) */
function operatorsOf(name: ChannelName, wires: number, x: number): readonly ComplexMatrix[] {
  const mixture = (words: readonly string[]) => [
    scaleMatrix(pauliWordMatrix('I'.repeat(wires)), Math.sqrt(1 - x)), ...words.map(word => scaleMatrix(pauliWordMatrix(word), Math.sqrt(x / words.length))),
  ]
  const lost = Math.sqrt(1 - x * x)
  switch (name) {
    case 'depolarize': return mixture((wires === 1 ? [...'IXYZ'] : [...'IXYZ'].flatMap(a => [...'IXYZ'].map(b => a + b))).slice(1))
    case 'bit_flip': return mixture(['X'])
    case 'phase_flip': return mixture(['Z'])
    case 'amplitude_damp': return [matrixFromRows([[1, 0], [0, x]]), matrixFromRows([[0, lost], [0, 0]])]
    case 'phase_damp': return [matrixFromRows([[1, 0], [0, x]]), matrixFromRows([[0, 0], [0, lost]])]
    default: return name satisfies never
  }
}
