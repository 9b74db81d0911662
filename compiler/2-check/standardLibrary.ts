/** The standard library's text by module name. It is bundled, so the compiler needs no disk for it; what is not used is not parsed. */
import control from '../../stdlib/control.bp'
import loss from '../../stdlib/loss.bp'
import nn from '../../stdlib/nn.bp'
import physics from '../../stdlib/physics.bp'
import prob from '../../stdlib/prob.bp'
import quantum from '../../stdlib/quantum.bp'

export const STANDARD_LIBRARY: ReadonlyMap<string, string> = new Map([
  ['std.control', control],
  ['std.loss', loss],
  ['std.nn', nn],
  ['std.physics', physics],
  ['std.prob', prob],
  ['std.quantum', quantum],
])

/** The module of the standard library that declares a name. */
export function homeOf(name: string): string | undefined {
  const declares = new RegExp(`^(?:fn|layer|gate|circuit) ${name}\\b`, 'mu')
  return [...STANDARD_LIBRARY].find(([, text]) => declares.test(text))?.[0]
}
