import { describe, expect, it } from 'vitest'
import { REGISTRY, type Row } from '../../compiler/diagnostics/registry'
import { summary } from '../../compiler/cli/explain'
import { folder } from './bpc'

describe('bpc explain', () => {
  it.each(['BP3004', 'bp3004', 'shape-mismatch'])('knows a diagnostic as %s', async name => {
    const { status, stdout, stderr } = await folder().bpc('explain', name)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('BP3004')
    expect(stdout).toContain('shape-mismatch')
  })

  it('has something to say of every diagnostic', () => {
    for (const [code, row] of Object.entries(REGISTRY) as [keyof typeof REGISTRY, Row][]) {
      const text = summary(code)
      expect(text).toContain(`${row.id} ${code}`)
      expect(text.length).toBeGreaterThan(30)
      // What the templates call a value is not for people.
      expect(text).not.toMatch(/\{\w+\}/)
    }
  })

  it.each(['BP0001', 'nonsense', ''])('refuses %j, which is no diagnostic', async name => {
    const { status, stderr } = await folder().bpc('explain', name)
    expect(status).toBe(2)
    expect(stderr).toContain(`there is no diagnostic '${name}'`)
  })
})
