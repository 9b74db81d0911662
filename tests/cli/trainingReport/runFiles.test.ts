import { describe, expect, it } from 'vitest'
import { folder, lines } from '../bpc'
import { mustBeWellFormed } from '../markup'
import { COSINE, LINE, POINTS } from '../programs'

const files = { 'line.bp': LINE, 'points.csv': POINTS }

describe('bpc train --plot', () => {
  it('draws the run, and says where', async () => {
    const at = folder(files)
    const ended = await at.bpc('train', 'line.bp', '--holdout', '0.2', '--plot', 'curve.svg')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toContain('curves in curve.svg')
    const svg = at.read('curve.svg')
    mustBeWellFormed(svg)
    for (const part of ['>Line<', '>training<', '>held out<', '>loss<', '>worst<', '>2 parameters, 8 rows to train on, 2 held out, seed 3<']) expect(svg).toContain(part)
  })

  it('leaves standard output to --json', async () => {
    const at = folder(files)
    const ended = await at.bpc('train', 'line.bp', '--json', '--plot', 'curve.svg')
    expect(lines(ended)).toHaveLength(5)
    expect(at.names).toContain('curve.svg')
  })

  it('draws what there is when Ctrl-C ends the run, and leaves nothing else behind', async () => {
    const at = folder(files)
    const { child, ended } = at.start(['train', 'line.bp', '--json', '--epochs', '100000000', '--plot', 'curve.svg', '--report', 'report.html'])
    child.stdout?.once('data', () => child.kill('SIGINT'))
    expect((await ended).status).toBe(130)
    expect(at.names).toEqual(['curve.svg', 'line.bp', 'points.csv', 'report.html'])
    mustBeWellFormed(at.read('curve.svg'))
    expect(at.read('report.html')).toContain('interrupted')
  })

  it('draws a run that diverged', async () => {
    const at = folder(files)
    const ended = await at.bpc('train', 'line.bp', '--rate', '100', '--epochs', '200', '--plot', 'curve.svg', '--report', 'report.html')
    expect(ended.status).toBe(3)
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
    mustBeWellFormed(at.read('curve.svg'))
    expect(at.read('report.html')).toContain('the run failed')
  })

  it.each([['--plot', '.svg'], ['--report', '.html']])('refuses to write over another kind of file with %s', async (flag, ending) => {
    const at = folder(files)
    expect(await at.bpc('train', 'line.bp', flag, 'line.bp')).toMatchObject({ status: 2, stdout: '', stderr: `error: ${flag} writes a ${ending} file, not 'line.bp'\n` })
    expect(at.read('line.bp')).toBe(LINE)
  })

  it.each(['--plot', '--report'])('refuses to start where %s could not be written', async flag => {
    const { status, stdout, stderr } = await folder(files).bpc('train', 'line.bp', flag, flag === '--plot' ? 'nowhere/a.svg' : 'nowhere/a.html')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('nowhere')
  })
})

/** The numbers of the row of a table that begins with this cell. */
const row = (html: string, first: string): readonly string[] =>
  [...(new RegExp(`<tr><td>(?:<code>)?${first}(?:</code>)?</td>(.*?)</tr>`).exec(html)?.[1] ?? '').matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(match => match[1] ?? '')

describe('bpc train --report', () => {
  it('is one page that needs nothing else, with figures, parameters, model, data, run and source', async () => {
    const at = folder(files)
    const ended = await at.bpc('train', 'line.bp', '--holdout', '0.2', '--epochs', '300', '--report', 'report.html')
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const html = at.read('report.html')
    mustBeWellFormed(html)
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|<script|<link/)
    expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(match => match[1])).toEqual(['Curves', 'Figures', 'Model', 'Parameters', 'Data', 'Run', 'Source'])
    expect(html).toContain('bpc train line.bp --holdout 0.2 --epochs 300 --report report.html')
    expect(html).toContain('sgd(rate = 0.5, momentum = 0, nesterov = false, decay = 0)')
    expect(html).toContain('10: 8 to train on, 2 held out (20 %)')
    // The line is y = 2 x + 1, and the points are exact.
    expect(row(html, 'slope')).toEqual(['scalar', '1', '2', '0', '2', '2', ''])
    expect(row(html, 'offset')).toEqual(['scalar', '1', '1', '0', '1', '1', ''])
    // x = 0, 0.1 … 0.9: mean 0.45, deviation 0.1 √(99/12).
    expect(row(html, 'x').slice(0, 4)).toEqual(['0', '0.45', '0.9', '0.2872'])
    expect(row(html, 'y').slice(0, 4)).toEqual(['1', '1.9', '2.8', '0.5745'])
  })

  it('counts classes by name', async () => {
    const model = LINE.replace('target y: real[batch]', 'target y: int[batch] in 0..2').replace('y = y', 'y = kind')
    const at = folder({ 'line.bp': model, 'points.csv': 'x,kind\n0,b<c\n1,a\n2,a\n' })
    expect(await at.bpc('train', 'line.bp', '--report', 'report.html')).toMatchObject({ status: 0 })
    const html = at.read('report.html')
    mustBeWellFormed(html)
    expect(row(html, 'a')).toEqual([])
    expect(html).toMatch(/<td class="n">0<\/td><td>a<\/td><td class="n">2<\/td><td class="n">66\.67 %<\/td>/)
    expect(html).toMatch(/<td class="n">1<\/td><td>b&lt;c<\/td><td class="n">1<\/td>/)
  })

  it('shows circuits, and steps where there are no data', async () => {
    const at = folder({ 'c.bp': `${COSINE}train Cosine {\n  optimizer sgd(rate = 0.5)\n  steps 60\n}\n` })
    expect(await at.bpc('train', 'c.bp', '--report', 'report.html', '--const', 'N=1')).toMatchObject({ status: 1 })
    expect(await at.bpc('train', 'c.bp', '--report', 'report.html')).toMatchObject({ status: 0, stderr: '' })
    const html = at.read('report.html')
    mustBeWellFormed(html)
    const [, picture = ''] = /<img alt="circuit c" src="data:image\/svg\+xml,([^"]*)">/.exec(html) ?? []
    mustBeWellFormed(decodeURIComponent(picture))
    expect(html).toContain('<b>60</b><span>steps, trained</span>')
    expect(html).not.toContain('<h2>Data</h2>')
  })

  it('escapes what the source and the command hold', async () => {
    const at = folder({ 'a&b <i>.bp': LINE.replace('/// A line', '/// <script>alert(1)</script> & "A line"'), 'points.csv': POINTS })
    expect(await at.bpc('train', 'a&b <i>.bp', '--report', 'report.html')).toMatchObject({ status: 0 })
    const html = at.read('report.html')
    mustBeWellFormed(html)
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;A line&quot;')
  })
})
