/** What a training run tells while it goes: a bar where a person watches, a few lines where nobody does, JSON on request. */
import type { EpochRecord, History, StepRecord } from 'bp-lang'
import { SingleBar } from 'cli-progress'
import { numberText } from './numbers'
import type { Terminal } from './terminal'

/** Known before the first step. */
export interface Expected {
  readonly model: string
  readonly parameters: number
  readonly seed: number
  /** Rows to train on and held out; 0 for a model without data. */
  readonly rows: number
  readonly held: number
  readonly stepsPerEpoch: number
  readonly steps: number
}

export interface Progress {
  begin(expected: Expected): void
  step(record: StepRecord): void
  epoch(record: EpochRecord): void
  end(result: Result): void
  /** Leaves the terminal as it was; also after `end`, and where training fails. */
  close(): void
}

export function progressFor(asJson: boolean, terminal: Terminal): Progress {
  if (asJson) return new JsonProgress(terminal)
  return terminal.isLive ? new BarProgress(terminal) : new LineProgress(terminal)
}

/** How training went, and where its weights are. */
export interface Result {
  readonly history: History
  /** The epoch that the weights are of; absent where none was completed. */
  readonly epoch: EpochRecord | undefined
  /** The file written. */
  readonly weights: string | undefined
}

// --------------------------------------------------------------------------------------------------------- JSON

class JsonProgress implements Progress {
  constructor(private readonly terminal: Terminal) {}

  begin(): void { /* the first line is the first epoch */ }
  step(): void { /* a line a step would be most of the work */ }
  close(): void { /* nothing is open */ }

  epoch(record: EpochRecord): void {
    this.terminal.print(`{"event":"epoch",${epochText(record)}}`)
  }

  end({ history, epoch, weights }: Result): void {
    const text = epoch ? epochText(epoch) : '"epoch":0,"loss":null,"metrics":{},"holdout":null'
    this.terminal.print(`{"event":"end",${text},"steps":${history.steps},"seconds":${history.seconds},`
      + `"stopped":${JSON.stringify(history.stopped)},"seed":${history.seed},"weights":${JSON.stringify(weights ?? null)}}`)
  }
}

interface Measured { readonly loss: number; readonly metrics: Readonly<Record<string, number>> }

function epochText(record: EpochRecord): string {
  return `"epoch":${record.epoch},${measuredText(record)},"holdout":${record.holdout ? `{${measuredText(record.holdout)}}` : 'null'}`
}

/** Means over steps are 64-bit, whatever the steps were. */
function measuredText({ loss, metrics }: Measured): string {
  const entries = Object.entries(metrics).map(([name, value]) => `${JSON.stringify(name)}:${numberText(value, false)}`)
  return `"loss":${numberText(loss, false)},"metrics":{${entries.join(',')}}`
}

// ------------------------------------------------------------------------------------------------------- lines

/** However long training is, about so many epochs are shown. */
const LINES = 20

class LineProgress implements Progress {
  private epochs = Infinity
  private noun = ''
  private shown = 0

  constructor(private readonly terminal: Terminal) {}

  begin(expected: Expected): void {
    this.epochs = epochsOf(expected)
    this.noun = nounOf(expected)
    this.terminal.print(opening(expected))
  }

  step(): void { /* an epoch is news enough */ }
  close(): void { /* nothing is open */ }

  epoch(record: EpochRecord): void {
    const every = Math.max(1, Math.ceil(this.epochs / LINES))
    if (record.epoch === 1 || record.epoch % every === 0 || record.epoch === this.epochs) this.show(record)
  }

  end(result: Result): void {
    const last = result.history.epochs.at(-1)
    if (last && last.epoch !== this.shown) this.show(last)
    this.terminal.print(closing(result))
  }

  private show(record: EpochRecord): void {
    this.shown = record.epoch
    this.terminal.print(`${this.noun} ${record.epoch}/${this.epochs}  ${summary(record)}`)
  }
}

// --------------------------------------------------------------------------------------------------------- bar

/** Milliseconds between updates: steps can be faster than any eye. */
const REDRAW = 80

class BarProgress implements Progress {
  private bar: SingleBar | undefined
  private text = ''
  private drawn = 0
  private epochs = Infinity
  private noun = ''

  constructor(private readonly terminal: Terminal) {}

  begin(expected: Expected): void {
    this.terminal.print(opening(expected))
    this.epochs = epochsOf(expected)
    this.noun = nounOf(expected)
    this.bar = new SingleBar({
      stream: this.terminal.errorStream, hideCursor: true, clearOnComplete: true, etaBuffer: 100, barsize: 24,
      barCompleteChar: '█', barIncompleteChar: '░', format: '{bar} {percentage}%  {text}  ETA {eta_formatted}',
    })
    this.bar.start(expected.steps, 0, { text: '' })
  }

  step({ step, epoch, loss }: StepRecord): void {
    const now = performance.now()
    if (now - this.drawn < REDRAW) return
    this.drawn = now
    this.bar?.update(step, { text: this.text || `${this.noun} ${epoch}/${this.epochs}  loss ${short(loss)}` })
  }

  epoch(record: EpochRecord): void {
    this.text = `${this.noun} ${record.epoch}/${this.epochs}  ${summary(record)}`
    this.bar?.update(record.steps, { text: this.text })
  }

  end(result: Result): void {
    this.close()
    this.terminal.print(closing(result))
  }

  close(): void {
    this.bar?.stop()
    this.bar = undefined
  }
}

// ------------------------------------------------------------------------------------------------------- words

const epochsOf = ({ steps, stepsPerEpoch }: Expected): number => Math.ceil(steps / stepsPerEpoch)

/** Why training ended. */
export const WHY: Readonly<Record<History['stopped'], string>> = {
  done: 'trained', patience: 'stopped, as nothing got better', aborted: 'interrupted', converged: 'trained until nothing got better',
}

/** Without data there is nothing to go through in an epoch. */
export const nounOf = ({ rows }: Expected): string => rows > 0 ? 'epoch' : 'step'

const opening = (expected: Expected): string => `${expected.model}: ${factsOf(expected)}`

export function factsOf({ parameters, rows, held, seed }: Expected): string {
  return [plural(parameters, 'parameter'), ...rows ? [`${plural(rows, 'row')} to train on`] : [], ...held ? [`${held} held out`] : [], `seed ${seed}`].join(', ')
}

function closing({ history, epoch, weights }: Result): string {
  const why = WHY[history.stopped]
  const from = epoch && epoch !== history.epochs.at(-1) ? `; the weights are those of epoch ${epoch.epoch}` : ''
  const lines = [`${why} after ${plural(history.steps, 'step')}, ${history.seconds.toFixed(1)} s${from}${epoch ? `: ${summary(epoch)}` : ''}`]
  if (weights !== undefined) lines.push(`weights in ${weights}`)
  return lines.join('\n')
}

function summary(record: EpochRecord): string {
  const words = ({ loss, metrics }: Measured) =>
    [`loss ${short(loss)}`, ...Object.entries(metrics).map(([name, value]) => `${name} ${short(value)}`)].join('  ')
  return record.holdout ? `${words(record)}  held out: ${words(record.holdout)}` : words(record)
}

/** Six digits are enough to watch. */
const short = (value: number): string => String(Number(value.toPrecision(6)))

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
