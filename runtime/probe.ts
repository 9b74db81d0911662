/** Before training: whether a model can do with the numbers of its data that are not finite, as one does that looks for them (`x == x`). */
import { areFinite, findNotFinite, whatToDo } from './data/notFinite'
import type { DataSet } from './data/prepare'
import { RunError } from './errors'
import type { Progress } from './runner'
import type { Settings } from './settings'
import { Stepper, type RunValues } from './stepper'

/**
 * Takes the loss and its gradient, and no step, of all rows that hold such numbers, in batches as training will have them.
 * @param count rows a batch
 * @throws RunError 'data' naming the first one, where a loss or a gradient is not finite
 */
export async function mustBearNotFinite(run: RunValues, { rows, split }: DataSet, { optimizer, seed }: Settings, count: number, progress: Progress): Promise<void> {
  const found = findNotFinite(run.given, rows)
  if (!found) return
  const { step } = await Stepper.make(run, optimizer.name, count)
  const gradient = new Float64Array(run.parameters.values.length)
  // Others fill the last batch up: a model may ask for several rows.
  const order = split.training.slice(0, count)
  for (let start = 0; start === 0 || start < found.rows.length; start += count) {
    order.set(found.rows.subarray(start, start + count))
    step.fillRows(order, 0, count)
    const running = step.run({ seed, step: progress.step }, progress)
    if (running) await running
    step.readGradient(gradient)
    const broken = !Number.isFinite(step.loss) ? `the loss is ${step.loss} with it` : !areFinite(gradient) ? 'the gradient is not finite with it' : undefined
    if (broken !== undefined) throw new RunError('data', `${found.first}, and ${broken}. ${whatToDo(found, rows.count)}`)
  }
}
