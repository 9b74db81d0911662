/** Threads in a browser: where memory may be shared, where the page is not isolated, and where its policy forbids workers. */
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Told } from './page/main'

/** Debian's, unless the environment names another one. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/plain': {},
  '/isolated': ISOLATED,
  '/policy': { ...ISOLATED, 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" },
}

// In continuous integration a browser that is not there is a failure.
describe.skipIf(!existsSync(CHROMIUM) && !process.env['CI'])('in a page', () => {
  let server: Server, browser: Browser
  beforeAll(async () => {
    const entry = fileURLToPath(new URL('page/main.ts', import.meta.url))
    const { outputFiles: [script] } = await build({ entryPoints: [entry], bundle: true, format: 'esm', platform: 'browser', minify: true, write: false, loader: { '.bp': 'text' } })
    server = createServer(({ url = '' }, response) => {
      if (url === '/main.js') return void response.setHeader('content-type', 'text/javascript').end(script?.text)
      for (const [name, value] of Object.entries(PAGES[url] ?? {})) response.setHeader(name, value)
      response.setHeader('content-type', 'text/html').end('<script type="module" src="/main.js"></script>')
    })
    await new Promise<void>(resolve => { server.listen(0, 'localhost', resolve) })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  const toldBy = async (path: string): Promise<Told> => {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}${path}`)
    await page.waitForFunction('globalThis.told')
    return await page.evaluate<Told>('globalThis.told')
  }

  it('that is isolated two threads give the bits of one', async () => {
    expect(await toldBy('/isolated')).toEqual({ threads: '2 threads', isShared: true, isSame: true })
  })

  it('that is not isolated there is one thread, and it says so', async () => {
    expect(await toldBy('/plain')).toEqual({ threads: 'one thread: memory is not shared here (the page is not cross-origin isolated)', isShared: false, isSame: true })
  })

  it('whose policy forbids workers there is one thread, and it says so', async () => {
    expect(await toldBy('/policy')).toEqual({ threads: 'one thread: the page may start no workers', isShared: true, isSame: true })
  })
})
