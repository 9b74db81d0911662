/**
 * By which frequencies a loss turns with each trained number, as `rotosolve` must know: where a number enters nothing but angles of
 * rotations, with integer coefficients, and the loss is affine in what circuits measure, it is Σ aₖ cos(kuθ) + bₖ sin(kuθ).
 *
 * An abstract evaluation of the graph, element by element, over angles (what is affine in the trained numbers) and waves (what is
 * affine in measured values). It never misses a frequency; where it cannot tell, it takes more.
 */
import { applyScalar } from '../../ir/scalar'
import { reachableNodes, type Node, type Value } from '../../ir/graph'
import { slotFrequencies } from '../../quantum/engines/slotRules'
import { commonUnit, eitherCombs, mapCombs, NONE, sumOf, type Comb, type Combs } from './combs'
import { elementCount, forEachIndex, moveElements, openAsOne, placeOf, type Elements } from './elementPlaces'

/** What is known of a value; nothing for one that no trained number reaches. */
interface Known {
  readonly angles?: Elements<Combs>
  readonly waves?: Combs
  /** Its numbers, where they do not depend on a run. */
  readonly constant?: Elements<number>
}

/** Frequencies unit, 2·unit, …, count·unit; a count of 0 where nothing turns. */
export interface Spectrum { readonly unit: number; readonly count: number }

export interface Refusal {
  /** Of a trained number. */
  readonly number: number
  /** Completes “cannot train w: …”. */
  readonly reason: string
}

/** More equations than these are no closed form any more. */
const MOST_FREQUENCIES = 500

/** @param trained graph inputs, whose elements are the trained numbers, counted through */
export function spectraOf(loss: Value, trained: readonly Value[]): readonly Spectrum[] | Refusal {
  const known = new Map<Value, Known>()
  let count = 0
  for (const value of trained) {
    known.set(value, { angles: Array.from({ length: elementCount(value.type.shape) }, () => new Map([[count++, { unit: 1, top: 1 }]])) })
  }
  try {
    evaluate(reachableNodes([loss]), known)
    const { angles, waves = NONE } = known.get(loss) ?? {}
    const [outside] = angles?.flatMap(combs => [...combs.keys()]) ?? []
    if (outside !== undefined) throw new Refused(outside, 'it is in the loss outside of the angles of a circuit')
    return Array.from({ length: count }, (_, number) => spectrum(number, waves.get(number)))
  } catch (error) {
    if (error instanceof Refused) return { number: error.number, reason: error.message }
    throw error
  }
}

class Refused extends Error {
  constructor(readonly number: number, reason: string) {
    super(reason)
  }
}

function spectrum(number: number, comb: Comb | undefined): Spectrum {
  if (!comb) return { unit: 1, count: 0 }
  const count = Math.round(comb.top / comb.unit)
  if (count <= MOST_FREQUENCIES) return { unit: comb.unit, count }
  throw new Refused(number, `the loss turns with it by frequencies up to ${comb.top} that have no common unit, or more than ${MOST_FREQUENCIES} of them`)
}

// ------------------------------------------------------------------------------------------------------- graph

function evaluate(nodes: readonly Node[], known: Map<Value, Known>): void {
  for (const node of nodes) {
    if (node.op === 'input') continue
    const inputs = node.inputs.map(input => known.get(input) ?? {})
    const results = node.op === 'loop' ? evaluateLoop(node, inputs) : [resultOf(node, inputs)]
    node.results.forEach((result, at) => known.set(result, results[at] ?? {}))
  }
}

function resultOf(node: Node, inputs: readonly Known[]): Known {
  if (!inputs.some(isReached)) return { constant: constantOf(node, inputs) }
  const [first = {}] = inputs
  switch (node.op) {
    case 'elementwise': return elementwise(node.attributes.fn, node, inputs)
    case 'mark': case 'stop': case 'broadcast': case 'reshape': case 'transpose': case 'slice': case 'pad': case 'concat': case 'flip':
      return { angles: movedAngles(node, inputs), waves: eitherOf(inputs) }
    case 'gather': return isReached(inputs[1] ?? {}) ? refuse(node, inputs) : { angles: gathered(node, inputs), waves: first.waves }
    case 'reduce': return node.attributes.fn === 'sum' ? { angles: summed(node, first.angles, node.attributes.axes), waves: first.waves } : refuse(node, inputs)
    case 'cumulativeSum': case 'convolve': case 'contract': case 'segmentSum':
      return inputs.filter(isReached).length > 1 ? refuse(node, inputs) : { angles: brokenAngles(node, inputs), waves: eitherOf(inputs) }
    case 'circuit': return { waves: wavesOf(node, inputs) }
    default: return refuse(node, inputs)
  }
}

const isReached = ({ angles, waves }: Known): boolean => angles !== undefined || waves !== undefined

/** What is not affine: in an angle that is no harm until a circuit takes it. */
function refuse(node: Node, inputs: readonly Known[]): Known {
  const [wave] = inputs.flatMap(input => [...input.waves?.keys() ?? []])
  if (wave === undefined) return { angles: brokenAngles(node, inputs) }
  throw new Refused(wave, `\`${nameOf(node)}\` of what circuits measure makes the loss no longer affine in expectation values`)
}

function brokenAngles(node: Node, inputs: readonly Known[]): Elements<Combs> | undefined {
  const angles = inputs.flatMap(input => input.angles ?? [])
  if (angles.length === 0) return undefined
  const broken = mapCombs(sumOf(angles), comb => ({ ...comb, broken: comb.broken ?? `\`${nameOf(node)}\` of it is an angle, not an integer times it` }))
  return Array.from({ length: elementCount(node.results[0]?.type.shape ?? []) }, () => broken)
}

function nameOf(node: Node): string {
  switch (node.op) {
    case 'elementwise': return OPERATORS[node.attributes.fn] ?? node.attributes.fn
    case 'reduce': return node.attributes.fn
    case 'contract': return '@'
    case 'derivative': return node.attributes.kind
    default: return node.op
  }
}

const OPERATORS: Readonly<Record<string, string>> = { mul: '*', div: '/', pow: '^', mod: '%' }

function constantOf(node: Node, inputs: readonly Known[]): Elements<number> | undefined {
  if (node.op === 'constant') return node.attributes.data
  if (node.op === 'fill') return Array.from({ length: elementCount(node.attributes.shape) }, () => node.attributes.value)
  const constants = inputs.flatMap(({ constant }) => (constant ? [constant] : []))
  if (constants.length === 0 || constants.length < inputs.length) return undefined
  // Negative ones are counted from the end by whoever reads them.
  if (node.op === 'wrapIndex') return constants[0]
  if (node.op !== 'elementwise') return moveElements(node, constants, 0)
  return constants[0]?.map((_, at) => applyScalar(node.attributes.fn, constants.map(constant => constant[at] ?? NaN)))
}

// ------------------------------------------------------------------------------------------------- elementwise

function elementwise(fn: (Node & { readonly op: 'elementwise' })['attributes']['fn'], node: Node, inputs: readonly Known[]): Known {
  const [a = {}, b = {}] = inputs
  const waves = eitherOf(inputs)
  switch (fn) {
    case 'neg': case 'real': return a
    case 'add': case 'sub': return { angles: zip([a.angles, b.angles], sumOf), waves }
    // Either may be taken, element by element.
    case 'where': return isReached(a) ? refuse(node, inputs) : { angles: zip([inputs[1]?.angles, inputs[2]?.angles], eitherCombs), waves }
    case 'mul': return isReached(a) && isReached(b) ? refuse(node, inputs) : isReached(a) ? scaled(a, b, factor => factor) : scaled(b, a, factor => factor)
    case 'div': return isReached(b) ? refuse(node, inputs) : scaled(a, b, divisor => 1 / divisor)
    default: return refuse(node, inputs)
  }
}

function zip(sides: readonly (Elements<Combs> | undefined)[], join: (sides: readonly Combs[]) => Combs): Elements<Combs> | undefined {
  const present = sides.filter(side => side !== undefined)
  return present[0]?.map((_, at) => join(present.map(side => side[at] ?? NONE)))
}

function scaled({ angles, waves }: Known, { constant }: Known, factorOf: (value: number) => number): Known {
  return { waves, angles: angles?.map((combs, at) => {
    const factor = constant && Math.abs(factorOf(constant[at] ?? NaN))
    if (factor === 0) return NONE
    return mapCombs(combs, comb => (factor === undefined
      ? { ...comb, broken: comb.broken ?? 'an angle multiplies it by what is not known before the run' } : { ...comb, unit: comb.unit * factor, top: comb.top * factor }))
  }) }
}

// ---------------------------------------------------------------------------------------------------- movement

function movedAngles(node: Node, inputs: readonly Known[]): Elements<Combs> | undefined {
  if (inputs.every(({ angles }) => angles === undefined)) return undefined
  const angles = inputs.map((input, at) => input.angles ?? Array.from({ length: elementCount(node.inputs[at]?.type.shape ?? []) }, () => NONE))
  return moveElements(node, angles, NONE) ?? anyOf(angles.flat(), node)
}

const eitherOf = (inputs: readonly Known[]): Combs | undefined => {
  const waves = inputs.flatMap(input => (input.waves ? [input.waves] : []))
  return waves.length > 0 ? eitherCombs(waves) : undefined
}

/** Any of these may be at any place. */
function anyOf(angles: Elements<Combs>, node: Node): Elements<Combs> {
  const any = eitherCombs(angles)
  return Array.from({ length: elementCount(node.results[0]?.type.shape ?? []) }, () => any)
}

function gathered(node: Node & { readonly op: 'gather' }, [{ angles } = {}, { constant } = {}]: readonly Known[]): Elements<Combs> | undefined {
  const [source, indexType] = node.inputs.map(input => input.type.shape)
  const { axis } = node.attributes
  if (!angles || !source || !indexType) return undefined
  const size = source[axis]
  if (!constant || typeof size !== 'number') return anyOf(angles, node)
  const shape = openAsOne(source), rank = indexType.length
  return forEachIndex(openAsOne(node.results[0]?.type.shape ?? []), index => {
    const at = constant[placeOf(openAsOne(indexType), index.slice(axis, axis + rank))] ?? 0
    return angles[placeOf(shape, [...index.slice(0, axis), at < 0 ? at + size : at, ...index.slice(axis + rank)])] ?? NONE
  })
}

function summed(node: Node, angles: Elements<Combs> | undefined, axes: readonly number[]): Elements<Combs> | undefined {
  if (!angles) return undefined
  const dims = node.inputs[0]?.type.shape ?? []
  if (axes.some(axis => typeof dims[axis] !== 'number')) return brokenAngles(node, [{ angles }])
  const shape = openAsOne(dims), out = openAsOne(node.results[0]?.type.shape ?? [])
  const sums = Array.from({ length: elementCount(out) }, (): Combs[] => [])
  forEachIndex(shape, index => sums[placeOf(out, index.filter((_, axis) => !axes.includes(axis)))]?.push(angles[placeOf(shape, index)] ?? NONE))
  return sums.map(sumOf)
}

// -------------------------------------------------------------------------------------------- circuits, loops

/** Frequencies of the products of slots that a number stands in: those of each slot add up. */
function wavesOf(node: Node & { readonly op: 'circuit' }, [{ angles, waves } = {}, ...directions]: readonly Known[]): Combs {
  const { circuit } = node.attributes
  const [reached] = [...waves?.keys() ?? [], ...directions.flatMap(({ angles: other, waves: also }) => [...sumOf(other ?? []).keys(), ...also?.keys() ?? []])]
  if (reached !== undefined) throw new Refused(reached, `an angle of the circuit \`${circuit.name}\` depends on what another circuit measures with it`)
  const frequencies = slotFrequencies(circuit)
  const runs: Combs[] = []
  for (let start = 0; start < (angles?.length ?? 0); start += circuit.slots) {
    runs.push(sumOf(frequencies.map((found, slot) => turned(angles?.[start + slot] ?? NONE, found, circuit.name))))
  }
  return eitherCombs(runs)
}

function turned(coefficients: Combs, frequencies: readonly number[] | undefined, circuit: string): Combs {
  const found = new Map<number, Comb>()
  for (const [number, { unit, top, broken }] of coefficients) {
    if (broken !== undefined) throw new Refused(number, `${broken} (in the circuit \`${circuit}\`)`)
    if (!frequencies) throw new Refused(number, `it is no angle of a rotation in the circuit \`${circuit}\``)
    if (Math.abs(unit - Math.round(unit)) > 1e-9 * unit) throw new Refused(number, `the circuit \`${circuit}\` has ${Number(unit.toPrecision(6))} times it in an angle, where an integer must stand`)
    const [most] = frequencies.toSorted((a, b) => b - a)
    if (most !== undefined) found.set(number, { unit: unit * frequencies.reduce(commonUnit), top: top * most })
  }
  return found
}

/** What is carried is taken in turn until it stays as it is. */
function evaluateLoop(node: Node & { readonly op: 'loop' }, inputs: readonly Known[]): readonly Known[] {
  const { body, carries, constants } = node.attributes
  const rows = inputs.slice(carries + constants).map(({ angles, waves }, at): Known => {
    const shape = openAsOne(node.inputs[carries + constants + at]?.type.shape ?? [])
    const size = elementCount(shape.slice(1))
    return { waves, angles: angles && Array.from({ length: size }, (_, i) => eitherCombs(angles.filter((__, place) => place % size === i))) }
  })
  // Not what it starts from: a carry is another number in each round.
  let carried = inputs.slice(0, carries).map(({ angles, waves }): Known => ({ angles, waves }))
  for (let round = 0; round < 4; round++) {
    const known = new Map<Value, Known>()
    const given = [{}, ...carried, ...inputs.slice(carries, carries + constants), ...rows]
    body.inputs.forEach((input, at) => known.set(input, given[at] ?? {}))
    evaluate(reachableNodes(body.outputs), known)
    const outputs = body.outputs.map(output => known.get(output) ?? {})
    const next = carried.map((before, at): Known => ({ angles: zip([before.angles, outputs[at]?.angles], eitherCombs), waves: eitherOf([before, outputs[at] ?? {}]) }))
    if (next.every((after, at) => keyOf(after) === keyOf(carried[at] ?? {}))) return [...carried, ...outputs.slice(carries).map((row, at) => stacked(row, node.results[carries + at]))]
    carried = next
  }
  const [growing = 0] = carried.flatMap(({ angles = [], waves }) => [...sumOf(angles).keys(), ...waves?.keys() ?? []])
  throw new Refused(growing, 'a loop adds it up, so that its coefficient is not known before the run')
}

const keyOf = ({ angles, waves }: Known): string => JSON.stringify([angles?.map(combs => [...combs]), waves && [...waves]])

function stacked({ angles, waves }: Known, result: Value | undefined): Known {
  const count = elementCount(result?.type.shape ?? [])
  return { waves, angles: angles && Array.from({ length: count }, (_, at) => angles[at % Math.max(1, angles.length)] ?? NONE) }
}
