import { execFileSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundlePage, type Bundle } from './bundle'
import { CHROMIUM, visit, type Visit } from './chromium'
import type { Session } from './page/session'

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
const STRICT_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"

/** Loading, and training twice, where others work beside it. */
const TIME = 180_000

let page: Bundle

beforeAll(async () => { page = await bundlePage('main', 'session') })
afterAll(() => page.remove())

/** The page's own bundle, run by Node. */
function inNode(): Session {
  const script = `
    import { readFile } from 'node:fs/promises'
    const { session } = await import(${JSON.stringify(pathToFileURL(join(page.folder, 'session.js')).href)})
    process.chdir(${JSON.stringify(page.folder)})
    console.log(JSON.stringify(await session(async name => new Blob([await readFile(name)]))))`
  // Browsers have relaxed SIMD, Node 20 behind a flag; newer ones have it, and no flag.
  const flag = '--experimental-wasm-relaxed-simd'
  const flags = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 26 }).includes(flag) ? [flag] : []
  return JSON.parse(execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script], { encoding: 'utf8', maxBuffer: 2 ** 26 })) as Session
}

const sessionOf = ({ result }: Visit): Session => {
  expect(result).not.toHaveProperty('error')
  return result as Session
}

// A browser that is not there is a skip that the reporter shows; .ci/run installs one where it may.
describe.skipIf(CHROMIUM === undefined)(`in a page (${CHROMIUM === undefined ? 'skipped: no Chromium is installed, and CHROMIUM names none' : 'Chromium'})`, () => {
  it("trains a hybrid and a dense model by WebAssembly under 'wasm-unsafe-eval' alone, to the bits of Node", async () => {
    const visited = await visit(page.folder, POLICY)
    const { moons, iris, ...rest } = sessionOf(visited)
    const node = inNode()
    expect(moons.backend.name).toBe('wasm')
    expect(iris.backend.name).toBe('wasm')
    expect(rest).toEqual({
      hasRelaxedSimd: node.hasRelaxedSimd, aborted: { stopped: 'aborted', steps: 3 },
      save: "'moons.safetensors' cannot be reached: there are no files here. Use toBytes() and fromBytes()",
    })
    for (const [here, there] of [[iris, node.iris], [moons, node.moons]] as const) {
      expect(here.losses).toEqual(there.losses)
      expect(here.weights).toBe(there.weights)
      expect(here.losses.at(-1)).toBeLessThan(here.losses[0] ?? 0)
      expect(here.survives).toBe(true)
      expect(here.gradients).toEqual(there.gradients)
    }
    expect(moons.gradients).toContain('w')
    expect(visited.complaints).toEqual([])
  }, TIME)

  it('asks for no file but those that the size is counted of, training, and the reader of CSV', async () => {
    const { requested } = await visit(page.folder, POLICY)
    const counted = ['main', 'wasm', 'circuits', 'fit', 'shuffle', 'load', 'csv'].flatMap(name => page.loadedWith(page.entry(name))).map(({ name }) => name)
    expect(requested.filter(name => name.endsWith('.js') && !counted.includes(name))).toEqual([])
    expect(requested).toContain(page.entry('circuits').name)
  }, TIME)

  it("trains by the reference backend, and says why, where the policy has no 'wasm-unsafe-eval'", async () => {
    const { moons, iris } = sessionOf(await visit(page.folder, STRICT_POLICY))
    for (const { backend, losses, survives } of [moons, iris]) {
      expect(backend.name).toBe('reference')
      expect(backend.why).toMatch(/^not wasm: the page may not compile WebAssembly \(.*Content Security Policy/)
      expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0)
      expect(survives).toBe(true)
    }
  }, TIME)
})
