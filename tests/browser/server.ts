/** Serves a folder on this machine alone, under a content-security policy, and waits for what the page posts. */
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.csv': 'text/csv' }

const PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>bp</title><script type="module" src="main.js"></script></html>'

export interface Served {
  readonly url: string
  /** What the page posts to `result`. */
  readonly posted: Promise<string>
  /** Names of the files that were asked for, in order. */
  readonly requested: readonly string[]
  close(): Promise<void>
}

export async function serve(folder: string, policy: string): Promise<Served> {
  const requested: string[] = []
  let post: (body: string) => void = () => {}
  const posted = new Promise<string>(resolve => { post = resolve })
  const server = createServer((request, response) => {
    const name = normalize(new URL(request.url ?? '/', 'http://page').pathname).slice(1) || 'index.html'
    if (request.method === 'POST') {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        post(Buffer.concat(chunks).toString('utf8'))
        response.end()
      })
      return
    }
    requested.push(name)
    const path = join(folder, name)
    const content = name === 'index.html' ? PAGE : statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': policy })
    response.end(content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posted, requested,
    close: () => new Promise(resolve => { server.close(() => resolve()); server.closeAllConnections() }),
  }
}
