/**
 * OpenQASM 2 and 3 text to statements: qubits, gates and their definitions, parameters and constants. What a circuit cannot be,
 * classical control for one, is refused by name.
 */
import { angleFunctionOfOpenQasm, applyAngle, type Angle } from './angle'
import { OpenQasmError, tokensOf, type Token } from './openqasmTokens'

/** Expressions are angles: names in them are parameters without indices until they are replaced. */
export interface Operand {
  readonly name: string
  readonly index?: { readonly from: Angle; readonly to?: Angle }
  readonly token: Token
}

export type Modifier = { readonly kind: 'ctrl' | 'negctrl' | 'pow'; readonly argument: Angle } | { readonly kind: 'inv' }

export interface GateCall {
  readonly kind: 'call'
  readonly modifiers: readonly Modifier[]
  readonly name: string
  readonly angles: readonly Angle[]
  readonly operands: readonly Operand[]
  readonly token: Token
}

export type Statement =
  | { readonly kind: 'qubits'; readonly name: string; readonly size: Angle | undefined; readonly token: Token }
  | { readonly kind: 'input'; readonly name: string; readonly token: Token }
  | { readonly kind: 'const'; readonly name: string; readonly value: Angle; readonly token: Token }
  | { readonly kind: 'define'; readonly name: string; readonly parameters: readonly string[]; readonly qubits: readonly string[]; readonly body: readonly GateCall[]; readonly token: Token }
  | GateCall
  | { readonly kind: 'measure'; readonly operand: Operand; readonly token: Token }
  | { readonly kind: 'barrier'; readonly token: Token }

export interface OpenQasmProgram {
  readonly version: 2 | 3
  readonly statements: readonly Statement[]
}

/** Each with what to say: a circuit is gates alone. */
const REFUSED: Readonly<Record<string, string>> = {
  if: 'a condition', for: 'a loop', while: 'a loop', switch: 'a switch', def: 'a subroutine', extern: 'an extern function', reset: 'a reset',
  cal: 'a calibration', defcal: 'a calibration', let: 'an alias', box: 'a box', return: 'a return', delay: 'a delay', output: 'an output',
  duration: 'a duration', stretch: 'a stretch', opaque: 'an opaque gate', array: 'an array', break: 'a break', continue: 'a continue', end: 'an end',
}

/** Types of what a program is given, or keeps for itself. */
const TYPES = ['float', 'angle', 'int', 'uint', 'bool', 'complex']

/** @throws OpenQasmError at the first mistake, or the first thing that a circuit has no word for */
export function parseOpenQasm(text: string): OpenQasmProgram {
  return new Parser(tokensOf(text)).program()
}

class Parser {
  private at = 0
  private version: 2 | 3 = 3

  constructor(private readonly tokens: readonly Token[]) {}

  program(): OpenQasmProgram {
    if (this.accept('OPENQASM')) {
      const token = this.next()
      const major = Number.parseInt(token.text, 10)
      if (major !== 2 && major !== 3) this.fail(token, `OpenQASM 2 and 3 can be read, not ${token.text}`)
      this.version = major === 2 ? 2 : 3
      this.expect(';')
    }
    const statements: Statement[] = []
    while (this.peek().kind !== 'end') statements.push(...this.statement())
    return { version: this.version, statements }
  }

  // -------------------------------------------------------------------------------------------------- statements

  private statement(): readonly Statement[] {
    const token = this.peek()
    if (token.kind === 'name' && Object.hasOwn(REFUSED, token.text)) this.fail(token, `a circuit has no place for ${REFUSED[token.text]} (\`${token.text}\`)`)
    switch (token.text) {
      case ';': this.next(); return []
      case 'include': this.next(); this.next(); this.expect(';'); return []
      case 'qubit': return this.qubits()
      case 'qreg': return this.register()
      case 'creg': this.skipTo(';'); return []
      case 'bit': return this.bits()
      case 'input': return this.input()
      case 'const': this.next(); return this.constant()
      case 'gate': return [this.definition()]
      case 'measure': return this.measure()
      case 'barrier': this.skipTo(';'); return [{ kind: 'barrier', token }]
      default:
    }
    if (TYPES.includes(token.text)) this.fail(token, `a circuit has no variables: \`${token.text}\` stands behind \`input\` or \`const\` only`)
    // c = measure q; and c[0] = measure q[0];
    if (token.kind === 'name' && this.isAssignment()) {
      while (!this.accept('=')) this.next()
      if (this.peek().text !== 'measure') this.fail(this.peek(), 'a circuit has no assignments but of measurements')
      return this.measure()
    }
    return [this.call()]
  }

  private isAssignment(): boolean {
    let at = this.at + 1
    if (this.tokens[at]?.text === '[') while (at < this.tokens.length && this.tokens[at++]?.text !== ']') { /* an index */ }
    return this.tokens[at]?.text === '='
  }

  private qubits(): readonly Statement[] {
    const token = this.next()
    const size = this.accept('[') ? this.expression() : undefined
    if (size !== undefined) this.expect(']')
    const name = this.name()
    this.expect(';')
    return [{ kind: 'qubits', name, size, token }]
  }

  private register(): readonly Statement[] {
    const token = this.next()
    const name = this.name()
    const size = this.accept('[') ? this.expression() : undefined
    if (size !== undefined) this.expect(']')
    this.expect(';')
    return [{ kind: 'qubits', name, size, token }]
  }

  /** `bit[2] c;` and `bit[2] c = measure q;` */
  private bits(): readonly Statement[] {
    this.next()
    if (this.accept('[')) { this.expression(); this.expect(']') }
    this.name()
    if (this.accept(';')) return []
    this.expect('=')
    if (this.peek().text === 'measure') return this.measure()
    this.skipTo(';')
    return []
  }

  private input(): readonly Statement[] {
    const token = this.next()
    const type = this.next()
    if (!['float', 'angle', 'int', 'uint'].includes(type.text)) this.fail(type, `an input is a float or an angle, not \`${type.text}\``)
    if (this.accept('[')) { this.expression(); this.expect(']') }
    const name = this.name()
    this.expect(';')
    return [{ kind: 'input', name, token }]
  }

  private constant(): readonly Statement[] {
    const token = this.next()
    if (this.accept('[')) { this.expression(); this.expect(']') }
    const name = this.name()
    this.expect('=')
    const value = this.expression()
    this.expect(';')
    return [{ kind: 'const', name, value, token }]
  }

  private definition(): Statement {
    const token = this.next()
    const name = this.name()
    const parameters = this.accept('(') ? this.list(')', () => this.name()) : []
    const qubits = this.list('{', () => this.name())
    const body: GateCall[] = []
    while (!this.accept('}')) {
      if (this.peek().kind === 'end') this.fail(token, `the definition of ${name} is never closed`)
      if (this.peek().text === 'barrier') this.skipTo(';')
      else if (!this.accept(';')) body.push(this.call())
    }
    return { kind: 'define', name, parameters, qubits, body, token }
  }

  /** `measure q -> c;`, `measure q;` and the right side of an assignment. */
  private measure(): readonly Statement[] {
    const token = this.next()
    const operand = this.operand()
    this.skipTo(';')
    return [{ kind: 'measure', operand, token }]
  }

  private call(): GateCall {
    const modifiers: Modifier[] = []
    for (;;) {
      const { text } = this.peek()
      if (text !== 'ctrl' && text !== 'negctrl' && text !== 'inv' && text !== 'pow') break
      this.next()
      const argument = this.accept('(') ? this.expression() : undefined
      if (argument !== undefined) this.expect(')')
      this.expect('@')
      modifiers.push(text === 'inv' ? { kind: text } : { kind: text, argument: argument ?? 1 })
    }
    const token = this.peek()
    const name = this.name()
    const angles = this.accept('(') ? this.list(')', () => this.expression()) : []
    const operands = this.list(';', () => this.operand())
    return { kind: 'call', modifiers, name, angles, operands, token }
  }

  private operand(): Operand {
    const token = this.peek()
    if (token.text === '$') this.fail(token, 'physical qubits cannot be read: declare them with `qubit`')
    const name = this.name()
    if (!this.accept('[')) return { name, token }
    const from = this.peek().text === ':' ? 0 : this.expression()
    const to = this.accept(':') ? this.expression() : undefined
    this.expect(']')
    return { name, index: { from, ...(to === undefined ? {} : { to }) }, token }
  }

  // ------------------------------------------------------------------------------------------------- expressions

  private expression(): Angle {
    let left = this.product()
    for (;;) {
      if (this.accept('+')) left = applyAngle('add', left, this.product())
      else if (this.accept('-')) left = applyAngle('sub', left, this.product())
      else return left
    }
  }

  private product(): Angle {
    let left = this.sign()
    for (;;) {
      if (this.accept('*')) left = applyAngle('mul', left, this.sign())
      // Also of two integers: nobody who writes pow(1/2) means the power 0.
      else if (this.accept('/')) left = applyAngle('div', left, this.sign())
      else return left
    }
  }

  private sign(): Angle {
    if (this.accept('-')) return applyAngle('neg', this.sign())
    if (this.accept('+')) return this.sign()
    const base = this.factor()
    // OpenQASM 2 writes ^ for a power.
    return this.accept('**') || (this.version === 2 && this.accept('^')) ? applyAngle('pow', base, this.sign()) : base
  }

  private factor(): Angle {
    const token = this.next()
    if (token.kind === 'number') return Number(token.text.replaceAll('_', ''))
    if (token.text === '(') {
      const inside = this.expression()
      this.expect(')')
      return inside
    }
    if (token.kind !== 'name') this.fail(token, `a number was expected, not '${token.text}'`)
    switch (token.text) {
      case 'pi': case 'π': return Math.PI
      case 'tau': case 'τ': return 2 * Math.PI
      case 'euler': case 'ℇ': return Math.E
      default:
    }
    if (!this.accept('(')) return { name: token.text, indices: [] }
    const args = this.list(')', () => this.expression())
    if (TYPES.includes(token.text)) return args[0] ?? 0
    const fn = angleFunctionOfOpenQasm(token.text)
    if (!fn) this.fail(token, `there is no function \`${token.text}\` of angles`)
    return applyAngle(fn, ...args)
  }

  // ------------------------------------------------------------------------------------------------------ tokens

  private list<Item>(close: string, item: () => Item): readonly Item[] {
    const items: Item[] = []
    while (!this.accept(close)) {
      items.push(item())
      if (this.accept(',')) continue
      this.expect(close)
      break
    }
    return items
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: 'the end', line: 1, column: 1 }
  }

  private next(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  private accept(text: string): boolean {
    if (this.peek().text !== text || this.peek().kind === 'text') return false
    this.at++
    return true
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.fail(this.peek(), `'${text}' was expected, not '${this.peek().text}'`)
  }

  private name(): string {
    const token = this.next()
    if (token.kind !== 'name') this.fail(token, `a name was expected, not '${token.text}'`)
    return token.text
  }

  private skipTo(text: string): void {
    const start = this.peek()
    while (this.peek().kind !== 'end') if (this.next().text === text) return
    this.fail(start, `'${text}' is missing behind '${start.text}'`)
  }

  private fail(token: Token, what: string): never {
    throw new OpenQasmError(token.line, token.column, what)
  }
}
