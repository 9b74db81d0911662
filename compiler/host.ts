/** What the compiler asks of the world, and what it gives back. The command, an editor or a web page each bring a host. */
import type { Plan } from '../ir/plan'
import type { Circuit } from '../quantum/circuit'
import type { GradientMethod } from '../quantum/engine'
import type { Angle } from '../quantum/interop/angle'
import type { Diagnostic } from './diagnostics/sink'

export interface Host {
  /** Text of a file, or undefined where there is none. Paths are as `resolve` gives them. */
  readText(path: string): Promise<string | undefined>
  readBytes(path: string): Promise<Uint8Array | undefined>
  /** The path of a file named in another, `./layers.bp` seen from `models/a.bp`. */
  resolve(from: string, relative: string): string
}

export interface CompileOptions {
  /** Values in the place of the file's `const`s, as `--const N=8` gives. */
  readonly constants?: Readonly<Record<string, ConstantValue>>
  /** In the place of the file's `precision`. */
  readonly precision?: 'f32' | 'f64'
  /** For every circuit, in the place of its `@gradient`. */
  readonly gradient?: GradientMethod
}

export type ConstantValue = number | boolean | string | readonly ConstantValue[]

export interface OutputFile { readonly name: string; readonly text: string }

export interface Compilation {
  /** Errors, warnings and notes of all files, in order. */
  readonly diagnostics: readonly Diagnostic[]
  /** False where any diagnostic is an error; then there are no plans and no files. */
  readonly ok: boolean
  /** One a model, in the order of the file. */
  readonly plans: readonly Plan[]
  /** One a function or circuit that is exported, as a model whose outputs are its results. */
  readonly functions: readonly Plan[]
  /** `model.bp.js` and `model.bp.d.ts`, named beside the entry. */
  readonly files: readonly OutputFile[]
}

/** What `compileCircuits` gives. */
export interface CircuitCompilation {
  readonly diagnostics: Compilation['diagnostics']
  /** False where any diagnostic is an error; then there are no circuits. */
  readonly ok: boolean
  /** Those of constant sizes, and others once for each set of sizes that something calls them with; also imported ones. */
  readonly circuits: readonly CompiledCircuit[]
  /** Circuits of the file whose sizes are open and which nothing calls. */
  readonly open: readonly string[]
  readonly models: readonly string[]
}

/** A circuit for given sizes. */
export interface CompiledCircuit {
  readonly circuit: Circuit
  readonly doc: string
  /** Each wire as the program named it, `q[2]`. */
  readonly wireNames: readonly string[]
  /** What each slot holds, in its arguments; what arithmetic cannot say is a parameter of its own, `slot[3]`. */
  readonly angles: readonly Angle[]
  /** Its arguments to `slots`, as a model without parameters. */
  readonly slots: Plan
}
