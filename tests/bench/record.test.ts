import { describe, expect, it } from 'vitest'
import { isMet, jsonLine, measuredFrom, withinLimit } from '../../bench/harness/record'

describe('a measurement', () => {
  it('has the ratio of the lower quartiles, and both in one unit', () => {
    const found = measuredFrom('forward n=4', 'Qulacs, 1 thread', [0.004, 0.002, 0.002, 0.002, 0.009], [0.006, 0.006, 0.008, 0.006, 0.02], 2.5)
    expect(found).toMatchObject({ ours: 2, theirs: 6, unit: 'ms', goal: 2.5 })
    expect(found.ratio).toBeCloseTo(3, 12)
    expect(isMet(found)).toBe(true)
  })

  it('of a limit has the limit for what they take', () => {
    const found = withinLimit('compiler cold', [400, 400, 400], 300, 'ms')
    expect(found).toMatchObject({ against: 'at most 300 ms', ratio: 0.75, goal: 1, ours: 400, theirs: 300, unit: 'ms' })
    expect(isMet(found)).toBe(false)
  })

  it('without a goal is neither met nor missed', () => {
    expect(isMet(measuredFrom('layers', 'JAX', [1], [2], null))).toBeNull()
  })
})

describe('a line of JSON', () => {
  it('has the seven fields of a measurement, in their order', () => {
    const line = jsonLine(measuredFrom('product n=256', 'NumPy', [2], [1], 0.25, 'a detail'))
    expect(line).toBe('{"row":"product n=256","against":"NumPy","ratio":0.5,"goal":0.25,"ours":2,"theirs":1,"unit":"s"}')
  })

  it('of a failure has no numbers, and the problem', () => {
    const parsed: unknown = JSON.parse(jsonLine({ kind: 'failed', row: 'mlp', against: 'JAX', problem: 'disagrees:\n"x"' }))
    expect(parsed).toEqual({ row: 'mlp', against: 'JAX', ratio: null, goal: null, ours: null, theirs: null, unit: null, problem: 'disagrees:\n"x"' })
  })

  it('is one line, whatever the problem says', () => {
    expect(jsonLine({ kind: 'failed', row: 'a', against: 'b', problem: 'one\ntwo' })).not.toContain('\n')
  })
})
