/** What a program costs at given sizes: floating-point operations, and runs of circuits, counted over its steps. */
import { isCircuitStep, type CircuitStep } from '../../ir/circuitSteps'
import { evaluateDim, type Sizes } from '../../ir/dim'
import type { Program, RoutineStep, Step } from '../../ir/plan'
import { SCALARS } from '../../ir/scalar'
import { slotRules } from '../../quantum/engines/slotRules'
import type { Circuit } from '../../quantum/circuit'
import type { GradientMethod } from '../../quantum/engine'

export interface CircuitRuns {
  readonly circuit: Circuit
  readonly method: GradientMethod
  /** Whole runs, as if none shared the gates before its shift. */
  readonly runs: number
}

export interface Cost {
  /** Circuits apart. */
  readonly flops: number
  readonly circuits: readonly CircuitRuns[]
}

/** What one run of a program costs. */
export function costOf(program: Program, sizes: Sizes): Cost {
  const shapes = program.buffers.map(({ shape }) => shape.map(dim => evaluateDim(dim, sizes)))
  const costs = program.steps.map(step => stepCost(step, shapes, sizes))
  const runs = new Map<string, CircuitRuns>()
  for (const found of costs.flatMap(({ circuits }) => circuits)) {
    const key = `${found.circuit.name} ${found.method} ${found.circuit.qubits} ${found.circuit.slots}`
    const known = runs.get(key)
    runs.set(key, { ...found, runs: found.runs + (known?.runs ?? 0) })
  }
  return { flops: costs.reduce((sum, { flops }) => sum + flops, 0), circuits: [...runs.values()] }
}

type Shapes = readonly (readonly number[])[]

const NO_CIRCUITS: Cost['circuits'] = []

function stepCost(step: Step, shapes: Shapes, sizes: Sizes): Cost {
  switch (step.kind) {
    case 'reshape': return { flops: 0, circuits: NO_CIRCUITS }
    case 'kernel': {
      // Arithmetic of reals, and each function as one; comparisons, choices and conversions are none.
      const lines = step.code.filter(({ fn, element }) => element === 'real' && ['arithmetic', 'real'].includes(SCALARS[fn].elements))
      return { flops: lines.length * countOf(step.shape.map(dim => evaluateDim(dim, sizes))), circuits: NO_CIRCUITS }
    }
    case 'loop': {
      const trip = evaluateDim(step.trip, sizes)
      const body = costOf(step.body, sizes)
      return { flops: trip * body.flops, circuits: body.circuits.map(each => ({ ...each, runs: trip * each.runs })) }
    }
    case 'routine':
      if (isCircuitStep(step)) {
        const rows = countOf((shapes[step.output] ?? []).slice(0, -1))
        return { flops: 0, circuits: [{ circuit: step.attributes.circuit, method: step.attributes.method, runs: rows * runsPerRow(step) }] }
      }
      return { flops: routineFlops(step, step.inputs.map(input => shapes[input] ?? []), shapes[step.output] ?? []), circuits: NO_CIRCUITS }
    default: return step satisfies never
  }
}

/** A multiplication and an addition are two; square systems by Golub and Van Loan, Matrix Computations, 4th ed., chapters 3 and 4. */
function routineFlops(step: Exclude<RoutineStep, CircuitStep>, inputs: Shapes, output: readonly number[]): number {
  const [first = [], second = []] = inputs
  const n = first.at(-1) ?? 0
  const systems = countOf(first.slice(0, -2))
  switch (step.op) {
    case 'contract': {
      const { left, right, out } = step.attributes
      const sizeOf = new Map([...left.map((label, axis) => [label, first[axis] ?? 1] as const), ...right.map((label, axis) => [label, second[axis] ?? 1] as const)])
      const summed = [...sizeOf].filter(([label]) => !out.includes(label)).map(([, size]) => size)
      return (summed.length > 0 ? 2 : 1) * countOf(output) * countOf(summed)
    }
    case 'convolve': {
      // Σ over output[N, G, O, p] of kernel[G, O, C, t], padding included; each part is the same sum, read another way.
      const kernel = { output: second, image: first, kernel: output }[step.attributes.part]
      const result = { output, image: second, kernel: second }[step.attributes.part]
      return 2 * countOf(result) * countOf(kernel.slice(2))
    }
    case 'reduce': case 'cumulativeSum': case 'segmentSum': return countOf(first)
    case 'solve': return systems * (2 / 3 * n ** 3 + 2 * n ** 2 * (output.at(-1) ?? 0))
    case 'determinant': return systems * 2 / 3 * n ** 3
    case 'cholesky': return systems * n ** 3 / 3
    // Elimination with complete pivoting, the adjugate of a triangle, and a triangular system for each row.
    case 'cofactors': return systems * 2 * n ** 3
    // Of what eigenvalues of a reduced state take no count is exact, and it is small beside the circuit; a metric is in no step.
    case 'entropy': case 'circuitMetric':
    case 'constant': case 'fill': case 'size': case 'iota': case 'random': case 'broadcast': case 'transpose': case 'slice': case 'pad': case 'concat':
    case 'flip': case 'argReduce': case 'argSort': case 'gather': case 'wrapIndex': return 0
    default: return step satisfies never
  }
}

/**
 * Runs of a circuit for one row. Shifts need as many as the rules of their slots have terms; a sweep back costs about three runs,
 * whatever the number of slots: one forward, and two states on the way back. Each direction of a higher derivative
 * multiplies them by the shifts of all slots, at most. Trajectories are runs each.
 */
function runsPerRow(step: CircuitStep): number {
  const { circuit } = step.attributes
  return (circuit.trajectories ?? 1) * evaluationsPerRow(step)
}

function evaluationsPerRow(step: CircuitStep): number {
  const { circuit, method } = step.attributes
  const { rules, swept } = slotRules(circuit, method)
  const terms = (slots: readonly number[]) => slots.reduce((sum, slot) => sum + (rules[slot]?.length ?? 0), 0)
  const all = terms(rules.map((_, slot) => slot))
  if (step.op === 'circuit') return all ** (step.inputs.length - 1)
  const { active } = step.attributes
  const outer = all ** (step.inputs.length - 2)
  switch (method) {
    case 'adjoint': return active.length > 0 ? 3 * outer : 0
    case 'spsa': return active.length > 0 ? 2 * outer : 0
    case 'finite_difference': return terms(active) * outer
    case 'parameter_shift': {
      const shifted = active.filter(slot => swept[slot] !== 1)
      return (terms(shifted) + (shifted.length < active.length ? 3 : 0)) * outer
    }
    default: return method satisfies never
  }
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
