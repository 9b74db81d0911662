/** "Did you mean …?" for names that are not there. */

/**
 * The end of a message about an unknown name: the nearest known one where it is near enough, and all of them.
 * @returns e.g. ` (did you mean 'weights'?); there are: weights, bias`
 */
export function suggestName(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return '; there are none'
  const [nearest] = known.map(name => ({ name, distance: editDistance(unknown.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const near = nearest && nearest.distance <= Math.max(1, Math.floor(unknown.length / 3))
  return `${near ? ` (did you mean '${nearest.name}'?)` : ''}; there are: ${known.join(', ')}`
}

/** Levenshtein's distance: insertions, deletions and replacements of one letter. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
