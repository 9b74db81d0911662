/** Entropies of density matrices and their derivatives, batched over leading axes, in 64 bits throughout. */
import type { OpAttributes } from '../../../ir/op'
import { entropyDerivative, entropyGradient } from '../../../quantum/entropy'
import { inputOf, type Executor, type RoutineSite } from './executor'

export function prepareEntropy({ part }: OpAttributes['entropy'], site: RoutineSite): Executor {
  const [width = 0] = inputOf(site, 0).shape.slice(-1)
  const size = Math.sqrt(width / 2)
  const out = site.output.data
  const batch = part === 'gradient' ? out.length / width : out.length
  return () => {
    for (let row = 0; row < batch; row++) {
      const [density = new Float64Array(0), ...directions] = site.inputs.map(({ data }) => Float64Array.from(data.subarray(row * width, (row + 1) * width)))
      if (part === 'gradient') out.set(entropyGradient(size, density, directions), row * width)
      else out[row] = entropyDerivative(size, density, directions)
    }
  }
}
