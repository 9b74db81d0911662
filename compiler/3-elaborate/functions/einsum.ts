/** `einsum("ij,jk->ik", a, b)`: over one operand or two, by explicit letters. */
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
  for (const letters of [left, right ?? '', out]) if (new Set(letters).size !== letters.length) return fail('a letter stands twice in one operand, which is not supported yet')
  const a = call.real('a')
  const b = right === undefined ? undefined : call.real('b')
  if (!a || (right !== undefined && !b)) return undefined
  const sizes = new Map<string, Dim>()
  for (const [letters, value] of [[left, a], [right ?? '', b]] as const) {
    if (!value) continue
    if (letters.length !== value.type.shape.length) return fail(`"${letters}" has ${letters.length} letters for ${value.type.shape.length} axes`)
    for (const [axis, letter] of [...letters].entries()) {
      const size = value.type.shape[axis] ?? 1
      const known = sizes.get(letter) ?? size
      if (!sameDim(known, size)) return fail(`\`${letter}\` is ${printDim(known)} in one place and ${printDim(size)} in another`)
      sizes.set(letter, size)
    }
  }
  const strange = [...out].find(letter => !sizes.has(letter))
  if (strange !== undefined) return fail(`\`${strange}\` stands in the result only`)
  return b ? two(call, a, left, b, right ?? '', out) : one(call, a, left, out)
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
