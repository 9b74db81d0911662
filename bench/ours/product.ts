/** Our matrix product: one `@`, compiled to a plan for fixed sizes; what is timed is the entry's run, its inputs already in place. */
import type { Contender, Threads } from '../harness/contender'
import { spread, STREAM, type WorkOf } from '../harness/work'
import { compilePlan, prepareEntry, runs } from './compiled'

export async function ourProduct({ n, samples }: WorkOf<'product'>, threads: Threads): Promise<Contender> {
  const plan = await compilePlan(`model Product {\n  input a: real[${n}, ${n}]\n  input b: real[${n}, ${n}]\n  output c = a @ b\n}\n`)
  const executable = await prepareEntry(plan, 'predict', { a: spread(STREAM.weights, n * n, 1), b: spread(STREAM.weights + 1, n * n, 1) }, threads)
  const time = runs(executable)
  await time(1)
  const [result] = executable.results
  if (!result) throw new Error('there is no product')
  return { values: samples.map(at => result.data[at] ?? NaN), time }
}
