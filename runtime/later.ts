/**
 * Functions that a page loads when it first calls them. Beside these, training is loaded when a model is first trained (model.ts), a backend
 * when it is chosen (backends/choose.ts), and what few programs need with the first that does (backends/wasm/host.ts and routines.ts for
 * operations, backends/wasm/lateTeam.ts for threads, quantum/engines/loadEngine.ts for circuits).
 */
import type { Sizes } from '../ir/dim'
import type { Plan, Precision } from '../ir/plan'
import type { OptimizerPlan } from '../ir/training'
import type { DataContent } from './data/content'
import type { LoadedData, LoadOptions } from './data/load'
import type { TrainingMemory } from './memory'

/**
 * Reads the model's inputs from the content of its data file, as the plan's train block says; the file's name there tells the format.
 * Rows are read piece by piece into numbers, of the columns that are used.
 * @param content text, bytes, or a Blob, which need not be in memory as a whole: a browser's `File`, Node's `fs.openAsBlob(path)`
 * @throws RunError 'data' naming the file, the row and the column; 'usage' when the plan names no data
 */
export async function loadData(plan: Plan, content: DataContent, options: LoadOptions = {}): Promise<LoadedData> {
  return await (await import('./data/load')).loadData(plan, content, options)
}

/** What a step of training takes, with all that stays from step to step; undefined where the plan has no loss. */
export async function trainingMemory(plan: Plan, sizes: Sizes, precision: Precision, optimizer?: OptimizerPlan): Promise<TrainingMemory | undefined> {
  return (await import('./fit')).trainingMemory(plan, sizes, precision, optimizer)
}
