/** Names that are known without being declared. */
import { SPECIAL_ROWS } from './specialGates'

/** Values known everywhere. */
export const KNOWN_VALUES: ReadonlySet<string> = new Set(['pi'])

/** What a training run tells models and layers: a bool, and two ints that count from 1 and are 0 outside training. */
export const RUN_VALUES: ReadonlySet<string> = new Set(['training', 'step', 'epoch'])

/** Gates that take something besides angles; the table of gates has the rest. */
export const SPECIAL_GATES: ReadonlySet<string> = new Set(SPECIAL_ROWS.map(({ name }) => name))

/** What else a line of a circuit may begin with. */
export const STATEMENT_WORDS_OF_CIRCUITS = ['qubits', 'let', 'for', 'if', 'return'] as const

/** Options of a train block. */
export const OPTIONS = [
  'data', 'given', 'holdout', 'standardize', 'optimizer', 'schedule', 'clip', 'group', 'epochs', 'steps', 'batch', 'seed', 'patience', 'checkpoint',
] as const
export type OptionName = (typeof OPTIONS)[number]
