/** Bracket lists: numbers known now stay so, scalars are joined with few nodes, tensors stacked along a new first axis. */
import type { Span } from '../source/source'
import { sameShape } from '../../ir/dim'
import { printType } from '../../ir/type'
import { castNumeric, joinElements } from './broadcast'
import type { Frame } from './frame'
import { castStatic, isNumeric, tensorMeaning, toValue, typeOf, UNKNOWN, type Meaning, type Numeric, type StaticMeaning } from './meaning'
import { stackScalars } from './stackScalars'

interface Item { readonly meaning: Meaning; readonly span: Span }

export function joinMeanings(frame: Frame, items: readonly Item[], span: Span): Meaning {
  if (items.some(item => item.meaning.kind === 'unknown')) return UNKNOWN
  const numbers = items.map(item => item.meaning).filter(isNumeric)
  // Observables, qubits: kept as they are for whoever takes a list.
  if (numbers.length < items.length || items.length === 0) return { kind: 'list', items: items.map(item => item.meaning) }
  const [first] = numbers
  if (!first) return UNKNOWN
  const { shape } = typeOf(first)
  const odd = numbers.findIndex(meaning => !sameShape(typeOf(meaning).shape, shape))
  const oddMeaning = numbers[odd]
  if (oddMeaning) {
    frame.sink.report('list-mismatch', items[odd]?.span ?? span, { what: 'a list', first: printType(typeOf(first)), other: printType(typeOf(oddMeaning)) })
    return UNKNOWN
  }
  const element = joinElements(...numbers.map(meaning => typeOf(meaning).element))
  if (numbers.every((meaning): meaning is StaticMeaning => meaning.kind === 'static')) {
    frame.session.budget.numbers([numbers.length, ...shape.map(Number)])
    return { kind: 'static', element, shape: [numbers.length, ...shape.map(Number)], data: numbers.flatMap(meaning => castStatic(meaning, element).data) }
  }
  const values = numbers.map((meaning: Numeric) => toValue(frame.builder, castNumeric(frame, meaning, element)))
  if (shape.length === 0) return tensorMeaning(stackScalars(frame.builder, values))
  const rows = values.map(value => frame.builder.reshape(value, [1, ...shape]))
  return tensorMeaning(rows.length === 1 && rows[0] ? rows[0] : frame.builder.add('concat', { axis: 0 }, rows))
}
