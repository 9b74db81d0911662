/** What a TypeScript file imports, types included: read from its syntax, not from a bundle, where types are gone. */
import ts from 'typescript'

export interface Import {
  /** As written: `./graph`, `node:fs`; undefined where `import(…)` is given anything but a string. */
  readonly specifier: string | undefined
  /** `import('…')` at run time; a static import is loaded with the file. */
  readonly isLazy: boolean
  /** Gone from the compiled file. */
  readonly isType: boolean
  readonly line: number
}

/** @param path only for its extension */
export function importsOf(path: string, text: string): readonly Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const found: Import[] = []
  const add = (at: ts.Node, specifier: ts.Node | undefined, kind: { isLazy: boolean; isType: boolean }) => {
    found.push({
      specifier: specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined,
      ...kind, line: file.getLineAndCharacterOfPosition(at.getStart(file)).line + 1,
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, { isLazy: false, isType: isTypeClause(node.importClause) })
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier, { isLazy: false, isType: node.isTypeOnly })
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, { isLazy: false, isType: true })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], { isLazy: true, isType: false })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** `import type …`, or `import { type A, type B }` (which leaves an import without names, but not a dependency to speak of). */
function isTypeClause(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  return !clause.name && names !== undefined && ts.isNamedImports(names) && names.elements.length > 0
    && names.elements.every(element => element.isTypeOnly)
}
