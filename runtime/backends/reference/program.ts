/** Makes a whole program ready: storage, then one executor a step. */
import { evaluateDim, type Sizes } from '../../../ir/dim'
import type { LoopStep, Precision, Program, Step } from '../../../ir/plan'
import type { Engine } from '../../../quantum/engine'
import type { Port, RunContext, TypedArray } from '../backend'
import { preparedCircuits } from './circuit'
import type { Executor, ProgramStorage, RoutineSite, Tensor } from './executor'
import { prepareKernel } from './kernel'
import { prepareLoop } from './loop'
import { prepareRoutine } from './routines'
import { planStorage } from './storage'

export interface PreparedProgram {
  readonly inputs: readonly Port[]
  readonly results: readonly Port[]
  readonly bytes: number
  run(context: RunContext): void
}

/** What all programs of one preparation, bodies of loops included, have in common. */
export interface Preparation {
  readonly sizes: Sizes
  readonly precision: Precision
  readonly circuit: ProgramStorage['circuit']
}

export const startPreparation = (sizes: Sizes, precision: Precision, engine: Engine): Preparation =>
  ({ sizes, precision, circuit: preparedCircuits(engine) })

/** @param bound arrays to use for some inputs, by buffer; the caller fills them */
export function prepareProgram(
  program: Program, preparation: Preparation, bound: ReadonlyMap<number, TypedArray> = new Map(),
): PreparedProgram {
  const { sizes, precision, circuit } = preparation
  const planned = planStorage(program, sizes, precision, bound)
  const storage: ProgramStorage = {
    arrays: planned.arrays,
    shapes: planned.shapes,
    elements: program.buffers.map(buffer => buffer.element),
    precision,
    sizeOf: dim => evaluateDim(dim, sizes),
    circuit,
  }
  let bytes = planned.bytes
  const executors: Executor[] = []
  for (const step of program.steps) {
    if (step.kind === 'reshape') continue
    const executor = prepareStep(step, storage, preparation, inner => { bytes += inner })
    if (planned.fixed.has(step)) executor({ seed: 0, step: 0 })
    else executors.push(executor)
  }
  const port = ({ name, buffer }: { name: string; buffer: number }): Port => ({ name, ...tensorOf(storage, buffer) })
  return {
    inputs: program.inputs.map(port),
    results: program.results.map(port),
    bytes,
    run(context) {
      for (let i = 0; i < executors.length; i++) (executors[i] as Executor)(context)
    },
  }
}

function prepareStep(
  step: Exclude<Step, { kind: 'reshape' }>, storage: ProgramStorage, preparation: Preparation, addBytes: (bytes: number) => void,
): Executor {
  switch (step.kind) {
    case 'kernel': return prepareKernel(step, storage)
    case 'loop': return prepareLoop(step, storage, (body: LoopStep['body'], bound) => {
      const prepared = prepareProgram(body, preparation, bound)
      addBytes(prepared.bytes)
      return prepared
    })
    case 'routine': {
      const site: RoutineSite = {
        inputs: step.inputs.map(buffer => tensorOf(storage, buffer)),
        output: tensorOf(storage, step.output),
        precision: storage.precision,
        sizeOf: storage.sizeOf,
        circuit: storage.circuit,
      }
      return prepareRoutine(step, site)
    }
    default: return step satisfies never
  }
}

/** @throws Error when the program has no such buffer: a bug of the compiler */
function tensorOf({ arrays, shapes, elements }: ProgramStorage, buffer: number): Tensor {
  const data = arrays[buffer]
  const shape = shapes[buffer]
  const element = elements[buffer]
  if (!data || !shape || !element) throw new Error(`the program has no buffer ${buffer}`)
  return { data, shape, element }
}
