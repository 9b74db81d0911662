/** What a name is: how it is declared, its type, its documentation. */
import { MarkupKind, type Hover, type MarkupContent } from 'vscode-languageserver'
import type { NameDeclaration } from '../2-check/names'
import type { Inspection } from '../compile'
import { textOf } from '../source/source'
import { describedBuiltIn } from './builtIns'
import type { Place, Project } from './project'

export function hover({ inspection, file, offset }: Place, project: Project): Hover | undefined {
  const use = inspection.names.at(file, offset)
  if (!use) return undefined
  const builtIn = use.builtIn && describedBuiltIn(use.builtIn)
  const here = inspection.seen.at(use.span)
  const isCalled = builtIn !== undefined || use.declaration?.node !== undefined
  const result = isCalled && here && use.span !== use.declaration?.name.span ? `Gives \`${here.type}\` here.` : undefined
  if (builtIn) return { contents: markup(builtIn.title, builtIn.doc, result), range: project.rangeOf(use.span) }
  if (!use.declaration) return undefined
  return { contents: markup(titleOf(use.declaration, inspection), use.declaration.doc, result), range: project.rangeOf(use.span) }
}

export function markup(title: string, ...paragraphs: readonly (string | undefined)[]): MarkupContent {
  return { kind: MarkupKind.Markdown, value: [`\`\`\`bp\n${title}\n\`\`\``, ...paragraphs.filter(Boolean)].join('\n\n') }
}

/** A declaration in one line, with the type that was found for it. */
export function titleOf(declaration: NameDeclaration, { seen }: Inspection): string {
  const { name: { name, span }, role, node } = declaration
  const found = seen.at(span)
  const typed = found ? `${name}: ${found.type}` : name
  switch (role) {
    case 'fn': case 'layer': case 'gate': case 'circuit': return node?.kind === 'routine' ? textOf(node.signature).replace(/\s+/g, ' ') : `${role} ${name}`
    case 'model': case 'dimension': return `${role} ${name}`
    case 'const': return `const ${typed}${found?.value === undefined ? '' : ` = ${found.value}`}`
    case 'instance': return `layer ${name}${node?.kind === 'routine' ? `: ${textOf(node.signature).replace(/\s+/g, ' ')}` : ''}`
    case 'qubits': return found ? `qubits ${name}: ${found.type}` : `qubits ${name}`
    case 'argument': case 'counter': return found ? typed : name
    case 'input': case 'target': case 'param': case 'state': case 'let': case 'var': case 'output': return `${role} ${typed}`
    default: return role satisfies never
  }
}
