/**
 * The two files of a source: `model.bp.js`, which defines each model from its plan, and `model.bp.d.ts`, which knows the
 * names and shapes.
 */
import type { Plan } from '../../ir/plan'
import { declareTypes, docComment, functionInWords, functionType, IMPORTED_TYPES, isTypeName } from './declaration'
import { isBindable, isName, LiteralPrinter } from './literal'

export interface ModuleSource {
  /** Of the source, as the header names it: `moons.bp`. */
  readonly sourceName: string
  /** Of the compiler. */
  readonly version: string
  readonly plans: readonly Plan[]
  /** Functions and circuits, each as a model whose outputs are its results. */
  readonly functions?: readonly Plan[]
}

export interface EmittedModule {
  readonly js: string
  readonly dts: string
}

export function emitModule({ sourceName, version, plans, functions = [] }: ModuleSource): EmittedModule {
  const header = `// Generated from ${oneLine(sourceName)} by bpc ${oneLine(version)}. Changes here are lost; change the source.\n`
  const printer = new LiteralPrinter()
  const definitions = plans.map((plan, at) => exported(plan.model, at, local => `const ${local} = defineModel(${printer.print(plan)})`, ''))
  const functionDefinitions = functions.map((plan, at) =>
    exported(plan.model, plans.length + at, local => `const ${local} = defineFunction(${printer.print(plan)})`, ''))
  const interfaces = interfaceNames(plans)
  const declarations = plans.map((plan, at) => declareTypes(plan, interfaces[at] ?? '') + '\n' + declareModel(plan, at, interfaces[at] ?? ''))
  const functionDeclarations = functions.map((plan, at) =>
    exported(plan.model, plans.length + at, local => `declare const ${local}: ${functionType(plan)}`, docComment([plan.doc, functionInWords(plan)])))
  const imported = [...(plans.length > 0 ? ['defineModel'] : []), ...(functions.length > 0 ? ['defineFunction'] : [])]
  const all = [...declarations, ...functionDeclarations]
  const types = IMPORTED_TYPES.filter(type => all.some(text => new RegExp(`\\b${type}\\b`).test(text)))
  return {
    js: paragraphs([header, imported.length > 0 ? `import { ${imported.join(', ')} } from 'bp-lang'\n` : 'export {}\n', printer.preamble(), ...definitions, ...functionDefinitions]),
    dts: paragraphs([header, types.length > 0 ? `import type { ${types.join(', ')} } from 'bp-lang'\n` : 'export {}\n', ...all]),
  }
}

function declareModel(plan: Plan, at: number, types: string): string {
  const doc = docComment([plan.doc])
  const definition = exported(plan.model, at, local => `declare const ${local}: ModelDefinition<${types}>`, doc)
  // The same name for the definition and for the models it makes, as a class has.
  return isBound(plan.model) && isTypeName(plan.model) ? `${definition}${doc}export type ${plan.model} = Model<${types}>\n` : definition
}

/** A declaration under the model's own name, or, where no binding may have it, under another that is exported as it. */
function exported(name: string, at: number, declare: (local: string) => string, doc: string): string {
  if (isBound(name)) return `${doc}export ${declare(name)}\n`
  return `${doc}${declare(`$model${at}`)}\nexport { $model${at} as ${JSON.stringify(name)} }\n`
}

/** What the module itself imports cannot be declared again. */
const isBound = (name: string): boolean => isBindable(name) && name !== 'defineModel' && name !== 'defineFunction' && !IMPORTED_TYPES.some(type => type === name)

/** `MoonsTypes`, unless a model has that name. */
function interfaceNames(plans: readonly Plan[]): readonly string[] {
  const taken = new Set(plans.map(plan => plan.model))
  return plans.map(({ model }, at) => {
    let name = isName(model) ? `${model}Types` : `Model${at}Types`
    while (taken.has(name)) name += '_'
    taken.add(name)
    return name
  })
}

const paragraphs = (parts: readonly string[]): string => parts.filter(Boolean).join('\n')

const oneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, ' ')
