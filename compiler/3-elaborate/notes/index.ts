/**
 * What is worth saying about a program without mistakes: things that are legal, and seldom meant. Each note goes by what is
 * written, or by what surely holds, so that none is wrong; a program with errors hears of those alone.
 */
import { ownModules, type Module } from '../../2-check/modules'
import type { DiagnosticSink } from '../../diagnostics/sink'
import type { ElaboratedModel } from '../model'
import { noteDegrees } from './degrees'
import { noteDimensionSlips, noteUnpairedRows } from './dimensions'
import { noteDoubledActivations, noteLogarithms, noteSquaredClasses } from './losses'
import { noteShadowed } from './shadowed'
import { noteShiftCosts } from './shiftCosts'
import { written } from './tree'
import { noteUnreached } from './unreached'
import { noteUnused, noteUnusedImports } from './unused'

export function takeNotes(entry: Module, models: readonly ElaboratedModel[], sink: DiagnosticSink): void {
  // What another file imports may be there for whoever uses that file.
  noteUnusedImports(entry, sink)
  for (const module of ownModules(entry)) {
    for (const declaration of module.file.declarations) {
      if (declaration.kind === 'const' || declaration.kind === 'routine') noteShadowed(declaration, sink)
      if (declaration.kind !== 'routine' && declaration.kind !== 'model') continue
      const within = written(module, declaration)
      const unused = noteUnused(within, sink)
      noteDegrees(within, sink)
      noteDoubledActivations(within, sink)
      noteLogarithms(within, sink)
      noteDimensionSlips(within, sink)
      const model = declaration.kind === 'model' && module === entry ? models.find(({ name }) => name === declaration.name.name) : undefined
      if (!model || declaration.kind !== 'model') continue
      noteUnreached(declaration, model, unused, sink)
      noteUnpairedRows(within, sink)
      noteShiftCosts(entry, model, sink)
      noteSquaredClasses(within, classCounts(model), sink)
    }
  }
}

/** How many classes each input has that is declared with some. */
function classCounts({ inputs }: ElaboratedModel): ReadonlyMap<string, number> {
  return new Map(inputs.flatMap(({ name, classes }) => (classes ? [[name, classes.high - classes.low] as const] : [])))
}
