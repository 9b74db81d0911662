import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { BPC, folder, type Folder } from './bpc'
import { SEVERAL } from './circuits'
import { LINE } from './programs'

const files = { 'line.bp': LINE, 'models/several.bp': SEVERAL, 'models/my own.bp': LINE, 'data/points.csv': 'x\n', 'notes.txt': '', 'node_modules/a/b.bp': '' }

/** What stands before the tabs. */
async function candidates(at: Folder, ...words: string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await at.bpc('complete', '--', ...words)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.trimEnd().split('\n').slice(0, -1).map(line => line.split('\t')[0] ?? '')
}

describe('bpc complete', () => {
  it.each([
    [['tr'], ['train']],
    [['comp'], ['completions']],
    [['completions', ''], ['bash', 'fish', 'powershell', 'zsh']],
    [['train', ''], ['line.bp', 'models/my own.bp', 'models/several.bp']],
    [['check', 'models/s'], ['models/several.bp']],
    [['mod'], ['models/my own.bp', 'models/several.bp']],
    [['train', 'line.bp', '--pl'], ['--plot']],
    [['train', 'line.bp', '--gradient', ''], ['adjoint', 'finite_difference', 'parameter_shift']],
    [['train', 'line.bp', '--gradient=a'], ['adjoint']],
    [['train', 'line.bp', '--data', ''], ['data/points.csv']],
    [['train', 'line.bp', '--model', ''], ['Line']],
    [['draw', 'models/several.bp', ''], ['M', 'alone', 'bell', 'chain', 'turn']],
    [['export', 'models/several.bp', ''], ['alone', 'bell', 'chain', 'turn']],
    [['draw', 'nowhere.bp', ''], []],
    [['init', '--template', ''], ['classifier', 'hybrid', 'vqe']],
  ])('completes %j', async (words, expected) => {
    expect((await candidates(folder(files), ...words)).toSorted()).toEqual(expected)
  })

  it('lists all verbs where nothing is typed, and not itself', async () => {
    const found = await candidates(folder(), '')
    expect(found).toEqual(expect.arrayContaining(['build', 'check', 'train', 'draw', 'init', 'completions']))
    expect(found).not.toContain('complete')
  })
})

describe('bpc completions', () => {
  it('makes bash complete verbs, files, flags and values, also when it is sourced twice', async () => {
    const at = folder(files)
    const asked = [
      ['bpc', 'tra'], ['bpc', 'train', 'models/'], ['bpc', 'train', 'line.bp', '--gradient', ''], ['bpc', 'train', 'line.bp', '--gradient', '=', 'ad'], ['bpc', 'draw', 'models/several.bp', 'b'],
      // What is typed is not run.
      ['bpc', 'train', '$(touch', 'x)'],
    ]
    const script = [
      `bpc() { "${process.execPath}" "${BPC}" "$@"; }`, 'source <(bpc completions bash)', 'source <(bpc completions bash)', 'complete -p bpc',
      // As readline calls it.
      `try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bpc_complete; (IFS=,; echo "\${COMPREPLY[*]}"); }`,
      ...asked.map(words => `try ${words.map(word => `'${word}'`).join(' ')}`),
    ].join('\n')
    const out = execFileSync('bash', ['--norc', '-c', script], { cwd: at.path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    expect(out.trimEnd().split('\n')).toEqual([
      'complete -o default -F _bpc_complete bpc', 'train', 'models/my\\ own.bp,models/several.bp', 'parameter_shift,adjoint,finite_difference', 'adjoint', 'bell',
    ])
    expect(at.names).toEqual(Object.keys(files).map(name => name.split('/')[0]).filter((name, place, all) => all.indexOf(name) === place).toSorted())
  })

  it.each(['zsh', 'fish', 'powershell'])('prints a script for %s that asks bpc', async shell => {
    const ended = await folder().bpc('completions', shell)
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toMatch(/bpc complete '?--/)
  })

  it('names the shells where another is asked for', async () => {
    expect(await folder().bpc('completions', 'tcsh')).toMatchObject({ status: 2, stderr: expect.stringContaining('bash, zsh, fish, powershell') as string })
  })
})
