/** What a model was trained with, its train block and the flags before it, as lines of the report. */
import type { FitOptions } from 'bp-lang'
import type { TrainPlan } from '../../../ir/training'

type Line = readonly [name: string, value: string]

export function settingLines(block: TrainPlan, options: FitOptions, seed: number): readonly Line[] {
  const ownLength = options.epochs !== undefined || options.steps !== undefined
  const { epochs, steps } = ownLength ? options : block
  const schedule = block.schedule?.map(({ name, ...rest }) => called(name, rest)).join(', ')
  const groups = block.groups?.map(({ path, options: own }) => `${path} { ${assignments(own)} }`).join(', ')
  const { name, ...rest } = { ...block.optimizer, ...options.optimizer }
  const lines: readonly (readonly [string, string | number | undefined])[] = [
    ['seed', seed], ['optimizer', called(name, rest)], ['schedule', schedule], ['clip', block.clip && `${block.clip.kind}(${block.clip.limit})`], ['groups', groups],
    ['epochs', epochs], ['steps', steps], ['batch', options.batch ?? block.batch ?? 'all rows'], ['patience', options.patience ?? block.patience],
    ['holdout', holdoutText(options.holdout ?? block.holdout)],
  ]
  return lines.flatMap(([line, value]): Line[] => (value === undefined ? [] : [[line, String(value)]]))
}

const assignments = (options: object): string => Object.entries(options).map(([name, value]) => `${name} = ${String(value)}`).join(', ')

const called = (name: string, options: object): string => `${name}(${assignments(options)})`

function holdoutText(holdout: FitOptions['holdout'] | TrainPlan['holdout']): string | undefined {
  if (holdout === undefined || holdout === 0) return undefined
  if (typeof holdout === 'number') return `${holdout} of the rows`
  if ('fraction' in holdout) return `${holdout.fraction} of the rows`
  return 'last' in holdout ? `the last ${holdout.last} rows` : holdout.file
}
