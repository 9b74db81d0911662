/** Models that are right by construction: lets over known shapes, loops, branches, layers and circuits, and a loss of all of them. */
import type { Values } from '../language/run'
import type { Choices } from './choices'

export interface WellTyped {
  readonly text: string
  readonly values: Values
  readonly parameters: readonly string[]
}

type Shape = readonly number[]
interface Term { readonly name: string; readonly shape: Shape }

/** What is smooth, bounded and cheap everywhere, so that values compare to 1e−9 after twenty of them. */
const UNARY = ['tanh', 'sin', 'cos', 'sigmoid', 'atan', 'erf']
const PARAMETERS: readonly Term[] = [{ name: 'w', shape: [2, 3] }, { name: 'b', shape: [3] }, { name: 's', shape: [] }, { name: 'm', shape: [3, 3] }]
const INPUTS: readonly Term[] = [{ name: 'x', shape: [4, 3] }, { name: 'z', shape: [3] }]

export function wellTyped(choices: Choices): WellTyped {
  const pool: Term[] = [...INPUTS, ...PARAMETERS]
  const lines = Array.from({ length: 3 + choices.below(10) }, (_, index) => statement(`v${index}`, pool, choices))
  const used = pool.slice(INPUTS.length)
  const loss = used.map(({ name, shape }) => (shape.length === 0 ? `${name}^2` : `mean(${name}^2)`)).join(' + ')
  const model = [
    'model M {', ...INPUTS.map(({ name, shape }) => `  input ${name}: ${typeOf(name === 'x' ? ['n', 3] : shape)}`),
    ...PARAMETERS.map(({ name, shape }) => `  param ${name}: ${typeOf(shape)} ~ uniform(-1, 1)`),
    ...lines.map(line => `  ${line}`),
    ...pool.slice(-3).map(({ name }) => `  output ${name}`),
    `  let total = ${loss}`, ...PARAMETERS.map(({ name }) => `  output g_${name} = grad(total, ${name})`), '  loss total', '}', '',
  ]
  const text = [
    'precision f64', 'layer scaled(a: real[..., k]) -> real[..., k] {', '  param scale: real[k] ~ constant(0.7)', '  return tanh(a * scale)', '}',
    'fn centred(a: real[k]) -> real[k] = a - mean(a)',
    'circuit turn(a: real[3]) -> real[3] {', '  qubits q[3]', '  ry(a) q', ...gates(choices), '  return [expect(Z(q[i])) for i in 0..3]', '}', ...model,
  ].join('\n')
  const values: Values = { x: Array.from({ length: 4 }, () => [number(choices), number(choices), number(choices)]), z: [number(choices), number(choices), number(choices)] }
  return { text, values, parameters: PARAMETERS.map(({ name }) => name) }
}

const number = (choices: Choices) => Math.round((choices.next() * 3 - 1.5) * 1000) / 1000

/** The sizes of `x` are [n, 3], and n is 4 when it runs. */
function typeOf(shape: readonly (number | string)[]): string {
  return shape.length === 0 ? 'real' : `real[${shape.join(', ')}]`
}

function gates(choices: Choices): readonly string[] {
  const wire = () => choices.below(3)
  return Array.from({ length: 1 + choices.below(5) }, () => {
    const [first, step] = [wire(), 1 + choices.below(2)]
    const pair = `q[${first}], q[${(first + step) % 3}]`
    return `  ${choices.of([`rx(a[${wire()}]) q[${first}]`, `cx ${pair}`, `rzz(a[${wire()}] * a[${wire()}]) ${pair}`, `crx(2 * a[${wire()}]) ${pair}`, `h q`, `ctrl ry(a[0]) ${pair}`, `inv s q[${first}]`])}`
  })
}

/** A statement that puts `name` into the pool. */
function statement(name: string, pool: Term[], choices: Choices): string {
  const recent = () => choices.of(pool.slice(-6))
  const a = recent()
  const like = (shape: Shape) => choices.of(pool.filter(term => term.shape.join() === shape.join()))
  const give = (shape: Shape, line: string) => {
    pool.push({ name, shape })
    return line
  }
  const lastSize = a.shape.at(-1)
  switch (choices.below(14)) {
    case 0: return give(a.shape, `let ${name} = ${choices.of(UNARY)}(${a.name})`)
    case 1: return give(a.shape, `let ${name} = ${a.name} ${choices.of(['+', '-', '*'])} ${like(a.shape).name}`)
    case 2: return give(a.shape, `let ${name} = ${a.name} / (1 + ${like(a.shape).name}^2)`)
    case 3: return give(a.shape, `let ${name} = if ${a.name} > ${number(choices)} then ${like(a.shape).name} else sin(${a.name})`)
    case 4: {
      if (a.shape.length === 0) return give([], `let ${name} = exp(-${a.name}^2)`)
      const axis = choices.below(a.shape.length)
      return give(a.shape.filter((_, at) => at !== axis), `let ${name} = ${choices.of(['mean', 'max', 'logsumexp', 'norm'])}(${a.name}, axis = ${axis - choices.below(2) * a.shape.length})`)
    }
    case 5: return lastSize === 3 ? give(a.shape, `let ${name} = tanh(${a.name} @ m)`) : give([...a.shape, 2], `let ${name} = stack([${a.name}, 0.5 * ${a.name}], axis = -1)`)
    case 6: return lastSize === 3 ? give(a.shape, `let ${name} = scaled(${a.name})`) : give(a.shape, `let ${name} = ${a.name} |> sin |> tanh`)
    case 7: return lastSize === 3 ? give(a.shape, `let ${name} = turn(${a.name})`) : give(a.shape, `let ${name} = -${a.name}`)
    case 8: return a.shape.length >= 2 ? give([...a.shape.slice(0, -2), a.shape.at(-1) ?? 1, a.shape.at(-2) ?? 1], `let ${name} = transpose(${a.name})`) : give(a.shape, `let ${name} = clamp(${a.name}, -1, 1)`)
    case 9: return lastSize !== undefined && a.shape.length === 1 ? give([], `let ${name} = ${a.name}[${choices.below(lastSize)}] * ${a.name}[-1]`) : give(a.shape, `let ${name} = softplus(${a.name})`)
    case 10: {
      if (a.shape.join() !== '3') return give(a.shape, `let ${name} = ${a.name} * ${like([]).name}`)
      return give([3], [`var ${name} = ${a.name}`, `for i in 0..${1 + choices.below(4)} {`, `  ${name} = tanh(${name} @ m + ${number(choices)} * i)`, '}'].join('\n  '))
    }
    case 11: {
      const vector = like([3])
      return give([2, 3], [`var carry_${name} = ${vector.name}`, `let ${name} = for i in 0..2 {`, `  carry_${name} = carry_${name} * w[i] + sin(${vector.name})`, `  yield carry_${name}`, '}'].join('\n  '))
    }
    case 12: return give([3], `let ${name} = grad(sum(sin(${like([3]).name} * b)), b)`)
    default: return give([3], `let ${name} = centred(${like([3]).name})[[2, 0, 1]]`)
  }
}
