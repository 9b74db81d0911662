/** Which path a place of the source has in a model, so that a body evaluated twice finds its parameters again. */
export class Sites {
  readonly #paths = new Map<string, string>()
  readonly #taken = new Set<string>()
  /** How far the numbers behind a name have come. */
  readonly #last = new Map<string, number>()

  /** By place, in the order in which they were met. */
  get paths(): ReadonlyMap<string, string> {
    return this.#paths
  }

  /** The same place finds its path again; another with the same name gets a number. */
  pathOf(base: string, site: string): string {
    const known = this.#paths.get(site)
    if (known !== undefined) return known
    let number = this.#last.get(base) ?? 1
    let path = base
    while (this.#taken.has(path)) path = `${base}_${++number}`
    this.#last.set(base, number)
    this.#taken.add(path)
    this.#paths.set(site, path)
    return path
  }
}
