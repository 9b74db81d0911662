/**
 * Circuits: a body is evaluated once per sizes and static arguments to a flat list of gates, a graph from arguments to slots
 * and a graph from arguments and measurements to results. A call puts these in the caller's graph, mapped over any leading
 * dimensions.
 */
import type { Routine } from '../1-parse/ast'
import type { Declared } from '../2-check/modules'
import { DiagnosticSink, type Diagnostic } from '../diagnostics/sink'
import type { Span } from '../source/source'
import { GraphBuilder } from '../../ir/builder'
import { printDim, sameShape, type Dim } from '../../ir/dim'
import type { Graph, Value } from '../../ir/graph'
import { mapGraph } from '../../ir/map'
import type { MapArgument } from '../../ir/mapping'
import { printType, tensor } from '../../ir/type'
import { hasNoise, isEstimated, operandsOf, withOperands, type Circuit, type Operand } from '../../quantum/circuit'
import type { GradientMethod } from '../../quantum/engine'
import { broadcastShapes, castNumeric, isClash } from './broadcast'
import { methodOf, runningOf } from './circuitAnnotations'
import { emptyCircuit, MAXIMAL_NOISY_QUBITS, qubitName, type CircuitFrame } from './circuitFrame'
import { ungradedInputs } from './estimates'
import { Environment, type Frame, type RoutineCall } from './frame'
import { warnOfUnfeltAngles } from './lightCone'
import { describe, dimOf, isNumeric, staticReal, tensorMeaning, toValue, UNKNOWN, type Meaning } from './meaning'
import { bindCall } from './binding'
import { checkResults } from './routines'
import { hasBroken, isStatic, matchArguments, type Matched } from './signatures'
import { concatVectors, groupScalars } from './stackScalars'
import { elementOf } from './types'

/** A circuit for given sizes and static arguments. */
export interface CircuitTemplate {
  readonly circuit: Circuit
  readonly method: GradientMethod
  /** Runs besides that of `circuit`, with one number each. */
  readonly overlaps: readonly { readonly circuit: Circuit; readonly slots: Graph }[]
  readonly doc: string
  /** What the arguments by whose numbers trajectories have no gradient go into, by their positions. */
  readonly ungraded: ReadonlyMap<number, string>
  /** Each wire as the program named it, `q[2]`. */
  readonly wireNames: readonly string[]
  /** Arguments → slots [S]. */
  readonly slots: Graph
  /** Arguments, then what a run of the circuit and of each overlap reports → results. */
  readonly results: Graph
}

type Outcome = { readonly template: CircuitTemplate; readonly notes: readonly Diagnostic[] } | { readonly failed: readonly Diagnostic[] }

export class CircuitCache {
  private readonly known = new Map<Routine, Map<string, Outcome>>()

  /** One for each circuit and set of sizes that something called. */
  get templates(): readonly CircuitTemplate[] {
    return [...this.known.values()].flatMap(outcomes => [...outcomes.values()].flatMap(outcome => ('template' in outcome ? [outcome.template] : [])))
  }

  get(routine: Routine, key: string, make: () => Outcome): Outcome {
    const templates = this.known.get(routine) ?? new Map<string, Outcome>()
    this.known.set(routine, templates)
    const outcome = templates.get(key) ?? make()
    templates.set(key, outcome)
    return outcome
  }
}

export function callCircuit(frame: Frame, cache: CircuitCache, callee: Declared<Routine>, call: RoutineCall): Meaning {
  const routine = callee.node
  const name = routine.name.name
  if (frame.unrolled) {
    frame.sink.report('misplaced-circuit-call', call.span, { name, place: frame.place })
    return UNKNOWN
  }
  const matched = matchArguments(frame, routine, call)
  if (!matched || frame.session.faulty.has(routine)) return UNKNOWN
  const split = splitLeads(frame, routine, matched)
  if (!split) return UNKNOWN
  const lead = broadcastShapes(...split.tensors.map(argument => argument.lead))
  if (isClash(lead)) {
    frame.sink.report('lead-mismatch', call.span, { name, left: printDim(lead.left), right: printDim(lead.right) })
    return UNKNOWN
  }
  const key = [...split.tensors.map(({ name: argument, own }) => `${argument}: ${printType(own)}`), ...split.statics.map(([argument, { meaning }]) => `${argument}=${staticKey(meaning)}`)].join(';')
  const outcome = cache.get(routine, key, () => makeTemplate(frame, callee, call.span, split))
  if ('failed' in outcome) {
    for (const inner of outcome.failed) {
      frame.sink.report('inside-call', call.span, { name, message: inner.message }, { related: [{ span: inner.span, message: 'here' }, ...inner.related], help: inner.help, inner })
    }
    return UNKNOWN
  }
  for (const note of outcome.notes) frame.sink.add(note)
  if (frame.model) frame.model.usesCircuit = true
  return instantiate(frame, outcome.template, split.tensors, lead, `${frame.callPath}/${name}@${call.span.start}`)
}

// ------------------------------------------------------------------------------------------------------ arguments

interface TensorArgument { readonly name: string; readonly span: Span; readonly value: Value; readonly own: ReturnType<typeof tensor>; readonly lead: readonly Dim[] }

interface SplitArguments {
  readonly tensors: readonly TensorArgument[]
  readonly statics: readonly (readonly [string, Matched])[]
}

/** Dimensions before the declared ones are what the circuit is mapped over. */
function splitLeads(frame: Frame, routine: Routine, matched: ReadonlyMap<string, Matched>): SplitArguments | undefined {
  const tensors: TensorArgument[] = []
  const statics: (readonly [string, Matched])[] = []
  for (const parameter of routine.parameters) {
    const given = matched.get(parameter.name.name)
    if (!given) continue
    if (isStatic(routine, parameter)) { statics.push([parameter.name.name, given]); continue }
    const element = elementOf(parameter.type)
    const declared = parameter.type.shape?.length ?? 0
    if (!element || !isNumeric(given.meaning)) {
      frame.sink.report('type-mismatch', given.span, { expected: parameter.type.name.name, found: describe(given.meaning) }, { related: [{ span: parameter.span, message: 'declared here' }] })
      return undefined
    }
    const converted = element === 'real' ? castNumeric(frame, given.meaning, 'real') : given.meaning
    const value = toValue(frame.builder, converted)
    const { shape } = value.type
    // A size that only a call knows is no number that the signature asks for.
    const isOpen = parameter.type.shape?.some((item, axis) => item.kind === 'number' && typeof shape[shape.length - declared + axis] === 'object')
    if (shape.length < declared || isOpen || value.type.element !== element) {
      const text = parameter.type.span.file.text.slice(parameter.type.span.start, parameter.type.span.end)
      frame.sink.report('shape-mismatch', given.span, { what: `\`${routine.name.name}\``, expected: text, value: `\`${given.span.file.text.slice(given.span.start, given.span.end)}\``, found: printType(value.type) },
        { related: [{ span: parameter.span, message: 'declared here' }] })
      return undefined
    }
    const own = tensor(element, shape.slice(shape.length - declared))
    const symbolic = own.shape.find(dim => typeof dim !== 'number')
    if (symbolic !== undefined) {
      frame.sink.report('symbolic-circuit', given.span, { name: routine.name.name, argument: parameter.name.name, size: printDim(symbolic) })
      return undefined
    }
    tensors.push({ name: parameter.name.name, span: given.span, value, own, lead: shape.slice(0, shape.length - declared) })
  }
  return { tensors, statics }
}

function staticKey(meaning: Meaning): string {
  const dim = dimOf(meaning)
  if (dim !== undefined) return printDim(dim)
  return meaning.kind === 'text' ? JSON.stringify(meaning.text) : meaning.kind === 'static' ? meaning.data.join(',') : meaning.kind
}

// ----------------------------------------------------------------------------------------------------- templates

function makeTemplate(frame: Frame, callee: Declared<Routine>, callSpan: Span, { tensors, statics }: SplitArguments): Outcome {
  const routine = callee.node
  const builder = GraphBuilder.create()
  const inputs = tensors.map(argument => builder.input(argument.name, argument.own))
  const sink = new DiagnosticSink()
  const running = runningOf({ ...frame, module: callee.module, sink }, routine)
  const circuit = emptyCircuit(builder, running)
  const matched = new Map<string, Matched>(statics)
  tensors.forEach(({ name, span, value }, at) => {
    const input = inputs[at]
    if (input) matched.set(name, { meaning: tensorMeaning(input), span, found: printType(value.type) })
  })
  const home: Frame = {
    session: frame.session, sink, place: 'circuit', module: callee.module, builder, environment: new Environment(), unrolled: true, loops: [],
    callPath: `${frame.callPath}/${routine.name.name}`, pathPrefix: '', target: '', stacks: [], within: [...frame.within, routine], circuit, model: undefined,
  }
  // What does not fit the signature is the call's mistake; what goes wrong inside is noted with the line inside.
  const bound = bindCall({ ...frame, builder }, routine, home, matched, callSpan, false)
  if (!bound) return { failed: sink.all.filter(({ severity }) => severity === 'error') }
  const body: Frame = { ...home, environment: bound.environment.inner() }
  const returned = returnedBy(body, routine)
  if (!sink.hasErrors && !returned) {
    // The statement that could not be read may have been the return, and is reported.
    if (hasBroken(routine)) return { failed: [] }
    sink.report('no-return', routine.name.span, { name: routine.name.name })
  }
  // An operand that is no register has been reported with the names.
  if (!sink.hasErrors && circuit.qubits === 0 && !circuit.hasUnknown && returned?.meanings.every(meaning => meaning.kind !== 'unknown')) sink.report('no-qubits', routine.name.span, { name: routine.name.name })
  const checked = sink.hasErrors || !returned ? undefined : checkResults(body, routine, body, bound, returned.meanings, returned.span)
  const odd = checked?.find(meaning => !isNumeric(meaning))
  if (odd && returned && odd.kind !== 'unknown') sink.report('type-mismatch', returned.span, { expected: 'measurements and numbers', found: describe(odd), hint: odd.kind === 'observable' ? 'measure it: `expect(…)`' : undefined })
  const numeric = checked?.filter(isNumeric)
  if (sink.hasErrors || !numeric || numeric.length !== checked?.length) return { failed: sink.all.filter(({ severity }) => severity === 'error') }
  const isNoisy = hasNoise(circuit)
  if (isNoisy && running.trajectories === undefined && circuit.qubits > MAXIMAL_NOISY_QUBITS) {
    sink.report('too-many-noisy-qubits', circuit.declared ?? routine.name.span, { qubits: circuit.qubits, limit: MAXIMAL_NOISY_QUBITS })
    return { failed: sink.all.filter(({ severity }) => severity === 'error') }
  }
  warnOfUnfeltAngles(sink, circuit)
  const method = methodOf(frame, routine, running)
  const about = {
    name: routine.name.name, qubits: circuit.qubits, ...(running.shots === undefined ? {} : { shots: running.shots }),
    // Without noise every history is the same.
    ...(running.trajectories === undefined || !isNoisy ? {} : { trajectories: running.trajectories }),
    ...(running.precision === undefined ? {} : { precision: running.precision }),
  }
  // Asks for slots as they are now.
  const ungraded = ungradedInputs(builder, circuit, about, method, inputs)
  const slots = assignSlots(builder, circuit)
  const overlaps = circuit.overlaps.map(overlap => {
    const own = assignSlots(builder, overlap)
    return {
      circuit: { ...about, operations: overlap.operations, slots: Number(own.type.shape[0]), measurements: [overlap.measurement] },
      slots: builder.finish([own], inputs),
    }
  })
  return {
    notes: sink.all,
    template: {
      circuit: { ...about, operations: circuit.operations, slots: Number(slots.type.shape[0]), measurements: [...circuit.measurements.values()].map(({ measurement }) => measurement) },
      overlaps,
      method,
      doc: routine.doc,
      ungraded,
      wireNames: Array.from({ length: circuit.qubits }, (_, wire) => qubitName(circuit, wire)),
      slots: builder.finish([slots], inputs),
      results: builder.finish(numeric.map(meaning => toValue(builder, meaning)), [...inputs, circuit.reported, ...circuit.overlaps.map(({ reported }) => reported)]),
    },
  }
}

function returnedBy(body: Frame, routine: Routine): { readonly meanings: readonly Meaning[]; readonly span: Span } | undefined {
  if (routine.body.kind !== 'expression') return body.session.evaluateBlock(body, routine.body).returned
  return { meanings: [body.session.evaluate(body, routine.body.value)], span: routine.body.value.span }
}

/**
 * Slots are numbered so that those computed alike lie together, and what is computed from data alone can be left unshifted. The
 * operations are renumbered where they are: there may be a million.
 * @returns a vector, [slots]
 */
function assignSlots(builder: GraphBuilder, circuit: Pick<CircuitFrame, 'operations' | 'slots' | 'scalars'>): Value {
  const used: number[] = []
  for (const operation of circuit.operations) for (const operand of operandsOf(operation)) if ('slot' in operand) used.push(operand.slot)
  const groups = groupScalars(builder, used.map(slot => circuit.scalars.of(circuit.slots[slot] ?? staticReal(NaN))))
  const numbers = new Int32Array(circuit.slots.length)
  let at = 0
  for (const { members } of groups) for (const member of members) numbers[used[member] ?? -1] = at++
  if (at !== numbers.length || numbers.some((number, slot) => number !== slot)) {
    const renumber = (operand: Operand): Operand => ('slot' in operand ? { slot: numbers[operand.slot] ?? -1 } : operand)
    circuit.operations.forEach((operation, place) => {
      if (operandsOf(operation).some(operand => 'slot' in operand)) circuit.operations[place] = withOperands(operation, renumber)
    })
  }
  return groups.length > 0 ? concatVectors(builder, groups.map(group => group.value)) : builder.fill('real', [0], 0)
}

// ---------------------------------------------------------------------------------------------------------- call

function instantiate(frame: Frame, template: CircuitTemplate, tensors: readonly TensorArgument[], lead: readonly Dim[], site: string): Meaning {
  const { builder } = frame
  // An argument without a lead stays as it is; one with part of the lead is repeated to the whole of it.
  const args = tensors.map(({ value, own, lead: its }) =>
    its.length === 0 ? { value, mapped: false } : { value: sameShape(its, lead) ? value : builder.broadcastTo(value, [...lead, ...own.shape]), mapped: true })
  const reported = [template, ...template.overlaps].map(({ circuit, slots: graph }, at): MapArgument => {
    const [slots] = mapGraph(builder, graph, args, lead)
    if (!slots) throw new Error('circuit: a program of slots without its result')
    const draw = isEstimated(circuit) || template.method === 'spsa' ? { draw: `${site}#${at}` } : {}
    return { value: builder.add('circuit', { circuit, method: template.method, ...draw }, [slots.value]), mapped: slots.mapped }
  })
  const [first] = reported
  if (frame.model && first && template.ungraded.size > 0) {
    const into = tensors.flatMap(({ value, span }, at) => { const what = template.ungraded.get(at); return what === undefined ? [] : [{ value, span, what }] })
    frame.model.estimates.push({ circuit: template.circuit.name, by: template.circuit.shots === undefined ? '@trajectories' : '@shots', result: first.value, arguments: into })
  }
  const results = mapGraph(builder, template.results, [...args, ...reported], lead).map(({ value, mapped }) =>
    tensorMeaning(mapped || lead.length === 0 ? value : builder.broadcastTo(value, [...lead, ...value.type.shape])))
  const [only] = results
  return results.length === 1 && only ? only : { kind: 'tuple', items: results }
}
