/** gpu.js in its own CPU mode: the matrix product of its front page. */
import { timed, type Peer } from '../harness/contender'
import { spread, STREAM } from '../harness/work'
import { loadPackage, versionOf } from './load'

interface Kernel {
  (a: Float32Array, b: Float32Array): readonly Float32Array[]
  setOutput(size: readonly number[]): Kernel
  setConstants(constants: object): Kernel
  readonly kernel: { readonly constructor: { readonly mode: string } }
}

interface GpuJs { readonly GPU: new (options: { readonly mode: 'cpu' }) => { createKernel(body: string): Kernel } }

/** A string: it reads a function's source, and a bundler has its own ideas of that. */
const PRODUCT = `function (a, b) {
  let sum = 0
  for (let k = 0; k < this.constants.n; k++) sum += a[this.thread.y * this.constants.n + k] * b[k * this.constants.n + this.thread.x]
  return sum
}`

export async function openGpuJs(): Promise<Peer> {
  const { GPU } = await loadPackage<GpuJs>('gpu.js')
  return {
    title: 'gpu.js, its CPU mode', versions: { 'gpu.js': versionOf('gpu.js') },
    prepare: work => {
      if (work.kind !== 'product') throw new Error(`it has no work of the kind ${work.kind}`)
      const { n, samples } = work
      const kernel = new GPU({ mode: 'cpu' }).createKernel(PRODUCT).setOutput([n, n]).setConstants({ n })
      const [a, b] = [0, 1].map(at => Float32Array.from(spread(STREAM.weights + at, n * n, 1)))
      if (!a || !b) throw new Error('unreachable')
      const c = kernel(a, b)
      if (kernel.kernel.constructor.mode !== 'cpu') throw new Error(`it runs as ${kernel.kernel.constructor.mode}`)
      return Promise.resolve({ values: samples.map(at => c[Math.floor(at / n)]?.[at % n] ?? NaN), time: timed(() => { kernel(a, b) }) })
    },
    close: () => undefined,
  }
}
