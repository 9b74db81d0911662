/**
 * Places of a graph's boxes in layers, each below all that it uses: Sugiyama, Tagawa and Toda, “Methods for visual understanding of
 * hierarchical system structures”, IEEE Trans. SMC 11, 109 (1981). Layers by the longest path, orders by barycentres, and
 * places within a layer by least squares.
 */

export interface BoxSize { readonly width: number; readonly height: number; /** Boxes that it uses, by their place in the list. */ readonly from: readonly number[] }

export interface Gaps { readonly between: number; readonly layers: number }

export interface Point { readonly x: number; readonly y: number }

export interface Layout {
  /** Upper left corners. */
  readonly corners: readonly Point[]
  /** From the lower edge of a box, past others, to the upper edge of the one that uses it. */
  readonly edges: readonly { readonly from: number; readonly to: number; readonly points: readonly Point[] }[]
  readonly width: number
  readonly height: number
}

/** A box, or the place where an edge passes through a layer. */
interface Slot { readonly width: number; readonly above: Slot[]; readonly below: Slot[]; x: number }

const SWEEPS = 12

/** @param boxes each after those that it uses */
export function layoutBoxes(boxes: readonly BoxSize[], gaps: Gaps): Layout {
  const layerOf = layersOf(boxes)
  const layers = Array.from({ length: Math.max(0, ...layerOf.map(layer => layer + 1)) }, (): Slot[] => [])
  const slot = (layer: number, width: number): Slot => {
    const made: Slot = { width, above: [], below: [], x: 0 }
    layers[layer]?.push(made)
    return made
  }
  const slots = boxes.map(({ width }, at) => slot(layerOf[at] ?? 0, width))
  const routes = boxes.flatMap(({ from }, to) => from.map(source => {
    const passed = Array.from({ length: (layerOf[to] ?? 0) - (layerOf[source] ?? 0) - 1 }, (_, k) => slot((layerOf[source] ?? 0) + 1 + k, 8))
    const all = [slots[source], ...passed, slots[to]].flatMap(each => (each ? [each] : []))
    for (const [k, each] of all.entries()) {
      const next = all[k + 1]
      if (next) { each.below.push(next); next.above.push(each) }
    }
    return { from: source, to, passed }
  }))
  const ordered = orderLayers(layers)
  placeSlots(ordered, gaps.between)
  const left = Math.min(...ordered.flat().map(each => each.x - each.width / 2), Infinity)
  const heights = layers.map((_, layer) => Math.max(0, ...boxes.filter((_, at) => layerOf[at] === layer).map(({ height }) => height)))
  const tops = heights.map((_, layer) => heights.slice(0, layer).reduce((sum, height) => sum + height + gaps.layers, 0))
  const middle = (each: Slot | undefined) => (each?.x ?? 0) - left
  const corners = boxes.map(({ width }, at) => ({ x: middle(slots[at]) - width / 2, y: tops[layerOf[at] ?? 0] ?? 0 }))
  const edges = routes.map(({ from, to, passed }) => ({ from, to, points: [
    { x: middle(slots[from]), y: (corners[from]?.y ?? 0) + (boxes[from]?.height ?? 0) },
    ...passed.flatMap((each, k) => {
      const layer = (layerOf[from] ?? 0) + 1 + k
      return [{ x: middle(each), y: tops[layer] ?? 0 }, { x: middle(each), y: (tops[layer] ?? 0) + (heights[layer] ?? 0) }]
    }),
    { x: middle(slots[to]), y: corners[to]?.y ?? 0 },
  ] }))
  return {
    corners, edges, width: Math.max(0, ...ordered.flat().map(each => middle(each) + each.width / 2)),
    height: Math.max(0, ...tops.map((top, layer) => top + (heights[layer] ?? 0))),
  }
}

/** The longest path from a source; what uses nothing stands right above the first box that uses it. */
function layersOf(boxes: readonly BoxSize[]): readonly number[] {
  const layer: number[] = []
  for (const { from } of boxes) layer.push(from.length === 0 ? 0 : 1 + Math.max(...from.map(source => layer[source] ?? 0)))
  return layer.map((own, at) => {
    const users = boxes.flatMap(({ from }, user) => (from.includes(at) ? [layer[user] ?? 0] : []))
    return (boxes[at]?.from.length ?? 0) === 0 && users.length > 0 ? Math.min(...users) - 1 : own
  })
}

// ---------------------------------------------------------------------------------------------------------- orders

/** Each slot by the mean place of its neighbours, down and up in turn; the order with the fewest crossings is kept. */
function orderLayers(layers: readonly (readonly Slot[])[]): readonly (readonly Slot[])[] {
  let current = layers, best = layers, fewest = crossings(layers)
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0
    const placeOf = new Map(current.flatMap(layer => layer.map((slot, at): [Slot, number] => [slot, at])))
    const next = [...current]
    for (const at of isDown ? current.keys() : [...current.keys()].reverse()) {
      const mean = (slot: Slot) => {
        const neighbours = isDown ? slot.above : slot.below
        return neighbours.length === 0 ? placeOf.get(slot) ?? 0 : neighbours.reduce((sum, each) => sum + (placeOf.get(each) ?? 0), 0) / neighbours.length
      }
      const sorted = [...next[at] ?? []].map(slot => ({ slot, key: mean(slot) })).sort((a, b) => a.key - b.key).map(({ slot }) => slot)
      sorted.forEach((slot, place) => placeOf.set(slot, place))
      next[at] = sorted
    }
    current = next
    const count = crossings(current)
    if (count < fewest) [best, fewest] = [current, count]
  }
  return best
}

export function crossings(layers: readonly (readonly Slot[])[]): number {
  let count = 0
  for (const [at, layer] of layers.entries()) {
    const below = new Map((layers[at + 1] ?? []).map((slot, place): [Slot, number] => [slot, place]))
    const ends = layer.flatMap(slot => slot.below.map(next => below.get(next) ?? 0).sort((a, b) => a - b))
    for (const [i, first] of ends.entries()) for (const second of ends.slice(i + 1)) if (second < first) count++
  }
  return count
}

// ---------------------------------------------------------------------------------------------------------- places

/** Towards the mean of their neighbours, down and up in turn, in their order and apart. */
function placeSlots(layers: readonly (readonly Slot[])[], gap: number): void {
  for (const layer of layers) spread(layer, layer.map(() => 0), gap)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const layer of sweep % 2 === 0 ? layers : [...layers].reverse()) {
      spread(layer, layer.map(slot => {
        const neighbours = [...slot.above, ...slot.below]
        return neighbours.length === 0 ? slot.x : neighbours.reduce((sum, each) => sum + each.x, 0) / neighbours.length
      }), gap)
    }
  }
}

/**
 * The x nearest to the wanted ones, by least squares, that keep the order and the gaps: with the gaps taken off, an isotonic
 * regression, by pooling neighbours that violate the order (Ayer et al., Ann. Math. Statist. 26, 641 (1955)).
 */
function spread(layer: readonly Slot[], wanted: readonly number[], gap: number): void {
  const offsets: number[] = []
  for (const [at, { width }] of layer.entries()) offsets.push(at === 0 ? 0 : (offsets[at - 1] ?? 0) + ((layer[at - 1]?.width ?? 0) + width) / 2 + gap)
  const pools: { sum: number; count: number }[] = []
  for (const [at, want] of wanted.entries()) {
    pools.push({ sum: want - (offsets[at] ?? 0), count: 1 })
    for (let last = pools.at(-1), before = pools.at(-2); last && before && before.sum / before.count > last.sum / last.count; last = pools.at(-1), before = pools.at(-2)) {
      pools.pop()
      before.sum += last.sum
      before.count += last.count
    }
  }
  const places = pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
  layer.forEach((slot, at) => { slot.x = (places[at] ?? 0) + (offsets[at] ?? 0) })
}
