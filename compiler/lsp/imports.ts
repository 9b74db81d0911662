/** Names of the standard library, and the edit that makes one of them known in a file. */
import type { TextEdit } from 'vscode-languageserver'
import type { FileNode } from '../1-parse/ast'
import { STANDARD_LIBRARY } from '../2-check/standardLibrary'
import type { Project } from './project'

export interface StandardName {
  readonly module: string
  readonly name: string
  readonly kind: 'const' | 'fn' | 'layer' | 'gate' | 'circuit'
  /** Its signature as written. */
  readonly title: string
  readonly doc: string
}

const DECLARED = /^((?:\/\/\/.*\n)*)((const|fn|layer|gate|circuit)\s+([\p{L}\p{N}_]+).*)$/gmu

/** What a module declares, or all of them. Names that begin with `_` are its own. */
export function standardNames(module?: string): readonly StandardName[] {
  const texts = [...STANDARD_LIBRARY].filter(([name]) => module === undefined || name === module)
  return texts.flatMap(([home, text]) => [...text.matchAll(DECLARED)].flatMap(([, doc = '', line = '', kind = '', name = '']) => (name.startsWith('_') ? [] : [{
    module: home, name, kind: kind as StandardName['kind'], title: line.replace(/\s*(?:\{|=(?![^(]*\))).*$/u, ''), doc: doc.replace(/^\/\/\/ ?/gm, '').trim(),
  }])))
}

export const standardModules = (): readonly string[] => [...STANDARD_LIBRARY.keys()]

/** Into the braces of a line that imports from the module, or as a line of its own behind the last `use`. */
export function importEdit({ file, uses, precision }: FileNode, module: string, name: string, project: Project): TextEdit {
  const own = uses.find(use => 'path' in use.module && use.module.path.map(part => part.name).join('.') === module)
  const [first, last] = [own?.names[0], own?.names.at(-1)]
  if (own && first && last) {
    const listed = [...own.names.map(each => each.name), name].join(', ')
    const braced = file.text.slice(first.span.start - 1, first.span.start) === '.' && own.names.length === 1
    const span = { file, start: first.span.start, end: last.span.end }
    return { range: project.rangeOf(span), newText: braced ? `{${listed}}` : listed }
  }
  const above = uses.at(-1)?.span ?? precision?.span
  if (!above) {
    // A comment at the top of the file stays there; `///` belongs to what is below it.
    const start = /^\ufeff?(?:(?:\/\/(?!\/)[^\n]*)?\r?\n)*/u.exec(file.text)?.[0].length ?? 0
    return { range: project.rangeOf({ file, start, end: start }), newText: `use ${module}.${name}\n\n` }
  }
  return { range: project.rangeOf({ file, start: above.end, end: above.end }), newText: `\nuse ${module}.${name}` }
}
