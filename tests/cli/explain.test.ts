import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createColors } from 'picocolors'
import { describe, expect, it } from 'vitest'
import { REGISTRY, type Row } from '../../compiler/diagnostics/registry'
import { summary } from '../../compiler/cli/explain'
import { renderPage } from '../../compiler/cli/terminalPage'
import { folder } from './bpc'

const page = (id: string) => readFileSync(fileURLToPath(new URL(`../../docs/diagnostics/${id}.md`, import.meta.url)), 'utf8')
const plain = { paint: createColors(false), columns: 80 }

describe('bpc explain', () => {
  it.each(['BP3004', 'bp3004', '3004', 'shape-mismatch', 'Shape-Mismatch', 'shape_mismatch'])('knows a diagnostic as %s', async name => {
    const { status, stdout, stderr } = await folder().bpc('explain', name)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(`${renderPage(page('BP3004').trimEnd(), plain)}\n`)
  })

  it('has something to say of every diagnostic where the pages are not installed', () => {
    for (const [code, row] of Object.entries(REGISTRY) as [keyof typeof REGISTRY, Row][]) {
      const text = summary(code)
      expect(text).toContain(`${row.id} ${code}`)
      expect(text.length).toBeGreaterThan(30)
      // What the templates call a value is not for people.
      expect(text).not.toMatch(/\{\w+\}/)
    }
  })

  it.each([['shape-mismach', 'shape-mismatch'], ['unknwon-gate', 'unknown-gate'], ['unused-names', 'unused-name']])('suggests for %s', async (name, meant) => {
    const { status, stderr } = await folder().bpc('explain', name)
    expect(status).toBe(2)
    expect(stderr).toContain(`did you mean ${meant}?`)
  })

  it.each(['BP0001', 'nonsense', ''])('refuses %j, which is no diagnostic', async name => {
    const { status, stderr } = await folder().bpc('explain', name)
    expect(status).toBe(2)
    expect(stderr).toContain(`there is no diagnostic '${name}'`)
  })
})

describe('a page in the terminal', () => {
  const ids = Object.values(REGISTRY).map(({ id }) => id)

  it.each(ids)('%s keeps to the width, programs and messages aside, and shows no markup', id => {
    const lines = renderPage(page(id), plain).split('\n')
    expect(lines.filter(line => !line.startsWith('    ') && line.length > 80)).toEqual([])
    expect(lines.filter(line => /^#|```|<!--/.test(line))).toEqual([])
  })

  it('says the same with colours as without', () => {
    const coloured = renderPage(page('BP6030'), { paint: createColors(true), columns: 80 })
    expect(coloured).toContain('\u001b[')
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderPage(page('BP6030'), plain))
  })
})
