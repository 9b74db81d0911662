/**
 * Dimensions: integer polynomials over names, in a normal form where equal sizes are equal data.
 *
 * A `Dim` is a plain number wherever it is one; otherwise terms sorted by their atoms. Atoms are names, floor(e/k) and 2^e.
 * Plain data on purpose: a plan carries dimensions to the runtime as they are.
 */

export type Atom = string | { readonly floor: Dim; readonly by: number } | { readonly power: Dim }

/** coefficient · Π atoms; a repeated atom is a power. */
export interface DimTerm {
  readonly coefficient: number
  readonly atoms: readonly Atom[]
}

/** Never constant: a constant polynomial is a number. */
export interface Polynomial { readonly terms: readonly DimTerm[] }

export type Dim = number | Polynomial

/** What a name of a dimension stands for. */
export type Sizes = ReadonlyMap<string, number>

// ------------------------------------------------------------------------------------------------ normal form

const atomKeys = new WeakMap<object, string>()
const dimKeys = new WeakMap<Polynomial, string>()

function atomKey(atom: Atom): string {
  if (typeof atom === 'string') return atom
  let key = atomKeys.get(atom)
  if (key === undefined) {
    key = 'power' in atom ? `2^(${dimKey(atom.power)})` : `floor((${dimKey(atom.floor)})/${atom.by})`
    atomKeys.set(atom, key)
  }
  return key
}

const termKey = (term: DimTerm) => term.atoms.map(atomKey).join('*')

/** Equal for equal dimensions, different for different ones. */
export function dimKey(dim: Dim): string {
  if (typeof dim === 'number') return String(dim)
  let key = dimKeys.get(dim)
  if (key === undefined) {
    key = dim.terms.map(term => `${term.coefficient}${term.atoms.length ? '*' + termKey(term) : ''}`).join('+')
    dimKeys.set(dim, key)
  }
  return key
}

/** Longer ones are of no use to anybody, and products of them fill all memory. */
const TERMS_LIMIT = 200

/** A polynomial that is too long to go on with. */
export class HugeDim extends Error {
  constructor(readonly limit: number) {
    super(`a size of more than ${limit} terms`)
    this.name = 'HugeDim'
  }
}

function normalise(terms: readonly DimTerm[]): Dim {
  const byKey = new Map<string, { coefficient: number; atoms: readonly Atom[] }>()
  for (const term of terms) {
    const key = termKey(term)
    const known = byKey.get(key)
    if (known) known.coefficient += term.coefficient
    else byKey.set(key, { coefficient: term.coefficient, atoms: term.atoms })
  }
  const kept = [...byKey].filter(([, term]) => term.coefficient !== 0).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  if (kept.length === 0) return 0
  const [first] = kept
  if (kept.length === 1 && first && first[0] === '') return first[1].coefficient
  if (kept.length > TERMS_LIMIT) throw new HugeDim(TERMS_LIMIT)
  return { terms: kept.map(([, term]) => term) }
}

const termsOf = (dim: Dim): readonly DimTerm[] => (typeof dim === 'number' ? [{ coefficient: dim, atoms: [] }] : dim.terms)

// ---------------------------------------------------------------------------------------------------- algebra

export const namedDim = (name: string): Dim => ({ terms: [{ coefficient: 1, atoms: [name] }] })

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  return normalise([...termsOf(a), ...termsOf(b)])
}

export function mulDims(a: Dim, b: Dim): Dim {
  // + 0: a size of −0 would not be the same data as 0.
  if (typeof a === 'number' && typeof b === 'number') return a * b + 0
  if (termsOf(a).length * termsOf(b).length > 20 * TERMS_LIMIT) throw new HugeDim(TERMS_LIMIT)
  return normalise(termsOf(a).flatMap(x => termsOf(b).flatMap(y => termsOf(joinPowers(x.coefficient * y.coefficient, [...x.atoms, ...y.atoms])))))
}

/** coefficient · Π atoms with 2^a · 2^b as 2^(a + b), so that equal products are equal data. */
function joinPowers(coefficient: number, atoms: readonly Atom[]): Dim {
  const powers = atoms.flatMap(atom => (typeof atom === 'object' && 'power' in atom ? [atom.power] : []))
  if (powers.length < 2) return { terms: [{ coefficient, atoms: atoms.toSorted((p, q) => (atomKey(p) < atomKey(q) ? -1 : atomKey(p) > atomKey(q) ? 1 : 0)) }] }
  const others = atoms.filter(atom => typeof atom === 'string' || !('power' in atom))
  return mulDims({ terms: [{ coefficient, atoms: others }] }, powerOfTwoDim(powers.reduce(addDims)))
}

export const subDims = (a: Dim, b: Dim): Dim => addDims(a, mulDims(-1, b))

export const productOfDims = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(mulDims, 1)

/** floor(a / by); exact parts leave the floor, so floor((4n + 3)/2) is 2n + 1. */
export function floorDivDim(a: Dim, by: number): Dim {
  if (typeof a === 'number') return Math.floor(a / by)
  const whole: DimTerm[] = []
  const rest: DimTerm[] = []
  for (const term of a.terms) {
    if (term.atoms.length === 0) {
      const quotient = Math.floor(term.coefficient / by)
      whole.push({ coefficient: quotient, atoms: [] })
      rest.push({ coefficient: term.coefficient - quotient * by, atoms: [] })
    } else if (term.coefficient % by === 0) whole.push({ coefficient: term.coefficient / by, atoms: term.atoms })
    else rest.push(term)
  }
  const remainder = normalise(rest)
  if (typeof remainder === 'number') return normalise([...whole, { coefficient: Math.floor(remainder / by), atoms: [] }])
  return addDims(normalise(whole), { terms: [{ coefficient: 1, atoms: [{ floor: remainder, by }] }] })
}

/** a / b where b divides every term; undefined where that cannot be seen. */
export function divideDim(a: Dim, b: Dim): Dim | undefined {
  if (typeof b === 'number') {
    if (b === 0) return undefined
    if (termsOf(a).some(term => term.coefficient % b !== 0)) return undefined
    return normalise(termsOf(a).map(term => ({ coefficient: term.coefficient / b, atoms: term.atoms })))
  }
  const [divisor] = b.terms
  if (!divisor) return undefined
  if (b.terms.length > 1) {
    // a = q·b is tried for the quotient of the first terms: enough for (n + 1)·m / (n + 1).
    for (const term of termsOf(a)) {
      const quotient = divideTerm(term, divisor)
      if (quotient && dimKey(mulDims(quotient, b)) === dimKey(a)) return quotient
    }
    return dimKey(a) === dimKey(b) ? 1 : undefined
  }
  const quotients = termsOf(a).map(term => divideTerm(term, divisor))
  let sum: Dim = 0
  for (const quotient of quotients) {
    if (quotient === undefined) return undefined
    sum = addDims(sum, quotient)
  }
  return sum
}

function divideTerm(term: DimTerm, divisor: DimTerm): Dim | undefined {
  if (term.coefficient % divisor.coefficient !== 0) return undefined
  const atoms = [...term.atoms]
  for (const atom of divisor.atoms) {
    const at = atoms.findIndex(other => atomKey(other) === atomKey(atom))
    if (at < 0) return undefined
    atoms.splice(at, 1)
  }
  return normalise([{ coefficient: term.coefficient / divisor.coefficient, atoms }])
}

/** 2^e; a constant in e becomes a coefficient, so 2^(n + 2) is 4·2^n. */
export function powerOfTwoDim(exponent: Dim): Dim {
  if (typeof exponent === 'number') return 2 ** exponent
  const constant = exponent.terms.find(term => term.atoms.length === 0)?.coefficient ?? 0
  if (constant > 0) return mulDims(2 ** constant, powerOfTwoDim(subDims(exponent, constant)))
  return { terms: [{ coefficient: 1, atoms: [{ power: exponent }] }] }
}

// -------------------------------------------------------------------------------------------------- questions

export const sameDim = (a: Dim, b: Dim): boolean => a === b || dimKey(a) === dimKey(b)

export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a === b || (a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis] ?? -1)))

/**
 * Whether two numbers of elements are equal where every floor(e/k) in them divides exactly: 2·floor(n/2) is n then. What says so
 * is an obligation of whoever asks.
 */
export function sameCount(a: Dim, b: Dim): boolean {
  if (sameDim(a, b)) return true
  const divisors = [...termsOf(a), ...termsOf(b)].map(divisorOf)
  const common = divisors.reduce((x, y) => x * (y / greatestDivisor(x, y)), 1)
  return common > 1 && Number.isSafeInteger(common) && sameDim(exactMultiple(a, common), exactMultiple(b, common))
}

/** Π k over the factors floor(e/k). */
const divisorOf = ({ atoms }: DimTerm): number => atoms.reduce((product, atom) => (typeof atom === 'object' && 'floor' in atom ? product * atom.by : product), 1)

/** `times` · dim, with e/k for floor(e/k). */
function exactMultiple(dim: Dim, times: number): Dim {
  return termsOf(dim).map((term): Dim => term.atoms.reduce<Dim>((product, atom) =>
    mulDims(product, typeof atom === 'object' && 'floor' in atom ? atom.floor : { terms: [{ coefficient: 1, atoms: [atom] }] }), term.coefficient * times / divisorOf(term)))
    .reduce(addDims, 0)
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? Math.abs(a) : greatestDivisor(b, a % b))

/** a / by where it must divide exactly, in its lowest terms: 3n/6 is floor(n/2). */
export function exactQuotient(a: Dim, by: number): Dim {
  const shared = termsOf(a).reduce((divisor, { coefficient }) => greatestDivisor(divisor, coefficient), by)
  return floorDivDim(divideDim(a, shared) ?? a, by / shared)
}

/** Names in the order they first stand. */
export function namesOfDim(dim: Dim, into: Set<string> = new Set()): Set<string> {
  if (typeof dim === 'number') return into
  for (const { atoms } of dim.terms) {
    for (const atom of atoms) {
      if (typeof atom === 'string') into.add(atom)
      else namesOfDim('power' in atom ? atom.power : atom.floor, into)
    }
  }
  return into
}

/** Puts dimensions in the place of names; names that are not in the map stay. */
export function substituteDim(dim: Dim, values: ReadonlyMap<string, Dim>): Dim {
  if (typeof dim === 'number' || values.size === 0) return dim
  let sum: Dim = 0
  for (const { coefficient, atoms } of dim.terms) {
    let product: Dim = coefficient
    for (const atom of atoms) product = mulDims(product, substituteAtom(atom, values))
    sum = addDims(sum, product)
  }
  return sum
}

function substituteAtom(atom: Atom, values: ReadonlyMap<string, Dim>): Dim {
  if (typeof atom === 'string') return values.get(atom) ?? namedDim(atom)
  if ('power' in atom) return powerOfTwoDim(substituteDim(atom.power, values))
  return floorDivDim(substituteDim(atom.floor, values), atom.by)
}

/** @throws Error when a name has no size: a bug of the caller, who binds sizes first. */
export function evaluateDim(dim: Dim, sizes: Sizes): number {
  if (typeof dim === 'number') return dim
  return dim.terms.reduce((sum, { coefficient, atoms }) => sum + atoms.reduce<number>((product, atom) => {
    if (typeof atom !== 'string') {
      return product * ('power' in atom ? 2 ** evaluateDim(atom.power, sizes) : Math.floor(evaluateDim(atom.floor, sizes) / atom.by))
    }
    const size = sizes.get(atom)
    if (size === undefined) throw new Error(`the size of dimension '${atom}' is not bound`)
    return product * size
  }, coefficient), 0)
}

/**
 * Solves pattern = actual for the one name of `pattern` that is not in `known`.
 * @returns undefined where nothing is open, or the open name does not stand alone with a coefficient of ±1
 */
export function solveDim(pattern: Dim, actual: Dim, known: ReadonlySet<string>): { name: string; value: Dim } | undefined {
  const open = [...namesOfDim(pattern)].filter(name => !known.has(name))
  const [name] = open
  if (name === undefined || open.length !== 1 || typeof pattern === 'number') return undefined
  const withName = pattern.terms.filter(term => namesOfDim({ terms: [term] }).has(name))
  const [term] = withName
  if (!term || withName.length !== 1 || term.atoms.length !== 1 || term.atoms[0] !== name || Math.abs(term.coefficient) !== 1) return undefined
  const rest = normalise(pattern.terms.filter(other => other !== term))
  return { name, value: mulDims(term.coefficient, subDims(actual, rest)) }
}

// --------------------------------------------------------------------------------------------------- printing

/** As a person writes it: `2*n + 1`, `h - k + 1`. */
export function printDim(dim: Dim): string {
  if (typeof dim === 'number') return String(dim)
  // Named terms first, the constant last; positive ones before negative ones, so `h - k + 1` and not `-k + h + 1`.
  const terms = [...dim.terms].sort((a, b) => rank(a) - rank(b))
  return terms.map((term, at) => {
    const size = Math.abs(term.coefficient)
    const text = [...(size !== 1 || term.atoms.length === 0 ? [String(size)] : []), ...term.atoms.map(printAtom)].join('*')
    return at === 0 ? (term.coefficient < 0 ? `-${text}` : text) : `${term.coefficient < 0 ? ' - ' : ' + '}${text}`
  }).join('')
}

const rank = (term: DimTerm) => (term.atoms.length === 0 ? 2 : term.coefficient < 0 ? 1 : 0)

function printAtom(atom: Atom): string {
  if (typeof atom === 'string') return atom
  return 'power' in atom ? `2^(${printDim(atom.power)})` : `floor((${printDim(atom.floor)})/${atom.by})`
}

export const printShape = (shape: readonly Dim[]): string => `[${shape.map(printDim).join(', ')}]`
