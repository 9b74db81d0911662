import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from './bpc'
import { COSINE, LINE } from './programs'

const BROKEN = LINE.replace('slope * x', 'slop * x')

describe('bpc build', () => {
  it.each([[['line.bp']], [['build', 'line.bp']]])('with %j writes a module and its types beside the source', async words => {
    const at = folder({ 'line.bp': LINE })
    const { status, stdout, stderr } = await at.bpc(...words)
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'line.bp.js\nline.bp.d.ts\n', stderr: '' })
    expect(at.names).toEqual(['line.bp', 'line.bp.d.ts', 'line.bp.js'])
    expect(at.read('line.bp.js')).toContain(`from 'bp-lang'`)
    expect(at.read('line.bp.d.ts')).toContain('Line')
  })

  it('writes into --out-dir, which need not exist', async () => {
    const at = folder({ 'models/line.bp': LINE })
    expect(await at.bpc('--out-dir', 'out/deep', 'models/line.bp')).toMatchObject({ status: 0 })
    expect(at.read('out/deep/line.bp.js')).toContain('Line')
    expect(at.names).toEqual(['models', 'out'])
  })

  it('builds several files', async () => {
    const at = folder({ 'line.bp': LINE, 'cosine.bp': COSINE })
    expect(await at.bpc('line.bp', 'cosine.bp')).toMatchObject({ status: 0 })
    expect(at.names).toContain('cosine.bp.js')
    expect(at.names).toContain('line.bp.js')
  })

  it('writes nothing where any file has an error', async () => {
    const at = folder({ 'line.bp': LINE, 'broken.bp': BROKEN })
    const { status, stdout, stderr } = await at.bpc('line.bp', 'broken.bp')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('broken.bp:7:')
    expect(at.names).toEqual(['broken.bp', 'line.bp'])
  })

  it('leaves what an earlier build wrote where there is an error', async () => {
    const at = folder({ 'line.bp': LINE })
    await at.bpc('line.bp')
    const before = [at.read('line.bp.js'), at.read('line.bp.d.ts')]
    at.write('line.bp', BROKEN)
    expect(await at.bpc('line.bp')).toMatchObject({ status: 1 })
    expect([at.read('line.bp.js'), at.read('line.bp.d.ts')]).toEqual(before)
  })

  it('writes neither file where one cannot be written', async () => {
    const at = folder({ 'line.bp': LINE, 'line.bp.d.ts/occupied': '' })
    const { status, stderr } = await at.bpc('line.bp')
    expect(status).toBe(3)
    expect(stderr).toContain('cannot write line.bp.d.ts: it is a directory')
    expect(at.names).toEqual(['line.bp', 'line.bp.d.ts'])
  })

  it('says why it cannot write', async () => {
    const at = folder({ 'line.bp': LINE, 'out': 'a file' })
    const { status, stderr } = await at.bpc('line.bp', '--out-dir', 'out')
    expect(status).toBe(3)
    expect(stderr).toMatch(/^error: cannot write out\/line\.bp\.js: /)
    expect(at.read('out')).toBe('a file')
  })

  it('refuses two files that would be written to one place', async () => {
    const at = folder({ 'a/model.bp': LINE, 'b/model.bp': COSINE })
    const { status, stderr } = await at.bpc('a/model.bp', 'b/model.bp', '--out-dir', 'out')
    expect(status).toBe(2)
    expect(stderr).toContain('out/model.bp.js')
    expect(at.names).toEqual(['a', 'b'])
  })

  it('replaces a const', async () => {
    const at = folder({ 'n.bp': 'const N = 2\nmodel M {\n  output y = zeros([N])\n}\n' })
    expect(await at.bpc('n.bp', '--const', 'N=5')).toMatchObject({ status: 0 })
    expect(at.read('n.bp.d.ts')).toMatch(/5/)
  })

  it('writes the same bytes from the same source', async () => {
    const [a, b] = [folder({ 'line.bp': LINE }), folder({ 'line.bp': LINE })]
    await Promise.all([a.bpc('line.bp'), b.bpc('line.bp')])
    expect(a.read('line.bp.js')).toBe(b.read('line.bp.js'))
    expect(a.read('line.bp.d.ts')).toBe(b.read('line.bp.d.ts'))
  })

  it('writes a module that runs beside an installed package', async () => {
    const at = folder({ 'line.bp': LINE })
    await at.bpc('line.bp')
    // As npm links a package under development.
    execFileSync('mkdir', ['-p', join(at.path, 'node_modules')])
    execFileSync('ln', ['-s', join(import.meta.dirname, '../..'), join(at.path, 'node_modules/bp-lang')])
    writeFileSync(join(at.path, 'use.mjs'), `
      import { Line } from './line.bp.js'
      const model = await Line.create({ seed: 1 })
      const { prediction } = await model.predict({ x: [1, 2] })
      console.log(JSON.stringify(prediction.toArray()))
    `)
    expect(execFileSync(process.execPath, ['use.mjs'], { cwd: at.path, encoding: 'utf8' })).toBe('[0,0]\n')
  })
})
