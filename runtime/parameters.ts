/** A model's parameters, as its user reaches them: by path, with their shapes in the types. */
import type { Parameter, ParameterStore } from './params'
import type { Tensor, TensorLike } from './tensor'

/** What may be assigned to a parameter that reads as `T`. */
export type Assignable<T> = T extends { readonly shape: infer Shape extends readonly number[] } ? TensorLike<Shape> : TensorLike

export class Parameters<Types extends object = Readonly<Record<string, Tensor>>> {
  constructor(private readonly store: ParameterStore) {}

  /** In the order of the model. */
  get paths(): (keyof Types & string)[] {
    return this.store.paths as (keyof Types & string)[]
  }

  /** Shapes, documentation and whether it is frozen, for tools that list them. */
  get list(): readonly Parameter[] {
    return this.store.list
  }

  /** How many numbers they are. */
  get count(): number {
    return this.store.list.reduce((sum, parameter) => sum + parameter.view.length, 0)
  }

  /**
   * A copy.
   * @throws RunError 'usage' for an unknown path, with the nearest one
   */
  get<Path extends keyof Types & string>(path: Path): Types[Path] {
    return this.store.get(path) as Types[Path]
  }

  /** @throws RunError 'usage' for an unknown path; 'data' or 'sizes' for a value that does not fit */
  set<Path extends keyof Types & string>(path: Path, value: Assignable<Types[Path]>): void {
    this.store.set(path, value)
  }
}
