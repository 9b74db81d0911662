/** Builds little programs and plans by hand, and runs them; independent arithmetic lives in the tests. */
import { namedDim, type Dim } from '../../ir/dim'
import type { OpAttributes } from '../../ir/op'
import type { KernelLoad, KernelStep, Plan, Precision, Program, RoutineName, RoutineStep, Step } from '../../ir/plan'
import type { ScalarName } from '../../ir/scalar'
import { int, real, type Element, type TensorType } from '../../ir/type'
import type { Port } from '../../runtime/backends/backend'
import { REFERENCE } from '../../runtime/backends/reference'

/** Where a kernel line reads: a load of a buffer, a number, or an earlier line. */
export type Source = { readonly load: number; readonly axes?: readonly number[] } | number | { readonly line: number }
export interface Line { readonly fn: ScalarName; readonly args: readonly Source[]; readonly element?: Element }

export class ProgramBuilder {
  private readonly buffers: TensorType[] = []
  private readonly inputs: { name: string; buffer: number }[] = []
  private readonly steps: Step[] = []
  private readonly results: { name: string; buffer: number }[] = []

  buffer(type: TensorType): number {
    return this.buffers.push(type) - 1
  }

  typeOf(buffer: number): TensorType {
    return this.buffers[buffer] ?? real()
  }

  input(name: string, type: TensorType): number {
    const buffer = this.buffer(type)
    this.inputs.push({ name, buffer })
    return buffer
  }

  routine<Op extends RoutineName>(op: Op, attributes: OpAttributes[Op], inputs: readonly number[], type: TensorType): number {
    const output = this.buffer(type)
    this.steps.push({ kind: 'routine', op, attributes, inputs, output } as unknown as RoutineStep)
    return output
  }

  /** A kernel whose last line, or whose `stores`, is kept. Loads without axes are read in iteration order. */
  kernel(shape: readonly Dim[], code: readonly Line[], stores: readonly number[] = [code.length - 1]): number[] {
    const loads: KernelLoad[] = []
    const literals: { value: number; element: Element }[] = []
    for (const source of code.flatMap(line => line.args)) {
      if (typeof source === 'number') literals.push({ value: source, element: 'real' })
      else if ('load' in source) loads.push({ buffer: source.load, axes: source.axes ?? shape.map((_, axis) => axis) })
    }
    let load = 0
    let literal = 0
    const lines: KernelStep['code'] = code.map(({ fn, args, element = 'real' }) => ({ fn, element, args: args.map(source => {
      if (typeof source === 'number') return loads.length + literal++
      return 'load' in source ? load++ : loads.length + literals.length + source.line
    }) }))
    const kept = stores.map(line => ({
      buffer: this.buffer({ element: lines[line]?.element ?? 'real', shape }), register: loads.length + literals.length + line,
    }))
    this.steps.push({ kind: 'kernel', shape, loads, literals, code: lines, stores: kept })
    return kept.map(store => store.buffer)
  }

  /** One scalar function over buffers of one shape. */
  map(fn: ScalarName, args: readonly (number | { readonly load: number; readonly axes?: readonly number[] })[], type: TensorType): number {
    const [stored] = this.kernel(type.shape, [{ fn, args: args.map(load => (typeof load === 'number' ? { load } : load)), element: type.element }])
    return stored ?? -1
  }

  reshape(input: number, shape: readonly Dim[]): number {
    const output = this.buffer({ element: this.typeOf(input).element, shape })
    this.steps.push({ kind: 'reshape', input, output })
    return output
  }

  loop(
    options: { trip: Dim; reverse?: boolean; carries: number; constants: number; body: Program },
    inputs: readonly number[], types: readonly TensorType[],
  ): number[] {
    const outputs = types.map(type => this.buffer(type))
    this.steps.push({ kind: 'loop', reverse: false, ...options, inputs, outputs })
    return outputs
  }

  result(name: string, buffer: number): this {
    this.results.push({ name, buffer })
    return this
  }

  build(): Program {
    return { buffers: this.buffers, inputs: this.inputs, steps: this.steps, results: this.results }
  }
}

/** Runs a program once; results by name. */
export function runProgram(
  program: Program, values: Readonly<Record<string, ArrayLike<number>>> = {},
  { sizes = {}, precision = 'f64', seed = 0, step = 0 }: { sizes?: Readonly<Record<string, number>>; precision?: Precision; seed?: number; step?: number } = {},
): Record<string, Port> {
  const executable = REFERENCE.prepare(program, new Map(Object.entries(sizes)), precision)
  for (const { name, data } of executable.inputs) data.set(values[name] ?? [])
  executable.run({ seed, step })
  return Object.fromEntries(executable.results.map(result => [result.name, result]))
}

/** Runs one routine on given tensors; the result's elements. */
export function runRoutine<Op extends RoutineName>(
  op: Op, attributes: OpAttributes[Op], inputs: readonly { type: TensorType; data: ArrayLike<number> }[], type: TensorType,
  options: Parameters<typeof runProgram>[2] = {},
): number[] {
  const builder = new ProgramBuilder()
  const buffers = inputs.map((input, i) => builder.input(`in${i}`, input.type))
  builder.result('out', builder.routine(op, attributes, buffers, type))
  const values = Object.fromEntries(inputs.map((input, i) => [`in${i}`, input.data]))
  return [...(runProgram(builder.build(), values, options).out?.data ?? [])]
}

/** A small generator for test data (mulberry32), apart from the code under test. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}

export const randomArray = (count: number, next: () => number): number[] => Array.from({ length: count }, () => next() * 4 - 2)

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** All indices of a shape, row-major. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((prefixes, size) => prefixes.flatMap(prefix => Array.from({ length: size }, (_, i) => [...prefix, i])), [[]])
}

/** Where an index stands in row-major order. */
export const flatIndex = (shape: readonly number[], index: readonly number[]): number =>
  shape.reduce((at, size, axis) => at * size + (index[axis] ?? 0), 0)

/**
 * Linear regression y ≈ x·w + b with a mean squared error: inputs x [batch, features], y [batch]; parameters w, b.
 * init: w = 0, b = 0. metric mse.
 */
export function regressionPlan(features: number, options: Partial<Plan> = {}): Plan {
  const batch = namedDim('batch')
  const start = () => {
    const b = new ProgramBuilder()
    const x = b.input('x', real(batch, features))
    return { b, x }
  }
  const forward = (b: ProgramBuilder, x: number, w: number, bias: number) => {
    const product = b.routine('contract', { left: [0, 1], right: [1], out: [0] }, [x, w], real(batch))
    return b.map('add', [product, { load: bias, axes: [] }], real(batch))
  }
  const parameters = (b: ProgramBuilder) => ({ w: b.input('w', real(features)), bias: b.input('b', real()) })

  const init = new ProgramBuilder()
  init.result('w', init.routine('fill', { element: 'real', shape: [features], value: 0 }, [], real(features)))
  init.result('b', init.routine('fill', { element: 'real', shape: [], value: 0 }, [], real()))

  const predict = start()
  const predictParameters = parameters(predict.b)
  predict.b.result('output:prediction', forward(predict.b, predict.x, predictParameters.w, predictParameters.bias))

  const withLoss = (kind: 'evaluate' | 'gradient' | 'step') => {
    const { b, x } = start()
    const y = b.input('y', real(batch))
    const { w, bias } = parameters(b)
    const prediction = forward(b, x, w, bias)
    const residual = b.map('sub', [prediction, y], real(batch))
    const squares = b.map('mul', [residual, residual], real(batch))
    const sum = b.routine('reduce', { fn: 'sum', axes: [0] }, [squares], real())
    const count = b.map('real', [b.routine('size', { value: batch }, [], int())], real())
    const loss = b.map('div', [sum, count], real())
    if (kind !== 'step') b.result('output:prediction', prediction)
    b.result('loss', loss)
    b.result('metric:mse', loss)
    if (kind === 'evaluate') return b.build()
    // d loss / d residual = 2 residual / batch
    const [scaled] = b.kernel([batch], [
      { fn: 'mul', args: [{ load: residual }, 2] },
      { fn: 'div', args: [{ line: 0 }, { load: count, axes: [] }] },
    ])
    b.result('gradient:w', b.routine('contract', { left: [0, 1], right: [0], out: [1] }, [x, scaled ?? -1], real(features)))
    b.result('gradient:b', b.routine('reduce', { fn: 'sum', axes: [0] }, [scaled ?? -1], real()))
    return b.build()
  }
  return {
    version: 1, model: 'Regression', doc: '', precision: 'f64',
    inputs: [
      { name: 'x', type: real(batch, features), doc: '', role: 'input' },
      { name: 'y', type: real(batch), doc: '', role: 'target' },
    ],
    parameters: [
      { path: 'w', shape: [features], frozen: false, doc: '' },
      { path: 'b', shape: [], frozen: false, doc: '' },
    ],
    outputs: [{ name: 'prediction', type: real(batch), doc: '' }],
    states: [], metrics: ['mse'], hasLoss: true, obligations: [],
    entries: { init: init.build(), predict: predict.b.build(), evaluate: withLoss('evaluate'), gradient: withLoss('gradient'), step: withLoss('step') },
    ...options,
  }
}
