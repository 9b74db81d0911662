/** `bpc completions SHELL`, and the candidates that its script asks for: `bpc complete -- WORDS`. */
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { readdirSync, readFileSync } from 'node:fs'
import { EXIT, type ExitStatus } from '../outcome'
import type { Terminal } from '../terminal'
import { BASH_SCRIPT } from './bash'

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell'

/** Its scripts ask `bpc complete -- WORDS`. */
const adapted = (program: Command): ReturnType<typeof tab> => tab(program, { completionCommandName: 'completions' })

/** @param program the command with its verbs; it gets two more */
export function printScript(shell: Shell, program: Command, terminal: Terminal): ExitStatus {
  if (shell === 'bash') terminal.print(BASH_SCRIPT.trimEnd())
  else adapted(program).setup('bpc', 'bpc', shell)
  return EXIT.done
}

/** @param words what stands behind `bpc`, the last of them as far as it is typed, or empty */
export function printCandidates(words: readonly string[], program: Command): ExitStatus {
  const completion = adapted(program)
  const word = words.at(-1) ?? ''
  type Offer = (value: string, description: string) => void
  const files = (...endings: readonly string[]) => (offer: Offer) => { for (const path of filesBelow(word.replace(/^--[\w-]+=/, ''), endings)) offer(path, '') }
  const names = (...kinds: readonly string[]) => (offer: Offer) => { for (const { name, kind } of declared(words, kinds)) offer(name, kind) }
  for (const command of [completion, ...completion.commands.values()]) {
    for (const [name, argument] of command.arguments) {
      if (name === 'FILE') argument.handler = command.value === 'draw' || command.value === 'export' ? files('.bp', '.qasm') : files('.bp')
      if (name === 'NAME' && command.value !== 'init') argument.handler = command.value === 'export' ? names('circuit') : names('model', 'circuit')
    }
    for (const [name, option] of command.options) {
      const endings = FILE_OPTIONS[name]
      if (endings) option.handler = files(...endings)
      if (name === 'model') option.handler = names('model')
    }
  }
  // `bpc FILE` builds it.
  completion.argument('FILE', files('.bp'), true)
  completion.parse([...words])
  return EXIT.done
}

/** What the files of each option end in. */
const FILE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  weights: ['.safetensors'], resume: ['.safetensors'], values: ['.json'],
  data: ['.csv', '.tsv', '.json', '.npy', '.parquet', '.csv.gz', '.tsv.gz', '.json.gz', '.npy.gz'],
}

/** Folders below the one that is typed, so that a path is completed at once. */
const DEPTH = 3
const MOST = 200

/** Files whose paths begin as typed; those of packages and hidden ones left out. */
function filesBelow(typed: string, endings: readonly string[]): readonly string[] {
  const found: string[] = []
  const visit = (folder: string, depth: number): void => {
    for (const entry of entriesOf(folder)) {
      if (found.length >= MOST || entry.name === 'node_modules' || entry.name.startsWith('.')) continue
      const path = folder === '' ? entry.name : `${folder === '/' ? '' : folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (depth < DEPTH && (path.startsWith(typed) || typed.startsWith(path))) visit(path, depth + 1)
      } else if (path.startsWith(typed) && endings.some(ending => entry.name.endsWith(ending))) found.push(path)
    }
  }
  // Up to the last slash the path is settled.
  visit(typed.includes('/') ? typed.slice(0, typed.lastIndexOf('/')) || '/' : '', 0)
  return found
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder || '.', { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

/** Models and circuits of the source file that has been typed. */
function declared(words: readonly string[], kinds: readonly string[]): readonly { readonly name: string; readonly kind: string }[] {
  const file = words.slice(0, -1).find(word => word.endsWith('.bp'))
  if (file === undefined) return []
  try {
    const text = readFileSync(file, 'utf8')
    return [...text.matchAll(/^\s*(?:@.*\s)?(model|circuit)\s+([\p{L}_][\p{L}\p{Nd}_]*)/gmu)].flatMap(([, kind = '', name = '']) => (kinds.includes(kind) ? [{ name, kind }] : []))
  } catch {
    return []
  }
}
