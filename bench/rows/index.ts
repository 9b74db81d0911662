/** The table, in its order. */
import type { Row } from '../harness/row'
import { BUNDLE } from './bundle'
import { FORWARD, RANDOM } from './circuits'
import { COMPILER } from './compiler'
import { ENTANGLING, GRADIENT, LAYERS, SHIFT } from './gradients'
import { BATCH, CONVOLUTION, HYBRID, MLP, RECURRENT } from './networks'
import { PRODUCT } from './product'

export const ROWS: readonly Row[] = [FORWARD, GRADIENT, ENTANGLING, SHIFT, RANDOM, HYBRID, MLP, RECURRENT, CONVOLUTION, PRODUCT, COMPILER, BUNDLE, LAYERS, BATCH]
