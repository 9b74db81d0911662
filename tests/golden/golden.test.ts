/** The graphs that telling programs become in the elaborator, as text beside them: structure, never numbers. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { printGraph } from '../../ir/print'
import { verify } from '../../ir/verify'
import { elaborateText } from '../language/run'

const ROOM = dirname(fileURLToPath(import.meta.url))
const cases = readdirSync(ROOM).filter(name => statSync(join(ROOM, name)).isDirectory()).sort()

describe('the elaborated graph', () => {
  it.each(cases)('of %s is the one that is written down', async name => {
    const [elaborated] = await elaborateText(readFileSync(join(ROOM, name, 'main.bp'), 'utf8'))
    if (!elaborated) throw new Error('the program has errors')
    const { graph, results } = elaborated.model
    verify(graph)
    await expect(printGraph(graph, results.map(result => `${result.kind}${result.name && ` ${result.name}`}`))).toMatchFileSnapshot(join(ROOM, name, 'graph.txt'))
  })
})
