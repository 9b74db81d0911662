import { describe, expect, it } from 'vitest'
import { folder, lines } from './bpc'
import { COSINE, LINE } from './programs'

async function emit(stage: string, ...words: string[]): Promise<string> {
  const at = folder({ 'line.bp': LINE })
  const ended = await at.bpc('build', 'line.bp', '--emit', stage, ...words)
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  expect(at.names).toEqual(['line.bp'])
  return ended.stdout
}

describe('bpc build --emit', () => {
  it('prints the syntax tree, a node a line with its place', async () => {
    const tree = await emit('ast')
    expect(tree).toMatch(/^ {2}- model @2:1$/m)
    expect(tree).toMatch(/^ {4}name: Line @2:7$/m)
    expect(tree).toMatch(/^ {2}- train @13:1$/m)
    // Spans are places, and nothing else.
    expect(tree).not.toMatch(/start:|undefined/)
  })

  it('prints the tree as JSON, places as offsets', async () => {
    const tree = JSON.parse(await emit('ast', '--json')) as { declarations: { kind: string; span: { start: number } }[] }
    expect(tree.declarations.map(({ kind }) => kind)).toEqual(['model', 'train'])
    expect(tree.declarations[0]?.span.start).toBe(LINE.indexOf('model'))
  })

  it('prints the graph of a model as it is elaborated, and optimised', async () => {
    const text = await emit('graph')
    expect(text).toContain('// Line: elaborated\n')
    expect(text).toContain('// Line: evaluate, optimised\n')
    expect(text).toContain('return output:prediction = ')
    expect(text).not.toContain('gradient:')
  })

  it('prints the graph of a step with its gradients, and optimised', async () => {
    const text = await emit('grad')
    expect(text).toContain('// Line: step, differentiated\n')
    expect(text).toContain('// Line: step, optimised\n')
    expect(text.match(/gradient:slope = /g)).toHaveLength(2)
  })

  it('prints the plan that the module holds', async () => {
    const at = folder({ 'c.bp': COSINE })
    const [plan] = lines(await at.bpc('build', 'c.bp', '--emit', 'plan'))
    expect(plan).toMatchObject({ model: 'Cosine', precision: 'f64', entries: { step: { results: [{ name: 'loss' }, { name: 'gradient:t' }] } } })
    expect(at.names).toEqual(['c.bp'])
  })

  it('reports an error of the program instead', async () => {
    const at = folder({ 'line.bp': LINE.replace('slope * x', 'slop * x') })
    for (const stage of ['ast', 'graph', 'grad', 'plan']) {
      const ended = await at.bpc('build', 'line.bp', '--emit', stage)
      expect(ended).toMatchObject({ status: 1, stdout: '' })
      expect(ended.stderr).toContain('line.bp:7:')
    }
  })

  it.each([
    [['--emit', 'tree'], 'ast, graph, grad, plan'],
    [['--emit', 'ast', '--out-dir', 'dist'], '--out-dir'],
    [['--emit', 'ast', '--watch'], '--watch'],
  ])('calls %j wrong use', async (words, message) => {
    const ended = await folder({ 'line.bp': LINE }).bpc('build', 'line.bp', ...words)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain(message)
  })
})
