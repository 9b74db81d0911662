/**
 * Kernels: scalar code run for every index of a shape, a block of elements at a time.
 *
 * A register is a block of 64-bit floats, so a kernel's working set stays in the first cache and each line is one tight
 * loop. What is the same for all elements (literals, scalars, code over these) is computed once a run. 64-bit tensors in
 * iteration order are read, and written, where they lie.
 */
import type { KernelLoad, KernelStep } from '../../../ir/plan'
import type { TypedArray } from '../backend'
import type { Executor, ProgramStorage } from './executor'
import { copyBlock, countOf, isContiguous, rowsOf, stridesOf } from './layout'
import { INT_LOOPS, POWER_LOOPS, SCALAR_LOOPS, type ScalarLoop } from './scalarLoops'

const BLOCK = 512

/** Where a register's elements are. Masks are −1 for yes and 0 for no, ready to be and-ed with an offset. */
interface Operand {
  readonly array: Float64Array
  /** Whether it lies in a tensor, and so moves with the block. */
  readonly moves: -1 | 0
  /** Whether it has one element for each index. */
  readonly varies: -1 | 0
}

interface Line { readonly loop: ScalarLoop; readonly out: Operand; readonly a: Operand; readonly b: Operand; readonly c: Operand }

/** One block of a load or store that cannot be done in place. */
type Transfer = (start: number, count: number) => void

type Instruction = { readonly line: Line } | { readonly transfer: Transfer }

/** @throws Error when a load does not fit the shape: a bug of the compiler */
export function prepareKernel(step: KernelStep, storage: ProgramStorage): Executor {
  const shape = step.shape.map(storage.sizeOf)
  const total = countOf(shape)
  if (total === 0) return () => {}
  const { uniform, instructions } = new KernelBuilder(step, shape, storage).build()
  return () => {
    for (let i = 0; i < uniform.length; i++) execute(uniform[i] as Instruction, 0, 1)
    for (let start = 0; start < total; start += BLOCK) {
      const count = Math.min(BLOCK, total - start)
      for (let i = 0; i < instructions.length; i++) execute(instructions[i] as Instruction, start, count)
    }
  }
}

function execute(instruction: Instruction, start: number, count: number): void {
  if ('transfer' in instruction) return instruction.transfer(start, count)
  const { loop, out, a, b, c } = instruction.line
  loop(
    count, out.array, start & out.moves, a.array, start & a.moves, a.varies, b.array, start & b.moves, b.varies,
    c.array, start & c.moves, c.varies,
  )
}

/** Turns the code of one kernel into instructions, sharing block registers as their last uses pass. */
class KernelBuilder {
  private readonly uniform: Instruction[] = []
  private readonly instructions: Instruction[] = []
  private readonly operands: (Operand | undefined)[] = []
  private readonly lastUse = new Map<number, number>()
  private readonly free: Float64Array[] = []
  private readonly firstLine: number

  constructor(
    private readonly step: KernelStep, private readonly shape: readonly number[], private readonly storage: ProgramStorage,
  ) {
    this.firstLine = step.loads.length + step.literals.length
    step.code.forEach(({ args }, line) => args.forEach(register => this.lastUse.set(register, line)))
    for (const { register } of step.stores) this.lastUse.set(register, Infinity)
  }

  build(): { uniform: readonly Instruction[]; instructions: readonly Instruction[] } {
    this.step.code.forEach(({ fn, args, element }, line) => {
      const operands = args.map(register => this.operand(register))
      for (const register of new Set(args)) this.release(register, line)
      const [a = ZERO, b = ZERO, c = ZERO] = operands
      const varies = a.varies | b.varies | c.varies
      const register = this.firstLine + line
      const out = varies ? this.target(register, element === 'real') : { array: new Float64Array(1), moves: 0, varies: 0 } as const
      this.operands[register] = out
      const instruction = { line: { loop: element === 'int' ? INT_LOOPS.get(fn) ?? SCALAR_LOOPS[fn] : this.loopFor(fn, args), out, a, b, c } }
      if (varies) this.instructions.push(instruction)
      else this.uniform.push(instruction)
      if (!this.lastUse.has(register)) this.release(register, line)
    })
    for (const { buffer, register } of this.step.stores) this.store(this.storage.arrays[buffer] as TypedArray, this.operand(register))
    return { uniform: this.uniform, instructions: this.instructions }
  }

  /** The operand of a register; loads are emitted where they are first needed. */
  private operand(register: number): Operand {
    const known = this.operands[register]
    if (known) return known
    const load = this.step.loads[register]
    const literal = this.step.literals[register - this.step.loads.length]
    const made = load ? this.load(load) : literal ? { array: Float64Array.of(literal.value), moves: 0, varies: 0 } as const : undefined
    if (!made) throw new Error(`kernel reads register ${register} before it is written`)
    this.operands[register] = made
    return made
  }

  private load(load: KernelLoad): Operand {
    const source = this.storage.arrays[load.buffer] as TypedArray
    const strides = this.loadStrides(load)
    if (strides.every((stride, axis) => stride === 0 || this.shape[axis] === 1)) {
      const array = new Float64Array(1)
      this.uniform.push({ transfer: () => { array[0] = source[0] as number } })
      return { array, moves: 0, varies: 0 }
    }
    const contiguous = isContiguous(this.shape, strides)
    if (contiguous && source instanceof Float64Array) return { array: source, moves: -1, varies: -1 }
    const array = this.takeBlock()
    if (contiguous) {
      this.instructions.push({ transfer: (start, count) => {
        for (let i = 0; i < count; i++) array[i] = source[start + i] as number
      } })
    } else {
      const rows = rowsOf(this.shape, strides)
      this.instructions.push({ transfer: (start, count) => copyBlock(rows, source, start, count, array) })
    }
    return { array, moves: 0, varies: -1 }
  }

  /** By how much a step along each axis of the kernel moves in the loaded buffer. */
  private loadStrides({ buffer, axes }: KernelLoad): number[] {
    const shape = this.storage.shapes[buffer] ?? []
    if (axes.length !== shape.length) throw new Error(`kernel loads buffer ${buffer} of rank ${shape.length} by ${axes.length} axes`)
    const strides = this.shape.map(() => 0)
    stridesOf(shape).forEach((stride, axis) => {
      const along = axes[axis] ?? -1
      if (along < 0) return
      if (shape[axis] !== this.shape[along]) {
        throw new Error(`kernel over [${this.shape.join(', ')}] loads buffer ${buffer} of [${shape.join(', ')}] by axes [${axes.join(', ')}]`)
      }
      strides[along] = (strides[along] ?? 0) + stride
    })
    return strides
  }

  /** Where a line writes: into the tensor that stores it, when that holds 64-bit floats and no line may read it, or into a block. */
  private target(register: number, isReal: boolean): Operand {
    const store = isReal ? this.step.stores.find(other => other.register === register) : undefined
    const array = store && !this.step.loads.some(({ buffer }) => buffer === store.buffer) ? this.storage.arrays[store.buffer] : undefined
    if (array instanceof Float64Array) return { array, moves: -1, varies: -1 }
    return { array: this.takeBlock(), moves: 0, varies: -1 }
  }

  private store(target: TypedArray, { array, moves, varies }: Operand): void {
    if (array === target) return
    if (!varies) this.instructions.push({ transfer: (start, count) => { target.fill(array[0] as number, start, start + count) } })
    else this.instructions.push({ transfer: (start, count) => {
      const from = start & moves
      for (let i = 0; i < count; i++) target[start + i] = array[from + i] as number
    } })
  }

  private loopFor(fn: KernelStep['code'][number]['fn'], args: readonly number[]): ScalarLoop {
    const exponent = fn === 'pow' ? this.step.literals[(args[1] ?? -1) - this.step.loads.length] : undefined
    return (exponent && POWER_LOOPS.get(exponent.value)) ?? SCALAR_LOOPS[fn]
  }

  private takeBlock(): Float64Array {
    return this.free.pop() ?? new Float64Array(BLOCK)
  }

  /** Gives a block back once nothing after `line` reads the register. */
  private release(register: number, line: number): void {
    const operand = this.operands[register]
    if (operand?.varies && !operand.moves && (this.lastUse.get(register) ?? line) <= line) this.free.push(operand.array)
  }
}

const ZERO: Operand = { array: new Float64Array(1), moves: 0, varies: 0 }
