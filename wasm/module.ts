/** Writes WebAssembly modules: functions with locals, loops and calls, over one imported memory. */
import { i32, unsigned, type Code, type FunctionReference } from './instructions'

export const VALUE_TYPES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const
export type ValueType = keyof typeof VALUE_TYPES

export interface Signature { readonly parameters: readonly ValueType[]; readonly result?: ValueType }

/** A variable of a function. */
export interface Local {
  /** Its value. */
  readonly get: Code
  readonly index: number
}

/** The body of one function, written in order. */
export class FunctionWriter {
  readonly parameters: readonly Local[]
  private readonly types: ValueType[] = []
  private readonly body = new Body()

  constructor(private readonly signature: Signature) {
    this.parameters = signature.parameters.map((_, index) => localAt(index))
  }

  /** A new variable; it starts as zero. */
  local(type: ValueType, value?: Code): Local {
    this.types.push(type)
    const local = localAt(this.signature.parameters.length + this.types.length - 1)
    if (value !== undefined) this.set(local, value)
    return local
  }

  set(local: Local, value: Code): void {
    this.emit(value, 0x21, unsigned(local.index))
  }

  emit(...code: readonly Code[]): void {
    for (const part of code) this.body.add(part)
  }

  /** local += bytes, the usual step of an address. */
  advance(local: Local, by: number): void {
    if (by !== 0) this.set(local, i32.add(local.get, i32.const(by)))
  }

  /** Runs the body `count` times, known now; once is no loop. */
  repeat(count: number, body: () => void): void {
    if (count <= 0) return
    if (count === 1) return body()
    const left = this.local('i32', i32.const(count))
    this.doWhile(() => {
      body()
      this.set(left, i32.sub(left.get, i32.const(1)))
      return left.get
    })
  }

  /** Runs the body at least once, and again while the condition that it gives is not 0. */
  doWhile(body: () => Code): void {
    this.emit(0x03, 0x40)
    const condition = body()
    this.emit(condition, 0x0d, 0, 0x0b)
  }

  /** Runs the body as long as the condition, made anew each time, is not 0. */
  whileTrue(condition: () => Code, body: () => void): void {
    this.when(condition(), () => this.doWhile(() => {
      body()
      return condition()
    }))
  }

  when(condition: Code, body: () => void): void {
    this.emit(condition, 0x04, 0x40)
    body()
    this.emit(0x0b)
  }

  /** The function's bytes, with the declarations of its locals. */
  finish(numberOf: (reference: FunctionReference) => number): Bytes {
    const declarations = unsigned(this.types.length)
    for (const type of this.types) declarations.push(1, VALUE_TYPES[type])
    const code = this.body.finish(numberOf)
    return joined([unsigned(declarations.length + code.length + 1), declarations, code, [0x0b]])
  }
}

type Bytes = Uint8Array<ArrayBuffer>

function joined(parts: readonly (Bytes | readonly number[])[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const localAt = (index: number): Local => ({ index, get: Uint8Array.of(0x20, ...unsigned(index)) })

/** Code written out as it comes, so that none of its trees is kept, and where in it functions are to be numbered. */
class Body {
  private bytes = new Uint8Array(256)
  private length = 0
  private readonly references: { readonly at: number; readonly to: FunctionReference }[] = []

  add(code: Code): void {
    if (typeof code === 'number') {
      if (this.length === this.bytes.length) this.grow(1)
      this.bytes[this.length++] = code
    } else if (code instanceof Uint8Array) {
      if (this.length + code.length > this.bytes.length) this.grow(code.length)
      for (let i = 0; i < code.length; i++) this.bytes[this.length++] = code[i] as number
    } else if ('space' in code) this.references.push({ at: this.length, to: code })
    else for (let i = 0; i < code.length; i++) this.add(code[i] as Code)
  }

  finish(numberOf: (reference: FunctionReference) => number): Bytes {
    const parts: (Bytes | readonly number[])[] = []
    let from = 0
    for (const { at, to } of this.references) {
      parts.push(this.bytes.subarray(from, at), unsigned(numberOf(to)))
      from = at
    }
    return joined([...parts, this.bytes.subarray(from, this.length)])
  }

  private grow(by: number): void {
    const wider = new Uint8Array(2 * this.bytes.length + by)
    wider.set(this.bytes)
    this.bytes = wider
  }
}

/** A function that can be called: with the code of its arguments. */
export type Callee = (...args: readonly Code[]) => Code

export type HostFunction = (...args: number[]) => number | void

interface Import { readonly name: string; readonly type: number; readonly value: HostFunction }
interface Defined { readonly type: number; readonly writer: FunctionWriter; readonly name?: string }

/** Names of the two namespaces of imports. */
const HOST = 'h'
const MEMORY = 'm'
/** As many as 32 bits address. */
const MOST_PAGES = 65536

export class ModuleWriter {
  private readonly types: { readonly key: string; readonly signature: Signature }[] = []
  private readonly imports: Import[] = []
  private readonly functions: Defined[] = []
  private readonly known = new Map<string, Callee>()
  /** Functions that are called by their number in the table. */
  private readonly table: FunctionReference[] = []
  private readonly tabled = new Map<string, number>()
  private hasTable = false

  /** A function of the host; one name is one function. */
  host(name: string, signature: Signature, value: HostFunction): Callee {
    return this.once(`host ${name}`, () => {
      this.imports.push({ name, type: this.typeOf(signature), value })
      return callTo({ space: 'import', at: this.imports.length - 1 })
    })
  }

  /** A function of the module, written when it is first asked for: one key is one function. */
  define(key: string, signature: Signature, write: (f: FunctionWriter) => void): Callee {
    return this.once(key, () => callTo({ space: 'module', at: this.write(signature, write) }))
  }

  /** A function that the host calls. */
  export(name: string, write: (f: FunctionWriter) => void, signature: Signature = { parameters: [] }): void {
    this.write(signature, write, name)
  }

  /** The number in the table of a function of the module, for `callNumber`: one key is one function. */
  number(key: string, signature: Signature, write: (f: FunctionWriter) => void): number {
    const known = this.tabled.get(key)
    if (known !== undefined) return known
    const number = this.table.push({ space: 'module', at: this.write(signature, write) }) - 1
    this.tabled.set(key, number)
    return number
  }

  /** Calls the function of the table that has a number known when it runs; it must have this signature. */
  callNumber(signature: Signature, number: Code, args: readonly Code[]): Code {
    this.hasTable = true
    return [args, number, 0x11, unsigned(this.typeOf(signature)), 0]
  }

  private write(signature: Signature, write: (f: FunctionWriter) => void, name?: string): number {
    const writer = new FunctionWriter(signature)
    write(writer)
    return this.functions.push({ type: this.typeOf(signature), writer, name }) - 1
  }

  private once(key: string, make: () => Callee): Callee {
    const known = this.known.get(key)
    if (known) return known
    const made = make()
    this.known.set(key, made)
    return made
  }

  private typeOf(signature: Signature): number {
    const key = `${signature.parameters.join()}:${signature.result ?? ''}`
    const known = this.types.findIndex(type => type.key === key)
    return known >= 0 ? known : this.types.push({ key, signature }) - 1
  }

  /**
   * The binary of the module as it is now.
   * @param isShared whether threads share its memory
   */
  finish(isShared = false): Bytes {
    const numberOf = ({ space, at }: FunctionReference) => (space === 'import' ? at : this.imports.length + at)
    const text = (name: string) => [...unsigned(name.length), ...new TextEncoder().encode(name)]
    const types = this.types.map(({ signature: { parameters, result } }) => [
      0x60, ...unsigned(parameters.length), ...parameters.map(type => VALUE_TYPES[type]), ...(result ? [1, VALUE_TYPES[result]] : [0]),
    ])
    const imports = [
      ...this.imports.map(({ name, type }) => [...text(HOST), ...text(name), 0, ...unsigned(type)]),
      [...text(MEMORY), ...text(MEMORY), 2, ...(isShared ? [3, 0, ...unsigned(MOST_PAGES)] : [0, 0])],
    ]
    const exports = this.functions.flatMap(({ name }, at) => (name === undefined ? [] : [[...text(name), 0, ...unsigned(numberOf({ space: 'module', at }))]]))
    const table = this.table.flatMap(at => unsigned(numberOf(at)))
    return joined([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types), section(2, imports), section(3, this.functions.map(({ type }) => unsigned(type))),
      ...(this.hasTable ? [section(4, [[0x70, 0, ...unsigned(this.table.length)]])] : []), section(7, exports),
      ...(this.hasTable ? [section(9, [[0, 0x41, 0, 0x0b, ...unsigned(this.table.length), ...table]])] : []),
      section(10, this.functions.map(({ writer }) => writer.finish(numberOf))),
    ])
  }

  /** What the module imports, over the memory given. */
  importsWith(memory: WebAssembly.Memory): WebAssembly.Imports {
    return { [HOST]: Object.fromEntries(this.imports.map(({ name, value }) => [name, value])), [MEMORY]: { [MEMORY]: memory } }
  }
}

const callTo = (reference: FunctionReference): Callee => (...args) => [args, 0x10, reference]

function section(id: number, entries: readonly (Bytes | readonly number[])[]): Bytes {
  const content = joined([unsigned(entries.length), ...entries])
  return joined([[id], unsigned(content.length), content])
}
