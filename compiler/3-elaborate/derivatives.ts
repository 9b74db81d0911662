/** `grad(y, x)`, `jacobian`, `hessian`: a node that the next phase expands. x is a name, so that its identity is clear. */
import type { Expression } from '../1-parse/ast'
import type { Value } from '../../ir/graph'
import type { OpAttributes } from '../../ir/op'
import { tensorMeaning, isNumeric, toValue, type Meaning } from './meaning'
import type { Arguments } from './functions/arguments'
import { dependsOn } from './dependence'
import { shortText } from './operators'

export function derivative(call: Arguments, kind: OpAttributes['derivative']['kind']): Meaning | undefined {
  const { frame } = call
  if (frame.unrolled) {
    frame.sink.report('misplaced-derivative', call.span, { name: kind })
    return undefined
  }
  const y = call.real('y')
  const x = variable(call)
  if (!y || !x) return undefined
  if (kind !== 'jacobian' && y.type.shape.length > 0) {
    return call.wrong('y', 'a scalar', y, kind === 'grad' ? 'sum it first, or take the `jacobian`' : 'take the `hessian` of one scalar at a time')
  }
  if (x.type.element !== 'real') return call.wrong('x', 'a real variable', x, 'only reals have derivatives')
  const here = frame.builder.use(x)
  frame.loops.at(-1)?.derivatives.push({ y, x, span: call.span, name: shortText(call.spanOf('x')) })
  if (!dependsOn(y, here) && !(frame.loops.length > 0 && !frame.builder.owns(x))) {
    frame.sink.report('no-dependence', call.span, { value: shortText(call.spanOf('y')), by: shortText(call.spanOf('x')) })
  }
  return tensorMeaning(frame.builder.add('derivative', { kind }, [y, x]))
}

function variable(call: Arguments): Value | undefined {
  const { frame } = call
  const expression = call.expression('x')
  if (!expression || !isPath(expression)) {
    frame.sink.report('not-a-variable', call.spanOf('x'), { found: shortText(call.spanOf('x')), hint: hintFor(expression) })
    return undefined
  }
  const meaning = call.meaning('x')
  if (!meaning) return undefined
  if (isNumeric(meaning)) return toValue(frame.builder, meaning)
  return call.wrong('x', 'a variable', meaning)
}

function hintFor(expression: Expression | undefined): string {
  if (expression?.kind === 'index' && expression.value.kind === 'name') return `take the derivative by the whole of it, and its part: \`grad(…, ${expression.value.name})${shortText(expression.span).slice(expression.value.name.length)}\``
  return 'give it a name with `let`, and make the value from that name'
}

/** `x`, `enc.W`. */
const isPath = (expression: Expression): boolean =>
  expression.kind === 'name' || (expression.kind === 'member' && isPath(expression.value))
