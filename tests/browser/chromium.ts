/** Chromium, where it is installed: headless, with a profile of its own, talking to nobody but the page's server. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { serve } from './server'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable']

/** CHROMIUM names another one. */
export const CHROMIUM = [process.env['CHROMIUM'] ?? '', ...PLACES].find(path => path !== '' && existsSync(path))

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

export interface Visit {
  /** What the page posted, read as JSON. */
  readonly result: unknown
  readonly requested: readonly string[]
  /** What the browser complained about. */
  readonly complaints: readonly string[]
}

/** Opens the page of a folder, and waits for what it posts. */
export async function visit(folder: string, policy: string): Promise<Visit> {
  const profile = mkdtempSync(join(tmpdir(), 'bp-chromium-'))
  const server = await serve(folder, policy)
  const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, headless: true, args: ARGUMENTS, timeout: 60_000 })
  try {
    const complaints: string[] = []
    const page = await browser.newPage()
    page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()) })
    page.on('pageerror', error => { complaints.push(error.message) })
    await page.goto(server.url)
    return { result: JSON.parse(await server.posted) as unknown, requested: server.requested, complaints }
  } finally {
    await browser.close()
    await server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}
