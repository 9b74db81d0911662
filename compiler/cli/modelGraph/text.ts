/** A model's graph as text: a line a node, and on its left the lines that its value runs along. */
import { shortened } from '../../../quantum/draw/labels'
import { columnsText } from '../columns'
import type { ModelGraph } from './graph'

/** Characters of an expression, above which it is cut short. */
const LONGEST = 48

export function graphText({ name, parameters, nodes }: ModelGraph): string {
  const rows = nodes.map(({ kind, title, type, text, facts, from }) => [
    kind, kind === 'loss' ? '' : shortened(title, LONGEST), type, shortened(text, LONGEST), facts,
    from.length > 0 ? `← ${from.map(at => shortened(nodes[at]?.title ?? '', 24)).join(', ')}` : '',
  ])
  const table = columnsText(rows[0]?.map(() => '') ?? [], rows, new Set()).split('\n').slice(1)
  const rails = railsOf(nodes)
  return [`${name}: ${parameters} ${parameters === 1 ? 'parameter' : 'parameters'}`, '', ...table.map((line, at) => `${rails[at] ?? ''}  ${line}`)].join('\n')
}

/**
 * One lane from each node down to the last one that uses it. In the row of a node `●` is where its own lane begins, and a line
 * across joins it to the lanes that it uses; a lane that is passed on the way is not joined.
 */
function railsOf(nodes: ModelGraph['nodes']): readonly string[] {
  const lastUse = nodes.map((_, at) => nodes.findLastIndex(({ from }) => from.includes(at)))
  /** Which node each lane belongs to. */
  const lanes: (number | undefined)[] = []
  const rows = nodes.map(({ from }, at) => {
    const before = [...lanes]
    const joined = before.flatMap((owner, lane) => (owner !== undefined && from.includes(owner) ? [lane] : []))
    const ending = new Set(joined.filter(lane => lastUse[before[lane] ?? -1] === at))
    for (const lane of ending) lanes[lane] = undefined
    // Where one of its own ends the line goes straight on.
    const own = [...ending].at(0) ?? (lanes.includes(undefined) ? lanes.indexOf(undefined) : lanes.length)
    if ((lastUse[at] ?? -1) >= 0) lanes[own] = at
    const low = Math.min(own, ...joined), high = Math.max(own, ...joined)
    return Array.from({ length: Math.max(before.length, own + 1) }, (_, lane) => {
      const isWithin = lane > low && lane < high
      const across = lane >= low && lane < high ? '─' : ' '
      if (lane === own) return `●${across}`
      if (joined.includes(lane)) return `${corner(ending.has(lane), lane > low, lane < high)}${across}`
      if (before[lane] !== undefined) return `│${across}`
      return isWithin ? `─${across}` : ` ${across}`
    }).join('')
  })
  const width = Math.max(0, ...rows.map(row => row.length))
  return rows.map(row => row.padEnd(width))
}

/** A lane that is used here, and may go on below. */
function corner(ends: boolean, left: boolean, right: boolean): string {
  if (left && right) return ends ? '┴' : '┼'
  if (left) return ends ? '┘' : '┤'
  return ends ? '└' : '├'
}
