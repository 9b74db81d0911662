import { createColors } from 'picocolors'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runFailed, wrongUse } from '../../compiler/cli/outcome'
import { reportFailure } from '../../compiler/cli/report'
import type { Terminal } from '../../compiler/cli/terminal'
import { RunError } from '../../runtime/errors'

function report(error: unknown, asJson = false) {
  const printed: string[] = [], complained: string[] = []
  const terminal: Terminal = {
    print: text => { printed.push(text) }, complain: text => { complained.push(text) }, paint: createColors(false), isLive: false, errorStream: process.stderr,
    printStyle: { paint: createColors(false), columns: 80 },
  }
  const status = reportFailure(error, asJson, terminal)
  return { status, printed, complained }
}

describe('a failure', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.each([
    ['wrong use', wrongUse('no such file'), 2],
    ['a run that failed', runFailed('no such column'), 3],
    ['wrong use of the runtime', new RunError('usage', 'no input'), 2],
    ['bad data', new RunError('data', 'no number'), 3],
    ['divergence', new RunError('diverged', 'the loss is NaN'), 3],
  ] as const)('that is %s has its exit status and its message alone', (_, error, status) => {
    expect(report(error)).toEqual({ status, printed: [], complained: [`error: ${error.message}`] })
  })

  it('of memory says what to do', () => {
    const found = report(new RangeError('Array buffer allocation failed'))
    expect(found.status).toBe(3)
    expect(found.complained).toEqual(['error: out of memory: fewer rows a batch, or fewer qubits, need less'])
  })

  it('of bpc itself is one message that asks for a report, without a stack', () => {
    const { status, complained } = report(new TypeError('x is not a function'))
    expect(status).toBe(3)
    expect(complained).toEqual([
      'error: BP9001 a bug in bpc, please report it: TypeError: x is not a function', '  help: BPC_DEBUG=1 shows where',
    ])
  })

  it('of bpc itself shows its stack on request', () => {
    vi.stubEnv('BPC_DEBUG', '1')
    expect(report(new TypeError('x is not a function')).complained.at(-1)).toMatch(/^\s+at /m)
  })

  it('is one JSON object on standard output, on request', () => {
    const { printed, complained } = report(new RunError('data', 'no number'), true)
    expect(complained).toEqual([])
    expect(printed.map(line => JSON.parse(line) as unknown)).toEqual([{ code: 'run-failed', severity: 'error', message: 'no number' }])
  })
})
