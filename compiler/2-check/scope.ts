/** Names in sight at a point of a body, for finding what a name means and for suggesting what was meant. */
import type { Identifier } from '../1-parse/ast'
import type { Span } from '../source/source'

/** Of what is `broken` a mistake has been told, and what it was meant to be is not known. */
export type NameKind = 'value' | 'var' | 'dimension' | 'instance' | 'register' | 'broken'

export interface LocalName { readonly kind: NameKind; readonly span: Span }

export class Scope {
  private readonly names = new Map<string, LocalName>()

  /** @param extent the part of the file where its names are known */
  constructor(private readonly parent?: Scope, readonly extent: Span | undefined = parent?.extent) {}

  /** @returns the earlier declaration in this very block, if there is one */
  declare(name: Identifier, kind: NameKind): LocalName | undefined {
    const earlier = this.names.get(name.name)
    // A dimension gives way to a value of its name only outside its own block; within it they would be confused.
    if (!earlier) this.names.set(name.name, { kind, span: name.span })
    return earlier
  }

  find(name: string): LocalName | undefined {
    return this.names.get(name) ?? this.parent?.find(name)
  }

  all(): string[] {
    return [...this.names.keys(), ...(this.parent?.all() ?? [])]
  }

  inner(extent?: Span): Scope {
    return new Scope(this, extent)
  }
}
