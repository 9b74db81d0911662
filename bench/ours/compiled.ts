/** Our side: a program's text, compiled here, and its plan prepared on the backend that a model gets by itself. */
import { compile } from '../../compiler/compile'
import type { CompileOptions, Host } from '../../compiler/host'
import type { Plan } from '../../ir/plan'
import { chooseBackend } from '../../runtime/backends/choose'
import type { Executable } from '../../runtime/backends/backend'
import { loadPlan, type EntryName } from '../../runtime/load'

const ENTRY = 'bench.bp'

export async function compilePlan(text: string, options: CompileOptions = {}): Promise<Plan> {
  const host: Host = { readText: path => Promise.resolve(path === ENTRY ? text : undefined), readBytes: () => Promise.resolve(undefined), resolve: (_, path) => path }
  const { plans: [plan], diagnostics } = await compile(ENTRY, host, options)
  if (!plan) throw new Error(`our own program does not compile: ${diagnostics.map(({ message }) => message).join('; ')}\n${text}`)
  return plan
}

const { backend, choice } = await chooseBackend('auto')

/** Which backend a model gets by itself. */
export const backendName = (): string => choice.name

/** An entry of a plan without dimension names, its inputs filled. @throws Error for an input that has no value, or another length */
export async function prepareEntry(plan: Plan, entry: EntryName, values: Readonly<Record<string, ArrayLike<number>>>): Promise<Executable> {
  const executable = await loadPlan(plan, backend).executable(entry, new Map())
  for (const { name, data } of executable.inputs) {
    const value = values[name]
    if (value?.length !== data.length) throw new Error(`'${name}' takes ${data.length} numbers, not ${value?.length ?? 'none'}`)
    data.set(value)
  }
  return executable
}

/** Runs an executable that answers at once, as all do that have nothing to wait for. */
export function runAtOnce(executable: Executable): void {
  const running = executable.run({ seed: 0, step: 0 })
  if (running) throw new Error('the backend does not answer at once, so it cannot be timed like this')
}
