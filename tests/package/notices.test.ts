import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../cli/bpc'
import { bundledPackages, noticesPage } from './thirdParty'

/** Licences that ask for no more than their text, and are compatible with the package's own. */
const ACCEPTED = new Set(['Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', '0BSD'])

it('finds the parser, and what it stands on, among what is bundled', () => {
  expect(bundledPackages().map(({ name }) => name)).toEqual(expect.arrayContaining(['@chevrotain/gast', 'chevrotain', 'lodash-es', 'onnx-proto', 'protobufjs']))
})

// `npm run notices` writes it anew.
it('the page of notices has each package that is bundled, with its licence', async () => {
  await expect(noticesPage(bundledPackages())).toMatchFileSnapshot(join(ROOT, 'THIRD-PARTY-NOTICES.md'))
})

it('nothing is bundled whose licence asks for more than a notice', () => {
  expect(bundledPackages().filter(({ license }) => !ACCEPTED.has(license))).toEqual([])
})
