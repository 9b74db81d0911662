/** Our side of every kind of work. */
import type { Contender } from '../harness/contender'
import type { Work } from '../harness/work'
import { ourExpectation, ourGradient } from './circuits'
import { gru, hybrid, lenet, mlp, ourTraining } from './networks'
import { ourProduct } from './product'

export function prepareOurs(work: Work): Promise<Contender> {
  switch (work.kind) {
    case 'expectation': return ourExpectation(work)
    case 'gradient': return ourGradient(work)
    case 'mlp': return ourTraining(mlp(work))
    case 'hybrid': return ourTraining(hybrid(work))
    case 'gru': return ourTraining(gru(work))
    case 'lenet': return ourTraining(lenet(work))
    case 'product': return ourProduct(work)
    default: return work satisfies never
  }
}

/** What tells two of our own contenders of one case apart. */
export function variantOf(work: Work): string {
  switch (work.kind) {
    case 'expectation': return `bp ${work.precision}`
    case 'gradient': return `bp, ${work.method.replace('_', ' ')}`
    case 'mlp': return work.loss === 'half_squares' ? 'bp, sigmoid' : 'bp'
    case 'hybrid': case 'gru': case 'lenet': case 'product': return 'bp'
    default: return work satisfies never
  }
}
