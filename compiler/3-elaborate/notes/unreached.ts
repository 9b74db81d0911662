/** Parameters that no loss can reach: training would leave them as they are. */
import type { Model } from '../../1-parse/ast'
import type { DiagnosticSink } from '../../diagnostics/sink'
import type { Node, Value } from '../../../ir/graph'
import type { ElaboratedModel } from '../model'

/** @param unused names of the model that are reported as such: what is made for them alone is not reported again */
export function noteUnreached(node: Model, model: ElaboratedModel, unused: ReadonlySet<string>, sink: DiagnosticSink): void {
  const at = model.results.findIndex(({ kind }) => kind === 'loss')
  const loss = model.graph.outputs[at]
  if (at < 0 || !loss) return
  const reached = feltBy(loss)
  const lost = model.parameters.filter(({ path, frozen, input, span }) =>
    !frozen && !reached.has(input.node) && !path.split('.').some(part => unused.has(part) || part.startsWith('_')) && span.file.text !== '')
  const own = lost.filter(({ span }) => span.file === node.span.file)
  for (const { path, span } of own) sink.report('unreached-parameter', span, { paths: `parameter \`${path}\`` })
  // Parameters of a layer from elsewhere are named where the model is.
  const foreign = lost.filter(parameter => !own.includes(parameter)).map(({ path }) => `\`${path}\``)
  if (foreign.length > 0) sink.report('unreached-parameter', node.name.span, { paths: `${foreign.length > 1 ? 'parameters' : 'parameter'} ${listed(foreign)}` })
}

function listed(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`
}

/** Functions that are flat wherever they have a derivative. */
const FLAT: ReadonlySet<string> = new Set(['sign', 'floor', 'ceil', 'round'])

/** Nodes that the value depends on by a path of real numbers; whatever a loop or a circuit takes may be felt. */
function feltBy(loss: Value): ReadonlySet<Node> {
  const felt = new Set<Node>()
  const pending = [loss]
  for (let value = pending.pop(); value; value = pending.pop()) {
    const { node } = value
    if (felt.has(node) || value.type.element !== 'real' || node.op === 'stop') continue
    if (node.op === 'elementwise' && FLAT.has(node.attributes.fn)) continue
    felt.add(node)
    pending.push(...node.inputs)
  }
  return felt
}
