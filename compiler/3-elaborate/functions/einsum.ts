/** `einsum("ij,jk->ik", a, b)`: over one operand or several, by explicit letters. */
import { counted } from '../../diagnostics/words'
import type { Value } from '../../../ir/graph'
import { printDim, sameDim, type Dim } from '../../../ir/dim'
import type { Arguments } from './arguments'

/** The names of its operands, in order. */
const OPERANDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** An operand with a letter for each of its axes. */
interface Lettered { readonly value: Value; readonly letters: string }

export function einsum(call: Arguments): Value | undefined {
  const { frame } = call
  const spec = call.text('spec')
  if (spec === undefined) return undefined
  const fail = (why: string): undefined => {
    frame.sink.report('einsum', call.spanOf('spec'), { spec, why })
    return undefined
  }
  const match = /^((?:\s*[A-Za-z]*\s*,)*\s*[A-Za-z]*\s*)->\s*([A-Za-z]*)\s*$/.exec(spec)
  if (!match) return fail('it is written like "ij,jk->ik", the letters of each operand, then those of the result')
  const [, left = '', out = ''] = match
  const named = left.split(',').map(letters => letters.trim())
  const given = OPERANDS.filter(name => call.has(name))
  if (named.length > OPERANDS.length) return fail(`it names ${named.length} operands, and there may be ${OPERANDS.length}`)
  if (named.length !== given.length) return fail(`it names ${counted(named.length, 'operand')}, but ${given.length === 1 ? 'one is' : `${given.length} are`} given`)
  if (new Set(out).size !== out.length) return fail('a letter stands twice in the result')
  const values = given.map(name => call.real(name))
  const operands: Lettered[] = []
  const sizes = new Map<string, Dim>()
  for (const [at, letters] of named.entries()) {
    const value = values[at]
    if (!value) return undefined
    if (letters.length !== value.type.shape.length) return fail(`"${letters}" has ${letters.length} letters for ${counted(value.type.shape.length, 'axis', 'axes')}`)
    for (const [axis, letter] of [...letters].entries()) {
      const size = value.type.shape[axis] ?? 1
      const known = sizes.get(letter) ?? size
      if (!sameDim(known, size)) return fail(`\`${letter}\` is ${printDim(known)} in one place and ${printDim(size)} in another`)
      sizes.set(letter, size)
    }
    operands.push(diagonals(call, value, letters))
  }
  const strange = [...out].find(letter => !sizes.has(letter))
  if (strange !== undefined) return fail(`\`${strange}\` stands in the result only`)
  return product(call, operands, out)
}

/** From the left: what neither the result nor a later operand asks for is summed on the way. */
function product(call: Arguments, [first, second, ...rest]: readonly Lettered[], out: string): Value | undefined {
  if (!first) return undefined
  if (!second) return one(call, first.value, first.letters, out)
  if (rest.length === 0) return two(call, first.value, first.letters, second.value, second.letters, out)
  const later = out + rest.map(({ letters }) => letters).join('')
  const letters = [...new Set(first.letters + second.letters)].filter(letter => later.includes(letter)).join('')
  return product(call, [{ value: two(call, first.value, first.letters, second.value, second.letters, letters), letters }, ...rest], out)
}

/** Of a letter that stands several times in one operand only the diagonal counts: the rest is made zero and summed away. */
function diagonals(call: Arguments, x: Value, letters: string): Lettered {
  const { builder } = call.frame
  const again = [...letters].findIndex((letter, axis) => letters.indexOf(letter) < axis)
  if (again < 0) return { value: x, letters }
  const { shape } = x.type
  const place = (axis: number) => builder.add('broadcast', { shape, axes: [axis] }, [builder.add('iota', { size: shape[axis] ?? 1 }, [])])
  const own = builder.scalar('equal', place(letters.indexOf(letters[again] ?? '')), place(again))
  const kept = builder.reduce('sum', builder.scalar('where', own, x, builder.fill('real', shape, 0)), [again])
  return diagonals(call, kept, letters.slice(0, again) + letters.slice(again + 1))
}

/** Letters that stand in one operand alone are summed there first; a contraction does the rest. */
function two(call: Arguments, a: Value, left: string, b: Value, right: string, out: string): Value {
  const { builder } = call.frame
  const lone = (letters: string, other: string) => [...letters].flatMap((letter, axis) => (other.includes(letter) || out.includes(letter) ? [] : [axis]))
  const keep = (letters: string, other: string) => [...letters].filter(letter => other.includes(letter) || out.includes(letter)).join('')
  const order = [...new Set([...out, ...left, ...right])]
  const labels = (letters: string) => [...letters].map(letter => order.indexOf(letter))
  return builder.add('contract', { left: labels(keep(left, right)), right: labels(keep(right, left)), out: labels(out) }, [
    builder.reduce('sum', a, lone(left, right)), builder.reduce('sum', b, lone(right, left)),
  ])
}

function one(call: Arguments, a: Value, left: string, out: string): Value {
  const { builder } = call.frame
  const summed = builder.reduce('sum', a, [...left].flatMap((letter, axis) => (out.includes(letter) ? [] : [axis])))
  const kept = [...left].filter(letter => out.includes(letter))
  return builder.transpose(summed, [...out].map(letter => kept.indexOf(letter)))
}
