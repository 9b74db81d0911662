/** What the call at the cursor takes, and which argument is being written. */
import type { SignatureHelp } from 'vscode-languageserver'
import type { Described } from './builtIns'
import { describedCall } from './callables'
import { contextAt, openCall } from './context'
import type { Place, Project } from './project'

export function signatureHelp({ inspection, file, offset }: Place, project: Project): SignatureHelp | undefined {
  const scan = project.scanOf(file)
  const context = scan && contextAt(scan, offset)
  const call = context && !context.isComment ? openCall(context) : undefined
  const described = call && context && describedCall(call, context, offset, file, inspection)
  if (!call || !described) return undefined
  const byName = described.parameters.findIndex(({ name }) => name === call.given.at(-1))
  // `x |> f(a)` is f(x, a).
  const position = call.argument + (call.isPiped ? 1 : 0)
  return {
    signatures: [{
      label: described.title, documentation: described.doc,
      parameters: described.parameters.map(parameter => ({ label: labelOf(described, parameter.name), documentation: parameter.doc })),
    }],
    activeSignature: 0,
    activeParameter: byName >= 0 ? byName : Math.min(position, described.parameters.length),
  }
}

/** Where the parameter stands in the title, in UTF-16 units; only behind the parenthesis, since `y(y)` would be found before it. */
function labelOf({ title }: Described, name: string): [number, number] | string {
  const open = title.indexOf('(')
  const found = new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[^\p{L}\p{N}_]/gu, '\\$&')}(?![\\p{L}\\p{N}_])`, 'u').exec(title.slice(open + 1))
  return found ? [open + 1 + found.index, open + 1 + found.index + name.length] : name
}
