/** What a data file holds, piece by piece: bytes, or text, unpacked where it is compressed. */
import { RunError } from '../errors'

/** The whole of it, or something to read from, such as a `File` of a browser or Node's `fs.openAsBlob`. */
export type DataContent = string | Uint8Array | Blob

export const blobOf = (content: DataContent): Blob => (content instanceof Blob ? content : new Blob([content as BlobPart]))

/** @throws RunError 'data' naming a file that is empty, or not gzip where it should be */
export async function* chunksOf(blob: Blob, file: string, isCompressed: boolean): AsyncGenerator<Uint8Array> {
  if (blob.size === 0) throw new RunError('data', `${file} is empty`)
  if (isCompressed && !(await startsWith(blob, GZIP))) throw new RunError('data', `${file} is not gzip: unless it is damaged, its name should end without .gz`)
  const stream: ReadableStream<Uint8Array> = blob.stream()
  const reader = (isCompressed ? stream.pipeThrough(new DecompressionStream('gzip') as unknown as ReadableWritablePair<Uint8Array, Uint8Array>) : stream).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => { throw unreadable(error, file, isCompressed) })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

const GZIP = [0x1f, 0x8b]

export async function startsWith(blob: Blob, bytes: readonly number[]): Promise<boolean> {
  const start = new Uint8Array(await blob.slice(0, bytes.length).arrayBuffer())
  return bytes.every((byte, at) => start[at] === byte)
}

function unreadable(error: unknown, file: string, isCompressed: boolean): RunError {
  const what = isCompressed ? 'cannot be unpacked: it is damaged, or cut off' : `cannot be read: ${error instanceof Error ? error.message : String(error)}`
  return new RunError('data', `${file} ${what}`, { cause: error })
}

/** Characters a piece, at least, but for the last one. */
const PIECE = 1 << 20

/** @throws RunError 'data' naming the file, and the line, where it is no UTF-8 text */
export async function* textOf(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = '', line = 1, isFirst = true
  for await (const chunk of chunks) {
    const foreign = isFirst ? FOREIGN.find(({ start }) => start.every((byte, at) => chunk[at] === byte)) : undefined
    if (foreign) throw new RunError('data', `${file} is ${foreign.what}`)
    isFirst = false
    try {
      text += decoder.decode(chunk, { stream: true })
    } catch (error) {
      throw new RunError('data', `${file}:${line + countLines(text) + linesBeforeBadByte(chunk)}: this line is not UTF-8 text: save the file as UTF-8`, { cause: error })
    }
    if (text.length < PIECE) continue
    line += countLines(text)
    yield text
    text = ''
  }
  try {
    text += decoder.decode()
  } catch (error) {
    throw new RunError('data', `${file}:${line + countLines(text)}: this line is not UTF-8 text: save the file as UTF-8`, { cause: error })
  }
  if (text !== '') yield text
}

/** What is taken for text by mistake, by its first bytes. */
const FOREIGN: readonly { readonly start: readonly number[]; readonly what: string }[] = [
  { start: [0xff, 0xfe], what: 'UTF-16 text: save it as UTF-8' },
  { start: [0xfe, 0xff], what: 'UTF-16 text: save it as UTF-8' },
  { start: GZIP, what: 'compressed: let its name end in .gz' },
  { start: [0x50, 0x4b, 3, 4], what: 'a zip archive, as spreadsheets are: save it as CSV' },
  { start: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file: let its name end in .parquet' },
  { start: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], what: 'a NumPy file: let its name end in .npy' },
]

/** How many lines end in a text. */
export function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

function linesBeforeBadByte(chunk: Uint8Array): number {
  // A chunk may begin within a character.
  let start = chunk.findIndex(byte => (byte & 0xc0) !== 0x80)
  for (let line = 0; ; line++) {
    const newline = chunk.indexOf(10, start)
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(chunk.subarray(start, newline + 1 || chunk.length))
    } catch {
      return line
    }
    if (newline < 0) return line
    start = newline + 1
  }
}
