import { describe, expect, it, onTestFinished } from 'vitest'
import { folder, type Folder, type Running } from './bpc'

const MAIN = 'use "./part.bp".{twice}\nmodel M {\n  input x: real\n  output y = twice(x)\n}\n'
const PART = 'fn twice(x: real) -> real {\n  return 2 * x\n}\n'

/** Starts watching; `next` waits for so many lines on standard output in all. */
async function watched(at: Folder, ...words: string[]): Promise<Running & { next(count: number): Promise<readonly string[]> }> {
  const running = at.start(['build', 'main.bp', '--watch', ...words])
  onTestFinished(() => { running.child.kill('SIGKILL') })
  const seen = { out: '', err: '' }
  running.child.stdout?.on('data', (text: string) => { seen.out += text })
  running.child.stderr?.on('data', (text: string) => { seen.err += text })
  const until = async (holds: () => boolean) => {
    for (const end = Date.now() + 20_000; !holds();) {
      if (Date.now() > end) throw new Error(`waited in vain; so far: ${JSON.stringify(seen)}`)
      await new Promise(resolve => { setTimeout(resolve, 10) })
    }
  }
  const outLines = () => seen.out.split('\n').slice(0, -1)
  // Changes before the watcher is ready are nobody's to see.
  await until(() => seen.err.includes('Ctrl-C ends it'))
  return { ...running, next: async count => { await until(() => outLines().length >= count); return outLines() } }
}

describe('bpc build --watch', () => {
  it('builds again when the file or one that it uses changes, a line a build, and ends with 0 on Ctrl-C', async () => {
    const at = folder({ 'main.bp': MAIN, 'part.bp': PART })
    const { next, child, ended } = await watched(at)
    expect((await next(1))[0]).toMatch(/^built main\.bp\.js, main\.bp\.d\.ts in \d+ ms$/)
    at.write('part.bp', PART.replace('2 * x', '3 * x'))
    expect((await next(2))[1]).toMatch(/^built /)
    expect(at.read('main.bp.js')).toContain('literals: [{ value: 3')
    at.write('main.bp', MAIN.replace('twice(x)', 'thrice(x)'))
    expect((await next(3))[2]).toBe('not built: main.bp')
    at.write('main.bp', MAIN)
    expect((await next(4))[3]).toMatch(/^built /)
    child.kill('SIGINT')
    const { status, stdout, stderr } = await ended
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(4)
    expect(stderr).toContain('main.bp:4:')
  })

  it('goes on where a file that is used is missing, and builds when it comes', async () => {
    const at = folder({ 'main.bp': MAIN })
    const { next, child, ended } = await watched(at)
    expect((await next(1))[0]).toBe('not built: main.bp')
    at.write('part.bp', PART)
    expect((await next(2))[1]).toMatch(/^built /)
    child.kill('SIGINT')
    expect((await ended).status).toBe(0)
  })

  it('builds when a folder that is missing comes with the file in it', async () => {
    const at = folder({ 'main.bp': MAIN.replace('./part.bp', './deep/parts/part.bp') })
    const { next, child, ended } = await watched(at)
    expect((await next(1))[0]).toBe('not built: main.bp')
    at.write('deep/parts/part.bp', PART)
    expect((await next(2))[1]).toMatch(/^built /)
    child.kill('SIGINT')
    expect((await ended).status).toBe(0)
  })

  it('ends as a build does where the file is not there', async () => {
    const ended = await folder().bpc('build', 'main.bp', '--watch')
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain('no file main.bp')
  })
})
