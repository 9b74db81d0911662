import { readFileSync } from 'node:fs'
import { it } from 'vitest'
import { compile } from '../../../compiler/compile'
import { printDim } from '../../../ir/dim'
const host = { readText: async (p: string) => { try { return readFileSync(p, 'utf8') } catch { return undefined } }, readBytes: async () => undefined, resolve: (a: string, b: string) => a.replace(/[^/]*$/, '') + b }
it('x', async () => {
  for (const file of (process.env.FILES ?? '').split(' ')) {
    const c = await compile(file, host as never)
    console.log(file, c.ok, c.diagnostics.map(d => JSON.stringify(d).slice(0, 300)))
    const show = (p: any, indent: string): string => p.steps.map((s: any) => indent + (s.kind === 'kernel' ? `kernel [${s.shape.map(printDim)}] loads ${s.loads.map((l: any) => l.buffer + '[' + l.axes + ']').join(' ')} | ${s.code.map((c: any) => c.fn + '(' + c.args + ')').join(' ')} | -> ${s.stores.map((t: any) => t.buffer + '=r' + t.register).join(' ')} lit ${s.literals.map((l: any) => l.value)}`
      : s.kind === 'routine' ? `${s.op} ${JSON.stringify(s.attributes, (_, v) => v && typeof v === 'object' && ('terms' in v || 'operations' in v) ? ('terms' in v ? printDim(v) : v.name) : v).slice(0, 150)} ${s.inputs} -> ${s.output} [${p.buffers[s.output].shape.map(printDim)}]`
      : s.kind === 'loop' ? `loop ${printDim(s.trip)} rev=${s.reverse} carries ${s.carries} const ${s.constants} ${s.inputs} -> ${s.outputs}\n` + show(s.body, indent + '    ') : `reshape ${s.input} -> ${s.output} [${p.buffers[s.output].shape.map(printDim)}]`)).join('\n')
    for (const plan of c.plans) for (const [name, p] of Object.entries(plan.entries)) {
      if (process.env.ONLY && name !== process.env.ONLY) continue
      console.log(plan.model, name, p.inputs.map((i: any) => i.buffer + ':' + i.name).join(' '), '=>', p.results.map((i: any) => i.buffer + ':' + i.name).join(' '), '\n' + show(p, '   '))
    }
  }
})
