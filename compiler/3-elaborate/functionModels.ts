/**
 * Functions and circuits of a file as TypeScript functions: each becomes a model of its own, whose inputs are the parameters
 * and whose outputs the results. One whose ranks or static arguments only a call decides has no single program, and is left
 * out.
 */
import type { Routine } from '../1-parse/ast'
import type { Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import { namedDim, substituteDim, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { PlanInput, PlanValue } from '../../ir/plan'
import { tensor, type TensorType } from '../../ir/type'
import { assertedSizes } from './assertions'
import { createModelFrame, Environment, type Frame, type RoutineCall, type Session } from './frame'
import { dimMeaning, isNumeric, tensorMeaning, toValue } from './meaning'
import type { ElaboratedModel } from './model'
import { isStatic, openNames } from './signatures'
import { elementOf, patternOf } from './types'

/** Names of a function's results: `result`, or `result0`, `result1` … where there are several. */
const resultName = (at: number, count: number) => (count === 1 ? 'result' : `result${at}`)

/** @returns undefined where the routine has no single program, or is wrong */
export function functionModel(session: Session, module: Module, routine: Routine, sink: DiagnosticSink): ElaboratedModel | undefined {
  if (routine.routine !== 'fn' && routine.routine !== 'circuit') return undefined
  if (session.faulty.has(routine) || routine.parameters.some(parameter => isStatic(routine, parameter) || !elementOf(parameter.type))) return undefined
  const own = createModelFrame(routine.name.name)
  const environment = new Environment()
  const frame: Frame = {
    session, sink, place: 'model', module, builder: own.root, environment, unrolled: false, loops: [],
    callPath: routine.name.name, pathPrefix: '', target: '', stacks: [], within: [], model: own,
  }
  const types = parameterTypes(frame, routine)
  if (!types) return undefined
  const inputs = routine.parameters.map(({ name }, at): PlanInput & { readonly value: Value } => {
    const type = types[at] ?? tensor('real')
    const value = own.root.input(name.name, type)
    environment.bind(name.name, 'value', tensorMeaning(value), name.span)
    return { name: name.name, role: 'input', type, doc: '', value }
  })
  const results = call(frame, module, routine)
  if (!results) return undefined
  const outputs = results.map((value, at): PlanValue => ({ name: resultName(at, results.length), type: value.type, doc: '' }))
  return {
    name: routine.name.name, doc: routine.doc, inputs, parameters: [], states: [], outputs, metrics: [], hasLoss: false,
    graph: own.root.finish(results, [...inputs.map(input => input.value), own.run.training, own.run.step, own.run.epoch]),
    results: outputs.map(({ name }) => ({ kind: 'output', name, usesTarget: false })),
    initial: own.initial.finish([], []), obligations: own.obligations, usesCircuit: own.usesCircuit,
  }
}

/** Types with the signature's names as open sizes; none where `...` stands, or a circuit leaves a size open. */
function parameterTypes(frame: Frame, routine: Routine): readonly TensorType[] | undefined {
  const names = openNames(routine, frame, new Set())
  if (routine.routine === 'circuit' && names.size > 0) return undefined
  const sizes = routine.body.kind === 'block' ? assertedSizes(frame, routine.body, names) : new Map<string, Dim>()
  for (const name of names) frame.environment.bind(name, 'dimension', dimMeaning(sizes.get(name) ?? namedDim(name)), routine.signature)
  const types: TensorType[] = []
  for (const { type } of routine.parameters) {
    const shape: Dim[] = []
    for (const item of type.shape ?? []) {
      const pattern = item.kind === 'ellipsis' ? undefined : patternOf(frame, item, names)
      if (pattern === undefined) return undefined
      shape.push(substituteDim(pattern, sizes))
    }
    types.push(tensor(elementOf(type) ?? 'real', shape))
  }
  return types
}

function call(frame: Frame, module: Module, routine: Routine): readonly Value[] | undefined {
  const args: RoutineCall = {
    span: routine.name.span,
    arguments: routine.parameters.map(({ name, span }) => ({ value: { kind: 'name', name: name.name, span: name.span }, span })),
  }
  const declared = { node: routine, module }
  const meaning = routine.routine === 'circuit' ? frame.session.callCircuit(frame, declared, args) : frame.session.callRoutine(frame, declared, args)
  const results = (meaning.kind === 'tuple' ? meaning.items : [meaning]).map(item => (isNumeric(item) ? toValue(frame.builder, item) : undefined))
  return results.every(result => result !== undefined) ? results : undefined
}
