/**
 * Statements and declarations that hold a mistake of spelling become `invalid`: what the parser made of them may not be what
 * was meant, so nothing more is said about them. The names in them count as declared.
 */
import type { Block, Declaration, FileNode, Identifier, Statement } from '../1-parse/ast'
import type { Span } from '../source/source'

/** @param mistakes places of the file that the parser has reported */
export function withoutBroken(file: FileNode, mistakes: readonly Span[]): FileNode {
  if (mistakes.length === 0) return file
  return { ...file, declarations: file.declarations.map(declaration => mend(declaration, mistakes)) }
}

function mend(declaration: Declaration, mistakes: readonly Span[]): Declaration {
  // What is wrong behind an expression may have been meant as a part of it.
  const own = mistakes.filter(({ start }) => start >= declaration.span.start && start < (hasBlock(declaration) ? declaration.span.end : endOfLine(declaration.span)))
  if (own.length === 0 || declaration.kind === 'invalid') return declaration
  if (declaration.kind === 'train') return { ...declaration, options: declaration.options.filter(({ span }) => !own.some(({ start }) => start >= span.start && start < span.end)) }
  const mended = mendBlocks(declaration, own)
  // A model's header is its name alone; a routine or a const with a broken one is not to be judged by.
  if (declaration.kind === 'model' || outsideBlocks(declaration, own).length === 0) return mended
  return { kind: 'invalid', name: declaration.name, doc: declaration.doc, span: declaration.span }
}

function mendBlock(block: Block, mistakes: readonly Span[]): Block {
  return {
    ...block,
    statements: block.statements.map((statement, at) => {
      // Up to the next statement, or to the end of the line: a mistake may stand behind what could be read.
      const next = block.statements[at + 1]?.span.start ?? block.span.end
      const end = Math.max(statement.span.end, Math.min(next, endOfLine(statement.span)))
      const own = mistakes.filter(({ start }) => start >= statement.span.start && start < end)
      if (own.length === 0) return statement
      if (outsideBlocks(statement, own).length === 0) return mendBlocks(statement, own)
      return { kind: 'invalid', span: { ...statement.span, end } } satisfies Statement
    }),
  }
}

const hasBlock = (declaration: Declaration): boolean =>
  declaration.kind === 'model' || declaration.kind === 'train' || (declaration.kind === 'routine' && declaration.body.kind === 'block')

function endOfLine({ file, end }: Span): number {
  const line = file.text.indexOf('\n', end)
  return line < 0 ? file.text.length : line
}

/** The node with its blocks mended, each by itself. */
function mendBlocks<T>(node: T, mistakes: readonly Span[]): T {
  if (Array.isArray(node)) return node.map(child => mendBlocks<unknown>(child, mistakes)) as T
  if (!isNode(node)) return node
  const rebuilt = Object.fromEntries(Object.entries(node).map(([key, child]) => {
    if (isBlock(child)) return [key, mendBlock(child, mistakes)]
    return [key, key === 'span' || key === 'signature' ? child : mendBlocks<unknown>(child, mistakes)]
  }))
  return rebuilt as T
}

/** Mistakes that stand in none of the blocks within. */
function outsideBlocks(node: unknown, mistakes: readonly Span[]): readonly Span[] {
  if (Array.isArray(node)) return node.reduce<readonly Span[]>((left, child) => outsideBlocks(child, left), mistakes)
  if (!isNode(node)) return mistakes
  return Object.values(node).reduce<readonly Span[]>((left, child) => {
    if (!isBlock(child)) return outsideBlocks(child, left)
    return left.filter(({ start }) => start <= child.span.start || start >= child.span.end)
  }, mistakes)
}

const isNode = (value: unknown): value is object => typeof value === 'object' && value !== null && !('text' in value)
const isBlock = (value: unknown): value is Block => isNode(value) && 'kind' in value && value.kind === 'block'

/** Every name in the text of something invalid: any of them may have been meant as a declaration. */
export function namesWithin(span: Span): readonly Identifier[] {
  const text = span.file.text.slice(span.start, span.end)
  return [...text.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)].map(match => ({
    name: match[0], span: { file: span.file, start: span.start + match.index, end: span.start + match.index + match[0].length },
  }))
}
