/** Loops: the body is prepared once; its carries and rows are copied in and out, its constants read where they are. */
import type { LoopStep, Program } from '../../../ir/plan'
import type { TypedArray } from '../backend'
import type { Executor, ProgramStorage } from './executor'
import { copyElements } from './layout'

/** A prepared body, as prepareProgram makes it. */
interface Body {
  readonly inputs: readonly { readonly data: TypedArray }[]
  readonly results: readonly { readonly data: TypedArray }[]
  run(context: { readonly seed: number; readonly step: number }): void
}

export type PrepareBody = (body: Program, bound: ReadonlyMap<number, TypedArray>) => Body

interface Copy { readonly from: TypedArray; readonly to: TypedArray }

export function prepareLoop(step: LoopStep, storage: ProgramStorage, prepareBody: PrepareBody): Executor {
  const trip = storage.sizeOf(step.trip)
  const { carries, constants } = step
  const inputs = step.inputs.map(buffer => storage.arrays[buffer] as TypedArray)
  const outputs = step.outputs.map(buffer => storage.arrays[buffer] as TypedArray)
  const start = inputs.slice(0, carries).map((from, i) => ({ from, to: outputs[i] as TypedArray }))
  // Without a trip the carries go straight through and nothing is yielded.
  if (trip <= 0) return () => copyAll(start)

  const bound = new Map<number, TypedArray>()
  inputs.slice(carries, carries + constants).forEach((array, i) => {
    const input = step.body.inputs[1 + carries + i]
    if (input) bound.set(input.buffer, array)
  })
  const body = prepareBody(step.body, bound)
  const bodyInput = (at: number) => (body.inputs[at] as { data: TypedArray }).data
  const counter = bodyInput(0)
  const enter = inputs.slice(0, carries).map((from, i) => ({ from, to: bodyInput(1 + i) }))
  const leave = enter.map(({ to }, i) => ({ from: to, to: outputs[i] as TypedArray }))
  const next = nextCarries(enter.map(carry => carry.to), body)
  const rows = inputs.slice(carries + constants).map((from, i) => ({ from, to: bodyInput(1 + carries + constants + i) }))
  const yields = outputs.slice(carries).map((to, i) => ({ from: (body.results[carries + i] as { data: TypedArray }).data, to }))
  const { reverse } = step

  return context => {
    copyAll(enter)
    for (let i = 0; i < trip; i++) {
      const t = reverse ? trip - 1 - i : i
      counter[0] = t
      for (let r = 0; r < rows.length; r++) {
        const { from, to } = rows[r] as Copy
        copyElements(from, t * to.length, to, 0, to.length)
      }
      body.run(context)
      for (let y = 0; y < yields.length; y++) {
        const { from, to } = yields[y] as Copy
        copyElements(from, 0, to, t * from.length, from.length)
      }
      copyAll(next)
    }
    copyAll(leave)
  }
}

/**
 * The copies that turn a body's results into its next carries. A result that is a carry itself (`(a, b) = (b, a)`) is saved
 * first, since the copies would overwrite it.
 */
function nextCarries(carries: readonly TypedArray[], body: Body): readonly Copy[] {
  const saves: Copy[] = []
  const copies = carries.map((to, i): Copy => {
    const from = (body.results[i] as { data: TypedArray }).data
    if (from === to || !carries.some(carry => carry.buffer === from.buffer && carry.byteOffset === from.byteOffset)) return { from, to }
    const saved = from.slice()
    saves.push({ from, to: saved })
    return { from: saved, to }
  }).filter(({ from, to }) => from !== to)
  return [...saves, ...copies]
}

function copyAll(copies: readonly Copy[]): void {
  for (let i = 0; i < copies.length; i++) {
    const { from, to } = copies[i] as Copy
    to.set(from)
  }
}

