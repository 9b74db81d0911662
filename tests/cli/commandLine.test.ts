import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folder, lines, ROOT } from './bpc'
import { LINE } from './programs'

const VERBS = ['build', 'check', 'train', 'eval', 'diagnose', 'info', 'draw', 'export', 'fmt', 'explain', 'init', 'lsp', 'completions']

describe('bpc', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    expect(await folder().bpc('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('lists the verbs that are there, and no others, with --help', async () => {
    const { status, stdout } = await folder().bpc('--help')
    expect(status).toBe(0)
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'))
  })

  it.each(VERBS)('tells of %s, with an example', async verb => {
    const { status, stdout } = await folder().bpc(verb, '--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/Example:\n {2}bpc /)
  })

  it('shows its help, and calls it wrong use, where no word is given', async () => {
    const { status, stdout, stderr } = await folder().bpc()
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('Usage: bpc')
  })

  it.each([
    [['trian', 'a.bp'], `no verb 'trian'`, `did you mean 'train'?`],
    [['frobnicate'], `no verb 'frobnicate'`, 'there are: build, check'],
    [['line'], `no verb 'line'`, 'did you mean the file line.bp?'],
    [['check', '--jsno', 'line.bp'], '--jsno', 'did you mean --json?'],
    [['train', '--epoch', '3', 'line.bp'], '--epoch', 'did you mean --epochs?'],
    [['train', '--plt', 'a.svg', 'line.bp'], '--plt', 'did you mean --plot?'],
    [['inti', 'a'], `no verb 'inti'`, `did you mean 'init'?`],
    [['help', 'trian'], `no verb 'trian'`, `did you mean 'train'?`],
    [['train', 'line.bp', '--gradient', 'adjiont'], '--gradient takes one of parameter_shift, adjoint, finite_difference', 'did you mean adjoint?'],
    [['completions', 'bahs'], 'SHELL takes one of bash, zsh, fish, powershell', 'did you mean bash?'],
    [['init', '--template', 'hybird'], '--template takes one of classifier, hybrid, vqe', 'did you mean hybrid?'],
    [['check', 'lin.bp'], 'no file lin.bp', 'did you mean line.bp?'],
    [['explain', 'shape-mismach'], 'shape-mismach', 'did you mean shape-mismatch?'],
  ])('answers `bpc %j` with what was meant', async (words, message, help) => {
    const { status, stdout, stderr } = await folder({ 'line.bp': LINE }).bpc(...words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain(help)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it.each([
    [['check'], 'FILE'],
    [['train', 'a.bp', 'b.bp'], 'too many arguments'],
    [['train', 'line.bp', '--epochs', '-3'], '--epochs'],
    [['train', 'line.bp', '--epochs', 'many'], "--epochs takes a whole number from 1, not 'many'"],
    [['train', 'line.bp', '--epochs', '3', '--steps', '3'], '--steps'],
    [['train', 'line.bp', '--holdout', '1'], '--holdout takes a fraction'],
    [['train', 'line.bp', '--rate', '0'], '--rate takes a positive number'],
    [['eval', 'line.bp', '--precision', 'f16'], 'f32, f64'],
    [['eval', 'line.bp', '--seed', '1.5'], '--seed takes a whole number'],
    [['eval', 'line.bp', '--set', 'slope'], '--set takes NAME=VALUE'],
    [['eval', 'line.bp', '--const', '=3'], '--const takes NAME=VALUE'],
  ])('calls `bpc %j` wrong use', async (words, message) => {
    const { status, stderr } = await folder({ 'line.bp': LINE }).bpc(...words)
    expect(status).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })

  it('prints wrong use as JSON, on standard output, where --json is given', async () => {
    const ended = await folder().bpc('check', '--json', 'nowhere.bp')
    expect(ended).toMatchObject({ status: 2, stderr: '' })
    expect(lines(ended)).toEqual([{ code: 'wrong-use', severity: 'error', message: 'there is no file nowhere.bp' }])
  })

  it('colours nothing that is not a terminal, and obeys NO_COLOR and FORCE_COLOR', async () => {
    const escape = '\u001b['
    const at = folder({ 'line.bp': LINE.replace('slope * x', 'slop * x') })
    expect((await at.bpc('check', 'line.bp')).stderr).not.toContain(escape)
    expect((await at.start(['check', 'line.bp'], { FORCE_COLOR: '1' }).ended).stderr).toContain(escape)
    expect((await at.start(['check', 'line.bp'], { FORCE_COLOR: '1', NO_COLOR: '1' }).ended).stderr).not.toContain(escape)
  })

  it('ends without a word where the reader of its output has gone', async () => {
    const at = folder({ 'line.bp': LINE })
    const { child, ended } = at.start(['eval', 'line.bp', '--set', 'x=[1]', '--set', 'y=[1]'])
    child.stdout?.destroy()
    expect(await ended).toMatchObject({ stderr: '' })
  })
})
