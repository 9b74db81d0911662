/** Inside a string: the files that it could name. */
import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver'
import type { Context } from './context'
import type { Place, Project } from './project'

const DATA = /\.(?:csv|tsv|json|npy)(?:\.gz)?$|\.parquet$/i

export async function fileItems(context: Context, { file, offset }: Place, project: Project): Promise<readonly CompletionItem[]> {
  const { string, frames, place } = context
  const takes = place === 'use' ? (name: string) => name.endsWith('.bp')
    : place === 'train' ? (name: string) => DATA.test(name)
    : frames.at(-1)?.before.at(-1)?.text === 'hamiltonian' ? (name: string) => name.endsWith('.json') : undefined
  if (!string || !takes) return []
  const typed = file.text.slice(string.span.start + 1, offset)
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1)
  const names = await project.workspace.namesBeside(file.name, folder).catch(() => [])
  const start = place === 'use' && folder === '' ? './' : ''
  const range = project.rangeOf({ file, start: string.span.start + 1 + folder.length, end: offset })
  return names.filter(name => name.endsWith('/') || takes(name)).filter(name => !file.name.endsWith(`/${folder}${name}`)).map(name => ({
    label: `${start}${name}`, filterText: `${start}${name}`, kind: name.endsWith('/') ? CompletionItemKind.Folder : CompletionItemKind.File, textEdit: { range, newText: `${start}${name}` },
  }))
}
