/** The registry and the sink: typed parameters, filled templates, order, repeats. */
import { describe, expect, it } from 'vitest'
import { codeOf, REGISTRY, type Row } from '../../../compiler/diagnostics/registry'
import { DiagnosticSink } from '../../../compiler/diagnostics/sink'
import type { SourceFile, Span } from '../../../compiler/source/source'

const file: SourceFile = { name: 'a.bp', text: 'one two three\nfour' }
const other: SourceFile = { name: 'b.bp', text: 'one' }
const span = (start: number, end = start + 1, where = file): Span => ({ file: where, start, end })

describe('the registry', () => {
  const rows: readonly (readonly [string, Row])[] = Object.entries(REGISTRY)

  it('gives every code a number of its own', () => {
    expect(new Set(rows.map(([, row]) => row.id)).size).toBe(rows.length)
    for (const [code, { id }] of rows) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(id).toMatch(/^BP[1-69]\d{3}$/)
    }
  })

  it('has braces for placeholders only, so that none is printed by mistake', () => {
    for (const [, { message, help = '' }] of rows) {
      for (const template of [message, help]) {
        expect(template.replaceAll(/\{\w+\}/g, '')).not.toMatch(/\{\w+\b|\w+\}/)
        expect(template).not.toMatch(/\.$/)
      }
    }
  })

  it('finds a code by its number, in any case', () => {
    expect(codeOf('BP3004')).toBe('shape-mismatch')
    expect(codeOf('bp3004')).toBe('shape-mismatch')
    expect(codeOf('Shape-Mismatch')).toBe('shape-mismatch')
    expect(codeOf('BP0000')).toBeUndefined()
  })
})

describe('the sink', () => {
  it('fills messages and help', () => {
    const sink = new DiagnosticSink()
    sink.report('unknown-name', span(4, 7), { name: 'two', suggestion: 'tow' })
    expect(sink.all).toMatchObject([{
      code: 'unknown-name', id: 'BP2001', severity: 'error', message: 'unknown name `two`', help: 'did you mean `tow`?', related: [],
    }])
  })

  it('leaves help out whose parameters are not given, and takes help that is', () => {
    const sink = new DiagnosticSink()
    sink.report('unknown-name', span(0), { name: 'a' })
    sink.report('unknown-name', span(1), { name: 'b', suggestion: undefined })
    sink.report('unknown-name', span(2), { name: 'c' }, { help: 'declare it', related: [{ span: span(3), message: 'here' }] })
    expect(sink.all.map(d => d.help)).toEqual([undefined, undefined, 'declare it'])
    expect(sink.all[2]?.related).toHaveLength(1)
  })

  it('checks parameters against the template', () => {
    const sink = new DiagnosticSink()
    // @ts-expect-error the message needs `name`
    sink.report('unknown-name', span(0), {})
    // @ts-expect-error there is no such placeholder
    sink.report('unknown-name', span(1), { name: 'a', colour: 'red' })
    // @ts-expect-error there is no such code
    expect(() => sink.report('no-such-code', span(2), {})).toThrow(TypeError)
    sink.report('qubit-out-of-range', span(3), { index: 4, register: 'q', size: 4, high: 3 })
    expect(sink.all.at(-1)?.message).toBe('qubit 4 is out of range: `q` has 4 qubits')
  })

  it('sorts by file and place, and drops exact repeats', () => {
    const sink = new DiagnosticSink()
    sink.report('unknown-name', span(0, 1, other), { name: 'z' })
    sink.report('unknown-name', span(8), { name: 'b' })
    sink.report('unknown-gate', span(2), { name: 'a' })
    sink.report('unknown-name', span(2), { name: 'a' })
    sink.report('unknown-name', span(2), { name: 'a' })
    sink.report('unknown-name', span(2), { name: 'b' })
    expect(sink.all.map(d => `${d.span.file.name}:${d.span.start} ${d.message}`)).toEqual([
      'a.bp:2 unknown gate `a`', 'a.bp:2 unknown name `a`', 'a.bp:2 unknown name `b`', 'a.bp:8 unknown name `b`', 'b.bp:0 unknown name `z`',
    ])
  })

  it('tells errors from warnings', () => {
    const sink = new DiagnosticSink()
    expect(sink.hasErrors).toBe(false)
    sink.report('no-dependence', span(0), { value: 'y', by: 'x' })
    expect(sink.hasErrors).toBe(false)
    sink.report('internal-error', span(0), { what: 'oh' })
    expect(sink.hasErrors).toBe(true)
  })
})
