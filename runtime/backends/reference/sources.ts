/** Routines that make tensors from nothing but their attributes and sizes. */
import type { OpAttributes } from '../../../ir/op'
import type { Executor, RoutineSite } from './executor'

export function prepareConstant({ data }: OpAttributes['constant'], { output }: RoutineSite): Executor {
  return () => output.data.set(data)
}

export function prepareFill({ value }: OpAttributes['fill'], { output }: RoutineSite): Executor {
  return () => { output.data.fill(value) }
}

export function prepareSize({ value }: OpAttributes['size'], { output, sizeOf }: RoutineSite): Executor {
  const size = sizeOf(value)
  return () => { output.data[0] = size }
}

export function prepareIota(_: OpAttributes['iota'], { output }: RoutineSite): Executor {
  return () => { for (let i = 0; i < output.data.length; i++) output.data[i] = i }
}
