/**
 * The reference backend: plain TypeScript, no generated code, in f32 and f64. The oracle that other backends are held to,
 * and what runs where nothing faster may.
 */
import type { Sizes } from '../../../ir/dim'
import type { Precision, Program } from '../../../ir/plan'
import type { Engine } from '../../../quantum/engine'
import { BY_CONTENT } from '../../../quantum/engines/engineFor'
import type { Backend, Executable, RunContext } from '../backend'
import { prepareProgram, startPreparation } from './program'

/** Answers at once, so callers need not wait. */
export interface ReferenceExecutable extends Executable {
  run(context: RunContext): void
}

export interface ReferenceBackend extends Backend {
  prepare(program: Program, sizes: Sizes, precision: Precision): ReferenceExecutable
}

/** @param engine runs the circuits */
export const createReference = (engine: Engine): ReferenceBackend => ({
  name: 'reference',
  prepare(program, sizes, precision) {
    const prepared = prepareProgram(program, startPreparation(sizes, precision, engine))
    // A context of its own tells each run from the one before: draws are counted anew.
    return { ...prepared, run: context => prepared.run({ ...context }) }
  },
})

export const REFERENCE: ReferenceBackend = createReference(BY_CONTENT)
