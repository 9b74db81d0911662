import { describe, expect, it } from 'vitest'
import { excerpt } from '../../../compiler/2-check/excerpt'
import { STANDARD_LIBRARY } from '../../../compiler/2-check/standardLibrary'

const MODULE = '// what it is\n\n/// Twice.\nfn twice(x: real) -> real = 2 * x\n\n/// Four times.\nfn four(x: real) -> real {\n  return twice(twice(x))\n}\n\nconst LIMIT = 3\n'

describe('an excerpt of a standard module', () => {
  it('keeps what is named and what that uses, each at its line', () => {
    expect(excerpt(MODULE, ['twice'])).toBe('// what it is\n\n/// Twice.\nfn twice(x: real) -> real = 2 * x\n\n\n\n\n\n\n\n')
    expect(excerpt(MODULE, ['four'])).toBe(MODULE.replace('const LIMIT = 3', ''))
  })

  it('is the whole where a name is not there, so that the message can name the others', () => {
    expect(excerpt(MODULE, ['thrice'])).toBe(MODULE)
  })

  it('has as many lines as the module, for every name of the library', () => {
    for (const [path, text] of STANDARD_LIBRARY) {
      for (const [, name] of text.matchAll(/^(?:fn|layer|gate|circuit|const) ([\p{L}\p{N}_]+)/gmu)) {
        const part = excerpt(text, [name ?? ''])
        expect(part.split('\n').length, `${path}.${name}`).toBe(text.split('\n').length)
        expect(part.length, `${path}.${name}`).toBeLessThanOrEqual(text.length)
      }
    }
  })
})
