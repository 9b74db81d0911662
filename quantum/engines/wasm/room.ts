/** Room in memory, before there is one. */

/** Where the first place is: below are numbers that nobody reads. */
export const ROOM_START = 1024

/** Of the cache: what different threads write to stands on lines of its own. */
export const LINE = 64

export class Room {
  private bytes = ROOM_START

  take(bytes: number, alignment = 16): number {
    const address = Math.ceil(this.bytes / alignment) * alignment
    this.bytes = address + bytes
    return address
  }
}

/** Records that lie one after the other. */
export interface Records { readonly first: number; readonly end: number }

/** @returns undefined where the host has none: it reserves gigabytes of addresses for each, and may be out of them long before it is out of memory */
export function allocate(bytes: number, isShared: boolean): WebAssembly.Memory | undefined {
  const pages = Math.ceil(bytes / 65536) + 1
  try {
    return new WebAssembly.Memory(isShared ? { initial: pages, maximum: pages, shared: true } : { initial: pages })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
