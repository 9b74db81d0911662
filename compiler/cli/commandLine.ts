/** Verbs, their flags and their help. What a verb does is loaded when it is asked for, so that small ones start fast. */
import { Argument, Command, CommanderError, Option } from 'commander'
import type { Shell } from './completions/complete'
import type { TemplateName } from './init/templates'
import { suggest } from '../diagnostics/suggest'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import type { Terminal } from './terminal'
import { unknownVerb } from './verbs'

/** @param words what stands behind `bpc` */
export async function runCommandLine(words: readonly string[], version: string, terminal: Terminal): Promise<ExitStatus> {
  const [first] = words
  if (first === undefined) {
    terminal.complain(allVerbs(version, terminal, () => undefined).helpInformation().trimEnd())
    return EXIT.usage
  }
  // `bpc help VERB` is about a verb, too.
  const verb = first === 'help' ? words[1] : first
  if (verb !== undefined && !verb.startsWith('-')) {
    const unknown = unknownVerb(verb)
    if (unknown) throw unknown
  }
  let status: ExitStatus = EXIT.done
  const finish: Finish = ended => { status = ended }
  const command = allVerbs(version, terminal, finish)
  try {
    await command.parseAsync([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw usageError(error)
  }
  return status
}

/** Commander's `error: unknown option '--sed'\n(Did you mean --seed?)` in our words. */
function usageError(error: CommanderError): Error {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const wrong = /^(?:option '(\S+).*' argument|command-argument value) '(.*)' is invalid(?: for argument '(.*)')?\. Allowed choices are (.*)\.$/.exec(message)
  if (wrong) {
    const [, option, value = '', argument, choices = ''] = wrong
    const near = suggest(value, choices.split(', '))
    return wrongUse(`${option ?? argument ?? ''} takes one of ${choices}, not '${value}'`, near && `did you mean ${near}?`)
  }
  return wrongUse(message, suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?'))
}

type Finish = (status: ExitStatus) => void

function bpc(version: string, terminal: Terminal, finish: Finish): Command {
  const program = new Command('bpc')
    .description('Compiles .bp: models that learn by backpropagation, classical and quantum.')
    .usage('FILE… | VERB …')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help; bpc VERB --help tells of one verb')
    .addHelpText('after', [
      '', 'Examples:', '  bpc moons.bp              writes moons.bp.js and moons.bp.d.ts', '  bpc train moons.bp        trains it by its train block',
      '', 'Exit status: 0 done, 1 the program has errors, 2 wrong use, 3 a run failed.',
    ].join('\n'))
    .exitOverride()
    .configureOutput({ writeOut: text => terminal.print(text.trimEnd()), writeErr: text => terminal.complain(text.trimEnd()), outputError: () => undefined })
  for (const verb of [buildVerb, checkVerb, trainVerb, evalVerb, diagnoseVerb, infoVerb, drawVerb, exportVerb, fmtVerb, explainVerb, initVerb, lspVerb]) verb(program, terminal, finish)
  return program
}

/** Those that complete words look at the others, so they are not among them. */
function allVerbs(version: string, terminal: Terminal, finish: Finish): Command {
  const others = () => bpc(version, terminal, finish)
  const program = others()
  program.command('completions')
    .description('print a script that completes verbs, flags, files and names in a shell')
    .addArgument(new Argument('<SHELL>', 'for which shell').choices(['bash', 'zsh', 'fish', 'powershell'] satisfies Shell[]))
    .addHelpText('after', example('bpc completions bash >> ~/.bashrc'))
    .helpOption('--help', 'print this help')
    .action(async (shell: Shell) => finish((await import('./completions/complete')).printScript(shell, others(), terminal)))
  program.command('complete', { hidden: true })
    .argument('[WORDS...]')
    .allowUnknownOption()
    .action(async (words: string[]) => finish((await import('./completions/complete')).printCandidates(words, others())))
  return program
}

type AddVerb = (program: Command, terminal: Terminal, finish: Finish) => void

const buildVerb: AddVerb = (program, terminal, finish) => {
  sourceVerb(program, 'build', 'bpc models/moons.bp --out-dir dist', { isDefault: true })
    .description('write FILE.js and FILE.d.ts for each FILE; the verb itself may be left out')
    .argument('<FILE...>', 'source files')
    .option('--out-dir <DIR>', 'write there instead of beside the source')
    .addOption(new Option('--emit <STAGE>', 'print what a phase of the compiler hands on, and write nothing').choices(['ast', 'graph', 'grad', 'plan']).conflicts('watch'))
    .option('--watch', 'build again whenever a file that it reads changes; Ctrl-C ends it')
    .action(async (files: string[], flags) => {
      if (flags.emit !== undefined) finish(await (await import('./emit')).emit(files, flags, terminal))
      else if (flags.watch) finish(await (await import('./watch')).watch(files, flags, terminal))
      else finish(await (await import('./build')).build(files, flags, terminal))
    })
}

const checkVerb: AddVerb = (program, terminal, finish) => {
  sourceVerb(program, 'check', 'bpc check models/*.bp')
    .description('report what is wrong with each FILE, and write nothing')
    .argument('<FILE...>', 'source files')
    .action(async (files: string[], flags) => finish(await (await import('./check')).check(files, flags, terminal)))
}

const trainVerb: AddVerb = (program, terminal, finish) => {
  runVerb(program, 'train', 'bpc train moons.bp --epochs 20 --out moons.safetensors')
    .description('train a model by its train block; flags go before what it says')
    .argument('<FILE>', 'source file')
    .addOption(count('--epochs <N>', 'passes over the data'))
    .addOption(count('--steps <N>', 'steps, in the place of epochs').conflicts('epochs'))
    .addOption(count('--batch <N>', 'rows a step'))
    .addOption(new Option('--rate <X>', "the optimizer's rate").argParser(positive('--rate')))
    .addOption(new Option('--holdout <F>', 'fraction of the rows to measure on instead of training').argParser(fraction('--holdout')))
    .addOption(count('--patience <N>', 'stop after N epochs without a better loss'))
    .option('--data <FILE>', 'a data file in the place of the one that is written')
    .option('--checkpoint <FILE>', 'keep there where the run stands, to go on from')
    .option('--resume <FILE>', 'go on from what a run has kept')
    .option('--out <FILE>', 'write the trained weights, as .safetensors')
    .option('--plot <FILE.svg>', 'draw loss and metrics by epoch, while it trains and when it ends')
    .option('--report <FILE.html>', 'write a page of its own about the run: curves, figures, parameters, model, circuits, data')
    .action(async (file: string, flags) => finish(await (await import('./train')).train(file, flags, terminal)))
}

const evalVerb: AddVerb = (program, terminal, finish) => {
  runVerb(program, 'eval', 'bpc eval moons.bp --values rows.json --set x=[[0.5,1]] --grad')
    .description('evaluate a model once, and print one JSON object: outputs, loss, metrics, gradients')
    .argument('<FILE>', 'source file')
    .option('--values <FILE.json>', 'inputs, targets and parameters by name, as nested arrays')
    .option('--set <NAME=JSON>', 'one of them (repeatable; goes before --values)', collect)
    .option('--grad', 'also the gradient of the loss by every parameter')
    .action(async (file: string, flags) => finish(await (await import('./eval')).evaluate(file, flags, terminal)))
}

const diagnoseVerb: AddVerb = (program, terminal, finish) => {
  sizedVerb(program, 'diagnose', 'bpc diagnose moons.bp --rows 8')
    .description('audit the gradients of a model: against differences of its loss, and between the methods of its circuits')
    .option('--weights <FILE>', 'at these weights (.safetensors) instead of first values')
    .option('--values <FILE.json>', 'inputs, targets and parameters by name, as nested arrays; the rest is drawn')
    .option('--set <NAME=JSON>', 'one of them (repeatable; goes before --values)', collect)
    .addOption(seed())
    .addOption(precision('of the audit (default: f64)'))
    .action(async (file: string, flags) => finish(await (await import('./diagnose')).diagnose(file, flags, terminal)))
}

const infoVerb: AddVerb = (program, terminal, finish) => {
  sizedVerb(program, 'info', 'bpc info moons.bp --size batch=32')
    .description('what a model holds, and what a step of it costs: parameters, FLOPs, circuit runs, bytes')
    .addOption(precision('of real'))
    .addOption(gradient())
    .action(async (file: string, flags) => finish(await (await import('./info')).info(file, flags, terminal)))
}

const drawVerb: AddVerb = (program, terminal, finish) => {
  circuitVerb(program, 'draw', 'bpc draw moons.bp --out model.svg', 'which model or circuit; the model, where FILE has one')
    .description('draw a model or a circuit of FILE, which may be .qasm too, as text, or as SVG into --out FILE.svg')
    .option('--out <FILE>', 'write a .svg or .txt file instead of printing text')
    .option('--text', 'text, whatever --out is called')
    .addOption(count('--width <N>', 'characters a line of text, or pixels of an SVG'))
    .action(async (file: string, name: string | undefined, flags) => finish(await (await import('./draw')).draw(file, name, flags, terminal)))
}

const exportVerb: AddVerb = (program, terminal, finish) => {
  circuitVerb(program, 'export', 'bpc export bell.bp bell --to qiskit --out bell.py', 'which circuit or model, where the file has several')
    .description('write a circuit of FILE, which may be .qasm too, for another framework; or a model in ONNX')
    .option('--to <FORMAT>', 'openqasm3, openqasm2, qiskit, cirq, pyquil, quil, braket, cudaq, myqlm, quirk or bp; of a model onnx')
    .option('--out <FILE>', 'write there instead of printing; a model without it becomes NAME.onnx beside FILE')
    .option('--weights <FILE>', 'of a model: its trained weights (.safetensors) instead of first values')
    .addOption(new Option('--seed <N>', 'of the first values of a model').argParser(wholeNumber('--seed', 0)))
    .addOption(precision('of real in a model'))
    .action(async (file: string, name: string | undefined, flags) => finish(await (await import('./export')).exportTo(file, name, flags, terminal)))
}

const fmtVerb: AddVerb = (program, terminal, finish) => {
  sourceVerb(program, 'fmt', 'bpc fmt models/*.bp')
    .description('lay each FILE out anew; what it means stays as it is')
    .argument('<FILE...>', 'source files; - is standard input, and then the result goes to standard output')
    .option('--check', 'write nothing; name the files that are laid out otherwise, and end with 1 if there are any')
    .action(async (files: string[], flags) => finish(await (await import('./fmt')).fmt(files, flags, terminal)))
}

const explainVerb: AddVerb = (program, terminal) => {
  program.command('explain')
    .description('what a diagnostic means')
    .argument('<CODE>', 'as its message names it: BP3004, or shape-mismatch')
    .option('--const <NAME=VALUE>', 'without effect here', collect)
    .addHelpText('after', example('bpc explain BP3004'))
    .helpOption('--help', 'print this help')
    .action(async (code: string) => (await import('./explain')).explain(code, terminal))
}

const initVerb: AddVerb = (program, terminal, finish) => {
  program.command('init')
    .description('start a project that trains with one command, in a new folder or in this one')
    .argument('[NAME]', 'the folder')
    .addOption(new Option('--template <NAME>', 'what to start from').choices(['classifier', 'hybrid', 'vqe'] satisfies TemplateName[]).default('classifier'))
    .addHelpText('after', example('bpc init moons --template hybrid'))
    .helpOption('--help', 'print this help')
    .action(async (name: string | undefined, flags) => finish(await (await import('./init/init')).init(name, flags, terminal)))
}

const lspVerb: AddVerb = program => {
  program.command('lsp')
    .description('serve an editor over standard input and output (language server protocol)')
    // Clients name the channel; there is one.
    .option('--stdio', 'the only channel there is')
    .addHelpText('after', example('bpc lsp'))
    .helpOption('--help', 'print this help')
    .action(async () => (await import('./lsp')).lsp())
}

/** A verb that compiles. */
function sourceVerb(program: Command, name: string, usage: string, options: { isDefault?: boolean } = {}): Command {
  return program.command(name, options)
    .helpOption('--help', 'print this help')
    .option('--const <NAME=VALUE>', 'replace a const of the file (repeatable)', collect)
    .option('--json', 'print diagnostics on standard output, one JSON object a line')
    .addHelpText('after', example(usage))
}

/** A verb about one circuit. */
function circuitVerb(program: Command, name: string, usage: string, which: string): Command {
  return sourceVerb(program, name, usage)
    .argument('<FILE>', 'source file')
    .argument('[NAME]', which)
    .option('--values <FILE.json>', 'arguments of a circuit by name, or parameters of a model, as nested arrays')
    .option('--set <NAME=JSON>', 'one of them (repeatable; goes before --values)', collect)
}

/** A verb about one model at given sizes. */
function sizedVerb(program: Command, name: string, usage: string): Command {
  return sourceVerb(program, name, usage)
    .argument('<FILE>', 'source file')
    .option('--model <NAME>', 'which model, where the file has several')
    .addOption(count('--rows <N>', 'size of the leading dimension of the inputs'))
    .option('--size <NAME=N>', 'size of a dimension (repeatable)', collect)
}

/** A verb that also runs what it compiled. */
function runVerb(program: Command, name: string, usage: string): Command {
  return sourceVerb(program, name, usage)
    .option('--model <NAME>', 'which model, where the file has several')
    .option('--weights <FILE>', 'start from these weights (.safetensors)')
    .addOption(seed())
    .addOption(precision('of real'))
    .addOption(new Option('--backend <NAME>', 'what runs it').choices(['auto', 'wasm', 'reference']))
    .addOption(gradient())
}

const seed = (): Option => new Option('--seed <N>', 'of every random draw').argParser(wholeNumber('--seed', 0))

const precision = (description: string): Option => new Option('--precision <P>', description).choices(['f32', 'f64'])

const gradient = (): Option => new Option('--gradient <METHOD>', 'of every circuit').choices(['parameter_shift', 'adjoint', 'finite_difference'])

const example = (line: string): string => `\nExample:\n  ${line}`

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const count = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(wholeNumber(flags.split(' ')[0] ?? flags, 1))

const wholeNumber = (option: string, least: number) => (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) throw wrongUse(`${option} takes a whole number from ${least}, not '${text}'`)
  return value
}

const positive = (option: string) => (text: string): number => {
  const value = Number(text)
  if (!text.trim() || !Number.isFinite(value) || value <= 0) throw wrongUse(`${option} takes a positive number, not '${text}'`)
  return value
}

const fraction = (option: string) => (text: string): number => {
  const value = Number(text)
  if (!text.trim() || !(value >= 0 && value < 1)) throw wrongUse(`${option} takes a fraction from 0 to below 1, not '${text}'`)
  return value
}
