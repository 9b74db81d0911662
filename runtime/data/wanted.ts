/** Which columns of a file the train block uses, and for what: no others are kept. */
import type { ColumnSource, DataPlan } from '../../ir/training'
import type { PlanInput } from '../../ir/plan'

/** Numbers are kept as such; cells as they stand, for classes, letters and truth values. */
export type Use = 'number' | 'cell'

export interface WantedColumns {
  /** Whether some column is asked for by its name. */
  readonly byName: boolean
  /** @returns undefined for a column that nothing reads */
  use(name: string | undefined, position: number): Use | undefined
}

export function wantedColumns({ columns }: DataPlan, inputs: readonly PlanInput[]): WantedColumns {
  const named = new Map<string, Use>()
  const ranges: { readonly low: number; readonly high: number; readonly use: Use }[] = []
  const visit = (from: ColumnSource, use: Use): void => {
    switch (from.kind) {
      case 'named': for (const name of from.names) if (named.get(name) !== 'cell') named.set(name, use); break
      case 'positions': ranges.push({ ...from, use }); break
      case 'number': break
      case 'concat': for (const part of from.parts) visit(part, use); break
      case 'scalar': for (const arg of from.args) visit(arg, 'number'); break
      case 'oneHot': case 'letters': visit(from.of, 'cell'); break
      default: from satisfies never
    }
  }
  for (const { input, from } of columns) {
    const element = inputs.find(other => other.name === input)?.type.element
    visit(from, element === 'int' || element === 'bool' ? 'cell' : 'number')
  }
  return { byName: named.size > 0, use(name, position) {
    const uses = ranges.filter(({ low, high }) => low <= position && position < high).map(range => range.use)
    const byName = name === undefined ? undefined : named.get(name)
    return uses.includes('cell') ? 'cell' : byName ?? uses[0]
  } }
}
