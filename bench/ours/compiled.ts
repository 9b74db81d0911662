/** Our side: a program's text, compiled here, and its plan prepared on the backend that a model gets by itself. */
import { compile } from '../../compiler/compile'
import type { CompileOptions, Host } from '../../compiler/host'
import type { Plan } from '../../ir/plan'
import { chooseBackend } from '../../runtime/backends/choose'
import type { Executable } from '../../runtime/backends/backend'
import { loadPlan, type EntryName } from '../../runtime/load'
import type { Contender, Threads } from '../harness/contender'

const ENTRY = 'bench.bp'

export async function compilePlan(text: string, options: CompileOptions = {}): Promise<Plan> {
  const host: Host = { readText: path => Promise.resolve(path === ENTRY ? text : undefined), readBytes: () => Promise.resolve(undefined), resolve: (_, path) => path }
  const { plans: [plan], diagnostics } = await compile(ENTRY, host, options)
  if (!plan) throw new Error(`our own program does not compile: ${diagnostics.map(({ message }) => message).join('; ')}\n${text}`)
  return plan
}

/** Which backend a model gets by itself. */
export const backendName = async (): Promise<string> => (await chooseBackend('auto')).choice.name

/** For the runtime, where undefined is as many as it takes by itself. */
export const threadsOption = (threads: Threads): number | undefined => (threads === 1 ? 1 : undefined)

/** An entry of a plan without dimension names, its inputs filled. @throws Error for an input that has no value, or another length */
export async function prepareEntry(plan: Plan, entry: EntryName, values: Readonly<Record<string, ArrayLike<number>>>, threads: Threads): Promise<Executable> {
  const { backend } = await chooseBackend('auto', threadsOption(threads))
  const executable = await loadPlan(plan, backend).executable(entry, new Map())
  for (const { name, data } of executable.inputs) {
    const value = values[name]
    if (value?.length !== data.length) throw new Error(`'${name}' takes ${data.length} numbers, not ${value?.length ?? 'none'}`)
    data.set(value)
  }
  return executable
}

/** Runs it as a model does: waiting only where there is something to wait for. */
export const runs = (executable: Executable): Contender['time'] => async repetitions => {
  const context = { seed: 0, step: 0 }
  const start = performance.now()
  for (let i = 0; i < repetitions; i++) {
    const running = executable.run(context)
    if (running) await running
  }
  return (performance.now() - start) / 1000
}
