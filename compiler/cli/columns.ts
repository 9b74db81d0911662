/** Tables of text: columns as wide as their widest entry. */

/** @param right columns of numbers, whose ends are aligned */
export function columnsText(heading: readonly string[], rows: readonly (readonly string[])[], right: ReadonlySet<number>): string {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map(row => [...row[column] ?? ''].length)))
  const line = (row: readonly string[]) => row.map((entry, column) => {
    const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...entry].length))
    return right.has(column) ? space + entry : entry + space
  }).join('  ').trimEnd()
  return [heading, ...rows].map(line).join('\n')
}
