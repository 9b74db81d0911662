/** The page of the gates, from the table of gates: matrices in symbols, spectra and the shift rules that follow from them. */
import { KNOWN_VALUES } from '../../compiler/2-check/knownNames'
import { SPECIAL_ROWS } from '../../compiler/2-check/specialGates'
import { builtInControls, GATES, PRIMITIVE_GATES, type Gate, type GateName, type PrimitiveGateName } from '../../quantum/gates'
import { shiftRuleOfSpectrum, type ShiftRule } from '../../quantum/shiftRule'
import { printMatrix, symbolicMatrix } from './matrix'

interface Section { readonly title: string; readonly names: readonly GateName[] }

const SECTIONS: readonly Section[] = [
  { title: 'One qubit', names: ['id', 'x', 'y', 'z', 'h', 's', 'sdg', 't', 'tdg', 'sx'] },
  { title: 'One qubit, with angles', names: ['rx', 'ry', 'rz', 'p', 'u', 'rot'] },
  { title: 'Several qubits', names: ['cx', 'cy', 'cz', 'ch', 'swap', 'iswap', 'ccx', 'cswap'] },
  { title: 'Several qubits, with angles', names: ['crx', 'cry', 'crz', 'cp', 'crot', 'rxx', 'ryy', 'rzz', 'rzx', 'single_excitation', 'double_excitation'] },
]

/** @throws Error when the page and the compiler have different gates */
export function gatesPage(): string {
  const shown = new Set<string>(SECTIONS.flatMap(({ names }) => names))
  const missing = Object.keys(GATES).filter(name => !shown.has(name))
  if (missing.length > 0) throw new Error(`the page of gates has no section for ${missing.join(', ')}: name it in scripts/reference/gates.ts`)
  return [
    HEADER,
    ...SECTIONS.map(({ title, names }) => [`## ${title}\n`, ...names.map(gateText)].join('\n')),
    rulesTable(),
    `## More than angles\n\n${specialTable('gate')}`,
    `## Preparation\n\nFirst on their qubits, before any gate.\n\n${specialTable('preparation')}`,
    `## Noise\n\nA circuit with one of these has a density matrix for a state, or runs as \`@trajectories\`. They take no modifiers; registers zip, and \`kraus\` takes them whole.\n\n${specialTable('noise')}`,
  ].join('\n')
}

const HEADER = `# Gates

\`rx(θ) q[0]\` applies a gate. Angles are in radians${KNOWN_VALUES.has('pi') ? '; `pi` is known' : ''}. A rotation about P is R_P(θ) = exp(−iθP/2). In a matrix the first qubit that a gate names is the most
significant bit: the rows and columns of a two-qubit gate are |00⟩, |01⟩, |10⟩, |11⟩. Gates of one qubit go over a register, \`h q\`; others zip registers of one
length, \`cx a, b\`, and so does a vector of angles, \`ry(x) q\`.

Modifiers stand before the gate. \`ctrl\` and \`negctrl\` add a control in front, \`ctrl(2)\` two; \`inv\` is the inverse; \`pow(k)\` the k-th power: for a whole number the gate
repeated, for another one of a gate with one angle that angle times k, and of a fixed gate the principal power. The global phase of a gate is as its matrix says: it shows
under \`ctrl\`.

*This page is written from the compiler's own tables by \`npm run reference\`.*
`

function gateText(name: GateName): string {
  const gate: Gate = GATES[name]
  const written = `${name}${gate.angles.length > 0 ? `(${gate.angles.join(', ')})` : ''} ${['a', 'b', 'c', 'd'].slice(0, gate.qubits).join(', ')}`
  return `### ${name}\n\n\`${written}\`\n\n${gate.doc}\n\n${matrixText(gate)}`
}

/** In full up to two qubits; beyond, and under controls, the block that is not the identity. */
function matrixText(gate: Gate): string {
  const rows = symbolicMatrix(angles => gate.matrix(angles), gate.angles)
  if (rows.length <= 4) return fence(printMatrix(rows))
  const moved = rows.flatMap((row, at) => (row.every((entry, column) => entry === (column === at ? '1' : '0')) ? [] : [at]))
  const states = moved.map(at => `|${at.toString(2).padStart(gate.qubits, '0')}⟩`).join(', ')
  return `On ${states}; the other basis states stay:\n\n${fence(printMatrix(moved.map(at => moved.map(column => rows[at]?.[column] ?? ''))))}`
}

const fence = (text: string): string => `\`\`\`text\n${text}\n\`\`\`\n`

// ----------------------------------------------------------------------------------------------- derivatives

/** Gates of one angle, those with the same spectrum in one row. */
function rulesTable(): string {
  const groups = new Map<string, { readonly spectrum: readonly number[]; readonly names: string[] }>()
  for (const name of SECTIONS.flatMap(section => section.names)) {
    const gate = isPrimitive(name) ? PRIMITIVE_GATES[name] : undefined
    if (gate?.kind !== 'angle') continue
    const key = gate.spectrum.map(value => value.toFixed(6)).join()
    const group = groups.get(key) ?? { spectrum: gate.spectrum, names: [] }
    group.names.push(name)
    groups.set(key, group)
  }
  const rows = [...groups.values()].map(({ spectrum, names }) => {
    const rule = shiftRuleOfSpectrum(spectrum, false), controlled = shiftRuleOfSpectrum(spectrum, true)
    const isSame = builtIn(names) || controlled.length === rule.length
    return `| ${names.map(name => `\`${name}\``).join(' ')} | ${spectrum.map(printNumber).join(', ')} | ${printRule(rule)} | ${isSame ? 'the same' : `${controlled.length} runs`} |\n`
  })
  return `## Derivatives

What a circuit reports is a trigonometric polynomial in each angle. Its frequencies are the differences of the eigenvalues of the gate's generator G, of which the gate is
exp(−iθG), and from them follows a rule that is exact: the derivative as a sum of values f at shifted angles. \`u\`, \`rot\` and \`crot\` are made of gates of one angle, each with
the rule of that gate: two runs for each angle of \`u\` and \`rot\`, four for those of \`crot\`. A control adds the eigenvalue 0, and with it frequencies.

| gates | eigenvalues of G | f′(θ) is | under \`ctrl\` |
| --- | --- | --- | --- |
${rows.join('')}`
}

const isPrimitive = (name: GateName): name is PrimitiveGateName => Object.hasOwn(PRIMITIVE_GATES, name)

/** Controls that are there already: the eigenvalue 0 is in the spectrum. */
const builtIn = (names: readonly string[]): boolean => names.some(name => isPrimitive(name as GateName) && builtInControls(name as PrimitiveGateName).controls > 0)

/** `½ [f(θ + π/2) − f(θ − π/2)] + …`; terms come in pairs ±s with opposite coefficients. */
function printRule(rule: ShiftRule): string {
  return rule.filter(({ shift }) => shift > 0).map(({ shift, coefficient }, at) => {
    const sign = coefficient < 0 ? (at === 0 ? '−' : ' − ') : at === 0 ? '' : ' + '
    const angle = printAngle(shift)
    return `${sign}${printNumber(Math.abs(coefficient))} [f(θ + ${angle}) − f(θ − ${angle})]`
  }).join('')
}

function printAngle(shift: number): string {
  for (const under of [1, 2, 3, 4, 6, 8]) {
    const over = shift / Math.PI * under
    if (Math.abs(over - Math.round(over)) < 1e-12) return `${Math.round(over) === 1 ? '' : Math.round(over)}π${under === 1 ? '' : `/${under}`}`
  }
  return shift.toFixed(6)
}

/** A fraction, or (a ± b√2)/8, where the number is one. */
function printNumber(value: number): string {
  const sign = value < 0 ? '−' : '', size = Math.abs(value)
  if (Number.isInteger(size)) return sign + size
  if (Math.abs(size - 0.5) < 1e-12) return `${sign}½`
  if (Math.abs(size - 0.25) < 1e-12) return `${sign}¼`
  for (const a of [1, 2, 3, 4]) {
    if (Math.abs(size - (a + Math.SQRT2) / 8) < 1e-12) return `${sign}(${a} + √2)/8`
    if (Math.abs(size - (a - Math.SQRT2) / 8) < 1e-12) return `${sign}(${a} − √2)/8`
  }
  return sign + size.toFixed(6)
}

function specialTable(kind: 'gate' | 'preparation' | 'noise'): string {
  const rows = SPECIAL_ROWS.filter(row => row.kind === kind).map(({ written, doc }) => `| \`${written}\` | ${doc.replaceAll('|', String.raw`\|`)} |\n`)
  return `| written | is |\n| --- | --- |\n${rows.join('')}`
}
