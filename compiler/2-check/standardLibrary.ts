/** The standard library's text by module name. It is bundled, so the compiler needs no disk for it. */
import loss from '../../stdlib/loss.bp'
import nn from '../../stdlib/nn.bp'
import quantum from '../../stdlib/quantum.bp'

export const STANDARD_LIBRARY: ReadonlyMap<string, string> = new Map([
  ['std.loss', loss],
  ['std.nn', nn],
  ['std.quantum', quantum],
])
