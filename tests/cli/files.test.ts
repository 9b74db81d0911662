import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder } from './bpc'
import { LINE, POINTS } from './programs'

/** A superuser reads everything. */
const READS_ALL = process.getuid?.() === 0

describe('a source file', () => {
  it.each(['check', 'build', 'eval', 'train'])('that is not there is wrong use of %s', async verb => {
    const { status, stdout, stderr } = await folder().bpc(verb, 'nowhere.bp')
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: 'error: there is no file nowhere.bp\n' })
  })

  it('may not be a directory', async () => {
    const at = folder()
    mkdirSync(join(at.path, 'models.bp'))
    const { status, stderr } = await at.bpc('check', 'models.bp')
    expect(status).toBe(2)
    expect(stderr).toContain('models.bp is a directory')
  })

  it('ends in .bp', async () => {
    const { status, stderr } = await folder({ 'points.csv': POINTS }).bpc('check', 'points.csv')
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'error: points.csv is not a .bp file\n' })
  })

  it.skipIf(READS_ALL)('must be readable', async () => {
    const at = folder({ 'line.bp': LINE })
    chmodSync(join(at.path, 'line.bp'), 0)
    expect(await at.bpc('check', 'line.bp')).toMatchObject({ status: 2, stderr: 'error: cannot read line.bp: permission denied\n' })
  })

  it('must be UTF-8; the line that is not is named', async () => {
    const bytes = Buffer.concat([Buffer.from('// one\n// two\n// caf'), Buffer.from([0xe9]), Buffer.from('\n')])
    const { status, stderr } = await folder({ 'latin.bp': bytes }).bpc('check', 'latin.bp')
    expect(status).toBe(1)
    expect(stderr).toContain('latin.bp:3: this line is not UTF-8 text')
  })

  it('with zero bytes is no text', async () => {
    const { status, stderr } = await folder({ 'zero.bp': Buffer.from('model M {\n\0}') }).bpc('check', 'zero.bp')
    expect(status).toBe(1)
    expect(stderr).toContain('not-text')
  })

  it.each(['', '\n\n', '// nothing here\n'])('without a declaration (%j) is an error', async text => {
    const { status, stdout, stderr } = await folder({ 'empty.bp': text }).bpc('check', 'empty.bp')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/empty\.bp:1:1\b/)
  })

  it('may start with a byte order mark', async () => {
    expect(await folder({ 'line.bp': `\ufeff${LINE}` }).bpc('check', 'line.bp')).toMatchObject({ status: 0 })
  })

  it('may have lines that end as on Windows', async () => {
    expect(await folder({ 'line.bp': LINE.replaceAll('\n', '\r\n') }).bpc('check', 'line.bp')).toMatchObject({ status: 0 })
  })
})
