/** Reading the numbers of an operation: from slots, or constants. */
import type { Operand } from '../circuit'

export function slotsOf(operands: readonly Operand[]): readonly number[] {
  return operands.flatMap(operand => 'slot' in operand ? [operand.slot] : [])
}

/** A list of operands as an array of values, and where the ones from slots go. */
export class OperandVector {
  readonly values: Float64Array
  /** The slot of each entry, −1 for a constant. */
  readonly slots: Int32Array

  constructor(operands: readonly Operand[]) {
    this.values = Float64Array.from(operands, operand => 'value' in operand ? operand.value : 0)
    this.slots = Int32Array.from(operands, operand => 'slot' in operand ? operand.slot : -1)
  }

  load(from: Float64Array): void {
    for (let e = 0; e < this.slots.length; e++) {
      const slot = this.slots[e] as number
      if (slot >= 0) this.values[e] = from[slot] as number
    }
  }
}
