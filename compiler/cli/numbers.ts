/** Numbers as the command prints and reads them: nothing is lost either way, and what is not finite is a string. */

/** The shortest decimal that reads back as the same number in the run's precision; a string where JSON has no number. */
export function numberText(value: number, isSingle: boolean): string {
  if (!Number.isFinite(value)) return `"${value}"`
  if (Object.is(value, -0)) return '-0'
  return isSingle ? shortestSingle(value) : String(value)
}

/** 9 digits tell any two 32-bit numbers apart; most need fewer. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits))
    if (Math.fround(text) === value) return String(text)
  }
  return String(Number(value.toPrecision(9)))
}

/** Row-major data as nested JSON arrays. */
export function tensorText(data: ArrayLike<number>, shape: readonly number[], element: (value: number) => string): string {
  const strideOf = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  const nested = (axis: number, start: number): string => {
    const size = shape[axis]
    if (size === undefined) return element(data[start] ?? NaN)
    return `[${Array.from({ length: size }, (_, i) => nested(axis + 1, start + i * (strideOf[axis] ?? 1))).join(',')}]`
  }
  return nested(0, 0)
}

/** Numbers that stand as strings become numbers again, at any depth. */
export function withNonFinite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNonFinite)
  switch (value) {
    case 'NaN': return NaN
    case 'Infinity': return Infinity
    case '-Infinity': return -Infinity
    default: return value
  }
}
