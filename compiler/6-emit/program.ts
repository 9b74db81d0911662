/**
 * From a graph to a program: a buffer for each value that is stored, a step for each kernel and each other node, in an
 * order that keeps every step close to the first that needs it.
 */
import type { Graph, Node, Value } from '../../ir/graph'
import type { OpName } from '../../ir/op'
import { ROUTINES, type KernelLoad, type KernelStep, type LoopStep, type Program, type RoutineStep, type Step } from '../../ir/plan'
import type { TensorType } from '../../ir/type'
import { fuse, isElementwise, reads, singleGroups, type Group } from './fuse'
import { foldedReading, PLAIN_READING, type Literal, type Reading } from './view'

export interface ProgramOptions {
  /** One kernel for many elementwise nodes; otherwise one step a node, the oracle of tests. */
  readonly fuse?: boolean
}

/**
 * The outputs of the graph as a program. A result may be the buffer of an input, or of another result; what nothing needs
 * has no step, and an input that nothing reads is none of the program's: a prediction takes no targets.
 */
export function programOf(
  graph: Graph, inputNames: readonly string[], outputNames: readonly string[], { fuse: fused = true }: ProgramOptions = {},
): Program {
  return assemble(graph, inputNames, outputNames, fused, false)
}

/** @param everyInput also those that nothing reads: a loop tells its inputs apart by their order alone */
function assemble(graph: Graph, inputNames: readonly string[], outputNames: readonly string[], fused: boolean, everyInput: boolean): Program {
  if (inputNames.length !== graph.inputs.length || outputNames.length !== graph.outputs.length) {
    throw new Error(`emit: ${graph.inputs.length} inputs and ${graph.outputs.length} outputs, but ${inputNames.length} and ${outputNames.length} names`)
  }
  const reading = fused ? foldedReading(graph) : PLAIN_READING
  const groups = fused ? fuse(graph, reading) : singleGroups(graph)
  const units = inOrder(graph, reading, groups)
  const stored = new Set<Value>([...graph.outputs, ...units.flatMap(unit => unitReads(unit, reading))])
  const buffers = new Buffers()
  const inputs = graph.inputs.flatMap((input, at) =>
    (everyInput || stored.has(input) ? [{ name: inputNames[at] ?? '', buffer: buffers.of(input) }] : []))
  const steps = units.map(unit => (isGroup(unit) ? kernelOf(unit, reading, stored, buffers) : stepOf(unit, buffers, fused)))
  const results = graph.outputs.map((output, at) => ({ name: outputNames[at] ?? '', buffer: buffers.of(output) }))
  return { buffers: buffers.types, inputs, steps, results }
}

class Buffers {
  readonly types: TensorType[] = []
  private readonly numbers = new Map<Value, number>()

  of(value: Value): number {
    const known = this.numbers.get(value)
    if (known !== undefined) return known
    this.numbers.set(value, this.types.length)
    this.types.push(value.type)
    return this.types.length - 1
  }
}

// -------------------------------------------------------------------------------------------------------- order

/** What becomes one step: a kernel, or a node by itself. */
type Unit = Group | Node

const isGroup = (unit: Unit): unit is Group => Array.isArray(unit)

/** What a step for the unit reads from buffers. */
function unitReads(unit: Unit, reading: Reading): Value[] {
  if (!isGroup(unit)) return reads(unit, reading)
  const members = new Set(unit)
  return unit.flatMap(node => reads(node, reading)).filter(value => !members.has(value.node))
}

/** Units that the outputs need, each right after the last of its inputs. */
function inOrder(graph: Graph, reading: Reading, groups: ReadonlyMap<Node, Group>): readonly Unit[] {
  const order: Unit[] = []
  const state = new Map<Unit, 'open' | 'done'>()
  for (const output of graph.outputs) {
    const stack: { unit: Unit; pending: Value[] }[] = []
    const open = ({ node }: Value) => {
      const unit = groups.get(node) ?? node
      if (node.op === 'input' || state.get(unit) === 'done') return
      if (state.get(unit) === 'open') throw new Error(`emit: kernels around %${node.id} form a cycle`)
      state.set(unit, 'open')
      stack.push({ unit, pending: unitReads(unit, reading).reverse() })
    }
    open(output)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.pending.pop()
      if (next) open(next)
      else {
        state.set(top.unit, 'done')
        order.push(top.unit)
        stack.pop()
      }
    }
  }
  return order
}

// -------------------------------------------------------------------------------------------------------- steps

function kernelOf(group: Group, reading: Reading, stored: ReadonlySet<Value>, buffers: Buffers): KernelStep {
  const members = new Set(group)
  const loads: KernelLoad[] = []
  const literals: Literal[] = []
  const places = new Map<string, { readonly kind: 'load' | 'literal'; readonly at: number }>()
  const sources = group.map(node => node.inputs.map(input => {
    const { base, axes } = reading.view(input)
    const literal = reading.literal(base)
    if (literal) {
      const key = `${literal.element} ${Object.is(literal.value, -0) ? '-0' : literal.value}`
      return placeOf(places, key, 'literal', () => literals.push(literal))
    }
    if (members.has(base.node)) return { kind: 'line' as const, at: group.indexOf(base.node) }
    const buffer = buffers.of(base)
    return placeOf(places, `${buffer}[${axes.join()}]`, 'load', () => loads.push({ buffer, axes }))
  }))
  const start = { load: 0, literal: loads.length, line: loads.length + literals.length }
  const code = group.map((node, line) => {
    if (node.op !== 'elementwise') throw new Error(`emit: ${node.op} %${node.id} in a kernel`)
    const element = node.results[0]?.type.element ?? 'real'
    return { fn: node.attributes.fn, args: (sources[line] ?? []).map(({ kind, at }) => start[kind] + at), element }
  })
  const stores = group.flatMap((node, line) =>
    node.results.filter(result => stored.has(result)).map(result => ({ buffer: buffers.of(result), register: start.line + line })))
  return { kind: 'kernel', shape: group[0]?.results[0]?.type.shape ?? [], loads, literals, code, stores }
}

function placeOf<Kind extends 'load' | 'literal'>(
  places: Map<string, { readonly kind: 'load' | 'literal'; readonly at: number }>, key: string, kind: Kind, push: () => number,
) {
  const known = places.get(key)
  if (known) return known
  const place = { kind, at: push() - 1 }
  places.set(key, place)
  return place
}

function stepOf(node: Node, buffers: Buffers, fused: boolean): Step {
  const [input] = node.inputs
  const [result] = node.results
  if (!result) throw new Error(`emit: ${node.op} %${node.id} has no result`)
  if (node.op === 'loop') return loopOf(node, buffers, fused)
  if (node.op === 'reshape' && input) return { kind: 'reshape', input: buffers.of(input), output: buffers.of(result) }
  if (!isRoutine(node.op) || isElementwise(node)) throw new Error(`emit: no step for ${node.op} %${node.id}`)
  // The pair (op, attributes) is one member of the union, which TypeScript cannot follow through the node.
  return { kind: 'routine', op: node.op, attributes: node.attributes, inputs: node.inputs.map(value => buffers.of(value)), output: buffers.of(result) } as RoutineStep
}

const ROUTINE_NAMES: ReadonlySet<OpName> = new Set(ROUTINES)

const isRoutine = (op: OpName): op is RoutineStep['op'] => ROUTINE_NAMES.has(op)

function loopOf(node: Node & { op: 'loop' }, buffers: Buffers, fused: boolean): LoopStep {
  const { trip, reverse, carries, constants, body } = node.attributes
  const inputNames = body.inputs.map((_, at) =>
    at === 0 ? 'counter' : at <= carries ? `carry${at - 1}` : at <= carries + constants ? `constant${at - 1 - carries}` : `row${at - 1 - carries - constants}`)
  const outputNames = body.outputs.map((_, at) => (at < carries ? `next${at}` : `yield${at - carries}`))
  return {
    kind: 'loop', trip, reverse, carries, constants,
    body: assemble(body, inputNames, outputNames, fused, true),
    inputs: node.inputs.map(input => buffers.of(input)),
    outputs: node.results.map(result => buffers.of(result)),
  }
}
