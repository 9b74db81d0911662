/** Routines that call themselves. */
import type { Expression, Identifier, Routine } from '../1-parse/ast'
import type { DiagnosticSink } from '../diagnostics/sink'
import type { Declared, Module } from './modules'

/** Routines are instantiated where they are called, so one that calls itself would never end. */
export function checkRecursion(module: Module, sink: DiagnosticSink): void {
  const state = new Map<Routine, 'open' | 'done'>()
  const visit = (routine: Routine, home: Module, trail: readonly Routine[]): void => {
    if (state.get(routine) === 'done') return
    if (state.get(routine) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(routine)), routine].map(each => each.name.name).join(' → ')
      sink.report('recursive-routine', routine.name.span, { name: routine.name.name, cycle })
      return
    }
    state.set(routine, 'open')
    const follow = (callee: Declared<Routine> | undefined) => { if (callee) visit(callee.node, callee.module, [...trail, routine]) }
    // Functions and gates are two namespaces: a circuit `x` may apply the gate `x`.
    const called = namesCalled(routine)
    for (const name of called.callables) follow(home.callables.get(name))
    for (const name of called.gates) follow(home.gates.get(name))
    state.set(routine, 'done')
  }
  for (const declaration of module.file.declarations) if (declaration.kind === 'routine') visit(declaration, module, [])
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
