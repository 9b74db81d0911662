/** How samples of .bp are coloured on the site: as in an editor. */
import { GRAMMAR } from '../../scripts/grammar'

export const BP = GRAMMAR
