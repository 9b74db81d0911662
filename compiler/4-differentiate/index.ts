/** Phase 4: derivatives as graphs. First the ones in the program, innermost first; then the loss; then the names go. */
export { differentiateLoss, eraseIdentity, expandDerivatives } from './expand'
export { dependsOn } from './paths'
export { copyInto, rebuildInto, type Visit } from './rebuild'
export { reverse } from './reverse'
