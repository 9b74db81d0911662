/** The table of routines: for each op, the maker of its executor. A row that lacks here fails the type check. */
import type { OpAttributes } from '../../../ir/op'
import type { RoutineName, RoutineStep } from '../../../ir/plan'
import { prepareCircuit, prepareCircuitMetric, prepareCircuitVjp } from './circuit'
import { prepareCofactors } from './cofactors'
import { prepareContract } from './contract'
import { prepareConvolve } from './convolve'
import { prepareEntropy } from './entropy'
import type { Executor, RoutineSite } from './executor'
import { prepareGather, prepareSegmentSum, prepareWrapIndex } from './gather'
import { prepareCholesky, prepareDeterminant, prepareSolve } from './linearAlgebra'
import { prepareBroadcast, prepareConcat, prepareFlip, preparePad, prepareSlice, prepareTranspose } from './movement'
import { prepareRandom } from './random'
import { prepareArgReduce, prepareCumulativeSum, prepareReduce } from './reduce'
import { prepareArgSort } from './sort'
import { prepareConstant, prepareFill, prepareIota, prepareSize } from './sources'

export type RoutineMaker<Op extends RoutineName> = (attributes: OpAttributes[Op], site: RoutineSite) => Executor

export type RoutineMakers = { readonly [Op in RoutineName]: RoutineMaker<Op> }

export const ROUTINE_MAKERS: RoutineMakers = {
  constant: prepareConstant,
  fill: prepareFill,
  size: prepareSize,
  iota: prepareIota,
  random: prepareRandom,
  broadcast: prepareBroadcast,
  transpose: prepareTranspose,
  slice: prepareSlice,
  pad: preparePad,
  concat: prepareConcat,
  flip: prepareFlip,
  reduce: prepareReduce,
  argReduce: prepareArgReduce,
  cumulativeSum: prepareCumulativeSum,
  argSort: prepareArgSort,
  contract: prepareContract,
  convolve: prepareConvolve,
  solve: prepareSolve,
  cholesky: prepareCholesky,
  determinant: prepareDeterminant,
  cofactors: prepareCofactors,
  entropy: prepareEntropy,
  gather: prepareGather,
  segmentSum: prepareSegmentSum,
  wrapIndex: prepareWrapIndex,
  circuit: prepareCircuit,
  circuitVjp: prepareCircuitVjp,
  circuitMetric: prepareCircuitMetric,
}

export function prepareRoutine<Op extends RoutineName>(step: RoutineStep & { readonly op: Op }, site: RoutineSite): Executor {
  // The table maps each op to a maker of its own attributes; TypeScript loses that link over a union.
  const make = ROUTINE_MAKERS[step.op] as RoutineMaker<Op>
  return make(step.attributes as OpAttributes[Op], site)
}
