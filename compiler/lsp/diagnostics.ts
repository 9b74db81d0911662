/** What the compiler says, as an editor shows it. */
import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from 'vscode-languageserver'
import type { Code, Severity } from '../diagnostics/registry'
import type { Diagnostic as Reported } from '../diagnostics/sink'
import type { Project } from './project'

/** By path: those of the entry, and of files that it uses. */
export function diagnosticsByFile(reported: readonly Reported[], project: Project): ReadonlyMap<string, readonly Diagnostic[]> {
  const found = new Map<string, Diagnostic[]>()
  for (const each of reported) {
    const path = each.span.file.name
    found.set(path, [...found.get(path) ?? [], shown(each, project)])
  }
  return found
}

function shown({ code, id, severity, message, span, related, help, label }: Reported, project: Project): Diagnostic {
  const detail = label === undefined || label === '' ? '' : `: ${label}`
  return {
    range: project.rangeOf(span), severity: SEVERITIES[severity], code: id, source: 'bpc',
    message: `${message}${detail}${help === undefined ? '' : `\nhelp: ${help}`}`,
    relatedInformation: related.flatMap(each => {
      const location = project.locationOf(each.span)
      return location ? [{ location, message: each.message }] : []
    }),
    tags: UNNECESSARY.has(code) ? [DiagnosticTag.Unnecessary] : undefined,
    // Code actions find what was reported again.
    data: { code },
  }
}

/** What can be taken away is shown faded. */
const UNNECESSARY: ReadonlySet<Code> = new Set<Code>(['unused-name'])

const SEVERITIES: { readonly [S in Severity]: DiagnosticSeverity } = {
  error: DiagnosticSeverity.Error, warning: DiagnosticSeverity.Warning, note: DiagnosticSeverity.Information,
}
