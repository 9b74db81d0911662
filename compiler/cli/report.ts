/** Everything the command says about what went wrong, in one place: diagnostics, failures, and bugs of its own. */
import { REGISTRY } from '../diagnostics/registry'
import { diagnosticJson, renderDiagnostics } from '../diagnostics/render'
import type { Diagnostic } from '../diagnostics/sink'
import { CommandError, EXIT, type ExitStatus } from './outcome'
import type { Terminal } from './terminal'

export function reportDiagnostics(diagnostics: readonly Diagnostic[], asJson: boolean, terminal: Terminal): void {
  if (asJson) for (const diagnostic of diagnostics) terminal.print(JSON.stringify(diagnosticJson(diagnostic)))
  else if (diagnostics.length > 0) terminal.complain(renderDiagnostics(diagnostics, terminal.paint))
  if (process.env['BPC_DEBUG'] === '1') for (const { cause } of diagnostics) if (cause instanceof Error) terminal.complain(String(cause.stack))
  if (!asJson && diagnostics.length > 1) terminal.complain(`\n${total(diagnostics)}`)
}

function total(diagnostics: readonly Diagnostic[]): string {
  const counts = (['error', 'warning', 'note'] as const).map(severity =>
    ({ severity, count: diagnostics.filter(diagnostic => diagnostic.severity === severity).length }))
  return counts.filter(({ count }) => count > 0).map(({ severity, count }) => `${count} ${severity}${count > 1 ? 's' : ''}`).join(', ')
}

/** @returns the exit status that the failure stands for */
export function reportFailure(error: unknown, asJson: boolean, terminal: Terminal): ExitStatus {
  const { status, code, message, help } = failureOf(error)
  if (asJson) terminal.print(JSON.stringify({ code, severity: 'error', message, ...(help && { help }) }))
  else {
    terminal.complain(`${terminal.paint.red(terminal.paint.bold('error'))}: ${message}`)
    if (help) terminal.complain(`  help: ${help}`)
  }
  if (code === 'internal-error' && process.env['BPC_DEBUG'] === '1' && error instanceof Error) terminal.complain(String(error.stack))
  return status
}

interface Failure { readonly status: ExitStatus; readonly code: string; readonly message: string; readonly help?: string }

function failureOf(error: unknown): Failure {
  if (error instanceof CommandError) {
    const code = { [EXIT.program]: 'bad-source', [EXIT.usage]: 'wrong-use', [EXIT.run]: 'run-failed', [EXIT.interrupted]: 'interrupted' }[error.status]
    return { status: error.status, code, message: error.message, help: error.help }
  }
  if (isRunError(error)) {
    const isUsage = error.kind === 'usage'
    return { status: isUsage ? EXIT.usage : EXIT.run, code: isUsage ? 'wrong-use' : 'run-failed', message: error.message }
  }
  if (isOutOfMemory(error)) return { status: EXIT.run, code: 'run-failed', message: 'out of memory: fewer rows a batch, or fewer qubits, need less' }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    status: EXIT.run, code: 'internal-error', message: `${REGISTRY['internal-error'].id} ${REGISTRY['internal-error'].message.replace('{what}', what)}`,
    help: 'BPC_DEBUG=1 shows where',
  }
}

/** By its name: the runtime is loaded by verbs that run something, and by them only. */
function isRunError(error: unknown): error is Error & { readonly kind: string } {
  return error instanceof Error && error.name === 'RunError' && 'kind' in error
}

/** What V8 throws where an array does not fit; a heap that is full ends the process instead. */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /array (buffer )?allocation failed|invalid (typed )?array length/i.test(error.message)
}
