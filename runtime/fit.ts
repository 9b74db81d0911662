/** Training, as a page loads it: in one piece, when a model is first trained. */
export { resolveSettings } from './settings'
export { train } from './train'
export { trainingMemory } from './trainingMemory'
