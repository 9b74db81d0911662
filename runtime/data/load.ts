/** The door to reading data files: the parser comes with it only when a file is read. */
import type { Plan, Precision } from '../../ir/plan'
import { RunError } from '../errors'
import type { DataTable } from './csv'

/**
 * Reads the model's inputs from the text of its data file, as the plan's train block says.
 * @throws RunError 'data' naming the file, the line and the column; 'usage' when the plan names no data
 */
export async function loadData(plan: Plan, text: string, precision: Precision = plan.precision): Promise<DataTable> {
  const data = plan.train?.data
  if (!data) throw new RunError('usage', `model ${plan.model} names no data file: its train block has no data line`)
  const { readCsv } = await import('./csv')
  return readCsv(text, data, plan.inputs, precision)
}
