/**
 * What stands before the cursor: which declaration and statement it is in, and inside which brackets. It goes by the tokens, so
 * that a line which is not finished, and whatever is wrong elsewhere, change nothing.
 */
import type { Scan, SourceToken } from '../1-parse/scan'
import type { Place as BodyPlace } from '../2-check/placement'

export interface Context {
  /** The word that is being written, or nothing between words. */
  readonly word: SourceToken | undefined
  /** A string that the cursor is in. */
  readonly string: SourceToken | undefined
  readonly isComment: boolean
  /** The tokens of the statement before the word; of a bracket, those of its inside. */
  readonly statement: readonly SourceToken[]
  /** Innermost last; the first is the file itself. */
  readonly frames: readonly Frame[]
  readonly place: BodyPlace | 'top' | 'train' | 'use'
}

export interface Frame {
  readonly opener: string
  /** What stands before the opener in its statement. */
  readonly before: readonly SourceToken[]
  /** The tokens of the statement at hand. */
  readonly statement: readonly SourceToken[]
}

export function contextAt({ tokens, comments }: Scan, offset: number): Context {
  const isComment = comments.some(({ text, span }) => span.start < offset && (offset < span.end || (offset === span.end && text.startsWith('//'))))
  const at = tokens.find(({ span, kind }) => span.start < offset && offset <= span.end && kind !== 'separator')
  const string = at?.text.startsWith('"') && (offset < at.span.end || !isClosed(at.text)) ? at : undefined
  const word = !string && at && /^[\p{L}_]/u.test(at.text) ? at : undefined
  const before = tokens.filter(({ span }) => span.end <= offset && span.end <= (word ?? string ?? { span: { start: offset } }).span.start)
  const frames = framesOf(before.filter((token, index) => (token.kind === 'separator' ? isEnded(before[index - 1], offset, token) : token.text !== '')))
  const inner = frames.at(-1)
  return { word, string, isComment, statement: inner?.statement ?? [], frames, place: placeOf(frames) }
}

/** On the line of the cursor nothing has ended yet, though the parser goes on behind it as if it had, with brackets closed that are not. */
function isEnded(last: SourceToken | undefined, offset: number, { span, text }: SourceToken): boolean {
  return text === ';' || last === undefined || /[\r\n]/.test(span.file.text.slice(last.span.end, offset))
}

const isClosed = (text: string): boolean => text.length > 1 && text.endsWith('"')

const TOP_WORDS: ReadonlySet<string> = new Set(['use', 'const', 'fn', 'gate', 'circuit', 'model', 'train'])

interface OpenFrame { readonly opener: string; readonly before: readonly SourceToken[]; statement: SourceToken[] }

/** As the parser does, it takes a bracket that was never closed for closed where a new statement begins. */
function framesOf(tokens: readonly SourceToken[]): readonly Frame[] {
  const root: OpenFrame = { opener: '', before: [], statement: [] }
  const frames = [root]
  const inner = () => frames.at(-1) ?? root
  for (const token of tokens) {
    const startsLine = inner().statement.length === 0
    if (token.kind === 'separator') {
      while (inner().opener === '(' || inner().opener === '[') frames.pop()
      inner().statement = []
    } else if (token.kind === 'open') {
      frames.push({ opener: token.text, before: inner().statement, statement: [] })
    } else if (token.kind === 'close') {
      const opener = token.text === ')' ? '(' : token.text === ']' ? '[' : '{'
      if (frames.some(frame => frame.opener === opener)) while (frames.length > 1 && frames.pop()?.opener !== opener);
      if (opener === '{') inner().statement = []
      else inner().statement.push(token)
    } else {
      if (startsLine && token.kind === 'keyword' && TOP_WORDS.has(token.text)) { frames.length = 1; root.statement = [] }
      inner().statement.push(token)
    }
  }
  return frames
}

const PLACES: Readonly<Record<string, Context['place']>> = {
  fn: 'fn', layer: 'layer', gate: 'gate', circuit: 'circuit', model: 'model', train: 'train', const: 'const', use: 'use',
}

function placeOf([root, first]: readonly Frame[]): Context['place'] {
  const head = (first ? first.before : root?.statement ?? []).find(({ text, kind }) => kind === 'keyword' && Object.hasOwn(PLACES, text))
  return (head && PLACES[head.text]) ?? 'top'
}

/** The name before an open parenthesis, as `random.normal` too, and which argument the cursor is at. */
export interface OpenCall { readonly name: string; readonly argument: number; readonly given: readonly string[]; readonly isGate: boolean; readonly isPiped: boolean }

export function openCall({ frames, place }: Pick<Context, 'frames' | 'place'>): OpenCall | undefined {
  const at = frames.findLastIndex(({ opener, before }) => opener === '(' && isName(before.at(-1)))
  // Inside a list or a block of an argument the call goes on; inside a block of a model it does not.
  const frame = frames[at]
  if (!frame || frames.slice(at + 1).some(({ opener }) => opener === '{')) return undefined
  const [last, dot, owner] = [frame.before.at(-1), frame.before.at(-2), frame.before.at(-3)]
  const isMember = dot?.text === '.' && owner !== undefined
  const name = `${isMember ? `${owner.text}.` : ''}${last?.text ?? ''}`
  const head = frame.before[isMember ? frame.before.length - 4 : frame.before.length - 2]
  const given = frame.statement.flatMap((token, index) => (frame.statement[index + 1]?.text === '=' && isName(token) ? [token.text] : []))
  return {
    name, argument: frame.statement.filter(({ text }) => text === ',').length, given,
    isGate: (place === 'circuit' || place === 'gate') && (head === undefined || ['ctrl', 'negctrl', 'inv'].includes(head.text)) && !isMember,
    isPiped: head?.text === '|>',
  }
}

const isName = (token: SourceToken | undefined): boolean => token !== undefined && (token.kind === 'name' || /^[\p{L}_]/u.test(token.text) && token.kind !== 'keyword')
