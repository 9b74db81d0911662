/** `bpc init`: a project of its own that trains with one command. */
import { lstat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { VERSION } from '../../version'
import { EXIT, wrongUse, type ExitStatus } from '../outcome'
import type { Terminal } from '../terminal'
import { writeFiles } from '../writeFiles'
import { TEMPLATES, type Template, type TemplateName } from './templates'

export interface InitFlags { readonly template: TemplateName; readonly json?: boolean }

/** @param name the folder; where none is given, the one at hand */
export async function init(name: string | undefined, { template }: InitFlags, terminal: Terminal): Promise<ExitStatus> {
  const folder = name ?? '.'
  const project = projectName(basename(resolve(folder)))
  const files = Object.entries(filesOf(project, TEMPLATES[template]())).map(([file, content]) => ({ path: join(folder, file), content }))
  await mustBeNew(folder, files.map(({ path }) => path))
  await writeFiles(files)
  for (const { path } of files) terminal.print(path)
  const enter = relative('.', resolve(folder))
  terminal.print(['', 'Next:', ...enter ? [`  cd ${/\s/.test(enter) ? `"${enter}"` : enter}`] : [],
    '  npm install', '  npm run train         trains the model, and writes a report of it', '  npm start             the same from TypeScript'].join('\n'))
  return EXIT.done
}

/** What npm takes for a name: lower case, without spaces, and no dot or underscore in front. */
function projectName(folder: string): string {
  const name = folder.toLowerCase().replaceAll(/[^a-z0-9._~-]+/g, '-').replaceAll(/^[._-]+|-+$/g, '')
  // Its own name would hide the package that it depends on.
  return name === '' || name === 'bp-lang' ? 'bp-project' : name.slice(0, 200)
}

/** Nothing is overwritten: all that stands in the way is named at once. */
async function mustBeNew(folder: string, paths: readonly string[]): Promise<void> {
  const found = await lstat(folder).catch(() => undefined)
  if (found && !found.isDirectory()) throw wrongUse(`${folder} is there already, and is no directory`)
  const there: string[] = []
  for (const path of paths) if (await lstat(path).catch(() => undefined)) there.push(path)
  if (there.length > 0) throw wrongUse(`init overwrites nothing, but ${there.join(', ')} ${there.length > 1 ? 'are' : 'is'} there already`, 'name a new folder: bpc init NAME')
}

function filesOf(project: string, { title, model, data, run, expect }: Template): Readonly<Record<string, string>> {
  return {
    'model.bp': model,
    ...data ? { [data.file]: data.content } : {},
    'run.ts': run,
    'package.json': `${JSON.stringify({
      name: project, private: true, type: 'module',
      scripts: {
        build: 'bpc model.bp', check: 'bpc model.bp && tsc', train: 'bpc train model.bp --out weights.safetensors --report report.html', start: 'bpc model.bp && tsx run.ts',
      },
      dependencies: { 'bp-lang': `^${VERSION}` },
      devDependencies: { '@types/node': '^20.19.0', tsx: '^4.19.0', typescript: '^5.9.0' },
    }, undefined, 2)}\n`,
    'tsconfig.json': `${JSON.stringify({
      compilerOptions: { target: 'ES2022', lib: ['ES2023', 'DOM'], module: 'NodeNext', strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true, types: ['node'] },
      include: ['*.ts'],
    }, undefined, 2)}\n`,
    '.gitignore': 'node_modules/\n*.bp.js\n*.bp.d.ts\n*.safetensors\nreport.html\n',
    'README.md': `# ${project}

A model in bp, a language for models that learn by backpropagation: ${title}.

| | |
| --- | --- |
| \`model.bp\` | the model, and how it is trained |
${data ? `| \`${data.file}\` | its data, made from a seed |\n` : ''}| \`run.ts\` | the same from TypeScript, with types |

\`\`\`
npm install
npm run train      # trains the model; weights in weights.safetensors, curves and figures in report.html
npm start          # trains from TypeScript
npm run check      # checks model and program
\`\`\`

${expect} \`npx bpc draw model.bp\` draws the model, and \`npx bpc --help\` tells the rest.
`,
  }
}
