/** `for` and comprehensions: run now where counters are static, otherwise one loop op with its carries. */
import type { Binding, Block, ComprehensionExpression, Expression, ForExpression } from '../1-parse/ast'
import { DiagnosticSink, type Diagnostic } from '../diagnostics/sink'
import type { Span } from '../source/source'
import { addDims, printDim, subDims, type Dim } from '../../ir/dim'
import type { Value } from '../../ir/graph'
import { LoopBuilder } from '../../ir/loop'
import { printType, sameType } from '../../ir/type'
import { GradientPaths } from './dependence'
import { COSTS } from './budget'
import type { Environment, Frame, LoopFrame } from './frame'
import { describe, dimMeaning, dimOf, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning, type Numeric, type StaticMeaning } from './meaning'
import { decideAtLeast, obligeAtLeast } from './obligations'
import { joinMeanings } from './lists'
import { mismatch, shortText } from './operators'
import { evaluateSize, notStatic } from './types'

/** What a loop goes over: counters from `low`, or rows of a tensor. */
type Source =
  | { readonly kind: 'range'; readonly low: Dim; readonly trip: Dim }
  | { readonly kind: 'rows'; readonly tensor: Numeric; readonly trip: Dim }
  | { readonly kind: 'items'; readonly items: readonly Meaning[]; readonly trip: number }

function sourceOf(frame: Frame, expression: Expression): Source | undefined {
  if (expression.kind === 'range') {
    const [low, high] = [expression.low, expression.high].map(bound => {
      const meaning = evaluateSize(frame, bound)
      const dim = dimOf(meaning)
      const counted = frame.loops.length > 0 && isNumeric(meaning) && typeOf(meaning).element === 'int'
      if (dim === undefined) notStatic(frame, bound.span, meaning, counted ? 'a loop runs equally often each time: go over the whole range, and leave out by `if` what is too much' : undefined)
      return dim
    })
    if (low === undefined || high === undefined) return undefined
    // An empty range is no mistake when both ends are known; a symbolic one must not be negative.
    if (decideAtLeast(high, low) === false) return { kind: 'range', low, trip: 0 }
    obligeAtLeast(frame, high, low, expression.span, `the range ${printDim(low)}..${printDim(high)}`)
    return { kind: 'range', low, trip: subDims(high, low) }
  }
  const meaning = frame.session.evaluate(frame, expression)
  if (meaning.kind === 'unknown') return undefined
  // An observable's terms, and lists of observables, where gates are laid out.
  const items = meaning.kind === 'observable' ? meaning.terms.map((term): Meaning => ({ kind: 'observable', terms: [term] })) : meaning.kind === 'list' ? meaning.items : undefined
  if (items && frame.unrolled) return { kind: 'items', items, trip: items.length }
  if (!isNumeric(meaning) || typeOf(meaning).shape.length === 0) {
    mismatch(frame, expression.span, 'a range `a..b` or a tensor, whose rows are taken', meaning, !isNumeric(meaning) || typeOf(meaning).element !== 'int' ? undefined : `\`0..${shortText(expression.span)}\` counts up to it`)
    return undefined
  }
  return { kind: 'rows', tensor: meaning, trip: typeOf(meaning).shape[0] ?? 0 }
}

/** Binds the names to a counter or a row. */
function bind(frame: Frame, environment: Environment, binding: Binding, item: Meaning): boolean {
  const [first] = binding.names
  if (!binding.rows) {
    if (first) environment.bind(first.name, 'value', item, first.span)
    return true
  }
  const shape = isNumeric(item) ? typeOf(item).shape : []
  if (shape.length === 0 || shape[0] !== binding.names.length) {
    frame.sink.report('row-mismatch', binding.span, { names: binding.names.length, found: describe(item) })
    return false
  }
  binding.names.forEach((name, at) => environment.bind(name.name, 'value', isNumeric(item) ? rowOfNumeric(frame, item, at) : UNKNOWN, name.span))
  return true
}

function rowOfNumeric(frame: Frame, meaning: Numeric, at: number): Meaning {
  if (meaning.kind === 'static') return staticRow(meaning, at)
  const value = toValue(frame.builder, meaning)
  return tensorMeaning(frame.builder.reshape(frame.builder.sliceAxis(value, 0, at, 1), value.type.shape.slice(1)))
}

function staticRow({ element, shape, data }: StaticMeaning, at: number): StaticMeaning {
  const rest = shape.slice(1)
  const size = rest.reduce((a, b) => a * b, 1)
  return { kind: 'static', element, shape: rest, data: data.slice(at * size, (at + 1) * size) }
}

// ------------------------------------------------------------------------------------------------------ unrolled

/**
 * Runs `body` for every counter, now. Stops at the first iteration with a mistake, and says which one it was, unless the next
 * makes the same: then the counter has nothing to do with it.
 */
function unroll(frame: Frame, binding: Binding, source: Source, span: Span, body: (inner: Frame) => void): void {
  if (typeof source.trip !== 'number') {
    frame.sink.report('symbolic-loop', span, { trip: printDim(source.trip) })
    return
  }
  const turn = (at: number): { readonly item: Meaning; readonly sink: DiagnosticSink } => {
    frame.session.budget.spend(COSTS.turn, span)
    const sink = new DiagnosticSink()
    const inner: Frame = { ...frame, sink, environment: frame.environment.inner() }
    const item = source.kind === 'range' ? dimMeaning(addDims(source.low, at)) : source.kind === 'items' ? source.items[at] ?? UNKNOWN : source.tensor.kind === 'static' ? staticRow(source.tensor, at) : rowOfNumeric(frame, source.tensor, at)
    if (bind(inner, inner.environment, binding, item)) body(inner)
    return { item, sink }
  }
  for (let at = 0; at < source.trip; at++) {
    const { item, sink } = turn(at)
    const next = sink.hasErrors && at === 0 && source.trip > 1 ? turn(1).sink.all : []
    const isOfAll = (one: Diagnostic) => next.some(other => other.code === one.code && other.span.start === one.span.start && other.message === one.message)
    for (const one of sink.all) frame.sink.add(one.severity !== 'error' || isOfAll(one) ? one : { ...one, related: [...one.related, { span: binding.span, message: turnText(binding, item, at) }] })
    if (sink.hasErrors) return
  }
}

/** `when i = 3`, `when [i, j] = [0, 2]`; of rows that are not known now, the how manieth. */
function turnText({ rows, names }: Binding, item: Meaning, at: number): string {
  const name = rows ? `[${names.map(each => each.name).join(', ')}]` : names[0]?.name ?? ''
  if (item.kind !== 'static' || item.data.length > 6) return `when \`${name}\` is element ${at}`
  return `when ${name} = ${item.shape.length === 0 ? item.data[0] ?? '' : `[${item.data.join(', ')}]`}`
}

// ---------------------------------------------------------------------------------------------------- run time

interface LoopOutcome { readonly yields: readonly Value[] }

/** One loop op; `carried` names vars of enclosing blocks that the body assigns. */
function runLoop(
  frame: Frame, binding: Binding, source: Source, carried: readonly string[],
  body: (inner: Frame) => readonly Meaning[] | undefined, span: Span, wider: ReadonlySet<string> = new Set(),
): LoopOutcome | undefined {
  // Items are gone through now, wherever they stand.
  if (source.kind === 'items') return undefined
  frame.session.budget.loop(frame.loops.length, span)
  const initial: Value[] = []
  for (const name of carried) {
    const meaning = frame.environment.find(name)?.meaning
    if (!meaning || !isNumeric(meaning)) return undefined
    const value = toValue(frame.builder, meaning)
    initial.push(wider.has(name) ? frame.builder.cast(value, 'real') : value)
  }
  const loop = new LoopBuilder(frame.builder, source.trip, initial)
  const environment = frame.environment.inner()
  const loopFrame: LoopFrame = { loop, trip: source.trip, derivatives: [] }
  const inner: Frame = { ...frame, builder: loop.body, environment, loops: [...frame.loops, loopFrame] }
  carried.forEach((name, at) => {
    const carry = loop.carries[at]
    if (carry) environment.bind(name, 'var', tensorMeaning(marked(inner, name, carry)), frame.environment.find(name)?.span ?? span)
  })
  const item = source.kind === 'range'
    ? source.low === 0 ? tensorMeaning(loop.counter) : tensorMeaning(loop.body.scalar('add', loop.counter, toValue(loop.body, dimMeaning(source.low))))
    : tensorMeaning(loop.rowOf(toValue(loop.outer, source.tensor)))
  if (!bind(inner, environment, binding, item)) return undefined
  const yields = body(inner)
  if (!yields) return undefined
  const next = carried.map(name => environment.find(name)?.meaning)
  const widened = new Set(wider)
  const nextValues: Value[] = []
  for (const [at, meaning] of next.entries()) {
    const carry = loop.carries[at]
    if (!meaning || !isNumeric(meaning) || !carry) return undefined
    const value = toValue(loop.body, meaning)
    if (value.type.element === 'real' && carry.type.element !== 'real') widened.add(carried[at] ?? '')
    else {
      const fitting = loop.body.cast(value, carry.type.element)
      if (!sameType(fitting.type, carry.type)) {
        frame.sink.report('var-mismatch', span, { name: carried[at] ?? '', declared: printType(carry.type), found: printType(value.type) })
        return undefined
      }
      nextValues.push(fitting)
    }
  }
  // A var that starts as an int and takes reals is real from the start: the body is evaluated once more.
  if (widened.size > wider.size) return runLoop(frame, binding, source, carried, body, span, widened)
  const yieldValues = yields.map(meaning => (isNumeric(meaning) ? toValue(loop.body, meaning) : undefined))
  if (!yieldValues.every(value => value !== undefined)) return undefined
  checkDerivatives(frame, loop, loopFrame, nextValues)
  const { final, yields: rows } = loop.finish(nextValues, yieldValues)
  carried.forEach((name, at) => {
    const outer = frame.environment.find(name)
    const value = final[at]
    if (outer && value) outer.meaning = tensorMeaning(marked(frame, name, value))
  })
  return { yields: rows }
}

/**
 * grad(y, x) in a body treats the carries as given. Where one of them was computed from x in an earlier iteration, that
 * would leave a path out in silence, so it is an error.
 */
function checkDerivatives(frame: Frame, loop: LoopBuilder, { derivatives }: LoopFrame, next: readonly Value[]): void {
  if (derivatives.length === 0) return
  const paths = new GradientPaths([...next, ...derivatives.map(({ y }) => y)])
  const passesAny = (value: Value, xs: ReadonlySet<Value>) => [...xs].some(x => paths.pass(value, x))
  for (const { y, x, span, name } of derivatives) {
    if (loop.body.owns(x)) continue
    const tainted = new Set<Value>([loop.body.use(x)])
    const carries = new Set<Value>()
    for (let grown = true; grown;) {
      grown = false
      next.forEach((value, at) => {
        const carry = loop.carries[at]
        if (carry && !carries.has(carry) && passesAny(value, tainted)) {
          carries.add(carry)
          tainted.add(carry)
          grown = true
        }
      })
    }
    if (passesAny(y, carries)) frame.sink.report('derivative-across-iterations', span, { name })
  }
}

export const marked = (frame: Frame, name: string, value: Value): Value =>
  value.type.element === 'real' ? frame.builder.add('mark', { name, id: 0 }, [value]) : value

// -------------------------------------------------------------------------------------------------- the two forms

export function evaluateFor(frame: Frame, expression: ForExpression): Meaning {
  const source = sourceOf(frame, expression.source)
  if (!source) return UNKNOWN
  if (frame.unrolled) {
    unroll(frame, expression.binding, source, expression.source.span, inner => { inner.session.evaluateBlock(inner, expression.body) })
    return UNKNOWN
  }
  const carried = assignedNames(expression.body).filter(name => frame.environment.find(name)?.kind === 'var')
  for (const name of carried) {
    const binding = frame.environment.find(name)
    if (!binding || isNumeric(binding.meaning) || binding.meaning.kind === 'unknown') continue
    frame.sink.report('type-mismatch', expression.source.span, { expected: 'numbers and tensors to be carried through this loop', found: `\`${name}\`, which is ${describe(binding.meaning)}` },
      { related: [{ span: binding.span, message: 'declared here' }] })
    binding.meaning = UNKNOWN
  }
  let several = false
  const outcome = runLoop(frame, expression.binding, source, carried, inner => {
    // What the body declares hides the carries of the same name; it does not take their place.
    const { yielded } = inner.session.evaluateBlock({ ...inner, environment: inner.environment.inner() }, expression.body)
    const [first, ...rest] = yielded?.meanings ?? []
    const meanings = first?.kind === 'tuple' && rest.length === 0 ? first.items : yielded?.meanings ?? []
    several = meanings.length > 1
    if (yielded && !meanings.every(isNumeric)) {
      for (const meaning of meanings) if (!isNumeric(meaning)) mismatch(inner, yielded.span, 'a number or a tensor', meaning)
      return undefined
    }
    return meanings
  }, expression.span)
  if (!outcome) {
    for (const name of carried) {
      const binding = frame.environment.find(name)
      if (binding) binding.meaning = UNKNOWN
    }
    return UNKNOWN
  }
  const [only] = outcome.yields
  if (several) return { kind: 'tuple', items: outcome.yields.map(tensorMeaning) }
  if (only) return tensorMeaning(only)
  // The yield may be in what could not be read.
  return expression.body.statements.some(statement => statement.kind === 'invalid') ? UNKNOWN : { kind: 'tuple', items: [] }
}

export function evaluateComprehension(frame: Frame, expression: ComprehensionExpression): Meaning {
  const source = sourceOf(frame, expression.source)
  if (!source) return UNKNOWN
  if (frame.unrolled) {
    if (typeof source.trip === 'number') frame.session.budget.numbers([source.trip])
    const items: Meaning[] = []
    unroll(frame, expression.binding, source, expression.source.span, inner => { items.push(inner.session.evaluate(inner, expression.value)) })
    if (items.length !== source.trip || items.some(item => item.kind === 'unknown')) return UNKNOWN
    return joinMeanings(frame, items.map(meaning => ({ meaning, span: expression.value.span })), expression.span)
  }
  const outcome = runLoop(frame, expression.binding, source, [], inner => {
    const meaning = inner.session.evaluateNumeric(inner, expression.value)
    return meaning && [meaning]
  }, expression.span)
  const [rows] = outcome?.yields ?? []
  return rows ? tensorMeaning(rows) : UNKNOWN
}

/** Names assigned anywhere in a block, in nested loops too. */
function assignedNames(block: Block): readonly string[] {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) { value.forEach(walk); return }
    if (value === null || typeof value !== 'object' || 'text' in value) return
    if ('kind' in value && value.kind === 'assign' && 'names' in value && Array.isArray(value.names)) {
      for (const name of value.names as { readonly name: string }[]) names.add(name.name)
    }
    for (const [key, child] of Object.entries(value)) if (key !== 'span') walk(child)
  }
  walk(block.statements)
  return [...names]
}

