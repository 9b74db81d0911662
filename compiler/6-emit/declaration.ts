/** What TypeScript is told of a model: the names of what it takes and gives, and their shapes. */
import { printDim, type Dim } from '../../ir/dim'
import type { Plan, PlanInput, PlanValue } from '../../ir/plan'
import { printType, real, type TensorType } from '../../ir/type'
import { isBindable, isName, propertyKey } from './literal'

/** Types of the runtime that declarations are made of. */
export const IMPORTED_TYPES = ['Model', 'ModelDefinition', 'PlainFunction', 'Tensor', 'TensorLike'] as const

/** Names that a type of a module must not have: it would be another type, or hide one that is used. */
const TAKEN_TYPES: ReadonlySet<string> = new Set([
  ...IMPORTED_TYPES, 'Record', 'any', 'unknown', 'never', 'number', 'bigint', 'boolean', 'string', 'symbol', 'object', 'infer', 'keyof', 'readonly', 'unique', 'asserts', 'is',
])

export const isTypeName = (name: string): boolean => isName(name) && !TAKEN_TYPES.has(name)

/** The interface of a model's names and shapes. */
export function declareTypes(plan: Plan, interfaceName: string): string {
  const role = (wanted: PlanInput['role']) => plan.inputs.filter(input => input.role === wanted)
  const given = (input: PlanInput) => property(input.name, `TensorLike${typeArguments(input.type)}`, [input.doc, inWords(input)])
  const groups: readonly (readonly [name: string, members: readonly string[]])[] = [
    ['inputs', role('input').map(given)],
    ['targets', role('target').map(given)],
    ['outputs', plan.outputs.map(output => property(output.name, `Tensor${typeArguments(output.type)}`, [output.doc, inWords(output)]))],
    ['metrics', plan.metrics.map(name => property(name, 'number', []))],
    ['parameters', plan.parameters.map(({ path, shape, frozen, doc }) =>
      property(path, `Tensor${typeArguments(real(...shape))}`, [doc, `\`${printType(real(...shape))}\`${frozen ? ', frozen' : ''}`]))],
  ]
  const body = groups.map(([name, members]) => (members.length === 0
    ? `  readonly ${name}: Record<never, never>\n`
    : `  readonly ${name}: {\n${members.join('')}  }\n`))
  return `/** What \`${inComment(plan.model)}\` takes and gives, by name. */\nexport interface ${interfaceName} {\n${body.join('')}}\n`
}

/** The type of a function that is exported: named arguments in order, one result or several. */
export function functionType(plan: Plan): string {
  const parameters = plan.inputs.map(({ name, type }, at) => `${isBindable(name) ? name : `argument${at}`}: TensorLike${typeArguments(type)}`)
  const results = plan.outputs.map(({ type }) => `Tensor${typeArguments(type)}`)
  return `PlainFunction<[${parameters.join(', ')}], ${results.length === 1 ? results[0] : `[${results.join(', ')}]`}>`
}

/** Its signature for a comment. */
export const functionInWords = (plan: Plan): string =>
  `\`(${plan.inputs.map(input => `${input.name}: ${printType(input.type)}`).join(', ')}) -> ${plan.outputs.map(output => printType(output.type)).join(', ')}\``

/** A comment for editors; nothing where there is nothing to say. */
export function docComment(paragraphs: readonly string[], indent = ''): string {
  const lines = paragraphs.filter(text => text.trim() !== '').flatMap((text, at) => [...(at > 0 ? [''] : []), ...inComment(text).split('\n')])
  const [only] = lines
  if (only === undefined) return ''
  if (lines.length === 1) return `${indent}/** ${only.trim()} */\n`
  return `${indent}/**\n${lines.map(line => `${indent} * ${line.trim()}`.trimEnd() + '\n').join('')}${indent} */\n`
}

function property(name: string, type: string, doc: readonly string[]): string {
  return `${docComment(doc, '    ')}    readonly ${propertyKey(name)}: ${type}\n`
}

const inComment = (text: string): string => text.replaceAll('*/', '*\u200b/').replaceAll('\r', '')

function inWords({ type, ...rest }: PlanValue & Partial<Pick<PlanInput, 'classes'>>): string {
  return `\`${printType(type)}${rest.classes ? ` in ${rest.classes.low}..${rest.classes.high}` : ''}\``
}

/** `<[batch: number, 4], 'int'>`; real is what the helpers take when told nothing. */
function typeArguments({ element, shape }: TensorType): string {
  return `<[${shape.map(axis).join(', ')}]${element === 'real' ? '' : `, '${element}'`}>`
}

/** A size that is known is part of the type; a name stays as a label. */
function axis(dim: Dim): string {
  if (typeof dim === 'number') return String(dim)
  const name = printDim(dim)
  return isName(name) ? `${name}: number` : 'number'
}
