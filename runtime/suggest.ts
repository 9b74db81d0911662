/** "Did you mean …?" for names that are not there. */

/**
 * The end of a message about an unknown name: the nearest known one where it is near enough, and all of them.
 * @returns e.g. ` (did you mean 'weights'?); there are: weights, bias`
 */
export function suggestName(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return '; there are none'
  const [nearest] = known.map(name => ({ name, distance: editDistance(unknown.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  // One letter may be wrong in a short name, a third of a long one; of a single letter, none.
  const near = nearest && nearest.distance <= Math.min(unknown.length - 1, Math.max(1, Math.floor(unknown.length / 3)))
  return `${near ? ` (did you mean '${nearest.name}'?)` : ''}; there are: ${known.join(', ')}`
}

/** Insertions, deletions and replacements of one letter, and exchanges of two neighbours. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity
      row.push(Math.min(replaced, exchanged, at(i - 1, j) + 1, at(i, j - 1) + 1))
    }
  }
  return at(a.length, b.length)
}
