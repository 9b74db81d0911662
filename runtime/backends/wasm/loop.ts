/** Loops: the body's code within a loop, its carries and rows copied in and out, its constants read where they are. */
import type { LoopStep } from '../../../ir/plan'
import { countOf } from '../reference/layout'
import { copyBytes } from './copy'
import { i32, type Code } from '../../../wasm/instructions'
import type { FunctionWriter } from '../../../wasm/module'
import type { Place, ProgramSite } from './site'
import { bytesOf } from './vectors'

/** The body of a loop, laid out. */
export interface Body { readonly place: (buffer: number) => Place; readonly code: () => Code }

/** @param body undefined where the loop has no trips */
export function lowerLoop(step: LoopStep, site: ProgramSite, body: Body | undefined): Code {
  return site.module.define(`loop ${site.nextKernel()}`, { parameters: [] }, f => {
    const trip = site.sizeOf(step.trip)
    const { carries, constants } = step
    const inputs = step.inputs.map(site.place)
    const outputs = step.outputs.map(site.place)
    const size = (place: Place) => countOf(place.shape) * bytesOf(place.element, site.precision)
    const copy = (from: Place, to: Place) => copyBytes(f, i32.const(to.address), i32.const(from.address), size(to))
    if (!body) {
      for (let i = 0; i < carries; i++) copy(inputs[i] as Place, outputs[i] as Place)
      return
    }
    const bodyInput = (at: number) => body.place(step.body.inputs[at]?.buffer ?? -1)
    const bodyResult = (at: number) => body.place(step.body.results[at]?.buffer ?? -1)
    const rows = inputs.slice(carries + constants).map((from, i) => ({ from, to: bodyInput(1 + carries + constants + i) }))
    const yields = outputs.slice(carries).map((to, i) => ({ from: bodyResult(carries + i), to }))
    for (let i = 0; i < carries; i++) copy(inputs[i] as Place, bodyInput(1 + i))

    const counter = f.local('i32', i32.const(step.reverse ? trip - 1 : 0))
    const rowOf = (place: Place, row: Place): Code => i32.add(i32.const(place.address), i32.mul(counter.get, i32.const(size(row))))
    f.repeat(trip, () => {
      f.emit(i32.store(i32.const(bodyInput(0).address), counter.get))
      for (const { from, to } of rows) copyBytes(f, i32.const(to.address), rowOf(from, to), size(to))
      f.emit(body.code())
      for (const { from, to } of yields) copyBytes(f, rowOf(to, from), i32.const(from.address), size(from))
      nextCarries(f, Array.from({ length: carries }, (_, i) => ({ from: bodyResult(i), to: bodyInput(1 + i) })), size, site)
      f.advance(counter, step.reverse ? -1 : 1)
    })
    for (let i = 0; i < carries; i++) copy(bodyInput(1 + i), outputs[i] as Place)
  })()
}

/**
 * The copies that turn a body's results into its next carries. A result that is a carry itself (`(a, b) = (b, a)`) is saved
 * first, since the copies would overwrite it.
 */
function nextCarries(f: FunctionWriter, pairs: readonly { readonly from: Place; readonly to: Place }[], size: (place: Place) => number, site: ProgramSite): void {
  const moved = pairs.filter(({ from, to }) => from.address !== to.address)
  const isCarry = (place: Place) => pairs.some(({ to }) => to.address === place.address)
  const saved = moved.filter(({ from }) => isCarry(from))
  const room = (place: Place) => Math.ceil(size(place) / 16) * 16
  const base = site.scratch(saved.reduce((sum, { from }) => sum + room(from), 0))
  let at = base
  const sources = new Map<Place, number>()
  for (const { from } of saved) {
    copyBytes(f, i32.const(at), i32.const(from.address), size(from))
    sources.set(from, at)
    at += room(from)
  }
  for (const { from, to } of moved) copyBytes(f, i32.const(to.address), i32.const(sources.get(from) ?? from.address), size(to))
}
