/**
 * The table of rooms: who may import whom, and which package may be imported where. docs/architecture.md tells why.
 *
 * A room is the longest path of `ROOMS` that a file's path starts with. A file may import its own room, and the rooms that
 * its row lists; type-only imports count.
 */
import { posix } from 'node:path'
import { importsOf, type Import } from './imports'

/** What every phase of the compiler may lean on. */
const SHARED = ['compiler/source', 'compiler/diagnostics', 'compiler/host.ts', 'ir', 'quantum'] as const

const PHASES = [
  'compiler/1-parse', 'compiler/2-check', 'compiler/3-elaborate', 'compiler/4-differentiate', 'compiler/5-optimize', 'compiler/6-emit',
] as const

/** Phase n sees what it shares with all, and the phases before it. */
const phaseRows = Object.fromEntries(PHASES.map((phase, n) => [phase, [...SHARED, ...PHASES.slice(0, n)]]))

/** Only the standard library's text is bundled into the compiler, and only in the phase that reads modules. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  wasm: [],
  quantum: ['wasm'],
  ir: ['quantum'],
  runtime: ['ir', 'quantum', 'wasm'],
  stdlib: [],
  examples: [],
  'compiler/source': [],
  'compiler/diagnostics': ['compiler/source'],
  'compiler/host.ts': ['compiler/diagnostics', 'ir', 'quantum'],
  ...phaseRows,
  'compiler/2-check': [...phaseRows['compiler/2-check'] ?? [], 'stdlib'],
  'compiler/format': ['compiler/source', 'compiler/diagnostics', 'compiler/1-parse'],
  'compiler/onnx': ['ir'],
  'compiler/lsp': [...SHARED, 'compiler/1-parse', 'compiler/2-check', 'compiler/3-elaborate', 'compiler', 'compiler/format'],
  // compile.ts and index.ts, which tie the phases together.
  compiler: [...SHARED, ...PHASES, 'compiler/onnx', 'compiler/format'],
  'compiler/cli': [...SHARED, ...PHASES, 'compiler', 'compiler/onnx', 'compiler/format', 'compiler/lsp'],
}

interface PackageRule {
  readonly rooms: readonly string[]
  /** Types aside, loaded when it is first needed and by one file only, the package's adapter. */
  readonly isAdapted?: boolean
  /** Loaded only inside `import(…)`, types aside: where the same module also runs in a browser. */
  readonly isLazyIn?: readonly string[]
}

const PACKAGES: Readonly<Record<string, PackageRule>> = {
  chevrotain: { rooms: ['compiler/1-parse'] },
  'onnx-proto': { rooms: ['compiler/onnx'], isAdapted: true },
  'quantum-circuit': { rooms: ['quantum'], isAdapted: true },
  'gpu.js': { rooms: ['runtime'], isAdapted: true },
  'csv-parse': { rooms: ['runtime'] },
  hyparquet: { rooms: ['runtime'], isAdapted: true },
  'hyparquet-compressors': { rooms: ['runtime'], isAdapted: true },
  commander: { rooms: ['compiler/cli'] },
  chokidar: { rooms: ['compiler/cli'], isAdapted: true },
  picocolors: { rooms: ['compiler/cli'] },
  'cli-progress': { rooms: ['compiler/cli'] },
  'd3-scale': { rooms: ['compiler/cli'] },
  'd3-shape': { rooms: ['compiler/cli'] },
  '@bomb.sh/tab': { rooms: ['compiler/cli'] },
  'vscode-languageserver': { rooms: ['compiler/lsp', 'compiler/cli'] },
  'vscode-languageserver-textdocument': { rooms: ['compiler/lsp'] },
  /** By its public name the command and the examples load the runtime, as any user's program does. */
  'bp-lang': { rooms: ['compiler/cli', 'examples'] },
  'node:': { rooms: ['compiler/cli', 'runtime', 'examples'], isLazyIn: ['runtime'] },
}

/** Files that may import by a computed name, each with its reason. */
const COMPUTED: Readonly<Record<string, string>> = {
  'runtime/files.ts': 'bundlers for a browser leave a computed import of node:fs alone, and would stumble over a literal one',
}

/** Imports of types that no cycle is blamed on, each with its reason. */
const RECURSIVE_TYPES: Readonly<Record<string, string>> = {
  'ir/op.ts → ir/graph.ts': 'a loop is an op whose attributes hold a graph, and a graph is made of ops',
}

export interface SourceText { readonly path: string; readonly text: string }

interface Edge extends Import { readonly from: string; readonly specifier: string; readonly to: string | undefined }

/** Every broken rule, one sentence each, starting with `path:line`. */
export function brokenRules(files: readonly SourceText[]): readonly string[] {
  const paths = new Set(files.map(file => file.path))
  const broken: string[] = []
  const edges: Edge[] = []
  for (const { path, text } of files) {
    if (roomOf(path) === undefined) broken.push(`${path}:1 stands in no room of the table`)
    for (const found of importsOf(path, text)) {
      const place = `${path}:${found.line}`
      if (found.specifier === undefined) {
        if (!(path in COMPUTED)) broken.push(`${place} imports a module by a computed name, which nobody can check`)
        continue
      }
      edges.push({ ...found, from: path, specifier: found.specifier, to: target(path, found.specifier, paths) })
    }
  }
  broken.push(...edges.flatMap(edge => brokenEdge(edge)))
  broken.push(...secondAdapters(edges))
  broken.push(...cycles(edges))
  return broken
}

function brokenEdge(edge: Edge): readonly string[] {
  const place = `${edge.from}:${edge.line}`
  if (edge.specifier.startsWith('.')) {
    if (edge.to === undefined) return [`${place} imports ${edge.specifier}, which is not in the source`]
    // What the command compiled from an example's own model.
    if (edge.to.endsWith('.bp.js') && posix.dirname(edge.to) === posix.dirname(edge.from)) return []
    const from = roomOf(edge.from), to = roomOf(edge.to)
    if (from === undefined || to === undefined || from === to || ROOMS[from]?.includes(to)) return []
    return [`${place} in ${from} imports ${edge.to}, and ${to} is not open to it`]
  }
  return brokenPackage(edge, place)
}

function brokenPackage(edge: Edge, place: string): readonly string[] {
  const name = packageOf(edge.specifier), rule = PACKAGES[name]
  if (!rule) return [`${place} imports ${name}, which is not in the table of packages`]
  const room = topRoom(edge.from)
  if (!rule.rooms.includes(room)) return [`${place} imports ${name}, which only ${rule.rooms.join(' and ')} may`]
  const mustBeLazy = rule.isAdapted || rule.isLazyIn?.includes(room)
  if (mustBeLazy && !edge.isLazy && !edge.isType) return [`${place} loads ${name} with the file: it must be import('${name}'), when it is needed`]
  return []
}

/** The room that a package's rule names: a phase as it is, `runtime` for everything in it. */
function topRoom(path: string): string {
  return roomOf(path) ?? path
}

function secondAdapters(edges: readonly Edge[]): readonly string[] {
  return Object.entries(PACKAGES).filter(([, rule]) => rule.isAdapted).flatMap(([name]) => {
    const importers = [...new Set(edges.filter(edge => packageOf(edge.specifier) === name).map(edge => edge.from))]
    return importers.length > 1 ? [`${importers.join(' and ')}: ${name} has one adapter, not ${importers.length}`] : []
  })
}

/** Each cycle between files once, told from its first file by name. A file's types count like its values. */
function cycles(edges: readonly Edge[]): readonly string[] {
  const next = new Map<string, string[]>()
  for (const { from, to, isType } of edges) {
    if (to === undefined || (isType && `${from} → ${to}` in RECURSIVE_TYPES)) continue
    next.set(from, [...next.get(from) ?? [], to])
  }
  const found: string[] = []
  const done = new Set<string>()
  const walk = (path: string, open: readonly string[]): void => {
    const at = open.indexOf(path)
    if (at >= 0) {
      found.push(`${[...open.slice(at), path].join(' → ')} is a cycle`)
      return
    }
    if (done.has(path)) return
    for (const to of next.get(path) ?? []) walk(to, [...open, path])
    done.add(path)
  }
  for (const path of [...next.keys()].sort()) walk(path, [])
  return found
}

function roomOf(path: string): string | undefined {
  const rooms = Object.keys(ROOMS).filter(room => path === room || path.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0]
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:'
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

/** The file that a relative import means, as the bundler finds it. */
function target(from: string, specifier: string, paths: ReadonlySet<string>): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = posix.join(posix.dirname(from), specifier)
  if (path.endsWith('.bp.js')) return path
  return [path, `${path}.ts`, `${path}/index.ts`, path.replace(/\.js$/, '.ts')].find(candidate => paths.has(candidate))
}
