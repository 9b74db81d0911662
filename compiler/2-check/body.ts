/** One body: of a routine, a model or a constant. Every name in it means something, and every statement stands where it may. */
import type { Argument, Binding, Block, CallExpression, Expression, Identifier, MemberExpression, Model, Routine, Statement, TypeNode } from '../1-parse/ast'
import type { DiagnosticSink, Extra } from '../diagnostics/sink'
import { among, suggest } from '../diagnostics/suggest'
import { textOf, type Span } from '../source/source'
import { GATES } from '../../quantum/gates'
import { namesWithin } from './broken'
import { AXIS_MAKERS, functionOfForeign, initializerOfForeign, otherWayOfFunction, otherWayOfValue, valueOfForeign, withoutPrefix } from './foreignFunctions'
import { gateOfForeign, measurementOfForeign, otherWayOf } from './foreignNames'
import { CIRCUIT_FUNCTIONS, FUNCTIONS, INITIALIZERS, isCircuitFunction, isFunction, isInitializer, NOT_YET } from './functions'
import { isInvalid, type Declared, type Module } from './modules'
import type { DeclaredAs, NameRecorder } from './recorder'
import { Scope, type NameKind } from './scope'
import { homeOf } from './standardLibrary'
import { KNOWN_VALUES, RUN_VALUES, SPECIAL_GATES, STATEMENT_WORDS_OF_CIRCUITS } from './knownNames'
import { type Place, ALLOWED, DIMENSION_HELP, IN_LOOP_HELP, MISPLACED_HELP, MISSING_HELP, ONCE, PLACE_IN_WORDS } from './placement'
import { namesDeclaredBy, nodesIn } from './walk'

export class Body {
  /** How many loops are around the statement at hand. */
  private loops = 0
  private readonly missing = new Set<string>()
  /** The body itself, to look further than its scopes reach. */
  private whole: Block | Routine['body'] | undefined
  /** Each name that the whole body declares, at its first place; made when it is first asked for. */
  private declared: ReadonlyMap<string, Identifier> | undefined

  constructor(
    private readonly module: Module, private readonly sink: DiagnosticSink, private readonly place: Place,
    /** Functions and gates that the file lacks: one mistake each, however often they are used. */
    private readonly missingCallables: Set<string>,
    /** Where an editor asks what the names mean. */
    private readonly recorder?: NameRecorder,
  ) {}

  // ----------------------------------------------------------------------------------------------- declarations

  routine(routine: Routine): void {
    this.whole = routine.body
    const scope = new Scope(undefined, this.recorder?.reach(routine.span))
    const parameters = new Set(routine.parameters.map(parameter => parameter.name.name))
    for (const { type } of routine.parameters) this.bindDimensions(type, scope, parameters)
    for (const register of routine.registers) if (register.size) this.bindDimensionsOf(register.size, scope)
    for (const parameter of routine.parameters) {
      if (parameter.default) this.expression(parameter.default, scope)
      this.declare(parameter.name, 'value', scope, { role: 'argument' })
    }
    for (const register of routine.registers) this.declare(register.name, 'register', scope, { role: 'qubits' })
    this.recorder?.signature(routine, scope)
    for (const result of routine.results) this.type(result, scope)
    if (routine.body.kind === 'expression') this.expression(routine.body.value, scope)
    else this.block(routine.body, scope.inner(scope.extent))
  }

  model(model: Model): void {
    this.whole = model.body
    const scope = new Scope(undefined, this.recorder?.reach(model.span))
    for (const statement of model.body.statements) if (statement.kind === 'input') this.bindDimensions(statement.type, scope, new Set())
    this.block(model.body, scope)
  }

  /** Names that stand in a shape for the first time are dimensions; parameters of the routine are static numbers there. */
  private bindDimensions(type: TypeNode, scope: Scope, parameters: ReadonlySet<string>): void {
    for (const item of type.shape ?? []) if (item.kind !== 'ellipsis') this.bindDimensionsOf(item, scope, parameters)
  }

  private bindDimensionsOf(expression: Expression, scope: Scope, parameters: ReadonlySet<string> = new Set()): void {
    switch (expression.kind) {
      case 'name':
        if (!this.module.constants.has(expression.name) && !parameters.has(expression.name) && !KNOWN_VALUES.has(expression.name)) {
          const name = { name: expression.name, span: expression.span }
          if (!scope.declare(name, 'dimension')) this.recorder?.declare(name, { role: 'dimension' }, scope)
        }
        break
      case 'binary': this.bindDimensionsOf(expression.left, scope, parameters); this.bindDimensionsOf(expression.right, scope, parameters); break
      case 'unary': this.bindDimensionsOf(expression.operand, scope, parameters); break
      case 'call':
        this.callee(expression.callee, scope)
        for (const { value } of expression.arguments) this.bindDimensionsOf(value, scope, parameters)
        break
      default: this.expression(expression, scope)
    }
  }

  private type(type: TypeNode, scope: Scope): void {
    for (const item of type.shape ?? []) if (item.kind !== 'ellipsis') this.expression(item, scope, 'dimension')
    const { range } = type
    if (range?.kind === 'interval') { this.expression(range.low, scope); this.expression(range.high, scope) }
    if (range?.kind === 'classes') this.expression(range.value, scope)
  }

  private declare(name: Identifier, kind: NameKind, scope: Scope, as: DeclaredAs): void {
    if (name.name === '') return
    const earlier = scope.declare(name, kind)
    if (!earlier) this.recorder?.declare(name, as, scope)
    if (earlier && earlier.span.start !== name.span.start) {
      this.sink.report('duplicate-name', name.span, { name: name.name }, { related: [{ span: earlier.span, message: 'first declared here' }] })
    }
  }

  // ------------------------------------------------------------------------------------------------- statements

  private block(block: Block, scope: Scope): void {
    for (const statement of block.statements) this.statement(statement, scope)
  }

  private statement(statement: Statement, scope: Scope): void {
    if (this.sink.isFull) return
    const allowed = ALLOWED[this.place].has(statement.kind)
    const displaced = ONCE.has(statement.kind) && this.loops > 0 && !this.isTorn
    if (!allowed || displaced || (this.loops === 0 && statement.kind === 'yield')) {
      const place = !allowed ? PLACE_IN_WORDS[this.place] : this.loops > 0 ? 'a loop' : `${PLACE_IN_WORDS[this.place]} outside of a loop`
      const word = statement.kind === 'assign' ? 'an assignment' : statement.kind === 'gate' ? 'a gate' : `\`${textOf(statement.span).match(/^[\p{L}\p{N}_]+/u)?.[0] ?? statement.kind}\``
      this.sink.report('misplaced-statement', statement.span, { statement: word, place, hint: MISPLACED_HELP[statement.kind]?.[this.place] ?? (displaced ? IN_LOOP_HELP[statement.kind] : undefined) })
      // What it declares is still known below it, so that one mistake stays one message.
      if ('name' in statement) scope.declare(statement.name, 'value')
      if ('names' in statement) for (const name of statement.names) scope.declare(name, 'value')
      return
    }
    switch (statement.kind) {
      case 'input': this.type(statement.type, scope); this.declare(statement.name, 'value', scope, { role: statement.role, doc: statement.doc, statement: statement.span }); break
      case 'param':
      case 'state':
        this.type(statement.type, scope)
        if (statement.initial && statement.kind === 'param') this.initial(statement.initial, scope)
        else if (statement.initial) this.expression(statement.initial, scope)
        this.declare(statement.name, 'value', scope, { role: statement.kind, doc: statement.kind === 'param' ? statement.doc : '', statement: statement.span })
        break
      case 'let':
      case 'var':
        this.expression(statement.value, scope)
        if (statement.type) this.type(statement.type, scope)
        for (const name of statement.names) this.declare(name, statement.kind === 'var' ? 'var' : statement.value.kind === 'invalid' ? 'broken' : 'value', scope, { role: statement.kind, doc: statement.kind === 'let' ? statement.doc : '', statement: statement.span })
        break
      case 'assign':
        this.expression(statement.value, scope)
        this.assign(statement.names, statement.indexed, scope)
        break
      case 'output':
        if (statement.value) {
          this.expression(statement.value, scope)
          this.declare(statement.name, 'value', scope, { role: 'output', doc: statement.doc, statement: statement.span })
        } else if (statement.name.name) this.expression({ kind: 'name', name: statement.name.name, span: statement.name.span }, scope)
        break
      case 'loss':
      case 'metric':
      case 'assert': this.expression(statement.value, scope); break
      // Paths of parameters and states are known once layers are called: the elaborator finds what they name.
      case 'rate': this.recorder?.path(statement.path, scope); this.expression(statement.value, scope); break
      case 'update': this.recorder?.path([statement.name], scope); this.expression(statement.value, scope); break
      case 'frozen': this.recorder?.path(statement.path, scope); break
      case 'instance':
        if (statement.count) this.expression(statement.count, scope)
        this.expression(statement.value, scope)
        this.declare(statement.name, 'instance', scope, { role: 'instance', statement: statement.span, node: this.recorder?.layerOf(statement.value) })
        break
      case 'for': this.expression(statement.loop, scope); break
      case 'if':
        this.expression(statement.condition, scope)
        this.block(statement.then, scope.inner(statement.then.span))
        if (statement.otherwise?.kind === 'if') this.statement(statement.otherwise, scope)
        else if (statement.otherwise) this.block(statement.otherwise, scope.inner(statement.otherwise.span))
        break
      case 'return':
      case 'yield': for (const value of statement.values) this.expression(value, scope); break
      case 'qubits':
        if (statement.size) this.expression(statement.size, scope)
        this.declare(statement.name, 'register', scope, { role: 'qubits', statement: statement.span })
        break
      case 'gate':
        this.recorder?.gate(statement)
        this.gate(statement.name)
        // `qbuits q[4]`: what an unknown word stands before may be what it was meant to declare.
        if (this.missingCallables.has(statement.name.name)) {
          for (const operand of statement.operands) {
            const value = operand.kind === 'index' ? operand.value : operand
            if (value.kind === 'name' && !scope.find(value.name)) scope.declare({ name: value.name, span: value.span }, 'register')
          }
        }
        for (const { argument } of statement.modifiers) if (argument) this.expression(argument, scope)
        // What a modifier of another framework is given is a gate: the modifier is the mistake.
        if (!isModifier(gateOfForeign(statement.name.name))) for (const { value } of statement.arguments ?? []) this.expression(value, scope)
        if (this.place === 'circuit') for (const operand of statement.operands) this.register(operand, scope)
        for (const operand of statement.operands) this.expression(operand, scope)
        break
      case 'invalid':
        for (const name of namesWithin(statement.span)) if (!scope.find(name.name)) scope.declare(name, 'broken')
        break
      default: statement satisfies never
    }
  }

  /** With a bracket lost, what stands in a loop and what behind it is anyone's guess. */
  private get isTorn(): boolean {
    return this.sink.all.some(({ code, span }) => span.file === this.module.file.file && code.endsWith('-bracket'))
  }

  private assign(names: readonly Identifier[], indexed: Span | undefined, scope: Scope): void {
    if (indexed) {
      this.sink.report('element-assignment', indexed, { name: names[0]?.name ?? 'it' })
      return
    }
    for (const name of names) {
      const found = scope.find(name.name)
      if (found) this.recorder?.value(name.name, name.span, scope)
      if (!found) this.unassigned(name, scope)
      else if (found.kind !== 'var' && found.kind !== 'broken') {
        this.sink.report('not-a-var', name.span, { name: name.name }, { related: [{ span: found.span, message: 'declared here, not as a `var`' }] })
      }
    }
  }

  private unassigned({ name, span }: Identifier, scope: Scope): void {
    if (this.missing.has(name)) return
    this.missing.add(name)
    this.sink.report('unknown-name', span, { name, suggestion: suggest(name, scope.all()), hint: name === 'loss' ? 'a loss is written without `=`: `loss mean(…)`' : `declare it first: \`let ${name} = …\`, or \`var ${name} = …\` where a loop changes it` }, this.elsewhere(name, span))
  }

  private gate(name: Identifier): void {
    if (Object.hasOwn(GATES, name.name) || SPECIAL_GATES.has(name.name) || this.module.gates.has(name.name)) return
    if (NOT_YET.has(name.name)) this.sink.report('unsupported', name.span, { feature: `\`${name.name}\`` })
    else if (!this.module.callables.has(name.name) || !isInvalidCallable(this.module.callables.get(name.name))) {
      if (this.missingCallables.has(name.name)) return
      this.missingCallables.add(name.name)
      const gates = [...Object.keys(GATES), ...SPECIAL_GATES, ...this.module.gates.keys(), ...STATEMENT_WORDS_OF_CIRCUITS]
      this.sink.report('unknown-gate', name.span, { name: name.name, suggestion: gateOfForeign(name.name) ?? suggest(name.name, gates) }, this.gateHelp(name.name))
    }
  }

  /** Where what is meant is no gate at all, or lies elsewhere. */
  private gateHelp(name: string): { readonly help?: string } {
    const routine = this.module.callables.get(name)?.node.routine
    if (routine !== undefined) return { help: `\`${name}\` is a ${routine}, which is called for its value; gates are declared by \`gate ${name} q: qubit[n] { … }\`` }
    const way = otherWayOf(name)
    return way === undefined ? importHelp(name) : { help: way }
  }

  // ------------------------------------------------------------------------------------------------ expressions

  private initial(expression: Expression, scope: Scope): void {
    if (expression.kind === 'call' && expression.callee.kind === 'name' && isInitializer(expression.callee.name)) {
      this.recorder?.builtIn('initializer', expression.callee)
      this.arguments(expression.arguments, scope)
      return
    }
    if (expression.kind === 'name' && isInitializer(expression.name) && !this.isKnown(expression.name, scope)) {
      this.sink.report('function-as-value', expression.span, { name: expression.name }, { help: `call it: \`${expression.name}()\`` })
      return
    }
    if (expression.kind === 'call' && expression.callee.kind === 'name' && !this.isCallable(expression.callee.name, scope)
      && !NOT_YET.has(expression.callee.name)) {
      const names = [...Object.keys(INITIALIZERS), ...Object.keys(FUNCTIONS)]
      this.sink.report('unknown-initializer', expression.callee.span,
        { name: expression.callee.name, suggestion: initializerOfForeign(expression.callee.name) ?? suggest(expression.callee.name, names), known: Object.keys(INITIALIZERS).join(', ') })
      return
    }
    this.expression(expression, scope)
  }

  private arguments(given: readonly Argument[], scope: Scope): void {
    for (const { value } of given) this.expression(value, scope)
  }

  expression(expression: Expression, scope: Scope, meant: 'value' | 'dimension' = 'value'): void {
    const visit = (inner: Expression) => this.expression(inner, scope, meant)
    switch (expression.kind) {
      case 'number': case 'string': case 'boolean': case 'infinity': case 'invalid': return
      case 'name': this.name(expression.name, expression.span, scope, meant); return
      case 'unary': visit(expression.operand); return
      case 'binary': visit(expression.left); visit(expression.right); return
      case 'if': visit(expression.condition); visit(expression.then); visit(expression.otherwise); return
      case 'pipe':
        visit(expression.value)
        if (expression.call.kind === 'call') this.call(expression.call, scope)
        else this.callee(expression.call, scope)
        return
      case 'call': this.call(expression, scope); return
      case 'index':
        visit(expression.value)
        for (const item of expression.items) {
          if (item.kind === 'at' && this.isAxisMaker(item.value, scope)) continue
          if (item.kind === 'at') this.expression(item.value, scope)
          else if (item.kind === 'slice') for (const part of [item.low, item.high, item.step]) if (part) this.expression(part, scope)
        }
        return
      case 'member':
        this.recorder?.member(expression, scope)
        if (!this.isForeignMember(expression, scope)) visit(expression.value)
        return
      case 'list': case 'tuple': expression.items.forEach(visit); return
      case 'range': visit(expression.low); visit(expression.high); return
      case 'comprehension': {
        visit(expression.source)
        const inner = this.bind(expression.binding, scope, expression.span)
        this.expression(expression.value, inner)
        return
      }
      case 'for':
        visit(expression.source)
        this.loops++
        this.block(expression.body, this.bind(expression.binding, scope, expression.body.span))
        this.loops--
        return
      default: expression satisfies never
    }
  }

  private bind(binding: Binding, scope: Scope, extent: Span): Scope {
    const inner = scope.inner(extent)
    for (const name of binding.names) this.declare(name, 'value', inner, { role: 'counter' })
    return inner
  }

  private name(name: string, span: Span, scope: Scope, meant: 'value' | 'dimension'): void {
    this.recorder?.value(name, span, scope)
    if (name === '' || scope.find(name) || this.module.constants.has(name) || KNOWN_VALUES.has(name)) return
    if (RUN_VALUES.has(name)) {
      if (this.place !== 'model' && this.place !== 'layer') this.sink.report('misplaced-run-value', span, { name, place: PLACE_IN_WORDS[this.place] })
      return
    }
    if (NOT_YET.has(name)) this.sink.report('unsupported', span, { feature: `\`${name}\`` })
    else if (this.isCallable(name, scope)) {
      if (!isInvalidCallable(this.module.callables.get(name))) this.sink.report('function-as-value', span, { name })
    } else this.unknown(name, span, scope, meant)
  }

  /** A register that is nowhere. */
  private register(operand: Expression, scope: Scope): void {
    const named = operand.kind === 'index' ? operand.value : operand
    if (named.kind !== 'name' || named.name === '' || this.isKnown(named.name, scope) || this.missing.has(named.name) || this.declaredSomewhere(named.name)) return
    const suggestion = suggest(named.name, scope.all())
    this.missing.add(named.name)
    this.sink.report('unknown-name', named.span, { name: named.name, suggestion, hint: `declare it above: \`qubits ${named.name}[2]\`, or as many as there are` })
  }

  private unknown(name: string, span: Span, scope: Scope, meant: 'value' | 'dimension' = 'value'): void {
    // A name that is missing is one mistake, however often it is used.
    if (this.missing.has(name)) return
    this.missing.add(name)
    const suggestion = valueOfForeign(name) ?? suggest(name, [...scope.all(), ...this.module.constants.keys(), ...KNOWN_VALUES])
    if (meant === 'dimension') this.sink.report('unknown-dimension', span, { name, suggestion, hint: DIMENSION_HELP })
    else this.sink.report('unknown-name', span, { name, suggestion, hint: otherWayOfValue(name) ?? MISSING_HELP[this.place] }, this.elsewhere(name, span))
  }

  /** `np.pi`, `self.w`: what stands before the dot is no name here, and often needs none. */
  private isForeignMember(expression: MemberExpression, scope: Scope): boolean {
    const { value, member: { name }, span } = expression
    if (value.kind !== 'name' || this.isKnown(value.name, scope)) return false
    // It stands for what could not be imported, which has been reported.
    if (isInvalidCallable(this.module.callables.get(value.name))) return true
    const whole = `${value.name}.${name}`
    if (this.missing.has(whole)) return true
    this.missing.add(whole)
    const ours = valueOfForeign(name) ?? (this.isKnown(name, scope) ? name : undefined)
    const help = ours === undefined ? otherWayOfValue(value.name) : `write \`${ours}\`: names stand alone, without a prefix`
    const near = suggest(value.name, scope.all())
    if (help === undefined && near !== undefined) return false
    this.sink.report('unknown-name', span, { name: whole, suggestion: ours, hint: MISSING_HELP[this.place] }, help === undefined ? {} : { help })
    return true
  }

  private isKnown(name: string, scope: Scope): boolean {
    return scope.find(name) !== undefined || this.module.constants.has(name) || KNOWN_VALUES.has(name)
  }

  /** `x[:, None]` is told once, where the index stands; the elaborator says no more of an index that means nothing. */
  private isAxisMaker(item: Expression, scope: Scope): boolean {
    const text = textOf(item.span)
    if (!AXIS_MAKERS.has(text) || scope.find(text)) return false
    this.sink.report('unknown-name', item.span, { name: text, hint: 'an axis of 1 is made by `reshape(x, [n, 1])`' })
    return true
  }

  /** Where the body declares the name after all. */
  private elsewhere(name: string, use: Span): Extra {
    const found = this.declaredSomewhere(name)
    if (!found) return {}
    return {
      related: [{ span: found.span, message: `\`${name}\` is declared here` }],
      help: found.span.start > use.start ? 'names are known below the line that declares them: move that line up' : 'it is known inside that block only: a loop hands values out by `yield`, or by a `var` from before it',
    }
  }

  private declaredSomewhere(name: string): Identifier | undefined {
    this.declared ??= new Map([...nodesIn(this.whole)].flatMap(namesDeclaredBy).reverse().map(each => [each.name, each]))
    return this.declared.get(name)
  }

  private call(call: CallExpression, scope: Scope): void {
    if (this.isMeasuredElsewhere(call.callee, scope)) return
    this.callee(call.callee, scope, call.arguments.length > 0)
    this.recorder?.arguments(call, scope)
    this.arguments(call.arguments, scope)
  }

  /** A measurement where there are no qubits is one mistake, with all that it names. */
  private isMeasuredElsewhere(callee: Expression, scope: Scope): boolean {
    if (callee.kind !== 'name' || !isCircuitFunction(callee.name) || this.isCallable(callee.name, scope) || scope.find(callee.name)) return false
    this.sink.report('unknown-function', callee.span, { name: callee.name }, { help: 'circuits alone measure: return it from a `circuit`, and call that here' })
    return true
  }

  private callee(callee: Expression, scope: Scope, hasArguments = false): void {
    this.recorder?.callee(callee, this.place, scope)
    if (callee.kind === 'name') {
      if (this.isCallable(callee.name, scope)) return
      const local = scope.find(callee.name)
      if (NOT_YET.has(callee.name)) this.sink.report('unsupported', callee.span, { feature: `\`${callee.name}\`` })
      else if (local?.kind === 'broken') return
      else if (local) {
        this.sink.report('not-callable', callee.span, { name: callee.name, what: local.kind === 'dimension' ? 'a dimension' : 'a value', hint: 'elements are taken by brackets, `x[0]`, and a product is written `x * (…)`' },
          { related: [{ span: local.span, message: 'declared here' }] })
      } else if (this.module.gates.has(callee.name) || (Object.hasOwn(GATES, callee.name) && this.place !== 'model')) {
        this.sink.report('not-callable', callee.span, { name: callee.name, what: 'a gate', hint: 'a gate is a statement: `rx(θ) q[0]`' })
      } else {
        this.unknownFunction(callee.name, callee.span, scope)
      }
    } else if (callee.kind === 'member' && callee.value.kind === 'name' && callee.value.name === 'random') {
      const name = `random.${callee.member.name}`
      if (!isFunction(name)) {
        const draws = Object.keys(FUNCTIONS).filter(known => known.startsWith('random.'))
        const { suggestion, known } = among(name, draws)
        this.sink.report('unknown-function', callee.span, { name, suggestion, hint: `the draws are ${known ?? ''}` })
      }
    } else if (callee.kind === 'index') {
      this.callee(callee.value, scope)
      for (const item of callee.items) if (item.kind === 'at') this.expression(item.value, scope)
    } else if (callee.kind === 'member') this.memberCallee(callee, scope, hasArguments)
    else if (callee.kind === 'call') {
      const before = this.sink.size
      this.call(callee, scope)
      const hint = 'what a layer works on comes first: `dense(x, 16)`, or `x |> dense(16)`'
      if (this.sink.size === before) this.sink.report('not-callable', callee.span, { name: textOf(callee.span), what: 'the result of a call', hint })
    } else if (callee.kind === 'number') {
      this.sink.report('not-callable', callee.span, { name: textOf(callee.span), what: 'a number', hint: `a product needs its sign: \`${textOf(callee.span)} * (…)\`` })
    } else this.sink.report('not-callable', callee.span, { name: textOf(callee.span), what: 'an expression' })
  }

  private unknownFunction(name: string, span: Span, scope: Scope): void {
    if (this.missingCallables.has(name)) return
    this.missingCallables.add(name)
    const isQuantum = this.place === 'circuit' || this.place === 'gate'
    const instances = scope.all().filter(known => scope.find(known)?.kind === 'instance')
    const names = [...instances, ...Object.keys(FUNCTIONS), ...(this.place === 'circuit' ? Object.keys(CIRCUIT_FUNCTIONS) : []), ...this.module.callables.keys()]
    const way = otherWayOfFunction(name) ?? (isQuantum ? otherWayOf(name) : undefined)
    const suggestion = way !== undefined ? undefined : (isQuantum ? measurementOfForeign(name) : undefined) ?? functionOfForeign(name) ?? suggest(name, names) ?? inSmallLetters(name)
    const hint = `declare it, \`fn ${name}(…) = …\`, or name the file that has it: \`use "./file.bp".${name}\``
    // What the file has already needs no import.
    const help = way ?? importHelp(name, suggestion !== undefined && this.module.callables.has(suggestion) ? undefined : suggestion).help
    // What must be imported first is no word to put in the place of this one.
    this.sink.report('unknown-function', span, { name, suggestion: help === undefined ? suggestion : undefined, hint }, help === undefined ? {} : { help })
  }

  /** `np.sin(x)` and `x.sum()`: functions have no prefix here, and values no methods. */
  private memberCallee(callee: MemberExpression, scope: Scope, hasArguments: boolean): void {
    const text = textOf(callee.span)
    const { member: { name }, value } = callee
    const head = headOf(callee)
    if (head !== undefined && isInvalidCallable(this.module.callables.get(head))) return
    if (this.missingCallables.has(text)) return
    this.missingCallables.add(text)
    const isModule = head !== undefined && !this.isKnown(head, scope)
    const quantum = this.place === 'circuit' ? measurementOfForeign(name) ?? (isCircuitFunction(name) ? name : undefined) : undefined
    const ours = quantum ?? (this.module.callables.has(name) ? name : withoutPrefix(name))
    const way = otherWayOfFunction(name)
    if (isModule) {
      const home = homeOf(ours ?? name)
      const isImported = home !== undefined && (ours === undefined || (!isFunction(ours) && !this.module.callables.has(ours)))
      const help = way ?? (isImported ? `${ours === undefined || ours === name ? 'the' : `did you mean \`${ours}\`? The`} standard library has it: \`use ${home}.${ours ?? name}\``
        : ours === undefined ? 'functions stand alone, without a prefix' : `write \`${ours}\`: functions stand alone, without a prefix`)
      this.sink.report('unknown-function', callee.span, { name: text, suggestion: way === undefined && !isImported ? ours : undefined }, { help })
      return
    }
    this.expression(value, scope)
    if (head !== undefined && scope.find(head)?.kind === 'broken') return
    const of = textOf(value.span)
    const help = way ?? (ours === undefined ? 'values have no methods: functions are called as `f(x)`, or `x |> f`' : `values have no methods: write \`${ours}(${of}${hasArguments ? ', …' : ''})\`, or \`${of} |> ${ours}${hasArguments ? '(…)' : ''}\``)
    this.sink.report('unknown-function', callee.span, { name: text }, { help })
  }

  private isCallable(name: string, scope: Scope): boolean {
    return scope.find(name)?.kind === 'instance' || this.module.callables.has(name) || isFunction(name)
      || ((this.place === 'circuit' || this.place === 'gate') && isCircuitFunction(name))
  }
}

/** Where the standard library has the name, or what was meant by it. */
function importHelp(name: string, meant?: string): { readonly help?: string } {
  const own = homeOf(name)
  if (own !== undefined) return { help: `the standard library has it: \`use ${own}.${name}\`` }
  const home = meant === undefined || isFunction(meant) ? undefined : homeOf(meant)
  return home === undefined || meant === undefined ? {} : { help: `did you mean \`${meant}\`? The standard library has it: \`use ${home}.${meant}\`` }
}

const isModifier = (name: string | undefined): boolean => name === 'inv' || name === 'ctrl' || name === 'pow'

/** `Dense` of Keras is `dense` of the standard library. */
function inSmallLetters(name: string): string | undefined {
  const small = name.toLowerCase()
  return small !== name && homeOf(small) !== undefined ? small : undefined
}

/** The name before the first dot. */
function headOf(expression: Expression): string | undefined {
  return expression.kind === 'name' ? expression.name : expression.kind === 'member' ? headOf(expression.value) : undefined
}

export function isInvalidCallable(declared: Declared<Routine> | undefined): boolean {
  return declared !== undefined && isInvalid(declared.node)
}
