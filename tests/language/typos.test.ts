import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagnose } from './run'

/** Words whose typo shows in two places, or reads as something else, with the reason. */
const SEVERAL: ReadonlyMap<string, string> = new Map([
  ['batch', 'another name is another dimension, and two lines are then wrong by themselves'],
  ['return', 'a word before a list reads as a gate on it'],
])

describe('one typo in an example', () => {
  it.each(['moons', 'iris', 'vqe'])('%s: two letters exchanged in any word give at most one error', async name => {
    const text = readFileSync(new URL(`../../examples/${name}/model.bp`, import.meta.url), 'utf8')
    const several: string[] = []
    let caught = 0
    for (const { 0: word, index } of text.matchAll(/[A-Za-z_]\w{2,}/g)) {
      const typo = `${word[0]}${word[2]}${word[1]}${word.slice(3)}`
      if (typo === word || text.slice(text.lastIndexOf('\n', index) + 1, index).includes('//')) continue
      const errors = (await diagnose(text.slice(0, index) + typo + text.slice(index + word.length))).filter(diagnostic => diagnostic.severity === 'error')
      if (errors.length > 0) caught++
      if (errors.length > 1 && !SEVERAL.has(word)) several.push(`${typo}: ${errors.map(error => error.message).join(' | ')}`)
    }
    expect(several).toEqual([])
    expect(caught).toBeGreaterThan(30)
  })
})
