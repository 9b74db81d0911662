/** What an editor says of the names of the language, from the tables that the compiler and the reference pages go by. */
import { CIRCUIT_FUNCTIONS, FUNCTIONS, INITIALIZERS, parametersOf, type Signature } from '../2-check/functions'
import { KNOWN_VALUES, OPTIONS, RUN_VALUES, type OptionName } from '../2-check/knownNames'
import type { BuiltIn } from '../2-check/names'
import { SPECIAL_ROWS } from '../2-check/specialGates'
import { OPTIMIZERS, OPTION_KINDS, SCHEDULES, type OptionRow } from '../../ir/training'
import { GATES } from '../../quantum/gates'

export interface Described {
  readonly name: string
  /** As it is written. */
  readonly title: string
  readonly doc: string
  readonly parameters: readonly DescribedParameter[]
}

export interface DescribedParameter {
  readonly name: string
  readonly doc: string
  /** Given as `name = …` only. */
  readonly byName: boolean
}

/** All names of a table, in its order. */
export function builtInsOf(table: BuiltIn['table']): readonly Described[] {
  switch (table) {
    case 'function': return Object.entries(FUNCTIONS).map(ofSignature)
    case 'measurement': return Object.entries(CIRCUIT_FUNCTIONS).map(ofSignature)
    case 'initializer': return Object.entries(INITIALIZERS).map(ofSignature)
    case 'gate': return [
      ...Object.entries(GATES).map(([name, { angles, qubits, doc }]) => ({
        name, title: `${name}${angles.length > 0 ? `(${angles.join(', ')})` : ''} ${['a', 'b', 'c', 'd'].slice(0, qubits).join(', ')}`, doc,
        parameters: angles.map(angle => ({ name: angle, doc: 'radians', byName: false })),
      })),
      ...SPECIAL_ROWS.map(({ name, written, doc }) => ({ name, title: written, doc, parameters: writtenParameters(written) })),
    ]
    case 'value': return [...KNOWN_VALUES, ...RUN_VALUES].map(name => ({ name, title: name, doc: VALUE_DOCS[name] ?? '', parameters: [] }))
    case 'train': return OPTIONS.map(name => ({ name, title: OPTION_DOCS[name][0], doc: OPTION_DOCS[name][1], parameters: [] }))
    case 'optimizer': return Object.entries(OPTIMIZERS).map(ofRows)
    case 'schedule': return Object.entries(SCHEDULES).map(ofRows)
    case 'clip': return ['norm', 'value'].map(name => ({
      name, title: `${name}(limit)`, doc: name === 'norm' ? 'the whole gradient is scaled to at most this norm' : 'each element of the gradient is held within ±limit',
      parameters: [{ name: 'limit', doc: OPTION_KINDS.positive.words, byName: false }],
    }))
    default: return table satisfies never
  }
}

export function describedBuiltIn({ table, name }: BuiltIn): Described | undefined {
  return builtInsOf(table).find(each => each.name === name)
}

function ofSignature([name, signature]: readonly [string, Signature]): Described {
  const parameters = parametersOf(signature).map(({ name: parameter, optional, byName }) => ({ name: parameter, doc: optional ? 'may be left out' : '', byName }))
  return { name, title: `${name}${signature.text}`, doc: signature.doc, parameters }
}

function ofRows([name, rows]: readonly [string, Readonly<Record<string, OptionRow>>]): Described {
  const parameters = Object.entries(rows).map(([option, { fallback, kind, doc }]) => ({
    name: option, doc: `${doc}; ${OPTION_KINDS[kind].words}${fallback === undefined ? '' : `, ${fallback} unless given`}`, byName: false,
  }))
  const title = `${name}(${Object.entries(rows).map(([option, { fallback }]) => (fallback === undefined ? option : `${option} = ${fallback}`)).join(', ')})`
  return { name, title, doc: '', parameters }
}

/** `amplitudes(re, im) q` → re, im. */
function writtenParameters(written: string): readonly DescribedParameter[] {
  const inside = /\(([^)]*)\)/.exec(written)?.[1]
  return inside === undefined ? [] : inside.split(',').map(name => ({ name: name.trim(), doc: '', byName: false }))
}

const VALUE_DOCS: Readonly<Record<string, string>> = {
  pi: 'π = 3.14159…',
  training: 'bool: true in training steps only',
  step: 'int: the step of training, from 1; 0 outside of it',
  epoch: 'int: the epoch of training, from 1; 0 outside of it',
}

/** How an option of a train block is written, and what it does. */
const OPTION_DOCS: { readonly [Name in OptionName]: readonly [title: string, doc: string] } = {
  data: ['data "file.csv" { input = column }', 'The file that inputs and targets are read from; the path is relative to the source.'],
  given: ['given input = value', 'An input that no column has.'],
  holdout: ['holdout 0.2', 'The part of the rows that training never sees; also `holdout last 30`, and `holdout "test.csv"`.'],
  standardize: ['standardize x', 'Mean and deviation of an input, over the training rows, are taken out; they are saved with the weights.'],
  optimizer: ['optimizer adam(rate = 0.02)', 'What takes the steps.'],
  schedule: ['schedule cosine()', 'A factor on every rate, that changes as training goes on.'],
  clip: ['clip norm(1)', 'Holds gradients within a limit.'],
  group: ['group w { rate = 0.1 }', 'Options of the optimizer for some parameters.'],
  epochs: ['epochs 40', 'How often training goes through all rows.'],
  steps: ['steps 1000', 'How many steps are taken, in the place of epochs.'],
  batch: ['batch 32', 'Rows a step; all of them where it is not given.'],
  seed: ['seed 7', 'Of first values, of the order of rows, and of every draw.'],
  patience: ['patience 10', 'Epochs without a better loss, after which training ends; the best weights are kept.'],
  checkpoint: ['checkpoint "run.ckpt"', 'Where the state of the run is kept, to go on from.'],
}
