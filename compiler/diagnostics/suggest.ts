/** "Did you mean …?": the candidate that a typing slip would turn into the name that was written. */

/**
 * The closest candidate, or nothing where none is near. About a third of the letters may differ; upper and lower case
 * alone count as half a slip; among equals the first candidate wins, so callers list the likelier ones first.
 */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const letters = [...name]
  const limit = Math.max(1, Math.floor(letters.length / 3))
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    if (candidate === name) continue
    const distance = slips(letters, [...candidate])
    // A name of one or two letters is near to every other: there only a change of case counts, or a letter struck twice.
    const near = letters.length <= 2 ? distance <= DOUBLE_COST || candidate.toLowerCase() === name.toLowerCase() : distance <= limit || isAnagram(letters, [...candidate])
    if (near && distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best ?? abbreviated(name, candidates)
}

/** `tetha` has the letters of `theta`, however far they have wandered. */
function isAnagram(a: readonly string[], b: readonly string[]): boolean {
  return a.length >= SHORTEST_ANAGRAM && a.length === b.length && [...a].sort().join('') === [...b].sort().join('')
}

const SHORTEST_ANAGRAM = 4

/** `norm` of `normal`: the one candidate that goes on where the name ends. */
function abbreviated(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length < SHORTEST_ABBREVIATION) return undefined
  const [only, ...more] = [...candidates].filter(candidate => candidate.startsWith(name) && candidate !== name)
  return more.length === 0 ? only : undefined
}

const SHORTEST_ABBREVIATION = 3

/** What a message says of a name that is not known: which one was likely meant, and which there are. */
export function among(name: string, candidates: Iterable<string>): { readonly suggestion: string | undefined; readonly known: string | undefined } {
  const all = [...candidates]
  return { suggestion: suggest(name, all), known: listOf(all) }
}

const SHOWN_AT_MOST = 14

/** `a`, `b` and `c`; nothing of nothing. */
export function listOf(names: readonly string[]): string | undefined {
  const quoted = names.map(name => `\`${name}\``)
  if (quoted.length > SHOWN_AT_MOST) return `${quoted.slice(0, SHOWN_AT_MOST).join(', ')} …`
  return quoted.length < 2 ? quoted[0] : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`
}

/** Below a change's 1: of `tan` and `tanh`, `tahn` means the one that has its letters. */
const SWAP_COST = 0.75

/** Of `cx` and `rxx`, `cxx` means the one that is left when the finger that struck twice strikes once. */
const DOUBLE_COST = 0.5

/** Damerau–Levenshtein (optimal string alignment): insertions, deletions, changes and swaps of neighbours. */
export function slips(a: readonly string[], b: readonly string[]): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = changeCost(a[i - 1], b[j - 1])
      const dropped = i > 1 && a[i - 1] === a[i - 2] ? DOUBLE_COST : 1
      const added = j > 1 && b[j - 1] === b[j - 2] ? DOUBLE_COST : 1
      let least = Math.min((last[j] ?? 0) + dropped, (row[j - 1] ?? 0) + added, (last[j - 1] ?? 0) + change)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, (beforeLast[j - 2] ?? 0) + SWAP_COST)
      row.push(least)
    }
    ;[beforeLast, last] = [last, row]
  }
  return last[b.length] ?? 0
}

function changeCost(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  return a?.toLowerCase() === b?.toLowerCase() ? 0.5 : 1
}

/** What NumPy, PyTorch and Keras call arguments that have another name here. */
const OTHER_ARGUMENTS: Readonly<Record<string, string>> = {
  dim: 'axis', lr: 'rate', learning_rate: 'rate', weight_decay: 'decay', eps: 'epsilon', out_features: 'out', units: 'out', hidden_size: 'out', output_size: 'out', mu: 'mean', sigma: 'std', stddev: 'std', minval: 'low', maxval: 'high',
}

/** The same for an argument that a call gives by name. */
export function argumentHelp(name: string, names: readonly string[]): { readonly suggestion: string | undefined; readonly hint: string } {
  const { suggestion: near, known } = among(name, names)
  const other = Object.hasOwn(OTHER_ARGUMENTS, name) ? OTHER_ARGUMENTS[name] : undefined
  const suggestion = other !== undefined && names.includes(other) ? other : near
  return { suggestion, hint: known === undefined ? 'it takes none' : `it takes ${known}` }
}
