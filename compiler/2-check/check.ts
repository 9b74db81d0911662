/**
 * Names: every name means something, is declared once, and every statement stands where it may. Types and shapes are the
 * elaborator's; it takes a name that is reported here as known to be wrong and says no more about it.
 */
import type { Expression, Train, TrainOption } from '../1-parse/ast'
import type { DiagnosticSink } from '../diagnostics/sink'
import { among } from '../diagnostics/suggest'
import { ownModules, type Module } from './modules'
import { checkRecursion } from './recursion'
import type { NameTable } from './names'
import { NameRecorder } from './recorder'
import { Scope } from './scope'
import { Body, isInvalidCallable } from './body'

/**
 * Checks a file and every file of the user's that it reaches.
 * @param names takes down what every name means, where an editor asks for it
 */
export function check(entry: Module, sink: DiagnosticSink, names?: NameTable): void {
  for (const module of ownModules(entry)) checkModule(module, sink, names && new NameRecorder(module, names))
}

function checkModule(module: Module, sink: DiagnosticSink, recorder: NameRecorder | undefined): void {
  recorder?.file()
  const missing = new Set<string>()
  for (const declaration of module.file.declarations) {
    switch (declaration.kind) {
      case 'const': new Body(module, sink, 'const', missing, recorder).expression(declaration.value, new Scope()); break
      case 'routine': new Body(module, sink, declaration.routine, missing, recorder).routine(declaration); break
      case 'model': new Body(module, sink, 'model', missing, recorder).model(declaration); break
      case 'train':
        recorder?.train(declaration)
        checkTrain(declaration, module, sink, new Body(module, sink, 'const', missing, recorder))
        break
      case 'invalid': break
      default: declaration satisfies never
    }
  }
  checkRecursion(module, sink)
}

function checkTrain(train: Train, module: Module, sink: DiagnosticSink, body: Body): void {
  const names = module.models.map(model => model.name.name)
  const broken = isInvalidCallable(module.callables.get(train.name.name)) || train.name.name === ''
  if (!names.includes(train.name.name) && !broken) {
    sink.report('unknown-model', train.name.span, { name: train.name.name, ...among(train.name.name, names) })
  }
  for (const value of train.options.flatMap(expressionsOf)) body.expression(value, new Scope())
}

/** What is an expression like any other; columns, inputs and the names of optimizers and schedules are no names of the file. */
function expressionsOf({ name: { name }, values, entries = [] }: TrainOption): readonly Expression[] {
  switch (name) {
    case 'data': case 'standardize': return []
    case 'optimizer': case 'schedule': case 'clip': return values.flatMap(value => (value.kind === 'call' ? value.arguments.map(argument => argument.value) : []))
    case 'given': case 'holdout': case 'group': case 'epochs': case 'steps': case 'batch': case 'seed': case 'patience': case 'checkpoint':
      return [...values, ...entries.map(entry => entry.value)]
    // Of an option that there is not, nobody knows what its values mean.
    default: return []
  }
}

