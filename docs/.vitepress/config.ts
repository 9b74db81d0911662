/** The site of these pages: `npm run docs` builds it into docs/.vitepress/dist, without a network. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type DefaultTheme } from 'vitepress'
import { BP } from './language'

const DOCS = fileURLToPath(new URL('..', import.meta.url))

const REFERENCE: DefaultTheme.SidebarItem[] = [
  { text: 'The language', link: '/language' },
  { text: 'Functions', link: '/functions' },
  { text: 'Gates', link: '/gates' },
  { text: 'The standard library', link: '/stdlib' },
  { text: 'Training', link: '/training' },
  { text: 'Circuits: pictures and formats', link: '/circuits' },
  { text: 'In a browser', link: '/browser' },
  { text: 'In an editor', link: '/editor' },
  { text: 'How it is built', link: '/architecture' },
  { text: 'How fast it is', link: '/benchmarks' },
]

/** What the thousands of a diagnostic's number stand for. */
const THOUSANDS = ['', 'Text', 'Names', 'Types and shapes', 'Quantum', 'Gradients', 'Training', '', '', 'Bugs in bpc']

function diagnosticPages(): DefaultTheme.SidebarItem[] {
  const folder = `${DOCS}diagnostics`
  const pages = existsSync(folder) ? readdirSync(folder).filter(name => /^BP\d+\.md$/.test(name)).sort() : []
  return THOUSANDS.flatMap((text, thousand) => {
    const items = pages.filter(name => name.startsWith(`BP${thousand}`)).map(name => ({ text: titleOf(`${folder}/${name}`, name), link: `/diagnostics/${name.slice(0, -3)}` }))
    return items.length > 0 ? [{ text, items, collapsed: true }] : []
  })
}

const titleOf = (path: string, name: string): string => /^# (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.replaceAll('`', '') ?? name.slice(0, -3)

/** Types and calls in tables stay on one line; where a fence is no code, its word says nothing to a reader. */
const STYLE = '.vp-doc td code { white-space: nowrap } .vp-doc .language-text > .lang { display: none }'

const diagnostics = diagnosticPages()

export default defineConfig({
  title: 'bp',
  description: 'A language for models that learn by backpropagation, classical and quantum.',
  lang: 'en',
  cleanUrls: true,
  head: [['style', {}, STYLE]],
  cacheDir: '../node_modules/.cache/vitepress',
  markdown: {
    languages: [BP],
    config: md => {
      // A link to the source is one for who reads the pages in the repository; here it is a name.
      md.core.ruler.push('links-to-the-source', ({ tokens }) => {
        for (const { children } of tokens) {
          const isOutside = (href: string) => href.startsWith('../')
          let open = false
          for (const token of children ?? []) {
            if (token.type === 'link_open' && isOutside(token.attrGet('href') ?? '')) {
              open = true
              token.tag = 'span'
              token.attrs = null
            } else if (token.type === 'link_close' && open) {
              open = false
              token.tag = 'span'
            }
          }
        }
      })
    },
  },
  themeConfig: {
    nav: [
      { text: 'Language', link: '/language' },
      { text: 'Functions', link: '/functions' },
      { text: 'Gates', link: '/gates' },
      { text: 'Training', link: '/training' },
    ],
    sidebar: [{ text: 'Reference', items: REFERENCE }, ...(diagnostics.length > 0 ? [{ text: 'Diagnostics', link: '/diagnostics/README', items: diagnostics }] : [])],
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
  },
})
