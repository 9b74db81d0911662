/** The names of an ONNX model's values, and its constants: what all graphs of a model share. */
import type { OnnxElement, OnnxTensor } from './model'

/** Names, each given once. */
export class Names {
  private readonly taken = new Set<string>([''])
  private readonly counts = new Map<string, number>()

  /** The name itself where it is free, else with a number behind it. */
  unique(wanted: string): string {
    let name = wanted
    while (this.taken.has(name)) {
      const count = (this.counts.get(wanted) ?? 1) + 1
      this.counts.set(wanted, count)
      name = `${wanted}_${count}`
    }
    this.taken.add(name)
    return name
  }
}

/** Constants of the main graph, which bodies read too; equal small ones are one. */
export class Constants {
  readonly all: OnnxTensor[] = []
  private readonly known = new Map<string, string>()

  constructor(private readonly names: Names) {}

  of(element: OnnxElement, shape: readonly number[], data: ArrayLike<number>): string {
    const key = data.length <= 16 ? `${element}[${shape}]${Array.from(data, number => (Object.is(number, -0) ? '-0' : String(number))).join()}` : undefined
    const known = key === undefined ? undefined : this.known.get(key)
    if (known !== undefined) return known
    const name = this.names.unique('constant')
    this.all.push({ name, element, shape, data })
    if (key !== undefined) this.known.set(key, name)
    return name
  }
}
