/** Angles that look like degrees: `rx(90)` turns by 90 radians, which is 14 times around and a bit. */
import type { Expression } from '../../1-parse/ast'
import type { DiagnosticSink } from '../../diagnostics/sink'
import { textOf } from '../../source/source'
import { GATES } from '../../../quantum/gates'
import { meantFunction, type Written } from './tree'

/** What nobody writes for an angle in radians, with what it is in degrees. */
const IN_RADIANS: ReadonlyMap<number, string> = new Map([
  [30, 'pi / 6'], [45, 'pi / 4'], [60, 'pi / 3'], [90, 'pi / 2'], [120, '2 * pi / 3'], [135, '3 * pi / 4'], [150, '5 * pi / 6'],
  [180, 'pi'], [225, '5 * pi / 4'], [270, '3 * pi / 2'], [315, '7 * pi / 4'], [360, '2 * pi'],
])

const ANGLE_FUNCTIONS: ReadonlySet<string> = new Set(['sin', 'cos', 'tan'])

export function noteDegrees(within: Written, sink: DiagnosticSink): void {
  const report = (angle: Expression) => {
    const fixed = radians(angle)
    if (fixed !== undefined) sink.report('angle-in-degrees', angle.span, { found: textOf(angle.span), fixed })
  }
  for (const node of within.nodes) {
    const isBuiltIn = node.kind === 'gate' && Object.hasOwn(GATES, node.name.name) && !within.module.gates.has(node.name.name)
    if (isBuiltIn) for (const { value } of node.arguments ?? []) report(value)
  }
  for (const { name, given } of within.applications) {
    if (ANGLE_FUNCTIONS.has(meantFunction(within, name) ?? '')) for (const { value } of given) report(value)
  }
}

function radians(angle: Expression): string | undefined {
  if (angle.kind === 'unary' && angle.operator === '-') {
    const positive = radians(angle.operand)
    return positive === undefined ? undefined : `-${positive}`
  }
  return angle.kind === 'number' ? IN_RADIANS.get(angle.value) : undefined
}
