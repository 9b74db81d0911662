/**
 * Which name is declared where, and used where. A table beside the tree, filled while names are checked, where an editor asks
 * for it: what the compiler resolves is what hover, definition, references, renaming and completion go by.
 */
import type { Const, Identifier, Model, Routine } from '../1-parse/ast'
import type { SourceFile, Span } from '../source/source'

/** The word that declares a name, or what it is where no word does. */
export type Role =
  | 'const' | 'fn' | 'layer' | 'gate' | 'circuit' | 'model' | 'input' | 'target' | 'param' | 'state' | 'let' | 'var' | 'output'
  | 'instance' | 'qubits' | 'argument' | 'dimension' | 'counter'

export interface NameDeclaration {
  readonly name: Identifier
  readonly role: Role
  readonly doc: string
  /** The part of its file where the name is known; a declaration of a file is known in all of it. */
  readonly known: Span
  /** Of a declaration of a file; of an instance, the layer that it is one of. */
  readonly node?: Const | Routine | Model
  readonly isStandard: boolean
}

/** A name of the language: which table has it, and under which key. */
export interface BuiltIn {
  readonly table: 'function' | 'measurement' | 'initializer' | 'gate' | 'value' | 'train' | 'optimizer' | 'schedule' | 'clip'
  readonly name: string
}

export interface NameUse { readonly span: Span; readonly declaration?: NameDeclaration; readonly builtIn?: BuiltIn }

export class NameTable {
  readonly #declared = new Map<SourceFile, Map<number, NameDeclaration>>()
  readonly #used = new Map<SourceFile, Map<number, { readonly span: Span; readonly target: Span | BuiltIn }>>()

  /** The first declaration at a place counts: a body may be gone through again. */
  declare(declaration: NameDeclaration): void {
    const { span } = declaration.name
    const own = entriesOf(this.#declared, span.file)
    if (!own.has(span.start)) own.set(span.start, declaration)
  }

  /** @param target where the name is declared, or what of the language it is */
  use(span: Span, target: Span | BuiltIn): void {
    entriesOf(this.#used, span.file).set(span.start, { span, target })
  }

  declarationAt(span: Span): NameDeclaration | undefined {
    return this.#declared.get(span.file)?.get(span.start)
  }

  /** The name that stands at an offset, or ends there. */
  at(file: SourceFile, offset: number): NameUse | undefined {
    const touches = ({ span }: { readonly span: Span }) => span.start <= offset && offset <= span.end
    const declared = [...this.#declared.get(file)?.values() ?? []].find(({ name }) => touches(name))
    if (declared) return { span: declared.name.span, declaration: declared }
    const used = [...this.#used.get(file)?.values() ?? []].find(touches)
    return used && this.#resolved(used)
  }

  /** Every place of a file that names something, declarations among them. */
  of(file: SourceFile): readonly NameUse[] {
    const declared = [...this.#declared.get(file)?.values() ?? []].map(declaration => ({ span: declaration.name.span, declaration }))
    const used = [...this.#used.get(file)?.values() ?? []].filter(({ span }) => this.declarationAt(span) === undefined).map(use => this.#resolved(use))
    return [...declared, ...used].sort((a, b) => a.span.start - b.span.start)
  }

  /** Where a declaration is named, in all files that were read: its own name first. */
  placesOf(declaration: NameDeclaration): readonly Span[] {
    const own = declaration.name.span
    const used = [...this.#used.values()].flatMap(uses => [...uses.values()]).filter(({ span, target }) =>
      !('table' in target) && target.file === own.file && target.start === own.start && this.declarationAt(span) === undefined)
    return [own, ...used.map(({ span }) => span)]
  }

  /** Declarations of a file, and those inside that are known at an offset; the innermost last. */
  inSight(file: SourceFile, offset: number): readonly NameDeclaration[] {
    return [...this.#declared.get(file)?.values() ?? []]
      .filter(({ known }) => known.start < offset && offset <= known.end || known.start === 0)
      .sort((a, b) => a.known.start - b.known.start)
  }

  declarationsOf(file: SourceFile): readonly NameDeclaration[] {
    return [...this.#declared.get(file)?.values() ?? []]
  }

  get files(): readonly SourceFile[] {
    return [...new Set([...this.#declared.keys(), ...this.#used.keys()])]
  }

  #resolved({ span, target }: { readonly span: Span; readonly target: Span | BuiltIn }): NameUse {
    return 'table' in target ? { span, builtIn: target } : { span, declaration: this.declarationAt(target) }
  }
}

function entriesOf<T>(tables: Map<SourceFile, Map<number, T>>, file: SourceFile): Map<number, T> {
  const known = tables.get(file) ?? new Map<number, T>()
  tables.set(file, known)
  return known
}
