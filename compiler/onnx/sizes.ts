/** Sizes that a call binds, as nodes of the main graph: read from the shapes of the inputs, and reckoned from those. */
import { namedDim, printDim, solveDim, type Atom, type Dim } from '../../ir/dim'
import type { OnnxNode } from './model'
import type { Constants, Names } from './names'

/** An input that sizes may be read from. */
export interface SizedInput { readonly name: string; readonly shape: readonly Dim[] }

export class SizeWriter {
  /** In front of all others. */
  readonly nodes: OnnxNode[] = []
  /** Names of dimensions, in other names and in axes of inputs, `#0.1`. */
  private readonly solved = new Map<string, Dim>()
  private readonly axes = new Map<string, { readonly input: string; readonly axis: number }>()
  private readonly written = new Map<string, string>()

  /** @param inputs those that are read for their values first, so that sizes ask for no more */
  constructor(private readonly names: Names, private readonly constants: Constants, inputs: readonly SizedInput[]) {
    for (let before = -1; before !== this.solved.size;) {
      before = this.solved.size
      inputs.forEach((input, at) => input.shape.forEach((dim, axis) => {
        const place = `#${at}.${axis}`
        const found = solveDim(dim, namedDim(place), new Set([...this.solved.keys(), place]))
        if (!found || this.solved.has(found.name)) return
        this.solved.set(found.name, found.value)
        this.axes.set(place, { input: input.name, axis })
      }))
    }
  }

  /** As a type of ONNX has it: a number, or a text. */
  label(dim: Dim): number | string {
    return typeof dim === 'number' ? dim : printDim(dim)
  }

  /** int64[rank] */
  shape(dims: readonly Dim[]): string {
    if (dims.every(dim => typeof dim === 'number')) return this.constants.of('int64', [dims.length], dims)
    const parts = dims.map(dim => this.of(dim))
    const key = parts.join()
    return parts.length === 1 ? parts[0] ?? '' : this.once(`[${key}]`, () => this.emit('Concat', parts, { axis: 0 }))
  }

  /** int64[1] */
  of(dim: Dim): string {
    if (typeof dim === 'number') return this.constants.of('int64', [1], [dim])
    return this.once(printDim(dim), () => {
      const terms = dim.terms.map(({ coefficient, atoms }) => {
        const factors = [...(coefficient === 1 && atoms.length > 0 ? [] : [this.of(coefficient)]), ...atoms.map(atom => this.atom(atom))]
        return factors.reduce((product, factor) => this.emit('Mul', [product, factor]))
      })
      return terms.reduce((sum, term) => this.emit('Add', [sum, term]))
    })
  }

  /** int64, without axes. */
  scalar(dim: Dim): string {
    if (typeof dim === 'number') return this.constants.of('int64', [], [dim])
    return this.once(`scalar ${printDim(dim)}`, () => this.emit('Squeeze', [this.of(dim)]))
  }

  /** int32, without axes. */
  int(dim: Dim): string {
    if (typeof dim === 'number') return this.constants.of('int32', [], [dim])
    return this.once(`int ${printDim(dim)}`, () => this.emit('Cast', [this.scalar(dim)], { to: 6 }))
  }

  private atom(atom: Atom): string {
    if (typeof atom === 'string') return this.named(atom)
    if ('power' in atom) return this.emit('Pow', [this.of(2), this.of(atom.power)])
    const [whole, by] = [this.of(atom.floor), this.of(atom.by)]
    // `Div` of ints cuts towards zero, `Mod` takes the sign of the divisor: ⌊e / k⌋ = (e − e mod k) / k.
    return this.emit('Div', [this.emit('Sub', [whole, this.emit('Mod', [whole, by])]), by])
  }

  private named(name: string): string {
    const axis = this.axes.get(name)
    if (axis) return this.once(name, () => this.emit('Shape', [axis.input], { start: axis.axis, end: axis.axis + 1 }))
    const solved = this.solved.get(name)
    if (solved === undefined) throw new Error(`onnx: no input says how large '${name}' is`)
    // Where an axis is the name itself, they are one.
    return this.of(solved)
  }

  private once(key: string, make: () => string): string {
    const known = this.written.get(key)
    if (known !== undefined) return known
    const name = make()
    this.written.set(key, name)
    return name
  }

  private emit(op: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    const name = this.names.unique(op.toLowerCase())
    this.nodes.push({ op, inputs, outputs: [name], attributes })
    return name
  }
}
