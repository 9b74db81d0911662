/** Second derivatives of circuits whose method gives first ones only: which a model takes is known once its programs are there. */
import type { Annotation } from '../1-parse/ast'
import { ownModules, type Module } from '../2-check/modules'
import type { DiagnosticSink } from '../diagnostics/sink'
import { circuitSteps, orderOf } from '../../ir/circuitSteps'
import type { Plan, Program } from '../../ir/plan'
import type { GradientMethod } from '../../quantum/engine'

const FIRST_ONLY: ReadonlySet<string> = new Set<GradientMethod>(['finite_difference', 'spsa'])

/** Whether there is anything to look for. */
export function hasFirstOrderCircuit(module: Module): boolean {
  return methodsOf(module).some(({ method }) => FIRST_ONLY.has(method))
}

/** Reports each circuit once, at its annotation. What an option of the command asks for instead stops the run. */
export function checkOrders(plans: readonly Plan[], module: Module, sink: DiagnosticSink): void {
  const methods = methodsOf(module).filter(({ method }) => FIRST_ONLY.has(method))
  if (methods.length === 0) return
  const reported = new Set<Annotation>()
  for (const plan of plans) {
    for (const step of Object.values(plan.entries).flatMap((program: Program) => circuitSteps(program))) {
      if (orderOf(step) < 2) continue
      const found = methods.find(({ circuit, method }) => circuit === step.attributes.circuit.name && method === step.attributes.method)
      if (!found || reported.has(found.annotation)) continue
      reported.add(found.annotation)
      sink.report('first-order-only', found.annotation.span, { method: found.method, model: plan.model })
    }
  }
}

interface AnnotatedMethod { readonly circuit: string; readonly method: string; readonly annotation: Annotation }

function methodsOf(module: Module): readonly AnnotatedMethod[] {
  return [...ownModules(module)].flatMap(({ file }) => file.declarations).flatMap(declaration => {
    if (declaration.kind !== 'routine' || declaration.routine !== 'circuit') return []
    const annotation = declaration.annotations.find(({ name }) => name.name === 'gradient')
    const value = annotation?.arguments[0]?.value
    return annotation && value?.kind === 'name' ? [{ circuit: declaration.name.name, method: value.name, annotation }] : []
  })
}
