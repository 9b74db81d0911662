/** What is written into a drawing: names of gates, short angles, observables. */
import type { Circuit, Measurement, Operand, Operation } from '../circuit'
import { builtInControls, type BaseGateName } from '../gates'
import { piFraction, printAngle, type Angle, type SlotAngles } from '../interop/angle'

/** Names of gates as textbooks have them. */
const SYMBOLS: { readonly [Name in BaseGateName]: string } = {
  id: 'I', x: 'X', y: 'Y', z: 'Z', h: 'H', s: 'S', sdg: 'S†', t: 'T', tdg: 'T†', sx: '√X', swap: 'SWAP', iswap: 'iSWAP',
  rx: 'Rx', ry: 'Ry', rz: 'Rz', p: 'P', rxx: 'Rxx', ryy: 'Ryy', rzz: 'Rzz', rzx: 'Rzx', single_excitation: 'G', double_excitation: 'G²',
}

const SELF_INVERSE: readonly BaseGateName[] = ['id', 'x', 'y', 'z', 'h', 'swap']

export function gateSymbol(name: BaseGateName, inverse: boolean): string {
  const symbol = SYMBOLS[name]
  if (!inverse || SELF_INVERSE.includes(name)) return symbol
  return symbol.endsWith('†') ? symbol.slice(0, -1) : `${symbol}†`
}

/** The gate without its built-in controls. */
export function baseOf(operation: Operation & { readonly kind: 'gate' }): BaseGateName {
  return builtInControls(operation.name).base
}

/** Significant digits of a number that is no fraction of π. */
const DIGITS = 3

/** `π/2`, `−3π/4`, `0.123`. */
export function shortNumber(value: number): string {
  // Within half a unit of the last digit that would be shown otherwise.
  const fraction = piFraction(value, 1e-6)
  if (!fraction || fraction.denominator > 64) return String(Number(value.toPrecision(DIGITS))).replace('-', '−')
  const { numerator, denominator } = fraction
  const size = Math.abs(numerator)
  return `${numerator < 0 ? '−' : ''}${size === 1 ? '' : size}π${denominator === 1 ? '' : `/${denominator}`}`
}

/** An angle to be read, not to be computed with. */
export function angleText(angle: Angle): string {
  return printAngle(angle, {
    number: shortNumber, times: '·', power: '^',
    parameter: ({ name, indices }) => `${name}${indices.length > 0 ? `[${indices.join(',')}]` : ''}`,
  }).replaceAll('-', '−')
}

export function operandText(operand: Operand, slots: SlotAngles): string {
  return angleText('value' in operand ? operand.value : slots[operand.slot] ?? NaN)
}

/** `…` at the end of what is longer than there is room for. */
export const shortened = (text: string, room: number): string => ([...text].length <= room ? text : `${[...text].slice(0, room - 1).join('')}…`)

// ---------------------------------------------------------------------------------------------------- measurements

/** What stands at the end of each wire that is measured: `Z`, `X Z` where in several bases, `p` for probabilities, `ρ`. */
export function measuredAs(circuit: Circuit): ReadonlyMap<number, string> {
  const letters = new Map<number, Set<string>>()
  const note = (wire: number, letter: string) => letters.set(wire, (letters.get(wire) ?? new Set()).add(letter))
  for (const measurement of circuit.measurements) {
    if (measurement.kind === 'expectation') {
      for (const { word } of measurement.terms) for (const [wire, letter] of word) note(wire, letter === '0' || letter === '1' ? 'Z' : letter)
    } else for (const wire of measurement.wires) note(wire, { probabilities: 'p', density: 'ρ', sample: '01' }[measurement.kind])
  }
  return new Map([...letters].map(([wire, found]) => [wire, [...found].sort().join('')]))
}

/** `⟨Z(q[0])⟩`, `p(q[0], q[1])`. */
export function measurementText(measurement: Measurement, wireNames: readonly string[]): string {
  const name = (wire: number) => wireNames[wire] ?? String(wire)
  switch (measurement.kind) {
    case 'expectation': {
      const terms = measurement.terms.map(({ coefficient, word }, at) => {
        const factors = word.map(([wire, letter]) => (letter === '0' || letter === '1' ? `|${letter}⟩⟨${letter}|(${name(wire)})` : `${letter}(${name(wire)})`)).join(' ')
        const size = Math.abs(coefficient)
        const number = size === 1 && factors ? '' : `${String(Number(size.toPrecision(DIGITS + 1)))}${factors && ' '}`
        const sign = coefficient < 0 ? (at === 0 ? '−' : ' − ') : at === 0 ? '' : ' + '
        return `${sign}${number}${factors}`
      })
      return `⟨${terms.join('') || '0'}⟩`
    }
    case 'probabilities': return `p(${measurement.wires.map(name).join(', ')})`
    case 'density': return `ρ(${measurement.wires.map(name).join(', ')})`
    case 'sample': return `${measurement.shots} samples of ${measurement.wires.map(name).join(', ')}`
    default: return measurement satisfies never
  }
}
