/** A function or circuit of a .bp file as a plain function of tensors. */
import type { Plan } from '../ir/plan'
import { RunError } from './errors'
import { Model } from './model'
import type { AnyTensor } from './tensor'

/** @throws RunError 'usage' for a wrong number of arguments; 'data' or 'sizes' for one that does not fit */
export type PlainFunction<Arguments extends readonly unknown[], Result> = (...args: Arguments) => Promise<Result>

/** What the generated modules call. The program is loaded with the first call. */
export function defineFunction<Arguments extends readonly unknown[] = readonly unknown[], Result = AnyTensor>(plan: Plan): PlainFunction<Arguments, Result> {
  let model: Promise<Model> | undefined
  return async (...args) => {
    if (args.length !== plan.inputs.length) {
      const takes = plan.inputs.map(input => input.name).join(', ')
      throw new RunError('usage', `${plan.model}(${takes}) takes ${plan.inputs.length} arguments, found ${args.length}`)
    }
    model ??= Model.create(plan)
    const outputs = await (await model).predict(Object.fromEntries(plan.inputs.map((input, at) => [input.name, args[at]])))
    const results = plan.outputs.map(output => outputs[output.name])
    // The plan's results are those that the types were generated from.
    return (results.length === 1 ? results[0] : results) as Result
  }
}
