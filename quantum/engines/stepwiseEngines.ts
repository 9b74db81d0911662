/** The engines that act step by step, alone or beside generated code, as they are loaded where there is no noise. */
export { prepareShared } from './wasm'
