/**
 * Where evaluation stands: a `Frame` is one body being evaluated (of a model, or of a routine for one call), a `Session` what
 * all of them share. The files of this phase work on frames and reach each other through the session, so none imports
 * another in a circle.
 */
import type { Argument, Block, Expression, Identifier, Routine, TypeNode } from '../1-parse/ast'
import type { Declared, Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import type { CompileOptions } from '../host'
import type { Span } from '../source/source'
import { GraphBuilder } from '../../ir/builder'
import type { Dim } from '../../ir/dim'
import type { Node, Value } from '../../ir/graph'
import type { LoopBuilder } from '../../ir/loop'
import { EPOCH_INPUT, STEP_INPUT, type Obligation, type ParameterRange, type PlanState } from '../../ir/plan'
import { bool, int, type TensorType } from '../../ir/type'
import type { Budget } from './budget'
import type { CircuitFrame } from './circuitFrame'
import type { Meaning, Numeric, Stack } from './meaning'
import { Sites } from './sites'
import type { SeenTypes } from './seen'

export type BindingKind = 'value' | 'var' | 'dimension' | 'register'

export interface Binding {
  readonly kind: BindingKind
  /** Reassigned where the binding is a `var`. */
  meaning: Meaning
  readonly span: Span
}

export class Environment {
  /** Most blocks bind nothing, and there may be millions. */
  private bindings: Map<string, Binding> | undefined

  /**
   * @param seen takes down what is bound, where an editor asks for it
   * @param hidesTensors whether of the names around this only those are in sight that are no tensors
   */
  constructor(private readonly parent?: Environment, private readonly seen: SeenTypes | undefined = parent?.seen, private readonly hidesTensors = false) {}

  bind(name: string, kind: BindingKind, meaning: Meaning, span: Span): void {
    this.bindings ??= new Map()
    this.bindings.set(name, { kind, meaning, span })
    if (kind !== 'dimension') this.seen?.add(span, meaning)
  }

  find(name: string): Binding | undefined {
    const own = this.bindings?.get(name)
    if (own) return own
    const outer = this.parent?.find(name)
    return this.hidesTensors && outer?.meaning.kind === 'tensor' ? undefined : outer
  }

  /** Whether this very block has the name. */
  declares(name: string): boolean {
    return this.bindings?.has(name) ?? false
  }

  inner(): Environment {
    return new Environment(this)
  }

  /** A block that sees what is known when the model is compiled; of a model's thousand values it copies none. */
  known(): Environment {
    return new Environment(this, undefined, true)
  }

  /** All names in sight. */
  everything(): ReadonlyMap<string, Binding> {
    return new Map([...(this.parent?.everything() ?? []), ...(this.bindings ?? [])])
  }
}

/** A parameter of a model, found while its body is evaluated. */
export interface ParameterEntry {
  readonly path: string
  readonly shape: readonly number[]
  readonly frozen: boolean
  readonly range: ParameterRange | undefined
  readonly doc: string
  /** The input of the model's graph: the constrained value. */
  readonly input: Value
  /** What expressions use and derivatives name. */
  readonly value: Value
  /** Its first value, in the graph of initial values. */
  readonly initial: Value
  readonly span: Span
}

/** A state of a model or of a layer in it. */
export interface StateEntry extends PlanState {
  readonly input: Value
  readonly value: Value
  readonly initial: Value
  readonly span: Span
}

/** A run-time loop whose body is being evaluated. */
export interface LoopFrame {
  readonly loop: LoopBuilder
  readonly trip: Dim
  /** Derivatives taken in the body; held against the carries when the loop is finished. */
  readonly derivatives: { readonly y: Value; readonly x: Value; readonly span: Span; readonly name: string }[]
}

/** A call of a circuit with trajectories, on values by which these have no gradient. */
export interface EstimatedCall {
  readonly circuit: string
  readonly by: '@shots' | '@trajectories'
  readonly result: Value
  /** `what`: the operation that such a number goes into. */
  readonly arguments: readonly { readonly value: Value; readonly span: Span; readonly what: string }[]
}

/** `training`, `step` and `epoch` as inputs of the model's graph. */
export interface RunValues { readonly training: Value; readonly step: Value; readonly epoch: Value }

/** What a model collects while its body and the layers it calls are evaluated. */
export interface ModelFrame {
  readonly name: string
  /** The builder of the model's own graph, around all loops. */
  readonly root: GraphBuilder
  readonly initial: GraphBuilder
  readonly parameters: Map<string, ParameterEntry>
  readonly states: Map<string, StateEntry>
  /** Next value by the path of the state. */
  readonly updates: Map<string, { readonly value: Value; readonly span: Span }>
  /** Inputs that tell of the run. */
  readonly run: RunValues
  /** Call site → path, so that a body evaluated twice finds its parameters again. */
  readonly sites: Sites
  readonly obligations: Obligation[]
  usesCircuit: boolean
  /** Calls on values by which trajectories have no gradient. */
  readonly estimates: EstimatedCall[]
  /** A routine checked by itself: its sizes are symbols, parameters' too, and each call has its own. */
  readonly generic: boolean
  /** Some parameters are missing, because what declares them went wrong; that has been reported. */
  incomplete: boolean
}

export interface Frame {
  readonly session: Session
  readonly sink: DiagnosticSink
  readonly place: 'model' | 'fn' | 'layer' | 'gate' | 'circuit' | 'const' | 'initial'
  readonly module: Module
  readonly builder: GraphBuilder
  readonly environment: Environment
  /** Loops and comprehensions run now, with static counters: constants, gates and circuits. */
  readonly unrolled: boolean
  /** Enclosing run-time loops, innermost last. */
  readonly loops: readonly LoopFrame[]
  /** Routines whose calls lead here; one that calls itself has been reported with the names, and is not followed. */
  readonly within: readonly Routine[]
  /** Call sites from the model down to here: names random draws and layer calls. */
  readonly callPath: string
  /** Path of the layer whose body this is, with a dot behind it, or nothing. */
  readonly pathPrefix: string
  /** The innermost enclosing `let`, `var`, output or metric, or `loss`. */
  readonly target: string
  /** Stacked instances around: their parameters have one leading axis for each, and this call uses one place of it. */
  readonly stacks: readonly Stack[]
  /** Absent where no model is at hand: parameters cannot be made there. */
  readonly model?: ModelFrame
  readonly circuit?: CircuitFrame
}

/** What evaluation of one block gave back. */
export interface BlockResult {
  readonly returned?: { readonly meanings: readonly Meaning[]; readonly span: Span }
  readonly yielded?: { readonly meanings: readonly Meaning[]; readonly span: Span }
}

/** The mutually recursive parts of the evaluator, tied together in elaborate.ts. */
export interface Session {
  readonly options: CompileOptions
  readonly budget: Budget
  /** Takes down what names and calls are, where an editor asks for it. */
  readonly seen: SeenTypes | undefined
  /** Routines whose own check found errors: calls of them say nothing more. */
  readonly faulty: Set<Routine>
  /** What was said of parameters whose sizes stay open. */
  readonly sizeless: Set<string>
  /** Nodes whose last axis, a 1, was asked for in so many words. */
  readonly widened: Set<Node>
  /** Results of models that have no value. */
  readonly lost: Span[]
  evaluate(frame: Frame, expression: Expression): Meaning
  /** Evaluates to numbers; reports anything else. */
  evaluateNumeric(frame: Frame, expression: Expression): Numeric | undefined
  evaluateBlock(frame: Frame, block: Block): BlockResult
  constant(module: Module, name: string): Meaning | undefined
  callRoutine(frame: Frame, callee: Declared<Routine>, call: RoutineCall): Meaning
  callFunction(frame: Frame, name: string, call: FunctionCall): Meaning
  callCircuit(frame: Frame, callee: Declared<Routine>, call: RoutineCall): Meaning
  /** The type that a type expression stands for, dimension names as bound in the frame. */
  typeOf(frame: Frame, type: TypeNode): TensorType | undefined
}

export interface RoutineCall {
  readonly span: Span
  readonly arguments: readonly Argument[]
  /** `x` of `x |> f(a)`, already evaluated. */
  readonly piped?: { readonly meaning: Meaning; readonly span: Span }
  /** Of a named instance: what it was made with, and its path. */
  readonly instance?: { readonly given: ReadonlyMap<string, Meaning>; readonly path: string; readonly stacks: Frame['stacks'] }
}

export interface FunctionCall {
  readonly span: Span
  readonly name: Span
  readonly arguments: readonly Argument[]
  readonly piped?: { readonly meaning: Meaning; readonly span: Span; readonly expression: Expression }
}

/** @param generic for a routine that is checked by itself */
export function createModelFrame(name: string, generic = false): ModelFrame {
  const root = GraphBuilder.create()
  const run = { training: root.input('#training', bool()), step: root.input(STEP_INPUT, int()), epoch: root.input(EPOCH_INPUT, int()) }
  return {
    name, root, initial: GraphBuilder.create(), parameters: new Map(), states: new Map(), updates: new Map(), run, sites: new Sites(), obligations: [], usesCircuit: false, estimates: [], generic, incomplete: false,
  }
}

/** A frame in which everything is known now: of constants, train blocks, and gates by themselves. */
export function staticFrame(session: Session, module: Module, sink: DiagnosticSink, place: Frame['place']): Frame {
  return {
    session, sink, place, module, builder: GraphBuilder.create(), environment: new Environment(undefined, session.seen), unrolled: true, loops: [],
    callPath: '', pathPrefix: '', target: '', stacks: [], within: [],
  }
}

/** A frame for what stands behind a name, so that parameter paths can tell. */
export const withTarget = (frame: Frame, target: Identifier | string): Frame =>
  ({ ...frame, target: typeof target === 'string' ? target : target.name })
