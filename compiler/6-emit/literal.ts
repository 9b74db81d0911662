/**
 * Plain data as JavaScript text that reads back as exactly the same data. Dimensions, circuits and long rows of numbers
 * stand many times in a plan, so each is written once, above, and named.
 */
import { printDim, type Dim } from '../../ir/dim'
import type { Circuit, Operation } from '../../quantum/circuit'
import { operationRow, READ_OPERATIONS } from './operationRow'

const SHORT = 100
/** Numbers in a row that stay where they are. */
const FEW_NUMBERS = 24
const NUMBERS_A_LINE = 64
/** Operations of a circuit that stay readable one by one. */
const FEW_OPERATIONS = 400

/** Words that no binding of a module may have. */
const RESERVED: ReadonlySet<string> = new Set((
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for '
  + 'function if implements import in instanceof interface let new null package private protected public return static super switch '
  + 'this throw true try typeof var void while with yield undefined NaN Infinity').split(' '))

/** `a`, `größe`, but not `a.b`. */
export const isName = (text: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(text)

/** True for what may name a constant of a module. */
export const isBindable = (text: string): boolean => isName(text) && !RESERVED.has(text)

/** The key of a property: as it is, or quoted. */
export const propertyKey = (name: string): string => (isName(name) ? name : JSON.stringify(name))

/** Text of values that share what repeats in them. */
export class LiteralPrinter {
  private readonly names = new Map<string, string>()
  private readonly declarations: string[] = []
  /** The names of those that were met: many steps have one circuit, and most the same sizes. */
  private readonly met = new Map<object, string>()
  private readonly keys = new Map<string, string>()
  /** What the module needs to read some of it. */
  private readonly helpers = new Set<string>()

  /** What the printed values name, one declaration each; ask after printing. */
  preamble(): string {
    return [...this.helpers, ...this.declarations].map(line => line + '\n').join('')
  }

  /** The value over as many lines as help; a step, however long, takes one. */
  print(value: unknown, indent = ''): string {
    if (typeof value !== 'object' || value === null || this.isShared(value)) return this.inline(value)
    const deeper = indent + '  '
    if (Array.isArray(value)) {
      if (value.every(item => typeof item !== 'object')) return this.inline(value)
      const items = value.map(item => this.print(item, deeper))
      return onOneLine('[', items, ']') ?? `[\n${(value.some(isStep) ? items : packed(items)).map(line => `${deeper}${line},\n`).join('')}${indent}]`
    }
    if (!isTall(value)) return this.inline(value)
    const items = this.properties(value).map(([key, item]) => `${key}: ${this.print(item, deeper)}`)
    return onOneLine('{ ', items, ' }') ?? `{\n${items.map(line => `${deeper}${line},\n`).join('')}${indent}}`
  }

  private inline(value: unknown): string {
    switch (typeof value) {
      case 'number': return Object.is(value, -0) ? '-0' : String(value)
      case 'string': return JSON.stringify(value)
      case 'boolean': return String(value)
      case 'object': break
      default: throw new Error(`emit: a plan holds a ${typeof value}`)
    }
    return value === null ? 'null' : this.inlineObject(value)
  }

  private inlineObject(value: object): string {
    if (isDim(value)) return this.share(value, () => this.object(value), 'size', ` // ${printDim(value)}`)
    if (isCircuit(value)) return this.share(value, () => this.circuit(value), 'circuit', '')
    if (!Array.isArray(value)) return this.object(value)
    if (value.length > FEW_NUMBERS && value.every(item => typeof item === 'number')) return this.share(value, () => this.rows(value), 'data', '')
    // Put together by +, here and below: `join` would copy the text at every level.
    let text = ''
    for (const item of value) text += text === '' ? this.inline(item) : `, ${this.inline(item)}`
    return `[${text}]`
  }

  private object(value: object): string {
    let text = ''
    for (const [name, item] of Object.entries(value)) {
      if (item !== undefined) text += `${text === '' ? '' : ', '}${this.key(name)}: ${this.inline(item)}`
    }
    return `{ ${text} }`
  }

  /** Keys as they are written; most stand thousands of times. */
  private properties(value: object): [key: string, value: unknown][] {
    const written: [string, unknown][] = []
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined) continue
      written.push([this.key(name), item])
    }
    return written
  }

  private key(name: string): string {
    const known = this.keys.get(name)
    if (known !== undefined) return known
    const key = propertyKey(name)
    this.keys.set(name, key)
    return key
  }

  private circuit(value: Pick<Circuit, 'operations'>): string {
    const isLong = value.operations.length > FEW_OPERATIONS
    const lines = this.properties(value).map(([key, item]) => (isLong && item === value.operations ? `  ${key}: ${this.operations(value.operations)},\n` : Array.isArray(item)
      ? `  ${key}: [\n${item.map(part => `    ${this.inline(part)},\n`).join('')}  ],\n`
      : `  ${key}: ${this.inline(item)},\n`))
    return `{\n${lines.join('')}}`
  }

  private operations(operations: readonly Operation[]): string {
    this.helpers.add(READ_OPERATIONS)
    const { kinds, row } = operationRow(operations, name => this.key(name), value => this.inline(value))
    return `$operations([\n${kinds.map(kind => `    ${kind},\n`).join('')}  ], ${this.share(row, () => this.rows(row), 'data', '')})`
  }

  private rows(numbers: readonly number[]): string {
    const lines: string[] = []
    for (let at = 0; at < numbers.length; at += NUMBERS_A_LINE) {
      lines.push(`  ${numbers.slice(at, at + NUMBERS_A_LINE).map(number => this.inline(number)).join(', ')},\n`)
    }
    return `[\n${lines.join('')}]`
  }

  private share(value: object, textOf: () => string, kind: string, comment: string): string {
    const known = this.met.get(value)
    if (known) return known
    const text = textOf()
    const name = this.names.get(text) ?? this.declare(text, kind, comment)
    this.met.set(value, name)
    return name
  }

  private declare(text: string, kind: string, comment: string): string {
    // The language has no $ in names, so these meet no model's.
    const name = `$${kind}${this.names.size}`
    this.names.set(text, name)
    this.declarations.push(`const ${name} = ${text}${comment}`)
    return name
  }

  private isShared(value: object): boolean {
    return isDim(value) || isCircuit(value) || (Array.isArray(value) && value.every(item => typeof item === 'number'))
  }
}

/** Items that are short together; undefined where they are not. */
function onOneLine(open: string, items: readonly string[], close: string): string | undefined {
  let length = open.length + close.length + 2 * (items.length - 1)
  for (const item of items) length += item.includes('\n') ? Infinity : item.length
  return length <= SHORT ? `${open}${items.join(', ')}${close}` : undefined
}

/** Short items share lines. */
function packed(items: readonly string[]): readonly string[] {
  if (items.some(item => item.length > SHORT / 2)) return items
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last === undefined || last.length + item.length > SHORT) lines.push(item)
    else lines[lines.length - 1] = `${last}, ${item}`
  }
  return lines
}

/** Plans, entries, programs and loops go over lines; a kernel or routine does not. */
const isTall = (value: object): boolean => ['entries', 'steps', 'predict', 'body', 'optimizer'].some(key => key in value)

const isStep = (value: unknown): boolean => typeof value === 'object' && value !== null && 'kind' in value

const isDim = (value: object): value is Exclude<Dim, number> => 'terms' in value && Object.keys(value).length === 1

const isCircuit = (value: object): value is Pick<Circuit, 'operations'> => 'operations' in value && 'qubits' in value
