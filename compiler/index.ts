/** `bp-lang/compiler`: from the text of a .bp file to a plan and a module, with no disk or process of its own. */
export { checkOnly, compile, compileCircuits } from './compile'
export type { CircuitCompilation, Compilation, CompiledCircuit, CompileOptions, ConstantValue, Host, OutputFile } from './host'
export { diagnosticJson, renderDiagnostic } from './diagnostics/render'
export { codeOf, REGISTRY, type Code, type Severity } from './diagnostics/registry'
export type { Diagnostic, Related } from './diagnostics/sink'
export { format, type Formatted } from './format/format'
export { suggest } from './diagnostics/suggest'
export { VERSION } from './version'
