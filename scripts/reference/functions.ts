/**
 * The page of the built-in functions, from the tables that the compiler itself reads: signatures and meanings from
 * 2-check/functions.ts, and what an example gives by compiling it.
 */
import {
  CIRCUIT_FUNCTIONS, FUNCTIONS, INITIALIZERS, type CircuitFunctionName, type FunctionName, type InitializerName, type Signature,
} from '../../compiler/2-check/functions'
import { compile } from '../../compiler/compile'
import type { Plan } from '../../ir/plan'
import { printType } from '../../ir/type'

/** What examples are calls on. */
const GIVEN = `  input x: real[batch, 4]
  input v: real[4]
  input k: int[batch, 4]
  input c: bool[batch, 4]
  input A: real[batch, 3, 3]
  input b: real[batch, 3]
  input sound: real[batch, 2, 10]
  input image: real[batch, 3, 8, 8]
`

interface Section<Name extends string> {
  readonly title: string
  readonly text: string
  /** A call of each function, in the order of the page. */
  readonly examples: Readonly<Partial<Record<Name, string>>>
}

/** Of one argument, whose shape they keep. */
const UNARY: readonly FunctionName[] = [
  'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'sigmoid', 'softplus', 'erf',
  'relu', 'abs', 'sign', 'floor', 'ceil', 'round',
]

const SECTIONS: readonly Section<FunctionName>[] = [
  {
    title: 'Elementwise, of several arguments',
    text: 'They broadcast as in NumPy; so do `min` and `max` of two. The derivative of `clamp` at its bounds is 1.',
    examples: { atan2: 'atan2(x, v)', idiv: 'idiv(k, 2)', where: 'where(c, x, 0)', clamp: 'clamp(x, -1, 1)' },
  },
  {
    title: 'Reductions',
    text: 'Over everything, or over the axes of `axis =`, one number or a list; negative ones count from the end. `keepdims = true` keeps reduced axes with '
      + 'size 1. At ties `min` and `max` pass their derivative to the first element, of two arguments a half to each. The derivative of `norm` at 0 is 0.',
    examples: {
      sum: 'sum(x)', mean: 'mean(x, axis = 0)', prod: 'prod(k, axis = -1)', min: 'min(x, axis = 1)', max: 'max(x, v)', logsumexp: 'logsumexp(x, axis = 1, keepdims = true)',
      variance: 'variance(x, axis = 0)', std: 'std(x, axis = 0)', any: 'any(c, axis = 1)', all: 'all(c)', norm: 'norm(x, axis = 1)',
    },
  },
  {
    title: 'Along an axis',
    text: 'The last one unless `axis =` names another. Equal elements count in their order: `argmax` finds the first.',
    examples: { softmax: 'softmax(x)', log_softmax: 'log_softmax(x, axis = 0)', argmax: 'argmax(x)', argmin: 'argmin(x, axis = 0)', cumsum: 'cumsum(k)', sort: 'sort(x)', flip: 'flip(x, axis = 0)' },
  },
  {
    title: 'Making tensors',
    text: 'A shape is a list of sizes, names of dimensions among them. A random draw is fresh in each evaluation and each iteration, and repeats with the run\'s seed; '
      + 'its derivative is 0, so scale and shift outside it are differentiated.',
    examples: {
      zeros: 'zeros([batch, 2])', ones: 'ones([3])', full: 'full([2, 2], 0.5)', eye: 'eye(3)', arange: 'arange(batch)', one_hot: 'one_hot(k, 10)', bits: 'bits(3)', spins: 'spins(3)',
      'random.normal': 'random.normal([batch, 2])', 'random.uniform': 'random.uniform([batch])', 'random.bernoulli': 'random.bernoulli([batch, 2], 0.5)',
    },
  },
  {
    title: 'Shapes',
    text: '',
    examples: {
      size: 'size(x, 0)', transpose: 'transpose(x)', reshape: 'reshape(x, [batch, 2, -1])', concat: 'concat([x, x], axis = 1)', stack: 'stack([x, x], axis = 1)',
      pad: 'pad(x, [[0, 0], [1, 2]])', repeat: 'repeat(x, 3, axis = 1)',
    },
  },
  {
    title: 'Linear algebra',
    text: '`@` is the matrix product. Leading axes are a batch, in all of these.',
    examples: { dot: 'dot(x, v)', einsum: 'einsum("bi,bj->bij", x, x)', solve: 'solve(A, b)', inverse: 'inverse(A)', det: 'det(A)', cholesky: 'cholesky(A)' },
  },
  {
    title: 'Images and sequences',
    text: 'Layouts are PyTorch\'s. `stride`, `padding` and `dilation` are a number, or a list with one for each axis.',
    examples: {
      conv1d: 'conv1d(sound, ones([6, 2, 3]), padding = 1)', conv2d: 'conv2d(image, ones([16, 3, 3, 3]), stride = 2)',
      conv_transpose1d: 'conv_transpose1d(sound, ones([2, 6, 3]), stride = 2)', conv_transpose2d: 'conv_transpose2d(image, ones([3, 16, 2, 2]), stride = 2)',
      max_pool1d: 'max_pool1d(sound, 2)', max_pool2d: 'max_pool2d(image, 2)', avg_pool1d: 'avg_pool1d(sound, 3, stride = 1)', avg_pool2d: 'avg_pool2d(image, [2, 4])',
    },
  },
  {
    title: 'Derivatives',
    text: 'The second argument is the name of an `input`, `param`, `let` or `var`, of an argument of the routine, or `layer.W`. All paths from that value to the first '
      + 'argument count. They nest, may stand in a loss, and go through loops and circuits.',
    examples: { grad: 'grad(sum(x^3), x)', jacobian: 'jacobian(v^3, v)', hessian: 'hessian(sum(v^3), v)', stop: 'stop(x)' },
  },
]

/** What a circuit of two qubits returns with it, and the type that this has. */
const CIRCUIT_EXAMPLES: { readonly [Name in CircuitFunctionName]: readonly [call: string, type: string] } = {
  X: ['expect(X(q[0]))', 'real'],
  Y: ['expect(Y(q[0]) * Y(q[1]))', 'real'],
  Z: ['[expect(Z(q[i])) for i in 0..2]', 'real[2]'],
  projector: ['expect(projector(q, "01"))', 'real'],
  expect: ['expect(0.5 * Z(q[0]) - g * X(q[1]))', 'real'],
  variance: ['variance(Z(q[0]) * Z(q[1]))', 'real'],
  hermitian: ['expect(hermitian([[1, 2], [2, 0]], q[0]))', 'real'],
  hamiltonian: ['expect(hamiltonian("h2.json", q))', 'real'],
  probs: ['probs(q)', 'real[4]'],
  purity: ['purity(q[0])', 'real'],
  entropy: ['entropy(q[0])', 'real'],
  fidelity: ['fidelity(other(g))', 'real'],
  sample: ['sample(q)', 'int[100, 2]'],
}

/** Behind `param w: real[3, 4] ~`. */
const INITIALIZER_EXAMPLES: { readonly [Name in InitializerName]: string } = {
  zeros: 'zeros()', ones: 'ones()', constant: 'constant(0.1)', uniform: 'uniform(-1, 1)', normal: 'normal(0, 0.1)', glorot: 'glorot()', he: 'he()', orthogonal: 'orthogonal()',
}

/** @throws Error when an example does not compile, or a function has none */
export async function functionsPage(): Promise<string> {
  const shown = new Set([...UNARY, ...SECTIONS.flatMap(({ examples }) => Object.keys(examples))])
  const missing = Object.keys(FUNCTIONS).filter(name => !shown.has(name))
  if (missing.length > 0) throw new Error(`the page of functions has no example of ${missing.join(', ')}: add one in scripts/reference/functions.ts`)
  const ofInts = (name: string) => `${name}(k)`
  const types = await typesOf([...UNARY.map(ofInts), ...SECTIONS.flatMap(({ examples }) => Object.values(examples))])
  await checkCircuits()
  await compileText(`model M {\n${Object.values(INITIALIZER_EXAMPLES).map((call, at) => `  param w${at}: real[3, 4] ~ ${call}\n`).join('')}}\n`)
  return [
    HEADER,
    `## Elementwise\n\nOf one argument, whose shape they keep. \`real\` gives \`real\`. The derivative of \`relu\` and \`abs\` at 0 is 0; that of \`sign\`, \`floor\`, \`ceil\` and `
    + `\`round\` is 0 everywhere.\n\n${table(['function', 'gives', 'of `int`'], UNARY.map(name =>
      [code(name + FUNCTIONS[name].text), plain(FUNCTIONS[name].doc.replace(/, elementwise$/, '')), code(types.get(ofInts(name))?.replace(/\[.*$/, '') ?? '')]))}`,
    ...SECTIONS.map(section => sectionOf(section, name => FUNCTIONS[name], types)),
    'Derivatives of what has none, such as a comparison, a rounding or an index, are zero. What `if` and `where` do not choose contributes nothing, even where it is not finite.\n',
    `## In circuits\n\nOnly a \`circuit\` or a \`gate\` can say these. Observables are added and multiplied by numbers, and multiplied with each other on different qubits. The examples are `
    + `of a circuit with \`qubits q[2]\` and an argument \`g\`.\n\n${table(['function', 'gives', 'for example', 'which is'], Object.entries(CIRCUIT_EXAMPLES).map(([name, [call, type]]) =>
      [code(name + CIRCUIT_FUNCTIONS[name as CircuitFunctionName].text), plain(CIRCUIT_FUNCTIONS[name as CircuitFunctionName].doc), code(call), code(type)]))}`,
    `## Initial values\n\nBehind the \`~\` of a \`param\`, where the shape is that of the parameter; any other expression may stand there too. For a matrix the fans are (in, out) = (rows, `
    + `columns); for kernels, of rank 3 and more, they are PyTorch's. Without a \`~\` a parameter starts at 0, or where its range has its middle.\n\n${table(['initialiser', 'is', 'for example'], Object.entries(INITIALIZER_EXAMPLES).map(([name, call]) =>
      [code(name + INITIALIZERS[name as InitializerName].text), plain(INITIALIZERS[name as InitializerName].doc), code(call)]))}`,
  ].join('\n')
}

const HEADER = `# Functions

What is known without \`use\`. A \`?\` marks an argument that may be left out; what stands behind \`;\` is given by name only, \`sum(x, axis = 0)\`. Any argument may be given
by name, and \`x |> f(a)\` is \`f(x, a)\`. The standard library has more: [stdlib.md](stdlib.md).

The examples are compiled, and what they give is what the compiler says, of

<!-- around:
model M {
…
}
-->
\`\`\`bp
${GIVEN.replaceAll(/^ {2}/gm, '').trimEnd()}
\`\`\`

*This page is written from the compiler's own tables by \`npm run reference\`.*
`

function sectionOf(section: Section<FunctionName>, signatureOf: (name: FunctionName) => Signature, types: ReadonlyMap<string, string>): string {
  const rows = Object.entries(section.examples).map(([name, call]) => {
    const { text, doc } = signatureOf(name as FunctionName)
    return [code(name + text), plain(section.title.startsWith('Elementwise') ? doc.replace(/, elementwise$/, '') : doc), code(call), code(types.get(call) ?? '')]
  })
  return `## ${section.title}\n\n${section.text && `${section.text}\n\n`}${table(['function', 'gives', 'for example', 'which is'], rows)}`
}

const code = (text: string): string => `\`${text.replaceAll('|', String.raw`\|`)}\``

const plain = (doc: string): string => doc.replaceAll('|', String.raw`\|`)

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |\n`).join('')
}

// ----------------------------------------------------------------------------------------------------- compiling

async function typesOf(calls: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const [plan] = await compileText(`model M {\n${GIVEN}${calls.map((call, at) => `  output o${at} = ${call}\n`).join('')}}\n`)
  const outputs = new Map(plan?.outputs.map(({ name, type }) => [name, printType(type)]))
  return new Map(calls.map((call, at) => [call, outputs.get(`o${at}`) ?? '']))
}

/** Each compiles with the type that the page says. */
async function checkCircuits(): Promise<void> {
  const examples = Object.values(CIRCUIT_EXAMPLES).map(([call, type], at) =>
    `${call.startsWith('sample') ? '@shots(100)\n' : ''}circuit c${at}(g: real) -> ${type} {\n  qubits q[2]\n  ry(g) q\n  return ${call}\n}\n`)
  await compileText(`circuit other(g: real) -> real {\n  qubits q[2]\n  rx(g) q\n  return expect(Z(q[0]))\n}\n${examples.join('')}`)
}

async function compileText(text: string): Promise<readonly Plan[]> {
  const { diagnostics, ok, plans } = await compile('page.bp', {
    readText: path => Promise.resolve(path === 'page.bp' ? text : path === 'h2.json' ? '[[0.5, "ZZ"], [0.2, "XI"]]' : undefined),
    readBytes: path => Promise.resolve(path === 'h2.json' ? new TextEncoder().encode('[[0.5, "ZZ"], [0.2, "XI"]]') : undefined),
    resolve: (_, relative) => relative,
  })
  if (!ok) throw new Error(`an example of the page of functions does not compile: ${diagnostics.map(({ message }) => message).join('; ')}`)
  return plans
}
