/** Flags of the verbs that run what they compile. */
import type { Precision } from '../../ir/plan'
import type { GradientMethod } from '../../quantum/engine'
import type { CompileOptions } from '../host'
import type { SourceFlags } from './sources'

export interface RunFlags extends SourceFlags {
  readonly model?: string
  readonly weights?: string
  readonly seed?: number
  readonly precision?: Precision
  readonly backend?: 'auto' | 'wasm' | 'reference'
  readonly gradient?: GradientMethod
}

/** Those of them that the compiler sees. */
export function runOptions({ precision, gradient }: RunFlags): CompileOptions {
  return { precision, gradient }
}
