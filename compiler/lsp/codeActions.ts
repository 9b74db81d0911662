/** What an editor can do about a diagnostic: put in what was meant, or import it. */
import { CodeActionKind, type CodeAction, type CodeActionContext, type Range } from 'vscode-languageserver'
import { homeOf } from '../2-check/standardLibrary'
import type { Diagnostic as Reported } from '../diagnostics/sink'
import type { Inspection } from '../compile'
import { textOf } from '../source/source'
import { importEdit } from './imports'
import type { Project } from './project'

export function codeActions(inspection: Inspection, uri: string, range: Range, context: CodeActionContext, project: Project): readonly CodeAction[] {
  const { file } = inspection.module.file
  const reported = inspection.diagnostics.filter(each => each.span.file === file && touches(project.rangeOf(each.span), range))
  return reported.flatMap(each => {
    const diagnostics = context.diagnostics.filter(shown => shown.code === each.id && touches(shown.range, project.rangeOf(each.span)))
    return actionsFor(each, inspection, project).map(({ title, edits }): CodeAction => ({
      title, kind: CodeActionKind.QuickFix, diagnostics, isPreferred: title.startsWith('Change'), edit: { changes: { [uri]: edits } },
    }))
  })
}

interface Fix { readonly title: string; readonly edits: { readonly range: Range; readonly newText: string }[] }

function actionsFor({ code, span, replacement }: Reported, { module }: Inspection, project: Project): readonly Fix[] {
  const written = textOf(span)
  const changed = replacement === undefined ? [] : [{ title: `Change \`${written}\` to \`${replacement}\``, edits: [{ range: project.rangeOf(span), newText: replacement }] }]
  const home = code === 'unknown-function' || code === 'unknown-gate' ? homeOf(written) : undefined
  const imported = home === undefined ? [] : [{ title: `Import \`${written}\` from \`${home}\``, edits: [importEdit(module.file, home, written, project)] }]
  return [...imported, ...changed]
}

const isBefore = (a: Range['start'], b: Range['start']): boolean => a.line < b.line || (a.line === b.line && a.character < b.character)

const touches = (a: Range, b: Range): boolean => !isBefore(a.end, b.start) && !isBefore(b.end, a.start)
