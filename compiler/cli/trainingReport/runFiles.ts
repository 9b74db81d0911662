/** `--plot` and `--report`: files that show a training run, written while it goes and when it ends, however it ends. */
import type { EpochRecord, FitOptions, History, LoadedData, Model } from 'bp-lang'
import { circuitSteps } from '../../../ir/circuitSteps'
import type { Plan } from '../../../ir/plan'
import type { TrainPlan } from '../../../ir/training'
import { drawSvg } from '../../../quantum/draw/svg'
import { compileCircuits, compileOutlines } from '../../compile'
import type { CompileOptions } from '../../host'
import { VERSION } from '../../version'
import { modelGraph } from '../modelGraph/graph'
import { graphSvg } from '../modelGraph/svg'
import { NODE_HOST } from '../nodeHost'
import { drawChart } from '../plot/chart'
import { panelsOf } from '../plot/curves'
import { factsOf, nounOf, type Expected } from '../progress'
import { writeFiles } from '../writeFiles'
import { reportPage, type PageFacts } from './page'
import { settingLines } from './settings'

/** Where they go. */
export interface RunFileFlags { readonly plot?: string; readonly report?: string }

export interface RunFacts {
  readonly file: string
  readonly plan: Plan
  readonly block: TrainPlan
  readonly model: Model
  readonly options: FitOptions
  readonly compiled: CompileOptions
  readonly data?: { readonly file: string; readonly loaded: LoadedData }
  readonly expected: Expected
  /** The words of the command, `train moons.bp --report moons.html`. */
  readonly words: readonly string[]
}

/** Milliseconds between two drawings of a run that goes on: whoever has the picture open can watch. */
const REDRAW = 2000

/** What of the report is known before the run, and read then: the files may change while it goes. */
type Opening = Pick<PageFacts, 'command' | 'when' | 'versions' | 'settings' | 'graph' | 'circuits' | 'data' | 'source'>

export class RunFiles {
  private readonly epochs: EpochRecord[] = []
  private drawn = performance.now()

  private constructor(private readonly flags: RunFileFlags, private readonly facts: RunFacts, private readonly opening: Opening | undefined) {}

  static async open(flags: RunFileFlags, facts: RunFacts): Promise<RunFiles> {
    return new RunFiles(flags, facts, flags.report === undefined ? undefined : await openingOf(facts))
  }

  epoch(record: EpochRecord): Promise<void> | undefined {
    this.epochs.push(record)
    const { plot } = this.flags
    if (plot === undefined || performance.now() - this.drawn < REDRAW) return undefined
    this.drawn = performance.now()
    return writeFiles([{ path: plot, content: this.chart(this.epochs, undefined) }])
  }

  /**
   * @param final the epoch that the weights are of
   * @returns what was written, in words
   */
  async end(history: History | undefined, final: EpochRecord | undefined): Promise<readonly string[]> {
    const { plot, report } = this.flags
    // That of a run that goes on has the epochs before it, too.
    const epochs = history?.epochs ?? this.epochs
    const best = history?.best?.epoch
    // Without held-out rows the best epoch says little, unless training went back to it.
    const chart = this.chart(epochs, best === final?.epoch || epochs.at(-1)?.holdout ? best : undefined)
    const shown = epochs.length > 0
    const files = [
      ...plot !== undefined && shown ? [{ path: plot, content: chart, what: 'curves' }] : [],
      ...report !== undefined && this.opening ? [{ path: report, content: reportPage(this.page(this.opening, chart, epochs, history, final)), what: 'report' }] : [],
    ]
    await writeFiles(files)
    return files.map(({ what, path }) => `${what} in ${path}`)
  }

  private chart(epochs: readonly EpochRecord[], best: number | undefined): string {
    const { expected } = this.facts
    const isLast = best === undefined || best === epochs.at(-1)?.epoch
    return drawChart(panelsOf(epochs), { title: expected.model, subtitle: factsOf(expected), noun: nounOf(expected), ...isLast ? {} : { best } })
  }

  private page(opening: Opening, chart: string, epochs: readonly EpochRecord[], history: History | undefined, final: EpochRecord | undefined): PageFacts {
    const { plan, model, expected } = this.facts
    const parameters = model.parameters.list.map(({ path, shape, frozen, range, doc, view }) => ({ path, shape, frozen, range, doc, values: view }))
    return { ...opening, plan, epochs, history, final, noun: nounOf(expected), chart, parameters }
  }
}

async function openingOf({ file, plan, block, model, options, compiled, data, expected, words }: RunFacts): Promise<Opening> {
  const { outlines, routines } = await compileOutlines(file, NODE_HOST, compiled)
  const outline = outlines.find(each => each.model.name === plan.model)
  const called = new Set(Object.values(plan.entries).flatMap(program => (program ? circuitSteps(program) : [])).map(({ attributes }) => attributes.circuit.name))
  const { circuits } = await compileCircuits(file, NODE_HOST, compiled)
  return {
    command: ['bpc', ...words].map(quoted).join(' '), when: new Date(),
    versions: [['backend', `${model.backend.name}, ${model.precision}`], ['bp', VERSION], ['Node', process.versions.node]],
    settings: settingLines(block, options, expected.seed),
    graph: outline ? graphSvg(modelGraph(outline, routines)) : '',
    circuits: circuits.filter(({ circuit }) => called.has(circuit.name)).map(({ circuit, angles, wireNames, doc }) => ({ name: circuit.name, doc, svg: drawSvg(circuit, angles, { wireNames }) })),
    data: data && { file: data.file, data: data.loaded, rows: expected.rows, held: expected.held },
    source: { file, text: await NODE_HOST.readText(file) ?? '' },
  }
}

/** As a shell would want it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
