/** What the compiled module of any model imports: the runtime, without a plan. */
export { defineModel } from 'bp-lang'
