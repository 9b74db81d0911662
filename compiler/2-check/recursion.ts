/** Which routine calls which: those that call themselves, and the order in which each comes behind what it calls. */
import type { Expression, Identifier, Routine } from '../1-parse/ast'
import type { DiagnosticSink } from '../diagnostics/sink'
import type { Declared, Module } from './modules'

/** Routines are instantiated where they are called, so one that calls itself would never end. */
export function checkRecursion(module: Module, sink: DiagnosticSink): void {
  walkCalls(module, cycle => {
    const [routine] = cycle
    if (routine) sink.report('recursive-routine', routine.name.span, { name: routine.name.name, cycle: cycle.map(each => each.name.name).join(' → ') })
  })
}

/** The routines of a file, each behind those that it calls. */
export function calleesFirst(module: Module): readonly Routine[] {
  const own = new Set<Routine>()
  for (const declaration of module.file.declarations) if (declaration.kind === 'routine') own.add(declaration)
  return walkCalls(module, () => undefined).filter(routine => own.has(routine))
}

/**
 * Depth first over all that the file's routines call.
 * @param onCycle is told each way from a routine back to itself
 * @returns every routine once, behind those that it calls
 */
function walkCalls(module: Module, onCycle: (cycle: readonly Routine[]) => void): readonly Routine[] {
  const order: Routine[] = []
  const state = new Map<Routine, 'open' | 'done'>()
  const visit = (routine: Routine, home: Module, trail: readonly Routine[]): void => {
    if (state.get(routine) === 'done') return
    if (state.get(routine) === 'open') {
      onCycle([...trail.slice(trail.indexOf(routine)), routine])
      return
    }
    state.set(routine, 'open')
    const follow = (callee: Declared<Routine> | undefined) => { if (callee) visit(callee.node, callee.module, [...trail, routine]) }
    // Functions and gates are two namespaces: a circuit `x` may apply the gate `x`.
    const called = namesCalled(routine)
    for (const name of called.callables) follow(home.callables.get(name))
    for (const name of called.gates) follow(home.gates.get(name))
    state.set(routine, 'done')
    order.push(routine)
  }
  for (const declaration of module.file.declarations) if (declaration.kind === 'routine') visit(declaration, module, [])
  return order
}

/** Names in the place of a function or a gate anywhere in a body. */
function namesCalled(routine: Routine): { readonly callables: ReadonlySet<string>; readonly gates: ReadonlySet<string> } {
  const callables = new Set<string>()
  const gates = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) { value.forEach(walk); return }
    if (value === null || typeof value !== 'object' || 'text' in value) return
    const node = value as { readonly kind?: unknown; readonly callee?: Expression; readonly call?: Expression; readonly name?: Identifier }
    if (node.kind === 'call' && node.callee?.kind === 'name') callables.add(node.callee.name)
    if (node.kind === 'pipe' && node.call?.kind === 'name') callables.add(node.call.name)
    if (node.kind === 'gate' && node.name) gates.add(node.name.name)
    for (const [key, child] of Object.entries(value)) if (key !== 'span' && key !== 'signature') walk(child)
  }
  walk(routine.body)
  return { callables, gates }
}
