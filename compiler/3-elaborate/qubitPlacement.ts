/** Which `int` arguments a circuit or gate is laid out by: those must be known when it is compiled, others may come from data. */
import type { Routine } from '../1-parse/ast'
import { isGateName } from '../../quantum/gates'

/**
 * Whether a circuit or gate is laid out by a name, or by a `let` that it stands in: where a register's size or index, a
 * range, an `if` around gates, a modifier or an argument of a declared gate says it.
 */
export function placesQubits(routine: Routine, name: string): boolean {
  const names = new Set([name])
  const registers = new Set(routine.registers.map(register => register.name.name))
  if (routine.registers.some(({ size }) => mentions(size, names))) return true
  let found = false
  const walk = (value: unknown, places: boolean): void => {
    if (found || value === null || typeof value !== 'object' || 'text' in value) return
    if (Array.isArray(value)) { for (const item of value) walk(item, places); return }
    const node = value as { readonly kind?: string; readonly name?: unknown; readonly value?: unknown; readonly names?: readonly { readonly name: string }[] }
    if (node.kind === 'name') { found ||= places && names.has(String(node.name)); return }
    if (node.kind === 'qubits') registers.add((node.name as { readonly name: string }).name)
    const indexed = node.kind === 'index' ? node.value as { readonly kind: string; readonly name?: string } : undefined
    for (const [key, child] of Object.entries(value)) {
      if (key === 'span') continue
      walk(child, places || node.kind === 'range' || (node.kind === 'qubits' && key === 'size') || (node.kind === 'if' && 'span' in value && key === 'condition' && isBlock(value))
        || (node.kind === 'gate' && (key === 'modifiers' || (key === 'arguments' && !isGateName(String((node.name as { readonly name: string }).name)))))
        || (key === 'items' && indexed?.kind === 'name' && registers.has(indexed.name ?? '')) || (node.kind === 'call' && key === 'arguments' && makesShape(value)))
    }
    // What is computed from the name may place qubits in its turn.
    if (node.kind === 'let' && mentions(node.value, names)) for (const each of node.names ?? []) names.add(each.name)
  }
  walk(routine.body, false)
  return found
}

const isBlock = (value: object): boolean => 'then' in value && (value.then as { readonly kind?: string }).kind === 'block'
const SHAPED: ReadonlySet<string> = new Set(['zeros', 'ones', 'full', 'eye', 'arange', 'one_hot', 'reshape'])
const makesShape = (value: object): boolean => 'callee' in value && SHAPED.has((value.callee as { readonly name?: string }).name ?? '')

function mentions(value: unknown, names: ReadonlySet<string>): boolean {
  if (value === null || value === undefined || typeof value !== 'object' || 'text' in value) return false
  if (Array.isArray(value)) return value.some(item => mentions(item, names))
  if ('kind' in value && value.kind === 'name' && 'name' in value) return names.has(String(value.name))
  return Object.entries(value).some(([key, child]) => key !== 'span' && mentions(child, names))
}
