/** `param` statements: the shape, the range, the first value, and the input of the model's graph that stands for it. */
import type { Expression, ParamStatement } from '../1-parse/ast'
import { memberWay } from '../2-check/foreignFunctions'
import { suggest } from '../diagnostics/suggest'
import type { Span } from '../source/source'
import { printDim, sameShape } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import type { ParameterRange } from '../../ir/plan'
import { printType, real, type TensorType } from '../../ir/type'
import { firstValue } from './firstValues'
import type { Frame, ModelFrame, ParameterEntry } from './frame'
import { elementAt } from './indexing'
import { marked } from './loops'
import { staticNumber, tensorMeaning, UNKNOWN, type Meaning } from './meaning'
import { mismatch } from './operators'
import { typeOfNode } from './types'

export function declareParameter(frame: Frame, statement: ParamStatement): void {
  const bind = (meaning: Meaning) => frame.environment.bind(statement.name.name, 'value', meaning, statement.name.span)
  bind(UNKNOWN)
  const { model } = frame
  if (!model) return
  const value = parameterValue(frame, model, statement)
  if (value) bind(tensorMeaning(value))
  else model.incomplete = true
}

function parameterValue(frame: Frame, model: ModelFrame, statement: ParamStatement): Value | undefined {
  const type = realType(frame, statement)
  if (!type) return undefined
  if (model.generic && type.shape.some(dim => typeof dim !== 'number')) {
    // Each call has a parameter of its own; by itself the layer computes with one of symbolic size.
    model.incomplete = true
    return marked({ ...frame, builder: model.root }, statement.name.name, model.root.input(statement.name.name, type))
  }
  const own = constantShape(frame, statement, type)
  if (!own) return undefined
  const path = frame.pathPrefix + statement.name.name
  const entry = model.parameters.get(path) ?? enter(frame, model, statement, path, own)
  if (!entry) return undefined
  // The same call site evaluated once more: its shape must be what it was.
  const shape = [...frame.stacks.map(stack => stack.count), ...own]
  if (!sameShape(entry.shape, shape)) {
    frame.sink.report('parameter-shape', statement.type.span, { path, first: `[${entry.shape.join(', ')}]`, now: `[${shape.join(', ')}]` })
    return undefined
  }
  const value = frame.stacks.reduce<Value | undefined>((part, stack) => part && elementAt(frame, part, stack.index, statement.span), entry.value)
  return value && frame.stacks.length > 0 ? marked(frame, statement.name.name, value) : value
}

function realType(frame: Frame, statement: ParamStatement): TensorType | undefined {
  const type = typeOfNode(frame, statement.type)
  if (!type || type.element === 'real') return type
  frame.sink.report('type-mismatch', statement.type.span, { expected: 'a real parameter', found: printType(type), hint: 'only reals are trained; a fixed number is a `const` or a `let`' })
  return undefined
}

function constantShape(frame: Frame, statement: ParamStatement, type: TensorType): readonly number[] | undefined {
  const symbolic = type.shape.find(dim => typeof dim !== 'number')
  if (symbolic === undefined) return type.shape.filter((dim): dim is number => typeof dim === 'number')
  frame.sink.report('symbolic-parameter', statement.type.span, { name: statement.name.name, size: printDim(symbolic) })
  return undefined
}

function enter(frame: Frame, model: ModelFrame, statement: ParamStatement, path: string, own: readonly number[]): ParameterEntry | undefined {
  const range = rangeOf(frame, statement, own)
  if (range === 'wrong') return undefined
  const shape = [...frame.stacks.map(stack => stack.count), ...own]
  const initial = firstValue(frame, model, {
    name: statement.name.name, type: statement.type.span, initial: statement.initial, path, element: 'real', shape, stacks: frame.stacks.length, takesInitializer: true,
    fallback: range ? middleOf(range, shape) : 0,
  })
  if (!initial) return undefined
  const input = model.root.input(path, real(...shape))
  const value = marked({ ...frame, builder: model.root }, statement.name.name, input)
  const entry = { path, shape, frozen: statement.frozen, range, doc: statement.doc, input, value, initial, span: statement.name.span }
  model.parameters.set(path, entry)
  return entry
}

/** Says nothing where parameters are missing because of a mistake that has been reported. */
export function reportUnknownParameter(frame: Frame, model: ModelFrame, span: Span, name: string): void {
  if (model.incomplete) return
  const { pathPrefix } = frame
  const known = [...model.parameters.keys()].flatMap(path => (path.startsWith(pathPrefix) ? [path.slice(pathPrefix.length)] : []))
  const near = suggest(name, known)
  const list = known.length > 0 ? `known here: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}` : 'no parameter is declared above'
  frame.sink.report('unknown-parameter', span, { name, known: memberWay(name) ?? (near === undefined ? list : `did you mean \`${near}\`? ${list}`) })
}

// --------------------------------------------------------------------------------------------------------- ranges

function rangeOf(frame: Frame, { type }: ParamStatement, shape: readonly number[]): ParameterRange | undefined | 'wrong' {
  const { range } = type
  if (!range) return undefined
  const wrong = (what: string, hint?: string) => {
    frame.sink.report('parameter-range', range.span, { what, hint })
    return 'wrong' as const
  }
  switch (range.kind) {
    case 'simplex':
      return (shape.at(-1) ?? 0) > 0 ? { kind: 'simplex' } : wrong('a simplex needs a last axis of at least one number', 'write `param m: real[3] in simplex`')
    case 'classes': return wrong('a parameter is real and has no classes', 'write an interval: `in (0, 1)`')
    case 'interval': {
      const low = boundOf(frame, range.low)
      const high = boundOf(frame, range.high)
      if (low === undefined || high === undefined) return 'wrong'
      if (!(low < high)) return wrong(`the range from ${low} to ${high} is empty`, 'the lower bound stands first')
      return low === -Infinity && high === Infinity ? undefined : { kind: 'interval', low, high }
    }
    default: return range satisfies never
  }
}

function boundOf(frame: Frame, expression: Expression): number | undefined {
  const meaning = frame.session.evaluate(frame, expression)
  const known = staticNumber(meaning)
  if (known === undefined) mismatch(frame, expression.span, 'a number that is known when the model is compiled', meaning)
  return known
}

/** Where an unconstrained 0 lands: what a parameter with a range starts from when nothing is said. */
function middleOf(range: ParameterRange, shape: readonly number[]): number {
  if (range.kind === 'simplex') return 1 / (shape.at(-1) ?? 1)
  if (range.high === Infinity) return range.low + Math.LN2
  if (range.low === -Infinity) return range.high - Math.LN2
  return range.low / 2 + range.high / 2
}
