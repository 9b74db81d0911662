/**
 * The syntax tree: what was written, with places and nothing else. Types and symbols live in later phases' own tables.
 * `Invalid` nodes stand where text could not be parsed, so that checking can go on behind a mistake.
 */
import type { SourceFile, Span } from '../source/source'

/** The name is empty where one was missing and the parser went on without it; that has been reported. */
export interface Identifier { readonly name: string; readonly span: Span }

export interface FileNode {
  readonly file: SourceFile
  readonly precision?: { readonly value: 'f32' | 'f64'; readonly span: Span }
  readonly uses: readonly Use[]
  readonly declarations: readonly Declaration[]
}

/** `use std.nn.dense`, `use std.nn.{dense, gru}`, `use "./layers.bp".{block}`. */
export interface Use {
  readonly kind: 'use'
  readonly span: Span
  /** Module path without the imported names: `['std', 'nn']`, or the string of a file. */
  readonly module: { readonly path: readonly Identifier[]; readonly span: Span } | { readonly file: string; readonly span: Span }
  readonly names: readonly Identifier[]
}

// ------------------------------------------------------------------------------------------------- declarations

export type Declaration = Const | Routine | Model | Train | InvalidDeclaration

interface DeclarationBase {
  readonly span: Span
  /** The `///` lines above, without the slashes. */
  readonly doc: string
}

export interface Const extends DeclarationBase {
  readonly kind: 'const'
  readonly name: Identifier
  readonly value: Expression
}

export type RoutineKind = 'fn' | 'layer' | 'gate' | 'circuit'

/** fn, layer, gate and circuit share one form; what each may hold is the checker's business. */
export interface Routine extends DeclarationBase {
  readonly kind: 'routine'
  readonly routine: RoutineKind
  readonly name: Identifier
  readonly parameters: readonly Parameter[]
  /** The qubits of a gate: `q: qubit[n]`, `a: qubit`; empty otherwise. */
  readonly registers: readonly Register[]
  /** `-> T` or `-> (T, T)`; empty where none is written. */
  readonly results: readonly TypeNode[]
  readonly annotations: readonly Annotation[]
  readonly body: Body
  /** From the keyword to the end of the signature. */
  readonly signature: Span
}

export interface Parameter {
  readonly name: Identifier
  readonly type: TypeNode
  readonly default?: Expression
  readonly span: Span
}

export interface Register {
  readonly name: Identifier
  /** Absent for a single qubit. */
  readonly size?: Expression
  readonly span: Span
}

/** `@gradient(adjoint)`, `@shots(1000)`, `@precision(f32)`. */
export interface Annotation {
  readonly name: Identifier
  readonly arguments: readonly Argument[]
  readonly span: Span
}

export type Body =
  | { readonly kind: 'expression'; readonly value: Expression; readonly span: Span }
  | Block

export interface Block { readonly kind: 'block'; readonly statements: readonly Statement[]; readonly span: Span }

export interface Model extends DeclarationBase {
  readonly kind: 'model'
  readonly name: Identifier
  readonly body: Block
}

export interface Train extends DeclarationBase {
  readonly kind: 'train'
  /** The model it trains. */
  readonly name: Identifier
  readonly options: readonly TrainOption[]
}

/**
 * One line of a train block: `epochs 40`, `optimizer adam(rate = 0.02)`, `holdout last 1186`, `standardize x`,
 * `data "iris.csv" { x = [a, b], y = label }`, `group w { rate = 0.1 }`, `given goal = [1, 0]`.
 */
export interface TrainOption {
  readonly name: Identifier
  /** Soft word before the value, as `last` in `holdout last 1186`; the name in `given goal = …`, `group w { … }`. */
  readonly word?: Identifier
  readonly values: readonly Expression[]
  /** The entries in braces; values are expressions over columns or options. */
  readonly entries?: readonly { readonly name: Identifier; readonly value: Expression }[]
  readonly span: Span
}

/** Its name, where one could be read, is declared all the same: uses of it are not further mistakes. */
export interface InvalidDeclaration extends DeclarationBase { readonly kind: 'invalid'; readonly name?: Identifier }

// -------------------------------------------------------------------------------------------------------- types

/** `real`, `real[batch, 4]`, `int[n] in 0..3`, `real in (0, inf)`, `string`, `observable`, `qubit` … */
export interface TypeNode {
  readonly name: Identifier
  /** Absent for a scalar. */
  readonly shape?: readonly (Expression | Ellipsis)[]
  readonly range?: RangeNode
  readonly span: Span
}

export type RangeNode =
  /** `in (0, inf)`, `in [0, 1)` … */
  | { readonly kind: 'interval'; readonly low: Expression; readonly high: Expression; readonly closedLow: boolean; readonly closedHigh: boolean; readonly span: Span }
  /** `in 0..3`, half open. */
  | { readonly kind: 'classes'; readonly value: RangeExpression; readonly span: Span }
  | { readonly kind: 'simplex'; readonly span: Span }

export interface Ellipsis { readonly kind: 'ellipsis'; readonly span: Span }

// --------------------------------------------------------------------------------------------------- statements

export type Statement =
  | InputStatement | ParamStatement | StateStatement | LetStatement | VarStatement | AssignStatement | OutputStatement
  | LossStatement | MetricStatement | RateStatement | FrozenStatement | UpdateStatement | AssertStatement
  | InstanceStatement | ForStatement | IfStatement | ReturnStatement | YieldStatement
  | QubitsStatement | GateStatement | InvalidStatement

export interface InputStatement {
  readonly kind: 'input'; readonly role: 'input' | 'target'; readonly name: Identifier; readonly type: TypeNode
  readonly doc: string; readonly span: Span
}
/** `param w: real[3] ~ uniform(0, 1)`, `frozen param …`. */
export interface ParamStatement {
  readonly kind: 'param'; readonly frozen: boolean; readonly name: Identifier; readonly type: TypeNode
  readonly initial?: Expression; readonly doc: string; readonly span: Span
}
export interface StateStatement {
  readonly kind: 'state'; readonly name: Identifier; readonly type: TypeNode; readonly initial?: Expression; readonly span: Span
}
/** `let a = e`, `let a: real[3] = e`, `let (h, c) = e`. */
export interface LetStatement {
  readonly kind: 'let'; readonly names: readonly Identifier[]; readonly type?: TypeNode; readonly value: Expression
  readonly doc: string; readonly span: Span
}
export interface VarStatement {
  readonly kind: 'var'; readonly names: readonly Identifier[]; readonly type?: TypeNode; readonly value: Expression
  readonly span: Span
}
/** `h = e`, `(h, c) = e`. An indexed target (`h[0] = e`) is kept so that the checker can say that elements are not assigned. */
export interface AssignStatement {
  readonly kind: 'assign'; readonly names: readonly Identifier[]; readonly indexed?: Span; readonly value: Expression
  readonly span: Span
}
/** `output y` has no value. */
export interface OutputStatement {
  readonly kind: 'output'; readonly name: Identifier; readonly value?: Expression; readonly doc: string; readonly span: Span
}
export interface LossStatement { readonly kind: 'loss'; readonly value: Expression; readonly keyword: Span; readonly span: Span }
export interface MetricStatement { readonly kind: 'metric'; readonly name: Identifier; readonly value: Expression; readonly span: Span }
/** `rate w = e`; a path as in `rate enc.W = e`. */
export interface RateStatement { readonly kind: 'rate'; readonly path: readonly Identifier[]; readonly value: Expression; readonly span: Span }
/** `frozen enc.W`, of a parameter declared elsewhere. */
export interface FrozenStatement { readonly kind: 'frozen'; readonly path: readonly Identifier[]; readonly span: Span }
export interface UpdateStatement { readonly kind: 'update'; readonly name: Identifier; readonly value: Expression; readonly span: Span }
export interface AssertStatement { readonly kind: 'assert'; readonly value: Expression; readonly span: Span }
/** `layer enc = dense(16)`, `layer blocks[L] = block(64)`. */
export interface InstanceStatement {
  readonly kind: 'instance'; readonly name: Identifier; readonly count?: Expression; readonly value: Expression; readonly span: Span
}
export interface ForStatement { readonly kind: 'for'; readonly loop: ForExpression; readonly span: Span }
/** Static choice in gates and circuits. `else if` nests in `otherwise`. */
export interface IfStatement {
  readonly kind: 'if'; readonly condition: Expression; readonly then: Block; readonly otherwise?: Block | IfStatement; readonly span: Span
}
export interface ReturnStatement { readonly kind: 'return'; readonly values: readonly Expression[]; readonly span: Span }
export interface YieldStatement { readonly kind: 'yield'; readonly values: readonly Expression[]; readonly span: Span }
/** `qubits q[4]`, `qubits q`. */
export interface QubitsStatement { readonly kind: 'qubits'; readonly name: Identifier; readonly size?: Expression; readonly span: Span }
/** `ctrl ry(θ) q[0], q[1]`. */
export interface GateStatement {
  readonly kind: 'gate'; readonly modifiers: readonly Modifier[]; readonly name: Identifier
  /** Absent where no parentheses are written. */
  readonly arguments?: readonly Argument[]
  readonly operands: readonly Expression[]; readonly span: Span
}
/** `ctrl`, `ctrl(2)`, `negctrl`, `inv`, `pow(k)`. */
export interface Modifier { readonly name: 'ctrl' | 'negctrl' | 'inv' | 'pow'; readonly argument?: Expression; readonly span: Span }
export interface InvalidStatement { readonly kind: 'invalid'; readonly span: Span }

// -------------------------------------------------------------------------------------------------- expressions

export type Expression =
  | NumberExpression | StringExpression | BooleanExpression | InfinityExpression | NameExpression | UnaryExpression
  | BinaryExpression | IfExpression | PipeExpression | CallExpression | IndexExpression | MemberExpression
  | ListExpression | ComprehensionExpression | RangeExpression | ForExpression | TupleExpression | InvalidExpression

/** `integer` is true when the text has neither a dot nor an exponent. */
export interface NumberExpression { readonly kind: 'number'; readonly value: number; readonly integer: boolean; readonly span: Span }
export interface StringExpression { readonly kind: 'string'; readonly value: string; readonly span: Span }
export interface BooleanExpression { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
export interface InfinityExpression { readonly kind: 'infinity'; readonly span: Span }
/** `π` arrives as the name `pi`. */
export interface NameExpression { readonly kind: 'name'; readonly name: string; readonly span: Span }

export interface UnaryExpression { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression; readonly span: Span }

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '@' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or'
export interface BinaryExpression {
  readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression
  readonly operatorSpan: Span; readonly span: Span
}

export interface IfExpression {
  readonly kind: 'if'; readonly condition: Expression; readonly then: Expression; readonly otherwise: Expression; readonly span: Span
}

/** `x |> f(a)`; `call` is a callable name, member or call. */
export interface PipeExpression { readonly kind: 'pipe'; readonly value: Expression; readonly call: Expression; readonly span: Span }

export interface Argument { readonly name?: Identifier; readonly value: Expression; readonly span: Span }

/** The callee is a name, a member (`random.normal`) or an indexed instance (`blocks[i]`). */
export interface CallExpression {
  readonly kind: 'call'; readonly callee: Expression; readonly arguments: readonly Argument[]; readonly span: Span
}

export interface IndexExpression {
  readonly kind: 'index'; readonly value: Expression; readonly items: readonly IndexItem[]; readonly span: Span
}
export type IndexItem =
  | { readonly kind: 'at'; readonly value: Expression; readonly span: Span }
  /** `:`, `2:5`, `:n`; a third part is the step. */
  | { readonly kind: 'slice'; readonly low?: Expression; readonly high?: Expression; readonly step?: Expression; readonly span: Span }
  | Ellipsis

export interface MemberExpression { readonly kind: 'member'; readonly value: Expression; readonly member: Identifier; readonly span: Span }
export interface ListExpression { readonly kind: 'list'; readonly items: readonly Expression[]; readonly span: Span }
/** `[e for i in 0..n]`, `[e for [i, j] in EDGES]`. */
export interface ComprehensionExpression { readonly kind: 'comprehension'; readonly value: Expression; readonly binding: Binding; readonly source: Expression; readonly span: Span }
/** `a..b`, half open. */
export interface RangeExpression { readonly kind: 'range'; readonly low: Expression; readonly high: Expression; readonly span: Span }
export interface ForExpression { readonly kind: 'for'; readonly binding: Binding; readonly source: Expression; readonly body: Block; readonly span: Span }
/** `i`, or `[i, j]` over rows. */
export interface Binding { readonly names: readonly Identifier[]; readonly rows: boolean; readonly span: Span }
/** `(h, c)`: only where several results are taken apart or given back. */
export interface TupleExpression { readonly kind: 'tuple'; readonly items: readonly Expression[]; readonly span: Span }
export interface InvalidExpression { readonly kind: 'invalid'; readonly span: Span }
