/** Evaluates the statements that bodies of functions, layers, models and circuits share. */
import type { AssignStatement, Block, Identifier, LetStatement, Statement, VarStatement } from '../1-parse/ast'
import { counted } from '../diagnostics/words'
import type { Span } from '../source/source'
import { printType, sameType } from '../../ir/type'
import { joinElements, castNumeric } from './broadcast'
import { withTarget, type BlockResult, type Frame } from './frame'
import { marked } from './loops'
import { describe, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning } from './meaning'

/** What a place knows besides the shared statements: gates in circuits, parameters in layers and models. A branch may return. */
export type OwnStatements = (frame: Frame, statement: Statement) => BlockResult | undefined

/** Evaluates to the first `return`; one `yield` directly in the block is handed back too. */
export function evaluateStatements(frame: Frame, block: Block, own: OwnStatements): BlockResult {
  let yielded: BlockResult['yielded']
  for (const statement of block.statements) {
    switch (statement.kind) {
      case 'let': declare(frame, statement); break
      case 'var': declare(frame, statement); break
      case 'assign': assign(frame, statement); break
      case 'for': frame.session.evaluate(frame, statement.loop); break
      case 'return':
        return { returned: { meanings: statement.values.map(value => frame.session.evaluate(frame, value)), span: statement.span }, yielded }
      case 'yield':
        if (yielded) frame.sink.report('second-yield', statement.span, {}, { related: [{ span: yielded.span, message: 'the first is here' }] })
        else yielded = { meanings: statement.values.map(value => frame.session.evaluate(frame, value)), span: statement.span }
        break
      case 'invalid': break
      default: {
        const inner = own(frame, statement)
        if (inner?.returned) return inner
      }
    }
  }
  return { yielded }
}

function declare(frame: Frame, statement: LetStatement | VarStatement): void {
  const [first] = statement.names
  const isVar = statement.kind === 'var'
  const meaning = frame.session.evaluate(first && statement.names.length === 1 ? withTarget(frame, first) : frame, statement.value)
  const parts = spread(frame, statement.names, meaning, statement.value.span)
  statement.names.forEach((name, at) => {
    const part = parts?.[at] ?? UNKNOWN
    const typed = statement.type && statement.names.length === 1 ? ascribe(frame, statement, part) : part
    // Of a name that is declared twice, which has been reported, nobody knows which is meant below.
    const meant = frame.environment.declares(name.name) ? UNKNOWN : named(frame, name.name, typed, isVar)
    frame.environment.bind(name.name, isVar ? 'var' : 'value', meant, name.span)
  })
}

/** A value by several names takes several results. */
function spread(frame: Frame, names: readonly Identifier[], meaning: Meaning, span: Span): readonly Meaning[] | undefined {
  if (meaning.kind === 'unknown') return undefined
  if (meaning.kind === 'tuple') {
    if (meaning.items.length === names.length) return meaning.items
    if (meaning.items.length === 0) frame.sink.report('no-result', span, {})
    else frame.sink.report('result-count', span, { expected: counted(names.length, 'name'), found: counted(meaning.items.length, 'result'), hint: `name each of them: \`let (${Array.from({ length: meaning.items.length }, (_, at) => String.fromCharCode(97 + at % 26)).join(', ')}) = …\`` })
    return undefined
  }
  if (names.length === 1) return [meaning]
  frame.sink.report('result-count', span, { expected: counted(names.length, 'name'), found: counted(1, 'result'), hint: 'one name takes it whole; elements are taken by brackets, `a[0]`' })
  return undefined
}

/**
 * Gives a value the identity that derivatives name. Static ints stay static, so that they can stand in shapes, and so does
 * everything where nothing is differentiated.
 */
function named(frame: Frame, name: string, meaning: Meaning, isVar: boolean): Meaning {
  if (frame.unrolled || !isNumeric(meaning)) return meaning
  const { element } = typeOf(meaning)
  if (element !== 'real' && !isVar) return meaning
  if (meaning.kind === 'size' || (meaning.kind === 'static' && element !== 'real')) return meaning
  return tensorMeaning(marked(frame, name, toValue(frame.builder, meaning)))
}

/** `let a: real[3] = e` states the type, and converts an int to real. */
function ascribe(frame: Frame, statement: LetStatement | VarStatement, meaning: Meaning): Meaning {
  if (!statement.type || meaning.kind === 'unknown') return meaning
  const type = frame.session.typeOf(frame, statement.type)
  if (!type) return UNKNOWN
  const converted = isNumeric(meaning) && type.element === 'real' ? castNumeric(frame, meaning, 'real') : meaning
  if (isNumeric(converted) && sameType(typeOf(converted), type)) return converted
  frame.sink.report('type-mismatch', statement.value.span, { expected: printType(type), found: describe(meaning) },
    { related: [{ span: statement.type.span, message: 'declared here' }] })
  return UNKNOWN
}

function assign(frame: Frame, statement: AssignStatement): void {
  if (statement.indexed) return
  const [first] = statement.names
  const meaning = frame.session.evaluate(first && statement.names.length === 1 ? withTarget(frame, first) : frame, statement.value)
  const parts = spread(frame, statement.names, meaning, statement.value.span)
  statement.names.forEach((name, at) => {
    const binding = frame.environment.find(name.name)
    if (binding?.kind !== 'var') return
    const next = parts?.[at] ?? UNKNOWN
    const before = binding.meaning
    if (!isNumeric(next) || !isNumeric(before)) {
      if (next.kind !== 'unknown' && before.kind !== 'unknown') frame.sink.report('type-mismatch', statement.value.span, { expected: describe(before), found: describe(next) })
      binding.meaning = UNKNOWN
      return
    }
    const [type, was] = [typeOf(next), typeOf(before)]
    if (!sameType({ ...type, element: was.element }, was)) {
      frame.sink.report('var-mismatch', statement.value.span, { name: name.name, declared: printType(was), found: printType(type) },
        { related: [{ span: binding.span, message: `\`${name.name}\` is declared here` }] })
      binding.meaning = UNKNOWN
      return
    }
    const element = joinElements(type.element, was.element)
    binding.meaning = named(frame, name.name, castNumeric(frame, next, element), true)
  })
}
