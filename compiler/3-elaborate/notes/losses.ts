/** Losses that are given what they make themselves, logarithms of what rounds to zero, and classes taken for numbers. */
import type { Expression } from '../../1-parse/ast'
import type { DiagnosticSink } from '../../diagnostics/sink'
import { textOf, type Span } from '../../source/source'
import { nodesIn } from '../../2-check/walk'
import { applicationsAmong, applied, meantFunction, resolve, type Written } from './tree'

/** What each of these does to its logits first. */
const TAKES_LOGITS: ReadonlyMap<string, { readonly makes: string; readonly spoiledBy: ReadonlySet<string> }> = new Map([
  ['std.loss.cross_entropy', { makes: 'softmax', spoiledBy: new Set(['softmax', 'sigmoid']) }],
  ['std.loss.kl_divergence', { makes: 'softmax', spoiledBy: new Set(['softmax', 'sigmoid']) }],
  ['std.loss.binary_cross_entropy', { makes: 'sigmoid', spoiledBy: new Set(['softmax', 'sigmoid']) }],
  ['log_softmax', { makes: 'softmax', spoiledBy: new Set(['softmax']) }],
])
const LOGITS: ReadonlySet<string> = new Set(['logits', 'p_logits', 'q_logits'])

export function noteDoubledActivations(within: Written, sink: DiagnosticSink): void {
  for (const call of within.applications) {
    const meant = meantFunction(within, call.name)
    const rule = meant === undefined ? undefined : TAKES_LOGITS.get(meant)
    if (!rule) continue
    const isTwo = meant === 'std.loss.kl_divergence'
    call.given.forEach(({ name, value }, at) => {
      const isLogits = name === undefined ? at === 0 || (isTwo && at === 1) : LOGITS.has(name)
      const inner = isLogits ? applied(within, value) : undefined
      if (!inner || !rule.spoiledBy.has(inner.name)) return
      sink.report('doubled-activation', value.span, { name: call.name, makes: rule.makes, given: inner.name }, {
        related: bindingOf(value, within, `\`${inner.name}\` is applied here`), help: `give it what goes into \`${inner.name}\`: \`${short(inner.to.span)}\``,
      })
    })
  }
}

// -------------------------------------------------------------------------------------------------- logarithms

export function noteLogarithms(within: Written, sink: DiagnosticSink): void {
  for (const { name, given, span } of within.applications) {
    const meant = meantFunction(within, name)
    const [first] = given
    if (!first || (meant !== 'log' && meant !== 'log1p')) continue
    const risk = meant === 'log' ? riskOf(within, first.value) : complementRisk(within, negated(first.value))
    if (!risk) continue
    sink.report('log-of-zero', span, { found: short(span), why: risk.why }, {
      related: bindingOf(first.value, within, 'made here'), help: `write \`${risk.instead}\``,
    })
  }
}

interface Risk { readonly why: string; readonly instead: string }

function riskOf(within: Written, argument: Expression): Risk | undefined {
  const expression = resolve(within, argument)
  if (expression.kind === 'binary' && expression.operator === '-' && expression.left.kind === 'number' && expression.left.value === 1) {
    return complementRisk(within, expression.right)
  }
  const inner = applied(within, expression)
  if (!inner) return undefined
  const to = short(inner.to.span)
  switch (inner.name) {
    case 'softmax': return { why: 'a softmax rounds to 0 where a logit is far below the greatest', instead: `log_softmax(${to})` }
    case 'sigmoid': return { why: 'a sigmoid rounds to 0 far below 0', instead: `-softplus(-${operand(inner.to)})` }
    case 'relu': return { why: 'a relu is 0 for half of all numbers', instead: `log(softplus(${to}))` }
    default: return undefined
  }
}

/** log(1 − sigmoid(z)) = −softplus(z). */
function complementRisk(within: Written, argument: Expression | undefined): Risk | undefined {
  const inner = argument && applied(within, argument)
  if (inner?.name !== 'sigmoid') return undefined
  return { why: 'a sigmoid rounds to 1 far above 0', instead: `-softplus(${short(inner.to.span)})` }
}

const negated = (expression: Expression): Expression | undefined =>
  (expression.kind === 'unary' && expression.operator === '-' ? expression.operand : undefined)

const isAtom = (expression: Expression): boolean => ['name', 'number', 'call', 'index', 'member'].includes(expression.kind)
const operand = (expression: Expression): string => (isAtom(expression) ? short(expression.span) : `(${short(expression.span)})`)

// ------------------------------------------------------------------------------------------------------ classes

/** Two classes in a squared loss make the Brier score; of three and more, the third is no farther off than the second. */
const FEWEST_CLASSES = 3

export function noteSquaredClasses(within: Written, classes: ReadonlyMap<string, number>, sink: DiagnosticSink): void {
  const isClasses = (expression: Expression) => expression.kind === 'name' && (classes.get(expression.name) ?? 0) >= FEWEST_CLASSES
  const report = ({ span }: Expression) => sink.report('squared-classes', span, { name: textOf(span) })
  for (const loss of within.nodes) {
    if (loss.kind !== 'loss') continue
    const nodes = [...nodesIn(loss.value)]
    for (const { name, given } of applicationsAmong(nodes)) {
      if (meantFunction(within, name) === 'std.loss.mse') for (const { value } of given) if (isClasses(value)) report(value)
    }
    for (const node of nodes) {
      if (node.kind !== 'binary' || node.operator !== '^' || node.right.kind !== 'number' || node.right.value !== 2) continue
      const difference = resolve(within, node.left)
      if (difference.kind !== 'binary' || difference.operator !== '-') continue
      for (const side of [difference.left, difference.right]) if (isClasses(side)) report(side)
    }
  }
}

// -------------------------------------------------------------------------------------------------------- words

/** Where the value that a name stands for is made. */
function bindingOf(expression: Expression, within: Written, message: string): readonly { readonly span: Span; readonly message: string }[] {
  const behind = resolve(within, expression)
  return behind === expression ? [] : [{ span: behind.span, message }]
}

const short = (span: Span): string => {
  const text = textOf(span).replace(/\s+/g, ' ')
  return text.length > 40 ? '…' : text
}
