/** The operations of a long circuit as one row of numbers: they are many and of few kinds, so a module writes each kind once. */
import { operandsOf, type Operand, type Operation } from '../../quantum/circuit'

/** Functions in JavaScript have bounds to their parameters; a long vector of amplitudes is written where it stands. */
const MOST_OPERANDS = 64

/** How a module reads a row. The language has no $ in names. */
export const READ_OPERATIONS = `// Operations: each the number of its kind, then the slots and numbers that are its own.
const $operations = (kinds, row) => {
  const operations = []
  for (let at = 0; at < row.length;) {
    const kind = kinds[row[at]], end = at + 1 + kind.length
    operations.push(kind(...row.slice(at + 1, end)))
    at = end
  }
  return operations
}`

export interface OperationRow {
  /** One function a kind, as text: its numbers to the operation. */
  readonly kinds: readonly string[]
  readonly row: readonly number[]
}

/**
 * @param key text of a property's name
 * @param print text of what is no operand
 */
export function operationRow(operations: readonly Operation[], key: (name: string) => string, print: (value: unknown) => string): OperationRow {
  const kinds = new Map<string, number>()
  const texts: string[] = []
  const row: number[] = []
  for (const operation of operations) {
    const at = row.push(-1) - 1
    const operand = (value: Operand): string => {
      const name = `n${row.length - at - 1}`
      row.push('slot' in value ? value.slot : value.value)
      return 'slot' in value ? `{ slot: ${name} }` : `{ value: ${name} }`
    }
    const isWhole = operandsOf(operation).length > MOST_OPERANDS
    const part = (value: unknown): string => {
      if (isWhole) return print(value)
      return isOperand(value) ? operand(value) : Array.isArray(value) && value.length > 0 && value.every(isOperand) ? `[${value.map(operand).join(', ')}]` : print(value)
    }
    let text = ''
    for (const [name, value] of Object.entries(operation)) if (value !== undefined) text += `${text && ', '}${key(name)}: ${part(value)}`
    const known = kinds.get(text)
    row[at] = known ?? texts.length
    if (known !== undefined) continue
    kinds.set(text, texts.length)
    texts.push(`(${Array.from({ length: row.length - at - 1 }, (_, of) => `n${of}`).join(', ')}) => ({ ${text} })`)
  }
  return { kinds: texts, row }
}

const isOperand = (value: unknown): value is Operand => typeof value === 'object' && value !== null && ('slot' in value || ('value' in value && !('wire' in value)))
