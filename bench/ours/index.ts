/** Our side of every kind of work. */
import { threadsName, type Contender, type Threads } from '../harness/contender'
import type { Work } from '../harness/work'
import { ourExpectation, ourGradient } from './circuits'
import { gru, hybrid, lenet, mlp, ourTraining } from './networks'
import { ourProduct } from './product'

export function prepareOurs(work: Work, threads: Threads): Promise<Contender> {
  switch (work.kind) {
    case 'expectation': return ourExpectation(work, threads)
    case 'gradient': return ourGradient(work, threads)
    case 'mlp': return ourTraining(mlp(work), threads)
    case 'hybrid': return ourTraining(hybrid(work), threads)
    case 'gru': return ourTraining(gru(work), threads)
    case 'lenet': return ourTraining(lenet(work), threads)
    case 'product': return ourProduct(work, threads)
    default: return work satisfies never
  }
}

/** What tells our own contenders of one case apart. */
export const variantOf = (work: Work, threads: Threads): string => `${kindOf(work)}, ${threadsName(threads)}`

function kindOf(work: Work): string {
  switch (work.kind) {
    case 'expectation': return `bp ${work.precision}`
    case 'mlp': return work.loss === 'half_squares' ? 'bp sigmoid' : 'bp'
    case 'gradient': case 'hybrid': case 'gru': case 'lenet': case 'product': return 'bp'
    default: return work satisfies never
  }
}
