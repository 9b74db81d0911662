import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { ROOT } from '../cli/bpc'

const site = mkdtempSync(join(tmpdir(), 'bp-site-'))
afterAll(() => rmSync(site, { recursive: true, force: true }))

it('the site builds without a dead link, and every page of docs is on it and in its menu', { timeout: 180_000 }, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/vitepress/bin/vitepress.js'), 'build', 'docs', '--outDir', site], { cwd: ROOT })
  expect(`${stdout}${stderr}`).not.toMatch(/warn|language '.*' is not loaded/i)
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md') && !name.startsWith('.')).map(name => name.slice(0, -'.md'.length))
  const menu = readFileSync(join(site, 'language.html'), 'utf8')
  const built = readdirSync(site, { recursive: true, encoding: 'utf8' })
  expect(pages.filter(page => !built.includes(`${page}.html`))).toEqual([])
  expect(pages.filter(page => !page.endsWith('index') && !menu.includes(`href="/${page}"`))).toEqual([])
})
