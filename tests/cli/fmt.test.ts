import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BPC, folder, lines, ROOT } from './bpc'

const UNTIDY = 'model M {\nparam w : real~zeros()   // start\n  loss   (w-1) ^2\n}'
const TIDY = 'model M {\n  param w: real ~ zeros()  // start\n  loss (w - 1)^2\n}\n'
const WRONG = 'model M {\n  let = 1\n}\n'

describe('bpc fmt', () => {
  it('lays files out in place, and names those that it changed', async () => {
    const place = folder({ 'a.bp': UNTIDY, 'b.bp': TIDY })
    expect(await place.bpc('fmt', 'a.bp', 'b.bp')).toMatchObject({ status: 0, stdout: 'a.bp\n', stderr: '' })
    expect(place.read('a.bp')).toBe(TIDY)
    expect(place.names).toEqual(['a.bp', 'b.bp'])
    expect(await place.bpc('fmt', 'a.bp', 'b.bp')).toMatchObject({ status: 0, stdout: '' })
  })

  it('names with --check what is laid out otherwise, and writes nothing', async () => {
    const place = folder({ 'a.bp': UNTIDY, 'b.bp': TIDY })
    expect(await place.bpc('fmt', '--check', 'a.bp', 'b.bp')).toMatchObject({ status: 1, stdout: 'a.bp\n', stderr: '' })
    expect(place.read('a.bp')).toBe(UNTIDY)
    expect(await place.bpc('fmt', '--check', 'b.bp')).toMatchObject({ status: 0, stdout: '' })
  })

  it('leaves a file with mistakes as it is, tells them, and lays out the others', async () => {
    const place = folder({ 'a.bp': UNTIDY, 'wrong.bp': WRONG })
    const { status, stdout, stderr } = await place.bpc('fmt', 'wrong.bp', 'a.bp')
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'a.bp\n' })
    expect(stderr).toMatch(/^wrong\.bp:2:7 - error BP\d{4} missing-syntax/)
    expect(place.read('wrong.bp')).toBe(WRONG)
    expect(lines(await place.bpc('fmt', '--json', 'wrong.bp'))).toMatchObject([{ code: 'missing-syntax', file: 'wrong.bp', line: 2 }])
  })

  it('does not mind names that it does not know', async () => {
    const place = folder({ 'a.bp': 'use "./nowhere.bp".{ a }\nconst b=a\n' })
    expect(await place.bpc('fmt', 'a.bp')).toMatchObject({ status: 0 })
    expect(place.read('a.bp')).toBe('use "./nowhere.bp".{a}\nconst b = a\n')
  })

  it('passes standard input on to standard output for -', () => {
    const fmt = (input: string | Buffer, ...flags: string[]) => spawnSync(process.execPath, [BPC, 'fmt', '-', ...flags], { input, encoding: 'utf8' })
    expect(fmt(UNTIDY)).toMatchObject({ status: 0, stdout: TIDY, stderr: '' })
    expect(fmt(UNTIDY, '--check')).toMatchObject({ status: 1, stdout: '-\n' })
    expect(fmt(TIDY, '--check')).toMatchObject({ status: 0, stdout: '' })
    expect(fmt(WRONG)).toMatchObject({ status: 1, stdout: '' })
    expect(fmt(WRONG).stderr).toMatch(/^<stdin>:2:7 - error/)
    expect(fmt(Buffer.from([0x6d, 0xff])).stderr).toContain('<stdin>:1: this line is not UTF-8 text')
  })

  it.each([
    [['fmt'], 'FILE'], [['fmt', 'none.bp'], 'there is no file none.bp'], [['fmt', 'a.txt'], 'a.txt is not a .bp file'], [['fmt', '-', 'a.bp'], 'standard input is formatted alone'],
  ])('calls %j wrong use', async (words, message) => {
    const { status, stderr } = await folder({ 'a.bp': TIDY, 'a.txt': '' }).bpc(...words)
    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })

  it('has nothing to do in the standard library', async () => {
    const text = readFileSync(join(ROOT, 'stdlib/quantum.bp'), 'utf8')
    expect(await folder({ 'quantum.bp': text }).bpc('fmt', '--check', 'quantum.bp')).toMatchObject({ status: 0, stdout: '' })
  })
})
