/** The gates that OpenQASM's two libraries have, and definitions in its own words of those that they lack. */

/** Gates of the OpenQASM 3 library `stdgates.inc`; all but the last row are ours by the same name. */
export const STANDARD_NAMES: ReadonlySet<string> = new Set([
  'p', 'x', 'y', 'z', 'h', 's', 'sdg', 't', 'tdg', 'sx', 'rx', 'ry', 'rz', 'cx', 'cy', 'cz', 'cp', 'crx', 'cry', 'crz', 'ch',
  'swap', 'ccx', 'cswap', 'id',
  'cu', 'CX', 'phase', 'cphase', 'u1', 'u2', 'u3',
])

/** Gates of ours that `stdgates.inc` lacks, exact with their global phase. */
const DEFINITIONS: Readonly<Record<string, string>> = {
  iswap: 'gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }',
  rxx: 'gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; }',
  ryy: 'gate ryy(theta) a, b { sdg a; h a; sdg b; h b; cx a, b; rz(theta) b; cx a, b; h a; s a; h b; s b; }',
  rzz: 'gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }',
  rzx: 'gate rzx(theta) a, b { h b; cx a, b; rz(theta) b; cx a, b; h b; }',
  single_excitation: 'gate single_excitation(theta) a, b { cx b, a; cry(-theta) a, b; cx b, a; }',
  double_excitation: 'gate double_excitation(theta) a, b, c, d '
    + '{ cx d, a; cx d, b; cx d, c; x c; ctrl(3) @ ry(-theta) a, b, c, d; x c; cx d, a; cx d, b; cx d, c; }',
}

/** @param name a gate of ours, or `pauli_rotation_` and the letters of a word without I */
export function definitionOf(name: string): string {
  return DEFINITIONS[name] ?? pauliRotationDefinition(name)
}

/** exp(−iθP/2): the word's parity is gathered on its last qubit and rotated there. */
function pauliRotationDefinition(name: string): string {
  const word = name.slice('pauli_rotation_'.length)
  const letters = [...word]
  const wires = letters.map((_, at) => `q${at}`)
  const last = wires.at(-1) ?? 'q0'
  const before = letters.flatMap((letter, at) => (letter === 'x' ? [`h q${at};`] : letter === 'y' ? [`sdg q${at};`, `h q${at};`] : []))
  const after = letters.flatMap((letter, at) => (letter === 'x' ? [`h q${at};`] : letter === 'y' ? [`h q${at};`, `s q${at};`] : []))
  const parity = wires.slice(0, -1).map(wire => `cx ${wire}, ${last};`)
  return `gate ${name}(theta) ${wires.join(', ')} { ${[...before, ...parity, `rz(theta) ${last};`, ...parity.reverse(), ...after].join(' ')} }`
}

/**
 * What the OpenQASM 3 library has beyond our own gates, as it defines it; U and gphase are built in. In `u2` and `u3` the
 * phases make determinants 1.
 */
export const STANDARD_PRELUDE = `
gate CX a, b { cx a, b; }
gate phase(l) a { p(l) a; }
gate cphase(l) a, b { cp(l) a, b; }
gate u1(l) a { p(l) a; }
gate u2(f, l) a { gphase(-(f + l + pi/2)/2); U(pi/2, f, l) a; }
gate u3(t, f, l) a { gphase(-(f + l + t)/2); U(t, f, l) a; }
gate cu(t, f, l, g) c, a { p(g - t/2) c; ctrl @ U(t, f, l) c, a; }
`

/**
 * What OpenQASM 2's `qelib1.inc`, in the version that Qiskit ships, has beyond our own gates. A global phase is beyond
 * OpenQASM 2, and what stands under controls here is as Qiskit has it.
 */
export const QELIB1_PRELUDE = `
gate CX a, b { cx a, b; }
gate u0(g) a { }
gate u(t, f, l) a { U(t, f, l) a; }
gate u1(l) a { p(l) a; }
gate u2(f, l) a { U(pi/2, f, l) a; }
gate u3(t, f, l) a { U(t, f, l) a; }
gate sxdg a { inv @ sx a; }
gate csx a, b { ctrl @ sx a, b; }
gate cu1(l) a, b { cp(l) a, b; }
gate cu3(t, f, l) c, a { p((l + f)/2) c; ctrl @ rz(l) c, a; ctrl @ ry(t) c, a; ctrl @ rz(f) c, a; }
gate cu(t, f, l, g) c, a { p(g) c; cu3(t, f, l) c, a; }
gate rccx a, b, c { u2(0, pi) c; u1(pi/4) c; cx b, c; u1(-pi/4) c; cx a, c; u1(pi/4) c; cx b, c; u1(-pi/4) c; u2(0, pi) c; }
gate c3x a, b, c, d { ctrl(3) @ x a, b, c, d; }
gate c3sqrtx a, b, c, d { ctrl(3) @ sx a, b, c, d; }
gate c4x a, b, c, d, e { ctrl(4) @ x a, b, c, d, e; }
`
