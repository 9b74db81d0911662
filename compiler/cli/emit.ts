/** `bpc build --emit`: what one of the compiler's phases hands on, on standard output; nothing is written. */
import type { Stages } from '../compile'
import { printGraph } from '../../ir/print'
import { positionAt, type Span } from '../source/source'
import { EXIT, wrongUse, type ExitStatus } from './outcome'
import { compileAll, stagesOfAll, type SourceFlags } from './sources'
import type { Terminal } from './terminal'

export const STAGES = ['ast', 'graph', 'grad', 'plan'] as const

export interface EmitFlags extends SourceFlags {
  readonly emit: (typeof STAGES)[number]
  readonly outDir?: string
}

export async function emit(files: readonly string[], flags: EmitFlags, terminal: Terminal): Promise<ExitStatus> {
  if (flags.outDir !== undefined) throw wrongUse(`--emit ${flags.emit} prints, and writes nothing into ${flags.outDir}`, 'leave --out-dir out')
  if (flags.emit === 'plan') {
    const compiled = await compileAll(files, flags, terminal)
    if (!compiled) return EXIT.program
    // One plan a line: a file may have several models.
    for (const { compilation } of compiled) for (const plan of compilation.plans) terminal.print(JSON.stringify(plan))
    return EXIT.done
  }
  const stages = await stagesOfAll(files, flags, terminal)
  if (!stages) return EXIT.program
  for (const each of stages) for (const text of textsOf(each, flags)) terminal.print(text)
  return EXIT.done
}

function textsOf({ file, models }: Stages, { emit: stage, json }: EmitFlags): readonly string[] {
  switch (stage) {
    case 'ast': {
      const { file: _, ...tree } = file
      return [json ? JSON.stringify(tree, (_, value: unknown) => (isSpan(value) ? { start: value.start, end: value.end } : value)) : treeText(tree)]
    }
    case 'graph': case 'grad': return models.flatMap(model => model[stage].map(({ title, graph, outputNames }) =>
      json ? JSON.stringify({ model: model.name, stage: title, text: printGraph(graph, outputNames) }) : `// ${model.name}: ${title}\n${printGraph(graph, outputNames)}`))
    case 'plan': return []
    default: return stage satisfies never
  }
}

/** `span`, and others such as `operatorSpan`. */
function isSpan(value: unknown): value is Span {
  return typeof value === 'object' && value !== null && 'file' in value && 'start' in value && 'end' in value
}

// ---------------------------------------------------------------------------------------------------------- trees

/** A node a line, its place behind it, and what it holds below it, two spaces in. */
function treeText(tree: object): string {
  return Object.entries(tree).flatMap(([key, value]) => treeLines(key, value, '')).join('\n')
}

function treeLines(key: string, value: unknown, indent: string): readonly string[] {
  if (value === undefined || isSpan(value) || (Array.isArray(value) && value.length === 0)) return []
  if (Array.isArray(value)) return [`${indent}${key}:`, ...value.flatMap((item: unknown) => treeLines('-', item, `${indent}  `))]
  const label = key === '-' ? '-' : `${key}:`
  if (typeof value !== 'object' || value === null) return value === '' ? [] : [`${indent}${label} ${JSON.stringify(value)}`]
  const { kind, ...rest } = value as Readonly<Record<string, unknown>>
  const place = 'span' in value && isSpan(value.span) ? placeOf(value.span) : ''
  // A name and its place alone are one line.
  if (kind === undefined && typeof rest['name'] === 'string' && Object.keys(rest).length <= 2) return [`${indent}${label} ${rest['name']} ${place}`.trimEnd()]
  const head = `${indent}${[label, kind, place].filter(Boolean).join(' ')}`
  return [head, ...Object.entries(rest).flatMap(([name, inner]) => treeLines(name, inner, `${indent}  `))]
}

function placeOf({ file, start }: Span): string {
  const { line, column } = positionAt(file, start)
  return `@${line}:${column}`
}
