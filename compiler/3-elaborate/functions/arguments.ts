/** The arguments of one call of a built-in function: matched to its signature, and evaluated as what the function asks for. */
import type { Expression } from '../../1-parse/ast'
import { parametersOf, type Signature } from '../../2-check/functions'
import { argumentHelp } from '../../diagnostics/suggest'
import { counted } from '../../diagnostics/words'
import type { Span } from '../../source/source'
import { mulDims, printDim, type Dim } from '../../../ir/dim'
import type { Value } from '../../../ir/graph'
import { castNumeric } from '../broadcast'
import type { Frame, FunctionCall } from '../frame'
import { describe, dimOf, isNumeric, staticNumber, toValue, typeOf, type Meaning, type Numeric } from '../meaning'
import { mismatch } from '../operators'
import { evaluateSize, notStatic } from '../types'
import { printType } from '../../../ir/type'

interface Given { readonly expression?: Expression; readonly meaning?: Meaning; readonly span: Span }

export class Arguments {
  private constructor(
    readonly frame: Frame, readonly name: string, readonly span: Span, private readonly given: ReadonlyMap<string, Given>,
  ) {}

  /** Reports what does not fit, and evaluates nothing yet. */
  static match(frame: Frame, name: string, signature: Signature, call: FunctionCall): Arguments | undefined {
    const parameters = parametersOf(signature)
    const positional = parameters.filter(parameter => !parameter.byName)
    const given = new Map<string, Given>()
    const written = `${name}${signature.text}`
    let next = 0
    const place = (argument: Given) => {
      const parameter = positional[next++]
      if (parameter) given.set(parameter.name, argument)
    }
    if (call.piped) place({ meaning: call.piped.meaning, expression: call.piped.expression, span: call.piped.span })
    for (const argument of call.arguments) {
      if (!argument.name) { place({ expression: argument.value, span: argument.span }); continue }
      const key = argument.name.name
      if (!parameters.some(parameter => parameter.name === key)) {
        frame.sink.report('unknown-argument', argument.name.span, { name, argument: key, suggestion: argumentHelp(key, parameters.map(parameter => parameter.name)).suggestion, hint: `it is written \`${written}\`` })
        return undefined
      }
      if (given.has(key)) {
        frame.sink.report('repeated-argument', argument.name.span, { name, argument: key })
        return undefined
      }
      given.set(key, { expression: argument.value, span: argument.value.span })
    }
    if (next > positional.length) {
      const required = positional.filter(parameter => !parameter.optional).length
      const most = counted(positional.length, 'argument')
      const expected = required === positional.length ? most : `${required} to ${most}`
      const byName = parameters.filter(parameter => parameter.byName).map(parameter => `\`${parameter.name} = …\``)
      frame.sink.report('argument-count', call.span, { name, expected, found: next, signature: `it is written \`${written}\`${byName.length ? `; give ${byName.join(', ')} by name` : ''}` })
      return undefined
    }
    const missing = parameters.find(parameter => !parameter.optional && !parameter.byName && !given.has(parameter.name))
    if (missing) {
      frame.sink.report('missing-argument', call.span, { name, argument: missing.name, signature: `it is written \`${written}\`` })
      return undefined
    }
    return new Arguments(frame, name, call.span, given)
  }

  has(name: string): boolean {
    return this.given.has(name)
  }

  spanOf(name: string): Span {
    return this.given.get(name)?.span ?? this.span
  }

  expression(name: string): Expression | undefined {
    return this.given.get(name)?.expression
  }

  meaning(name: string): Meaning | undefined {
    const given = this.given.get(name)
    const meaning = given?.meaning ?? (given?.expression && this.frame.session.evaluate(this.frame, given.expression))
    return meaning?.kind === 'unknown' ? undefined : meaning
  }

  /** What stands where a size may: `/` of sizes is a size there. */
  private size(name: string): Meaning | undefined {
    const given = this.given.get(name)
    if (!given?.expression || given.meaning !== undefined) return this.meaning(name)
    const meaning = evaluateSize(this.frame, given.expression)
    return meaning.kind === 'unknown' ? undefined : meaning
  }

  numeric(name: string): Numeric | undefined {
    const meaning = this.meaning(name)
    if (!meaning) return undefined
    if (isNumeric(meaning)) return meaning
    mismatch(this.frame, this.spanOf(name), 'a number or a tensor', meaning)
    return undefined
  }

  /** As a real tensor; ints and bools convert. */
  real(name: string): Value | undefined {
    const numeric = this.numeric(name)
    return numeric && toValue(this.frame.builder, castNumeric(this.frame, numeric, 'real'))
  }

  /** As a tensor of numbers; bools count as ints. */
  number(name: string): Value | undefined {
    const numeric = this.numeric(name)
    return numeric && toValue(this.frame.builder, typeOf(numeric).element === 'bool' ? castNumeric(this.frame, numeric, 'int') : numeric)
  }

  value(name: string): Value | undefined {
    const numeric = this.numeric(name)
    return numeric && toValue(this.frame.builder, numeric)
  }

  flag(name: string): boolean | undefined {
    if (!this.has(name)) return false
    const meaning = this.meaning(name)
    if (!meaning) return undefined
    const known = staticNumber(meaning)
    if (known !== undefined && meaning.kind === 'static' && meaning.element === 'bool') return known !== 0
    mismatch(this.frame, this.spanOf(name), '`true` or `false`', meaning)
    return undefined
  }

  text(name: string): string | undefined {
    const meaning = this.meaning(name)
    if (!meaning) return undefined
    if (meaning.kind === 'text') return meaning.text
    mismatch(this.frame, this.spanOf(name), 'a string', meaning)
    return undefined
  }

  /** A static int, symbolic or not. */
  dim(name: string): Dim | undefined {
    const meaning = this.size(name)
    if (!meaning) return undefined
    const dim = dimOf(meaning)
    if (dim === undefined) notStatic(this.frame, this.spanOf(name), meaning)
    return dim
  }

  /** An axis as a place from the front. */
  axis(name: string, rank: number, fallback: number): number | undefined {
    if (!this.has(name)) return rank === 0 ? this.noAxis(fallback, rank, this.span) : fallback < 0 ? fallback + rank : fallback
    const dim = this.dim(name)
    if (dim === undefined) return undefined
    return this.checkedAxis(dim, rank, this.spanOf(name))
  }

  /** Some axes, all of them where none is named. */
  axes(name: string, rank: number): readonly number[] | undefined {
    if (!this.has(name)) return Array.from({ length: rank }, (_, axis) => axis)
    const dims = this.dims(name)
    if (!dims) return undefined
    const axes = dims.map(dim => this.checkedAxis(dim, rank, this.spanOf(name)))
    return axes.every(axis => axis !== undefined) ? [...new Set(axes)].sort((a, b) => a - b) : undefined
  }

  /** One static int, or a list of them: a shape, a permutation, axes. */
  dims(name: string): readonly Dim[] | undefined {
    const given = this.given.get(name)
    if (given?.expression?.kind === 'list' && given.meaning === undefined) {
      const dims = given.expression.items.map(item => {
        const meaning = evaluateSize(this.frame, item)
        const dim = dimOf(meaning)
        if (dim === undefined) notStatic(this.frame, item.span, meaning)
        return dim
      })
      return dims.every(dim => dim !== undefined) ? dims : undefined
    }
    const meaning = this.size(name)
    if (!meaning) return undefined
    const dim = dimOf(meaning)
    if (dim !== undefined) return [dim]
    if (meaning.kind === 'static' && meaning.element === 'int' && meaning.shape.length === 1) return meaning.data
    mismatch(this.frame, this.spanOf(name), 'a list of ints that are known when the model is compiled', meaning)
    return undefined
  }

  /** A shape: no size below zero. */
  shape(name: string): readonly Dim[] | undefined {
    const dims = this.dims(name)
    const negative = dims?.find(dim => typeof dim === 'number' && dim < 0)
    if (negative === undefined) return dims
    this.frame.sink.report('negative-size', this.spanOf(name), { size: printDim(negative) })
    return undefined
  }

  /** A list of tensors, each by itself. */
  items(name: string): readonly { readonly meaning: Meaning; readonly span: Span }[] | undefined {
    const given = this.given.get(name)
    if (given?.expression?.kind === 'list' && given.meaning === undefined) {
      const items = given.expression.items.map(item => ({ meaning: this.frame.session.evaluate(this.frame, item), span: item.span }))
      return items.some(item => item.meaning.kind === 'unknown') ? undefined : items
    }
    const meaning = this.meaning(name)
    if (!meaning) return undefined
    mismatch(this.frame, this.spanOf(name), 'a list of tensors in brackets', meaning)
    return undefined
  }

  private checkedAxis(dim: Dim, rank: number, span: Span): number | undefined {
    if (typeof dim !== 'number' || dim < -rank || dim >= rank) return this.noAxis(dim, rank, span)
    return dim < 0 ? dim + rank : dim
  }

  private noAxis(dim: Dim, rank: number, span: Span): undefined {
    this.frame.sink.report('axis-out-of-range', span, { name: this.name, axis: printDim(dim), rank: counted(rank, 'axis', 'axes') })
    return undefined
  }

  /** Reports that an argument is not what the function takes. */
  wrong(name: string, expected: string, found: Meaning | Value, hint?: string): undefined {
    const text = 'node' in found ? printType(found.type) : describe(found)
    this.frame.sink.report('type-mismatch', this.spanOf(name), { expected, found: text, hint })
    return undefined
  }
}

/** Product of sizes. */
export const sizeOf = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(mulDims, 1)
