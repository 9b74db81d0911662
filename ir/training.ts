/**
 * The training part of a plan: what a train block says, its values folded. The tables of optimizers and schedules stand here
 * because compiler and runtime both fill in their defaults; an option is one row.
 */

/** What an option may be, in words and as a test; numbers are finite. */
export const OPTION_KINDS = {
  positive: { words: 'a positive number', takes: (value: number) => value > 0 },
  nonnegative: { words: 'a number from 0 on', takes: (value: number) => value >= 0 },
  fraction: { words: 'a number from 0 to below 1', takes: (value: number) => value >= 0 && value < 1 },
  count: { words: 'a whole number from 1 on', takes: (value: number) => Number.isSafeInteger(value) && value >= 1 },
  flag: { words: '`true` or `false`', takes: () => false },
} as const satisfies Record<string, { readonly words: string; readonly takes: (value: number) => boolean }>

export type OptionKind = keyof typeof OPTION_KINDS

export const takesOption = (kind: OptionKind, value: unknown): value is number | boolean =>
  kind === 'flag' ? typeof value === 'boolean' : typeof value === 'number' && Number.isFinite(value) && OPTION_KINDS[kind].takes(value)

export interface OptionRow<Fallback extends number | boolean | undefined = number | boolean | undefined> {
  readonly fallback: Fallback
  readonly kind: OptionKind
  readonly doc: string
}

const number = (fallback: number, kind: OptionKind, doc: string): OptionRow<number> => ({ fallback, kind, doc })
const flag = (fallback: boolean, doc: string): OptionRow<boolean> => ({ fallback, kind: 'flag', doc })
const optional = (kind: OptionKind, doc: string): OptionRow<undefined> => ({ fallback: undefined, kind, doc })

const rate = (fallback: number) => number(fallback, 'nonnegative', 'size of a step')
const decay = (fallback = 0) => number(fallback, 'nonnegative', 'weight decay: added to the gradient as decay · θ')
const decoupled = (fallback: number) => number(fallback, 'nonnegative', 'weight decay, apart from the gradient: θ shrinks by rate · decay')
const epsilon = (fallback: number) => number(fallback, 'nonnegative', 'added to the denominator')
const beta = (fallback: number, doc: string) => number(fallback, 'fraction', doc)

// -------------------------------------------------------------------------------------------------- optimizers

/**
 * Options in the order in which they may be given without a name, with PyTorch's defaults where PyTorch has the optimizer;
 * lion's are its paper's (Chen et al. 2023), spsa's gain exponents Spall's (1998).
 */
export const OPTIMIZERS = {
  sgd: {
    rate: rate(0.01), momentum: beta(0, 'of the velocity'), nesterov: flag(false, 'look ahead along the velocity'), decay: decay(),
  },
  adam: {
    rate: rate(0.001), beta1: beta(0.9, 'of the mean'), beta2: beta(0.999, 'of the mean square'), epsilon: epsilon(1e-8), decay: decay(),
  },
  adamw: {
    rate: rate(0.001), beta1: beta(0.9, 'of the mean'), beta2: beta(0.999, 'of the mean square'), epsilon: epsilon(1e-8), decay: decoupled(0.01),
  },
  rmsprop: {
    rate: rate(0.01), alpha: beta(0.99, 'of the mean square'), epsilon: epsilon(1e-8), momentum: beta(0, 'of the velocity'),
    centered: flag(false, 'divide by the deviation, not the mean square'), decay: decay(),
  },
  adagrad: {
    rate: rate(0.01), rate_decay: number(0, 'nonnegative', 'the rate is divided by 1 + rate_decay · (t − 1)'),
    initial: number(0, 'nonnegative', 'what the sum of squares starts from'), epsilon: epsilon(1e-10), decay: decay(),
  },
  lion: {
    rate: rate(0.0001), beta1: beta(0.9, 'of the step'), beta2: beta(0.99, 'of the mean that is kept'), decay: decoupled(0),
  },
  lbfgs: {
    rate: number(1, 'positive', 'what the line search tries first'), history: number(10, 'count', 'pairs of steps and changes of the gradient that are kept'),
    evaluations: number(25, 'count', 'of the loss, at most, in a line search'),
    tolerance: number(1e-10, 'nonnegative', 'training ends where no element of the gradient is larger'),
  },
  newton: {
    rate: number(1, 'positive', 'part of the step that is taken'), damping: number(0, 'nonnegative', 'λ of (H + λ I) d = g'),
    tolerance: number(1e-10, 'nonnegative', 'training ends where no element of the gradient is larger'),
  },
  natural_gradient: {
    rate: rate(0.01), damping: number(0.001, 'nonnegative', 'λ of (F + λ I) d = g'),
  },
  rotosolve: {
    tolerance: number(1e-10, 'nonnegative', 'training ends where going through all parameters lowers the loss by no more'),
  },
  spsa: {
    rate: number(0.1, 'nonnegative', 'a of the gains a/(A + t)^α'), perturbation: number(0.1, 'positive', 'c of the widths c/t^γ'),
    stability: number(10, 'nonnegative', 'A; a tenth of the steps is a good choice'), alpha: number(0.602, 'nonnegative', 'α'), gamma: number(0.101, 'nonnegative', 'γ'),
  },
} as const satisfies Record<string, Readonly<Record<string, OptionRow<number> | OptionRow<boolean>>>>

export type OptimizerName = keyof typeof OPTIMIZERS

/** Options and their values, by a row of a table. */
export type OptionsOf<Rows> = { readonly [Key in keyof Rows as Rows[Key] extends OptionRow<undefined> ? never : Key]:
  Rows[Key] extends OptionRow<boolean> ? boolean : number }
  & { readonly [Key in keyof Rows as Rows[Key] extends OptionRow<undefined> ? Key : never]?: number }

/** The options of one optimizer, all of them. */
export type OptimizerOptionsOf<Name extends OptimizerName> = OptionsOf<(typeof OPTIMIZERS)[Name]>

export type OptimizerPlan = { readonly [Name in OptimizerName]: { readonly name: Name } & OptimizerOptionsOf<Name> }[OptimizerName]

/** What trains when nothing else is said. */
export const DEFAULT_OPTIMIZER: OptimizerName = 'adam'

/**
 * How an optimizer works. `gradient`: element by element, from one gradient, so that parameters may have options of their own
 * and gradients may be clipped. The others look at the loss itself: `search` at all rows at once and as often as it needs,
 * `hessian` at its second derivatives, `metric` at the metric of its circuits' states, `sinusoid` at the frequencies by which it
 * turns, `loss` at nothing but values.
 */
export const OPTIMIZER_KINDS = {
  sgd: 'gradient', adam: 'gradient', adamw: 'gradient', rmsprop: 'gradient', adagrad: 'gradient', lion: 'gradient',
  lbfgs: 'search', newton: 'hessian', natural_gradient: 'metric', rotosolve: 'sinusoid', spsa: 'loss',
} as const satisfies Readonly<Record<OptimizerName, 'gradient' | 'search' | 'hessian' | 'metric' | 'sinusoid' | 'loss'>>

/** Those for which rows that come in turns would be another loss at each step. */
export const takesAllRows = (name: OptimizerName): boolean => ['search', 'hessian', 'sinusoid'].includes(OPTIMIZER_KINDS[name])

/** Those that take each number by itself: their options may differ from parameter to parameter. */
export const takesGroups = (name: OptimizerName): boolean => isGradientName(name) || OPTIMIZER_KINDS[name] === 'loss'

/** Those that need one gradient. */
export type GradientName = { [Name in OptimizerName]: (typeof OPTIMIZER_KINDS)[Name] extends 'gradient' ? Name : never }[OptimizerName]

export const isGradientName = (name: OptimizerName): name is GradientName => OPTIMIZER_KINDS[name] === 'gradient'

// --------------------------------------------------------------------------------------------------- schedules

const lengthInSteps = optional('count', 'its length in steps')
const lengthInEpochs = optional('count', 'its length in epochs')

/** Factors on every rate. Without a length of their own, cosine and one_cycle take what is left of the run. */
export const SCHEDULES = {
  constant: {},
  step: { every: number(30, 'count', 'epochs between two changes; steps where the run is so many steps long'), factor: number(0.1, 'nonnegative', 'what the rate is multiplied by') },
  cosine: { steps: lengthInSteps, epochs: lengthInEpochs, floor: number(0, 'nonnegative', 'where it ends, as a part of the rate') },
  one_cycle: {
    steps: lengthInSteps, epochs: lengthInEpochs, rise: number(0.3, 'fraction', 'part of the run in which the rate grows'),
    start: number(1 / 25, 'nonnegative', 'where it starts, as a part of the rate'), end: number(1 / 250_000, 'nonnegative', 'where it ends, as a part of the rate'),
  },
  warmup: { steps: lengthInSteps, epochs: lengthInEpochs },
  plateau: {
    factor: number(0.1, 'fraction', 'what the rate is multiplied by'), patience: number(10, 'count', 'epochs without a better loss that are borne'),
    threshold: number(1e-4, 'nonnegative', 'better is a loss below (1 − threshold) times the best'), floor: number(0, 'nonnegative', 'least part of the rate'),
  },
} as const satisfies Record<string, Readonly<Record<string, OptionRow<number> | OptionRow<undefined>>>>

export type ScheduleName = keyof typeof SCHEDULES

export type SchedulePlan = { readonly [Name in ScheduleName]: { readonly name: Name } & OptionsOf<(typeof SCHEDULES)[Name]> }[ScheduleName]

// ------------------------------------------------------------------------------------------------- train blocks

/** A train block. Flags of the command and options of `fit` override it. */
export interface TrainPlan {
  readonly data?: DataPlan
  /** A fraction or the last rows of the data, or a file of its own, as written. */
  readonly holdout?: { readonly fraction: number } | { readonly last: number } | { readonly file: string }
  readonly standardize: readonly string[]
  readonly optimizer: OptimizerPlan
  /** One after the other; absent for a constant rate. */
  readonly schedule?: readonly SchedulePlan[]
  readonly clip?: ClipPlan
  readonly groups?: readonly GroupPlan[]
  readonly epochs?: number
  readonly steps?: number
  readonly batch?: number
  readonly seed?: number
  /** Epochs without a better loss after which training stops. */
  readonly patience?: number
  readonly checkpoint?: CheckpointPlan
  /** Inputs that are not read from the data, by name. */
  readonly given?: Readonly<Record<string, GivenPlan>>
  /** Of every parameter that is trained, in the plan's order; only where the optimizer asks for it. */
  readonly spectra?: readonly SpectrumPlan[]
}

/**
 * How the loss turns with each number of a parameter, the others being fixed: as Σ aₖ cos(kuθ) + bₖ sin(kuθ) over k = 0 … count,
 * u the unit; 0 where nothing turns with it.
 */
export interface SpectrumPlan {
  readonly path: string
  readonly units: readonly number[]
  readonly counts: readonly number[]
}

/** Gradients are cut element by element, or shrunk together until their Euclidean norm is at most this. */
export type ClipPlan = { readonly kind: 'value' | 'norm'; readonly limit: number }

/** Options of the optimizer that hold for some parameters: `path` is one, or begins the paths of several. */
export interface GroupPlan {
  readonly path: string
  readonly options: Readonly<Record<string, number | boolean>>
}

export interface CheckpointPlan {
  /** As written, relative to the source file. */
  readonly file: string
  /** How often, in epochs or in steps. */
  readonly every: number
  readonly unit: 'epochs' | 'steps'
}

export interface GivenPlan { readonly shape: readonly number[]; readonly data: readonly number[] }

// --------------------------------------------------------------------------------------------------------- data

export interface DataPlan {
  /** As written, relative to the source file. */
  readonly file: string
  readonly columns: readonly { readonly input: string; readonly from: ColumnSource }[]
}

/** How a file is read, by its name; undefined where it is not. */
export function dataFormat(file: string): { readonly format: 'csv' | 'json' | 'npy' | 'parquet'; readonly isCompressed: boolean } | undefined {
  const [, ending = '', gz] = /\.(csv|tsv|json|npy|parquet)(\.gz)?$/i.exec(file) ?? []
  const format = ending.toLowerCase()
  switch (format) {
    case 'csv': case 'tsv': return { format: 'csv', isCompressed: gz !== undefined }
    case 'json': case 'npy': return { format, isCompressed: gz !== undefined }
    // Compressed inside, where at all.
    case 'parquet': return gz === undefined ? { format, isCompressed: false } : undefined
    default: return undefined
  }
}

export const DATA_FORMATS = '.csv, .tsv, .json and .npy, each also with .gz, and .parquet'

/** What an input is read from; every row gives as many numbers. */
export type ColumnSource =
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** By position, half open. */
  | { readonly kind: 'positions'; readonly low: number; readonly high: number }
  | { readonly kind: 'number'; readonly value: number }
  /** Side by side. */
  | { readonly kind: 'concat'; readonly parts: readonly ColumnSource[] }
  /** Element by element; what has one column goes with each of several. */
  | { readonly kind: 'scalar'; readonly fn: ColumnFunction; readonly args: readonly ColumnSource[] }
  /** `size` columns for each: 1 at the class, 0 elsewhere; a class outside 0..size is an error. */
  | { readonly kind: 'oneHot'; readonly of: ColumnSource; readonly size: number }
  /** The letters of a text as their places in the alphabet; `other` stands for letters that are not in it. */
  | { readonly kind: 'letters'; readonly of: ColumnSource; readonly alphabet: string; readonly other?: number }

/** Scalar functions that a `data` line may use; rows of the table of scalar functions. */
export const COLUMN_FUNCTIONS = [
  'add', 'sub', 'mul', 'div', 'idiv', 'mod', 'pow', 'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'sqrt', 'exp', 'expm1', 'log', 'log1p', 'sin', 'cos', 'tanh', 'min', 'max',
] as const
export type ColumnFunction = (typeof COLUMN_FUNCTIONS)[number]
