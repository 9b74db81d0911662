import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codes, diagnose, idOf, index, PAGES, pagePath, readPage, remade } from './pages'
import { EXEMPT } from './exempt'

describe('the pages of the diagnostics', () => {
  it('are one for each code, and no others', () => {
    expect(readdirSync(PAGES).sort()).toEqual([...codes.map(code => `${idOf(code)}.md`), 'README.md'].sort())
  })

  it('have a list of them', async () => {
    await expect(index()).toMatchFileSnapshot(join(PAGES, 'README.md'))
  })
})

describe.each(codes)('the page of %s', code => {
  it('shows a program of its folder and what is said of it, unless none can be kept', async () => {
    const page = readPage(code)
    expect(page.case === undefined).toBe(EXEMPT.has(code))
    await expect(await remade(code, page)).toMatchFileSnapshot(pagePath(code))
    expect(page.text.includes(`${idOf(code)} ${code}: `)).toBe(page.case !== undefined)
  })

  it('says what it means and what to do, in words of its own', () => {
    const { text } = readPage(code)
    const [meaning = '', todo = ''] = text.replace(/<!-- .*-->\n|```[^]*?```/g, '').split('## What to do\n')
    expect(meaning.split(/\s+/).length).toBeGreaterThan(12)
    expect(todo.split(/\s+/).length).toBeGreaterThan(3)
  })

  it('ends in a program about which there is nothing to say', async () => {
    const { right } = readPage(code)
    if (!EXEMPT.has(code)) expect(right.length).toBeGreaterThan(0)
    for (const program of right) {
      const said = await diagnose(code, 'right.bp', program)
      expect(said.map(({ message }) => message)).toEqual([])
    }
  })
})
