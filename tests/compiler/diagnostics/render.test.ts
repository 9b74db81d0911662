/** What a diagnostic looks like on a terminal and in `--json`. */
import { describe, expect, it } from 'vitest'
import { diagnosticJson, renderDiagnostic, renderDiagnostics } from '../../../compiler/diagnostics/render'
import { DiagnosticSink, type Diagnostic, type Extra } from '../../../compiler/diagnostics/sink'
import type { SourceFile, Span } from '../../../compiler/source/source'

const source = (text: string, name = 'moons.bp'): SourceFile => ({ name, text })

/** Where a piece of text is, and with `after` the first one behind another piece. */
function place(file: SourceFile, piece: string, after = ''): Span {
  const start = file.text.indexOf(piece, file.text.indexOf(after))
  return { file, start, end: start + piece.length }
}

function diagnostic(span: Span, extra: Extra = {}): Diagnostic {
  const sink = new DiagnosticSink()
  sink.report('unknown-name', span, { name: 'x' }, extra)
  const [first] = sink.all
  if (first === undefined) throw new Error('nothing was reported')
  return first
}

describe('a code frame', () => {
  it('shows the primary place, related places in the same file, and help', () => {
    const text = `${'\n'.repeat(14)}  let features = x |> dense(3) |> tanh\n\n  let logits   = classifier(pi * features, w)\n`
    const file = source(text)
    const sink = new DiagnosticSink()
    sink.report('shape-mismatch', place(file, 'pi * features'), { what: '`classifier`', expected: 'real[4]', value: '`features`', found: 'real[batch, 3]' }, {
      related: [{ span: place(file, 'dense(3)'), message: '3 comes from here' }],
      label: 'real[batch, 3]',
      help: 'the circuit has 4 qubits: make it dense(4), or give the circuit 3',
    })
    expect(renderDiagnostics(sink.all)).toMatchInlineSnapshot(`
      "moons.bp:17:29 - error BP3004 shape-mismatch: \`classifier\` takes real[4], but \`features\` is real[batch, 3]
         15 |   let features = x |> dense(3) |> tanh
            |                       -------- 3 comes from here
         17 |   let logits   = classifier(pi * features, w)
            |                             ^^^^^^^^^^^^^ real[batch, 3]
        help: the circuit has 4 qubits: make it dense(4), or give the circuit 3"
    `)
  })

  it('shows several marks on one line below each other, in order', () => {
    const file = source('let y = f(a, b)')
    expect(renderDiagnostic(diagnostic(place(file, 'b'), {
      related: [{ span: place(file, 'f'), message: 'takes one' }, { span: place(file, 'a'), message: 'this one' }],
    }))).toMatchInlineSnapshot(`
      "moons.bp:1:14 - error BP2001 unknown-name: unknown name \`x\`
          1 | let y = f(a, b)
            |         - takes one
            |           - this one
            |              ^"
    `)
  })

  it('shows related places in another file in a frame of their own', () => {
    const file = source('const a = b')
    const other = source('\nconst b = 1\n', 'other.bp')
    expect(renderDiagnostic(diagnostic(place(file, 'b'), { related: [{ span: place(other, 'b'), message: 'declared here' }] }))).toMatchInlineSnapshot(`
      "moons.bp:1:11 - error BP2001 unknown-name: unknown name \`x\`
          1 | const a = b
            |           ^
        other.bp:2:7
          2 | const b = 1
            |       - declared here"
    `)
  })

  it('lines up below tabs', () => {
    const file = source('\tlet\ta = x')
    expect(renderDiagnostic(diagnostic(place(file, 'x')))).toMatchInlineSnapshot(`
      "moons.bp:1:10 - error BP2001 unknown-name: unknown name \`x\`
          1 |     let a = x
            |             ^"
    `)
  })

  it('lines up below wide and combining characters', () => {
    const file = source('let 変数 = "e\u0301👍🏽" + x')
    const [, code = '', under = ''] = renderDiagnostic(diagnostic(place(file, 'x'))).split('\n')
    // 変, 数 and the emoji are two columns each, é is one though it is two characters.
    expect(code).toBe('    1 | let 変数 = "e\u0301👍🏽" + x')
    expect(under.indexOf('^') - '      | '.length).toBe('let VVVV = "eEE" + '.length)
  })

  it('marks all of a wide character', () => {
    const file = source('let 変数 = 1')
    expect(renderDiagnostic(diagnostic(place(file, '変数'))).split('\n')[2]).toBe('      |     ^^^^')
  })

  it('shows long lines in part, around the place', () => {
    const file = source(`let x = [${'1234, '.repeat(100)}wrong, ${'1234, '.repeat(100)}]`)
    const [, code = '', under = ''] = renderDiagnostic(diagnostic(place(file, 'wrong'))).split('\n')
    expect(code.length).toBeLessThan(140)
    expect(code).toMatch(/^    1 \| ….*wrong.*…$/)
    expect(under.indexOf('^^^^^')).toBe(code.indexOf('wrong'))
    expect(under.trimEnd().length).toBe(code.indexOf('wrong') + 5)
  })

  it('marks the first line of what goes over several', () => {
    const file = source('let x = f(\n  1\n)')
    expect(renderDiagnostic(diagnostic({ file, start: 8, end: 16 })).split('\n').slice(1)).toEqual(['    1 | let x = f(', '      |         ^^'])
  })

  it('marks one column where there is nothing, also at the end of the file', () => {
    const file = source('let x =')
    expect(renderDiagnostic(diagnostic({ file, start: 7, end: 7 })).split('\n').slice(1)).toEqual(['    1 | let x =', '      |        ^'])
    const empty = source('')
    expect(renderDiagnostic(diagnostic({ file: empty, start: 0, end: 0 })).split('\n').slice(1)).toEqual(['    1 |', '      | ^'])
  })

  it('leaves out carriage returns and what would repaint a terminal', () => {
    const file = source('let a = x\u001b[31m\u202e\r\nlet b = 1\r\n')
    expect(renderDiagnostic(diagnostic(place(file, 'x'))).split('\n')).toEqual([
      'moons.bp:1:9 - error BP2001 unknown-name: unknown name `x`', '    1 | let a = x\ufffd[31m\ufffd', '      |         ^',
    ])
  })

  it('makes room for large line numbers', () => {
    const file = source(`${'\n'.repeat(123455)}x`)
    expect(renderDiagnostic(diagnostic(place(file, 'x'))).split('\n').slice(1)).toEqual(['  123456 | x', '         | ^'])
  })

  it('takes colours from outside', () => {
    const file = source('let a = x')
    const style = { bold: (t: string) => `<b>${t}</b>`, red: (t: string) => `<r>${t}</r>`, dim: (t: string) => `<d>${t}</d>` }
    expect(renderDiagnostic(diagnostic(place(file, 'x'), { help: 'no' }), style).split('\n')).toEqual([
      '<b>moons.bp:1:9</b> - <r>error</r> <b>BP2001</b> unknown-name: unknown name `x`',
      '<d>    1 |</d> let a = x', '<d>      |</d>         <r>^</r>', '  <b>help</b>: no',
    ])
  })
})

describe('JSON', () => {
  it('is one flat object with 1-based places', () => {
    const file = source('let a = x\nlet x = 1')
    expect(diagnosticJson(diagnostic(place(file, 'x'), { help: 'move it', related: [{ span: place(file, 'x', 'let x'), message: 'declared here' }] }))).toEqual({
      code: 'unknown-name', id: 'BP2001', severity: 'error', message: 'unknown name `x`', file: 'moons.bp', line: 1, column: 9,
      related: [{ message: 'declared here', file: 'moons.bp', line: 2, column: 5 }], help: 'move it',
    })
    expect(diagnosticJson(diagnostic(place(file, 'x')))).not.toHaveProperty('help')
  })
})
