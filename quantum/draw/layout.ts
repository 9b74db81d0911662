/**
 * Where everything of a circuit stands in a drawing: each operation as early as its wires allow, columns from left to right. What
 * letters and lines look like is the business of the text and the SVG drawing.
 */
import type { Circuit, Control, Operation } from '../circuit'
import { builtInControls } from '../gates'
import type { SlotAngles } from '../interop/angle'
import { angleText, baseOf, gateSymbol, operandText } from './labels'

/** What stands on a wire of an operation. */
export type Mark =
  /** A box around a name, with an angle below it. */
  | { readonly kind: 'box'; readonly label: string; readonly angle?: string }
  /** ⊕ */
  | { readonly kind: 'not' }
  /** × */
  | { readonly kind: 'cross' }
  /** Filled where it acts on 1, open where on 0. */
  | { readonly kind: 'dot'; readonly value: 0 | 1 }

/** One box over several wires. */
export interface Block {
  readonly label: string
  readonly angle?: string
  readonly top: number
  readonly bottom: number
  /** What stands where a wire of the operation enters, where that is not plain: its place in the gate, or its Pauli letter. */
  readonly ports: ReadonlyMap<number, string>
  /** The wires between that it does not act on. */
  readonly passing: readonly number[]
}

/** One operation. */
export interface Item {
  readonly operation: Operation
  readonly column: number
  /** First and last wire that it covers, whether or not it acts on all between. */
  readonly top: number
  readonly bottom: number
  readonly block?: Block
  readonly marks: ReadonlyMap<number, Mark>
  /** Its whole name, for a reader who points at it. */
  readonly title: string
}

export interface Layout {
  readonly items: readonly Item[]
  readonly columns: number
  /** Angles of global phases under no control, which stand on no wire. */
  readonly phases: readonly string[]
}

export function layoutCircuit(circuit: Circuit, slots: SlotAngles): Layout {
  const free = Array.from({ length: circuit.qubits }, () => 0)
  const items: Item[] = []
  const phases: string[] = []
  for (const operation of circuit.operations) {
    const wires = [...operation.wires, ...operation.controls.map(({ wire }) => wire)]
    if (wires.length === 0) {
      if (operation.kind === 'global_phase') phases.push(operandText(operation.angle, slots))
      continue
    }
    const top = Math.min(...wires), bottom = Math.max(...wires)
    const column = Math.max(...free.slice(top, bottom + 1))
    free.fill(column + 1, top, bottom + 1)
    items.push({ operation, column, top, bottom, ...appearance(operation, slots) })
  }
  return { items, columns: Math.max(0, ...free), phases }
}

type Appearance = Pick<Item, 'block' | 'marks' | 'title'>

function appearance(operation: Operation, slots: SlotAngles): Appearance {
  const controls = operation.kind === 'gate'
    ? [...operation.controls, ...operation.wires.slice(0, builtInControls(operation.name).controls).map((wire): Control => ({ wire, value: 1 }))]
    : operation.controls
  const dots = controls.map(({ wire, value }): readonly [number, Mark] => [wire, { kind: 'dot', value }])
  const under = controls.length > 0
  switch (operation.kind) {
    case 'gate': {
      const base = baseOf(operation)
      const wires = operation.wires.slice(builtInControls(operation.name).controls)
      const [operand] = operation.angles
      const angle = operand && operandText(operand, slots)
      const label = gateSymbol(base, operation.inverse)
      const title = `${operation.controls.length > 0 ? 'controlled ' : ''}${operation.inverse ? 'inverse ' : ''}${operation.name}${angle === undefined ? '' : `(${angle})`}`
      const [wire = 0] = wires
      if (base === 'x' && under) return { marks: new Map([...dots, [wire, { kind: 'not' }]]), title }
      if (base === 'z' && under) return { marks: new Map([...dots, [wire, { kind: 'dot', value: 1 }]]), title }
      if (base === 'swap') return { marks: new Map([...dots, ...wires.map((each): readonly [number, Mark] => [each, { kind: 'cross' }])]), title }
      return boxed(label, angle, wires, dots, title, PAULI_GATES[base])
    }
    case 'pauli_rotation': {
      const angle = operandText(operation.angle, slots)
      const title = `exp(−i·(${angle})/2·${operation.word})`
      const letters = operation.wires.flatMap((wire, at): readonly (readonly [number, string])[] => (operation.word[at] === 'I' ? [] : [[wire, operation.word[at] ?? '']]))
      const [only, ...others] = letters
      // The identity's rotation stands on a wire all the same.
      if (!only || others.length === 0) return boxed(`R${(only?.[1] ?? 'I').toLowerCase()}`, angle, only ? [only[0]] : operation.wires.slice(0, 1), dots, title)
      return boxed('R', angle, letters.map(([wire]) => wire), dots, title, letters.map(([, letter]) => letter))
    }
    case 'global_phase': {
      const angle = operandText(operation.angle, slots)
      const title = `controlled phase exp(i·${angle})`
      const [first] = operation.controls
      // A phase where the last control holds is a phase gate on it.
      if (!first) return { marks: new Map(), title }
      return boxed(first.value === 1 ? 'P' : 'P₀', angle, [first.wire], dots.filter(([wire]) => wire !== first.wire), title)
    }
    case 'unitary': return boxed('U', undefined, operation.wires, dots, 'unitary matrix')
    case 'amplitudes': return boxed(operation.inverse ? '⟨ψ|' : '|ψ⟩', undefined, operation.wires, dots, operation.inverse ? 'overlap with given amplitudes' : 'given amplitudes')
    case 'kraus': return boxed('kraus', undefined, operation.wires, dots, 'noise by its Kraus operators')
    case 'evolution': return boxed('e^−iθH', operandText(operation.angle, slots), operation.wires, dots, 'evolution under a Hamiltonian')
    case 'channel': {
      const label = { depolarize: 'depol', bit_flip: 'flip', phase_flip: 'phase flip', amplitude_damp: 'damp', phase_damp: 'dephase' }[operation.name]
      const found = 'value' in operation.parameter ? operation.parameter.value : slots[operation.parameter.slot]
      // What a damping channel keeps is √(1 − γ).
      const angle = operation.name.endsWith('damp') && typeof found === 'number' ? angleText(1 - found ** 2) : operandText(operation.parameter, slots)
      return boxed(label, operation.name.endsWith('damp') && typeof found !== 'number' ? undefined : angle, operation.wires, dots, operation.name)
    }
    default: return operation satisfies never
  }
}

/** Letters of the gates that are rotations about a Pauli word. */
const PAULI_GATES: Readonly<Record<string, readonly string[]>> = { rxx: ['X', 'X'], ryy: ['Y', 'Y'], rzz: ['Z', 'Z'], rzx: ['Z', 'X'] }

/** @param places what each wire is to the gate; its number where nothing is given */
function boxed(
  label: string, angle: string | undefined, wires: readonly number[], dots: readonly (readonly [number, Mark])[], title: string, places?: readonly string[],
): Appearance {
  const named = { label, ...(angle === undefined ? {} : { angle }) }
  const [only, ...others] = wires
  if (only !== undefined && others.length === 0) return { marks: new Map([...dots, [only, { kind: 'box', ...named }]]), title }
  const top = Math.min(...wires), bottom = Math.max(...wires)
  const isSymmetric = label.startsWith('iSWAP') || (places !== undefined && label !== 'R' && new Set(places).size === 1)
  const isPlain = label !== 'R' && bottom - top === wires.length - 1 && (isSymmetric || wires.every((wire, at) => wire === top + at))
  const passing = Array.from({ length: bottom - top + 1 }, (_, at) => top + at).filter(wire => !wires.includes(wire))
  return {
    block: { ...named, top, bottom, passing, ports: new Map(isPlain ? [] : wires.map((wire, at): readonly [number, string] => [wire, places?.[at] ?? String(at)])) },
    // A control between the wires of a block stands on its edge.
    marks: new Map(dots), title,
  }
}

/** Columns in rows of a width, each row as full as it goes; a column that is wider has a row of its own. */
export function wrapColumns(widths: readonly number[], room: number): readonly (readonly number[])[] {
  const rows: number[][] = [[]]
  let used = 0
  widths.forEach((width, column) => {
    if (used > 0 && used + width > room) {
      rows.push([])
      used = 0
    }
    rows.at(-1)?.push(column)
    used += width
  })
  return rows
}
