/**
 * The part of a standard module that a file asks for: the declarations that it names, and those that they use. A module has
 * hundreds of lines, and parsing what nobody calls would be a third of the time of a small compilation. Places stay where
 * they are: what is left out leaves its line breaks behind.
 */

/** A declaration starts a line; its documentation stands above it. */
const START = /^(?:\/\/\/.*\n)*(?:use|const|fn|layer|gate|circuit|@|precision)\b.*$/gm
const NAME = /^(?:const|fn|layer|gate|circuit)\s+([\p{L}\p{N}_]+)/mu

interface Chunk { readonly name: string | undefined; readonly text: string; readonly words: ReadonlySet<string> }

/** @returns the whole text where a name is not in it, so that the message can tell what there is */
export function excerpt(text: string, names: readonly string[]): string {
  const chunks = chunksOf(text)
  const byName = new Map(chunks.flatMap(chunk => (chunk.name === undefined ? [] : [[chunk.name, chunk] as const])))
  if (!names.every(name => byName.has(name))) return text
  const kept = new Set<Chunk>()
  const pending = [...names]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const chunk = byName.get(name)
    if (!chunk || kept.has(chunk)) continue
    kept.add(chunk)
    pending.push(...chunk.words)
  }
  return chunks.map(chunk => (chunk.name === undefined || kept.has(chunk) ? chunk.text : chunk.text.replace(/[^\n]/g, ''))).join('')
}

/** What stands before the first declaration, and `use` lines, have no name and always stay. */
function chunksOf(text: string): readonly Chunk[] {
  const starts = [...text.matchAll(START)].map(match => match.index)
  return [0, ...starts].map((start, at) => {
    const part = text.slice(start, at === 0 ? starts[0] ?? text.length : starts[at] ?? text.length)
    return { name: NAME.exec(part)?.[1], text: part, words: new Set(part.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []) }
  })
}
