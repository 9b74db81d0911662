/** `einsum("ij,jk->ik", a, b)`: over one operand or two, by explicit letters. */
import { counted } from '../../diagnostics/words'
import type { Value } from '../../../ir/graph'
import { printDim, sameDim, type Dim } from '../../../ir/dim'
import type { Arguments } from './arguments'

export function einsum(call: Arguments): Value | undefined {
  const { frame } = call
  const spec = call.text('spec')
  if (spec === undefined) return undefined
  const match = /^\s*([A-Za-z]*)\s*(?:,\s*([A-Za-z]*)\s*)?->\s*([A-Za-z]*)\s*$/.exec(spec)
  const fail = (why: string): undefined => {
    frame.sink.report('einsum', call.spanOf('spec'), { spec, why })
    return undefined
  }
  if (!match) return fail('it is written like "ij,jk->ik", with one or two operands')
  const [, left = '', right, out = ''] = match
  if ((right !== undefined) !== call.has('b')) return fail(`it names ${right === undefined ? 'one operand' : 'two operands'}, but ${call.has('b') ? 'two are' : 'one is'} given`)
  if (new Set(out).size !== out.length) return fail('a letter stands twice in the result')
  const a = call.real('a')
  const b = right === undefined ? undefined : call.real('b')
  if (!a || (right !== undefined && !b)) return undefined
  const sizes = new Map<string, Dim>()
  for (const [letters, value] of [[left, a], [right ?? '', b]] as const) {
    if (!value) continue
    if (letters.length !== value.type.shape.length) return fail(`"${letters}" has ${letters.length} letters for ${counted(value.type.shape.length, 'axis', 'axes')}`)
    for (const [axis, letter] of [...letters].entries()) {
      const size = value.type.shape[axis] ?? 1
      const known = sizes.get(letter) ?? size
      if (!sameDim(known, size)) return fail(`\`${letter}\` is ${printDim(known)} in one place and ${printDim(size)} in another`)
      sizes.set(letter, size)
    }
  }
  const strange = [...out].find(letter => !sizes.has(letter))
  if (strange !== undefined) return fail(`\`${strange}\` stands in the result only`)
  const [first, firstLetters] = diagonals(call, a, left)
  if (!b) return one(call, first, firstLetters, out)
  const [second, secondLetters] = diagonals(call, b, right ?? '')
  return two(call, first, firstLetters, second, secondLetters, out)
}

/** Of a letter that stands several times in one operand only the diagonal counts: the rest is made zero and summed away. */
function diagonals(call: Arguments, x: Value, letters: string): readonly [Value, string] {
  const { builder } = call.frame
  const again = [...letters].findIndex((letter, axis) => letters.indexOf(letter) < axis)
  if (again < 0) return [x, letters]
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
