/** What must hold for any text at all. */
import { compile } from '../../compiler/compile'
import { renderDiagnostic } from '../../compiler/diagnostics/render'
import type { Diagnostic } from '../../compiler/diagnostics/sink'
import type { Compilation } from '../../compiler/host'
import { format } from '../../compiler/format/format'
import { elaborateText, hostOf } from '../language/run'
import { printGraph } from '../../ir/print'

/** Processor time that a text may take, in ms. */
export const TIME_LIMIT = 2000

/** Nobody reads more. */
const RENDERED = 50

/** @returns what is wrong with the compiler; undefined where nothing is */
export async function judge(text: string): Promise<string | undefined> {
  const before = process.cpuUsage()
  const finding = await answerTo(text).then(answer => judgeAnswer(text, answer)).catch((error: unknown) => `throws ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
  const { user, system } = process.cpuUsage(before)
  if (finding !== undefined) return finding
  const spent = (user + system) / 1000
  return spent > 2 * TIME_LIMIT ? `takes ${Math.round(spent)} ms to compile and to lay out` : undefined
}

export const answerTo = (text: string): Promise<Compilation> => compile('main.bp', hostOf({ 'main.bp': text }))

/** The same of an answer that is there, however long it took. */
export async function judgeAnswer(text: string, { diagnostics, ok, files }: Compilation): Promise<string | undefined> {
  for (const diagnostic of diagnostics) {
    const wrong = wrongDiagnostic(diagnostic)
    if (wrong !== undefined) return wrong
  }
  for (const diagnostic of diagnostics.slice(0, RENDERED)) renderDiagnostic(diagnostic)
  if (ok === diagnostics.some(({ severity }) => severity === 'error')) return 'an outcome that its diagnostics contradict'
  if (ok && files.length !== 2) return 'nothing is emitted, and no error told'
  return await wrongLayout(text, ok)
}

function wrongDiagnostic(diagnostic: Diagnostic): string | undefined {
  const { id, code, message, span, related, help, inner } = diagnostic
  if (id.startsWith('BP9')) return `says ${id}: ${message}`
  for (const { file, start, end } of [span, ...related.map(each => each.span)]) {
    if (!(start >= 0 && start <= end && end <= file.text.length)) return `${code} stands at ${start}..${end} of ${file.text.length} characters`
  }
  if (/\{[a-z]+\}/.test(`${message} ${help ?? ''}`) && !/\{[a-z]+\}/.test(span.file.text)) return `${code} leaves a placeholder open: ${message}`
  return inner && wrongDiagnostic(inner)
}

async function wrongLayout(text: string, ok: boolean): Promise<string | undefined> {
  const once = format({ name: 'main.bp', text })
  if (!once.ok) return once.diagnostics.find(({ id }) => id.startsWith('BP9'))?.message
  const twice = format({ name: 'main.bp', text: once.text })
  if (!twice.ok || twice.text !== once.text) return `is laid out otherwise the second time:\n${once.text}`
  if (!ok || once.text === text) return undefined
  const graphs = async (source: string) => JSON.stringify((await elaborateText(source)).map(({ model }) => [placeless(printGraph(model.graph)), model.inputs.map(({ name }) => name)]))
  return await graphs(text) === await graphs(once.text) ? undefined : 'means something else when it is laid out'
}

/** Places, and what stands there, are in the graph for messages at run time. */
function placeless(graph: string): string {
  return graph.replace(/\w+\.bp:\d+(?::\d+)?/g, 'place').replace(/(?:site|place)=.*?(?= %\d|$)/gm, '')
}
