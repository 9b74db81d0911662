import { describe, expect, it } from 'vitest'
import { compile } from '../../../compiler/compile'
import { reportDiagnostics } from '../../../compiler/cli/report'
import { processTerminal } from '../../../compiler/cli/terminal'
import { contained, GivenUp } from '../../../compiler/diagnostics/contain'
import { DiagnosticSink, MISTAKES_LIMIT } from '../../../compiler/diagnostics/sink'
import { hostOf } from '../../language/run'

const file = { name: 'a.bp', text: 'const A = 1\nconst B = 2\n' }
const at = (start: number) => ({ file, start, end: start + 1 })

/** No value for a `const` at all, which no caller can give by the types: the compiler throws inside. */
const thrown = () => compile('main.bp', hostOf({ 'main.bp': 'const A = 1\nconst B = A + 1\n' }), { constants: { A: {} as never } })

describe('what is thrown in the compiler', () => {
  it('is a bug, told with the place that was worked on', () => {
    const sink = new DiagnosticSink()
    expect(contained(sink, () => at(12), () => { throw new RangeError('Maximum call stack size exceeded') })).toBeUndefined()
    expect(sink.all.map(({ id, message, span }) => [id, message, span.start])).toEqual([['BP9001', 'a bug in bpc, please report it: RangeError: Maximum call stack size exceeded', 12]])
  })

  it('says what it has to say where a program is too much', () => {
    const sink = new DiagnosticSink()
    contained(sink, () => at(0), () => { throw GivenUp.with('too-deep', at(12), { what: 'calls', limit: 100 }) })
    expect(sink.all.map(({ id, message, span }) => [id, message, span.start])).toEqual([['BP3063', 'calls lead more than 100 deep here', 12]])
  })

  it('comes out of compile as a diagnostic', async () => {
    const { ok, plans, files, diagnostics } = await thrown()
    expect({ ok, plans, files }).toEqual({ ok: false, plans: [], files: [] })
    expect(diagnostics.map(({ id }) => id)).toEqual(['BP9001'])
  })

  it('comes out of the command in words, without a line of its stack', async () => {
    const said: string[] = []
    reportDiagnostics((await thrown()).diagnostics, false, { ...processTerminal(), complain: text => { said.push(text) } })
    expect(said.join('\n')).toContain('BP9001 internal-error: a bug in bpc, please report it: TypeError')
    expect(said.join('\n')).not.toMatch(/^\s+at .*:\d+:\d+/m)
  })
})

describe('a sink', () => {
  it('tells a thousand mistakes, and that there are more', () => {
    const sink = new DiagnosticSink()
    for (let index = 0; index < 3 * MISTAKES_LIMIT; index++) sink.report('unknown-name', at(0), { name: `a${index}` })
    expect(sink.isFull).toBe(true)
    expect(sink.all.filter(({ code }) => code === 'unknown-name')).toHaveLength(MISTAKES_LIMIT)
    expect(sink.all.at(-1)?.code).toBe('too-many-mistakes')
  })
})
