/**
 * Every diagnostic the compiler can give: its code, its number, and its wording with typed placeholders.
 *
 * A row is one line. `{name}` in a template is a parameter: those of the message must be given when it is reported, those
 * of the help may be left out, and then the help is left out too, or another takes its place. A brace that is meant literally comes in as a parameter.
 * Numbers are for ever: a code may be reworded, its number is never given to another.
 *
 *   BP1xxx text · 2xxx names · 3xxx types and shapes · 4xxx quantum · 5xxx gradients · 6xxx training · 9xxx bugs in bpc
 */

export type Severity = 'error' | 'warning' | 'note'

export interface Row<Message extends string = string, Help extends string = string> {
  readonly id: `BP${number}`
  readonly severity: Severity
  readonly message: Message
  readonly help?: Help
  /** Takes the help's place where that has a parameter without a value: nothing near was found to suggest. */
  readonly otherwise?: Help
}

const row = (severity: Severity) =>
  <const Message extends string, const Help extends string = ''>(number: number, message: Message, help?: Help, otherwise?: Help): Row<Message, Help> =>
    ({ id: `BP${number}`, severity, message, help, otherwise })

const error = row('error')
const warning = row('warning')
const note = row('note')

export const REGISTRY = {
  // ---------------------------------------------------------------------------------- 1xxx: characters and words
  'unknown-character': error(1001, '{character} means nothing here', '{hint}'),
  'unclosed-string': error(1002, 'this string is never closed', 'end it with `"` on the same line'),
  'unclosed-comment': error(1003, 'this `/*` is never closed', 'end the comment with `*/`'),
  'unknown-escape': error(1004, 'unknown escape `{escape}` in a string', 'there are \\n, \\r, \\t, \\", \\\\ and \\u with a hexadecimal code in braces'),
  'number-too-large': error(1005, '`{number}` is {why}', '{hint}'),
  'single-quotes': error(1006, 'strings stand in straight double quotes', 'write {fixed}'),
  'foreign-operator': error(1007, '`{found}` is written `{expected}` in bp'),
  'foreign-comment': error(1008, 'comments start with `//`, not with `{found}`'),
  'not-text': error(1009, 'this is not a text file: it has a zero byte', 'name a .bp source file'),

  'number-form': error(1014, '`{number}` is written `{fixed}`', 'a float has a digit on both sides of the dot'),

  // -------------------------------------------------------------------------------------------- 1xxx: brackets
  'unclosed-bracket': error(1010, '`{opener}` is never closed', 'close it with `{closer}`'),
  'unopened-bracket': error(1011, '`{closer}` closes nothing', 'take it away, or open it with `{opener}` further up'),
  'mismatched-bracket': error(1012, '`{opener}` is closed by `{found}`', 'close it with `{closer}`'),
  'nesting-too-deep': error(1013, 'this is nested more than {limit} deep', 'name the inner parts with `let`'),

  // ------------------------------------------------------------------------------------------- 1xxx: sentences
  'missing-syntax': error(1020, 'expected {expected} after {after}, found {found}', '{hint}'),
  'reserved-word': error(1021, '`{word}` is a reserved word and cannot be a name', 'call it `{suggestion}`'),
  'unexpected-syntax': error(1022, 'unexpected {found} after {after}', '{hint}'),
  'unknown-statement': error(1023, '`{word}` does not start a statement', 'did you mean `{suggestion}`?', 'a statement begins with one of {known}, or with the name of a `var` that is assigned'),
  'unknown-declaration': error(1024, '`{word}` does not start a declaration', 'did you mean `{suggestion}`?', 'a file holds {known}'),
  'outside-declaration': error(1025, '{what} cannot stand at the top of a file', '{hint}'),
  'nested-declaration': error(1026, '`{word}` declarations stand at the top of a file, not inside a block', '{hint}'),
  'expression-statement': error(1027, 'an expression alone is not a statement', 'give it a name: `let {suggestion} = …`'),
  'misplaced-gate': error(1028, 'a gate is applied inside a `gate` or a `circuit` only', '{hint}'),
  'chained-comparison': error(1029, 'comparisons do not chain', 'write {fixed}'),
  'chained-range': error(1030, 'a range has one `..`', 'put the part that is meant first in parentheses'),
  'pipe-after-if': error(1031, 'a pipe after an `if` could mean two things', 'put the whole `if … else …` in parentheses, or the part that is piped'),
  'needs-parentheses': error(1032, '`{word}` inside a larger expression needs parentheses', 'write `({word} …)`'),
  'not-a-pipe-target': error(1033, 'the right side of `|>` must be a function or a call', 'write `x |> f` or `x |> f(a)`, which mean `f(x)` and `f(x, a)`'),
  'chain-too-long': error(1034, 'more than {limit} operators in one expression', 'name parts of it with `let`, or use `sum` over a list'),
  'wrong-register': error(1035, 'the registers of a gate are `qubit` or `qubit[n]`, not `{type}`', 'write `{name}: qubit`; numbers stand in the parentheses after the gate\'s name'),
  'misplaced-annotation': error(1036, '`@{name}` stands before {what}', 'annotations belong to a `circuit`'),
  'unknown-precision': error(1037, '`precision` is `f32` or `f64`, not `{found}`'),
  'misplaced-precision': error(1038, '`precision` stands once, at the top of a file', 'it holds for the whole file'),
  'positional-after-named': error(1040, 'arguments without a name stand before those with one', 'name this one too, or move it to the front'),
  'operator-after-pipe': error(1041, 'an operator after a pipe could mean two things', 'put the pipe in parentheses: `(x |> f) {operator} …`'),
  'option-with-equals': error(1042, 'the options of `train` are written without `{sign}`', 'write `{name} …`'),
  'unknown-range': error(1043, 'a range of values is an interval such as `(0, inf)`, classes such as `0..3`, or `simplex`'),
  'modifier-with-at': error(1044, 'gate modifiers are written without `@`', 'write `{modifier} …`'),
  'update-operator': error(1045, '`{operator}=` is not an assignment here', 'write `{name} = {name} {operator} …`'),
  'missing-operand': error(1046, '`{gate}` names no qubit', 'write `{gate} q[0]`, or `{gate} q` for all of them'),
  'not-an-option': error(1047, '{found} does not start an option of `train`', 'options are written like `epochs 40`'),
  'unexpected-start': error(1048, 'a statement cannot begin with {found}', '{hint}'),
  'sign-on-own-line': error(1049, 'this `{sign}` stands on a line of its own', 'move it to the end of the line above'),
  'misplaced-register': error(1050, 'only a `gate` names registers', 'a circuit makes its own with `qubits q[n]`'),

  // --------------------------------------------------------------------------------------------------- the rest
  'too-many-mistakes': error(1901, 'more than {limit} mistakes: what stands behind this one is not told', 'mend the first ones, and the rest will be looked at'),
  'unsupported': error(1900, '{feature} is not supported yet', '{hint}'),

  // ------------------------------------------------------------------------------------------------ 2xxx: names
  'unknown-name': error(2001, 'unknown name `{name}`', 'did you mean `{suggestion}`?', '{hint}'),
  'unknown-module': error(2002, 'there is no module `{module}`', 'did you mean `{suggestion}`?', '{hint}'),
  'unknown-import': error(2003, '`{module}` has no `{name}`', 'did you mean `{suggestion}`?', 'it has {known}'),
  'import-cycle': error(2004, 'these files import each other: {cycle}', 'move what both need into a third file'),
  'duplicate-name': error(2005, '`{name}` is declared twice', 'give one of them another name'),
  'not-callable': error(2006, '`{name}` is {what} and cannot be called', '{hint}'),
  'unknown-function': error(2007, 'unknown function `{name}`', 'did you mean `{suggestion}`?', '{hint}'),
  'unknown-gate': error(2008, 'unknown gate `{name}`', 'did you mean `{suggestion}`?', 'declare it: `gate {name} q: qubit { … }`'),
  'unknown-dimension': error(2009, 'unknown dimension `{name}`', 'did you mean `{suggestion}`?', '{hint}'),
  'unknown-model': error(2010, 'there is no model `{name}`', 'did you mean `{suggestion}`?', 'the models here: {known}'),
  'misplaced-statement': error(2011, '{statement} cannot stand in {place}', '{hint}'),
  'element-assignment': error(2012, 'elements of `{name}` are not assigned one by one', 'assign the whole: `{name} = …`'),
  'not-a-var': error(2013, '`{name}` cannot be assigned: it is not a `var`', 'declare it with `var {name} = …`, or give the new value a name of its own'),
  'unknown-initializer': error(2014, 'unknown initialiser `{name}`', 'did you mean `{suggestion}`? The initialisers are {known}', 'the initialisers are {known}'),
  'function-as-value': error(2015, '`{name}` is a function, not a value', 'call it: `{name}(…)`'),
  'recursive-routine': error(2016, '`{name}` calls itself: {cycle}', 'a routine is written out where it is called, so this would never end; use a `for` loop'),
  'unknown-type': error(2017, 'there is no type `{name}` here', 'did you mean `{suggestion}`?', 'the types are `real`, `int` and `bool`, with a shape such as `real[batch, 4]`'),
  'unknown-parameter': error(2018, 'there is no parameter `{name}`', '{known}'),
  'unknown-constant': error(2019, 'there is no `const {name}` to replace', 'the constants of this file: {known}'),
  'constant-cycle': error(2020, 'the constant `{name}` depends on itself: {cycle}', 'a constant is made of numbers, and of constants that do not need it'),
  'not-constant': error(2021, 'a `const` must be known when the model is compiled', 'in a model, use `let`'),
  'misplaced-layer': error(2022, '`{name}` is a layer and cannot be called in {place}', 'layers own parameters; models and other layers call them'),
  'not-a-layer': error(2023, 'an instance is made by a call of a layer', 'write `layer enc = dense(16)`'),
  'misplaced-run-value': error(2026, '`{name}` is not known in {place}', 'models and layers know it: make this a `layer`, or pass the number that depends on it'),
  'unknown-annotation': error(2024, 'there is no annotation `@{name}` here', 'did you mean `@{suggestion}`?', 'a circuit has {known}'),
  'unknown-gradient': error(2025, '`{found}` is no gradient method', 'did you mean `{suggestion}`? The methods are {known}', 'the methods are {known}'),
  'unused-name': warning(2027, 'the {what} `{name}` is never used', 'take it away, or begin its name with `_` to keep it'),
  'shadowed-built-in': warning(2028, '`{name}` takes the place of the built-in {what} of that name', 'in this file `{name}` means this one: give it a name of its own, such as `{suggestion}`'),

  // ------------------------------------------------------------------------------------- 3xxx: types and shapes
  'type-mismatch': error(3001, 'expected {expected}, found {found}', '{hint}'),
  'index-out-of-range': error(3003, 'index {index} is out of range for a size of {size}', 'indices run from {low} to {high}'),
  'shape-mismatch': error(3004, '{what} takes {expected}, but {value} is {found}', '{hint}'),
  'argument-count': error(3005, '`{name}` takes {expected}, but is given {found}', '{signature}'),
  'unknown-argument': error(3006, '`{name}` has no argument `{argument}`', 'did you mean `{suggestion}`?', '{hint}'),
  'missing-argument': error(3007, '`{name}` needs its argument `{argument}`', '{signature}'),
  'broadcast-mismatch': error(3008, '`{operator}` cannot combine {left} and {right}: {a} against {b} in {axis}', 'two sizes agree when they are equal or one is the literal 1'),
  'matrix-mismatch': error(3009, '`@` cannot multiply {left} by {right}: the {which} sizes are {a} and {b}', 'the last size on the left must be the last but one on the right'),
  'branch-mismatch': error(3010, 'the branches do not fit together: condition {condition}, then {left}, else {right} ({a} against {b})', 'both branches are evaluated, element by element: give them one shape, or one of them a size of 1'),
  'too-many-indices': error(3011, '{given} for {value}, which is {found}'),
  'slice-out-of-range': error(3012, 'the slice {low}:{high} does not lie within a size of {size}', 'bounds run from 0 to the size, the lower one first'),
  'scattered-indices': error(3013, 'index tensors must stand on neighbouring axes', 'transpose first'),
  'index-shapes': error(3014, 'the index tensors do not broadcast: {left} against {right}'),
  'negative-size': error(3015, 'a size cannot be {size}'),
  'axis-out-of-range': error(3016, '`{name}` has no axis {axis} to work along: the tensor has {rank}', 'axes count from 0, or from -1 at the end'),
  'einsum': error(3017, 'einsum "{spec}": {why}'),
  'empty-reduction': error(3018, '`{name}` of nothing: {found} has no elements along this axis'),
  'not-a-permutation': error(3019, 'a permutation names each of the {rank} axes once'),
  'reshape-mismatch': error(3020, 'cannot reshape {found} to {shape}: {total} elements against {product}', 'a reshape keeps every element; one size may be -1, for what the others leave'),
  'list-mismatch': error(3021, '{what} needs equal shapes: the first is {first}, this one {other}'),
  'misplaced-ellipsis': error(3022, '`...` stands for leading dimensions in a signature only'),
  'inexact-size': error(3023, 'the size {left} is not divided exactly by {right}', '`idiv(a, b)` rounds down'),
  'row-mismatch': error(3024, '{names} names for rows of {found}', 'one name for each number of a row'),
  'symbolic-loop': error(3025, 'this loop is unrolled, but its count {trip} is not known when the model is compiled'),
  'var-mismatch': error(3026, '`{name}` is {declared} and cannot become {found}', 'a `var` keeps the shape of its declaration'),
  'misplaced-range': error(3027, 'a range stands after `in` only', 'a tensor of numbers is `arange(n)`'),
  'second-yield': error(3028, 'a loop has one `yield`', 'yield several values at once: `yield a, b`'),
  'no-result': error(3029, 'this loop gives nothing back', 'put a `yield` in its body'),
  'result-count': error(3030, '{found} for {expected}', '{hint}'),
  'static-argument': error(3031, '`{argument}` of `{name}` must be {expected} that is known when the model is compiled, not {found}'),
  'unsolved-dimension': error(3032, 'the sizes in `{type}` cannot be worked out from the arguments of `{name}`', 'let each name stand alone in some argument, or give it as an `int`'),
  'lead-mismatch': error(3033, 'the leading dimensions of the arguments of `{name}` do not agree: {left} against {right}'),
  'inside-call': error(3034, 'in this call of `{name}`: {message}'),
  'no-return': error(3035, '`{name}` gives nothing back', 'end its body with `return …`'),
  'return-count': error(3036, '`{name}` returns {found}, its signature says {expected}'),
  'result-mismatch': error(3037, '`{name}` returns {found}, its signature says {expected}'),
  'symbolic-parameter': error(3038, 'the parameter `{name}` has a size `{size}` that is not known when the model is compiled', 'a parameter has one shape for all data; use a `const` or a number'),
  'parameter-shape': error(3039, 'the parameter `{path}` is {now} here and was {first} before', 'an instance has one set of parameters: call it with one shape'),
  'empty-range': error(3040, 'the range {low}..{high} holds no class', 'the upper end is not part of it: `0..3` holds 0, 1 and 2'),
  'output-uses-target': error(3041, 'the output `{output}` depends on the target `{target}`', 'only `loss` and `metric` may use targets: there are none when a trained model predicts'),
  'assertion-fails': error(3050, 'this does not hold: {condition}', '{found}'),
  'assertion-of-values': error(3051, 'an assertion is about sizes, not about {found}', 'compare sizes, as in `assert batch == n`'),
  'run-time-slice': error(3052, 'the size of this slice is not known when the model is compiled', 'write `x[e : e + k]` with the same `e` twice and a fixed `k`'),
  'window-size': error(3070, 'the window of `{name}` has the {axis} {window}, and slides along {size}', 'a window needs at least one element and must fit into the padded {axis}: change the kernel, the dilation or the padding'),
  'initializer-rank': error(3053, '`{name}` fills a matrix, not the shape {shape}'),
  'stacked-instance': error(3049, '`{name}` stands for {count} instances', 'call one of them: `{name}[i](…)`'),
  'int-range': error(3061, 'an int in this is {value}', '{hint}'),
  'repeated-argument': error(3060, '`{name}` is given its argument `{argument}` twice', 'the first is by its place: leave one of them out'),
  'update-in-loop': error(3043, '`{name}` is updated inside a loop', 'a state is updated once after each training step: call the layer outside the loop'),
  'unknown-state': error(3044, '`{name}` is not a state of this {place}', 'did you mean `{suggestion}`?', 'declare it: `state {name}: real = 0`'),
  'update-mismatch': error(3045, 'the state `{name}` is {declared} and cannot become {found}'),
  'rate-shape': error(3046, 'the rate of `{path}` must be a number or of its shape {expected}, not {found}'),
  'parameter-range': error(3047, '{what}', '{hint}'),
  'second-update': error(3048, '`{name}` is given a second {what}'),
  'misplaced-random': error(3042, 'random draws belong in models, functions and layers'),
  'too-deep': error(3063, '{what} lead more than {limit} deep here', 'each is written out inside the one that uses it: join some of them, or go by a `for` loop'),
  'too-many-steps': error(3064, 'this file takes more than {limit} steps to compile; the last of them was here', 'constants, gates and calls are written out when the file is compiled: take fewer turns or sizes, or move the loop into a model, where it runs later'),
  'too-many-numbers': error(3065, '{what} has {count} numbers, and the limit is {limit}', 'a `const` is kept in the plan, number by number: make it in a model, or read it as an `input`'),
  'too-many-operations': error(3066, '{what} takes more than {limit} operations', 'a `for` loop is one operation, however often it runs, and a tensor is one value'),
  'size-too-long': error(3067, 'the formula of a size here has more than {limit} terms', 'give the size a name of its own in an `input`, or use a `const`'),
  'dimension-slip': warning(3062, 'the dimension `{name}` stands here only', 'did you mean `{meant}`? Nothing says that the two are equal'),
  'accidental-pairs': warning(3068, '`{name}` pairs each of {size} with every other: {left} and {right} give {found}', 'row by row: take the axis of 1 away, `{flat}`; if all pairs are meant, say so by a `reshape` to [{size}, 1]'),
  'unpaired-rows': warning(3069, 'the rows of the target `{target}` are counted by `{name}`, which stands here only', 'row by row with `{input}`: write `{suggestion}`. Nothing says that the two are equal; if they differ on purpose, begin the name with `_`'),

  // ---------------------------------------------------------------------------------------------- 4xxx: quantum
  'qubit-out-of-range': error(4001, 'qubit {index} is out of range: `{register}` has {size} qubits', 'qubits count from 0 to {high}'),
  'repeated-qubit': error(4002, '`{gate}` is given the qubit `{qubit}` twice', 'a gate needs different qubits'),
  'gate-arity': error(4003, '`{gate}` acts on {expected}, but is given {found}', '{hint}'),
  'observable-arithmetic': error(4004, '`{operator}` does not combine {left} and {right}', 'observables are sums of products of Pauli letters, times numbers'),
  'not-hermitian': error(4005, 'this product is not an observable: factors on the same qubit do not commute'),
  'register-size': error(4006, '`{gate}` needs {expected} qubits for `{register}`, but is given {found}'),
  'register-mismatch': error(4007, '`{gate}` cannot pair these registers: {first}, {other}'),
  'gate-after-measurement': error(4008, 'a gate after a measurement', 'measure last: expectation values are of the final state'),
  'too-many-gates': error(4009, 'this circuit has more than {limit} gates', 'every turn of its loops is written out: take fewer of them, or fewer qubits'),
  'angle-count': error(4010, '`{gate}` takes {expected}, but is given {found}', 'it is written `{signature}`'),
  'modified-preparation': error(4011, '`{gate}` prepares a state and takes no modifiers', 'prepare the state first, without `ctrl`, `inv` or `pow`'),
  'power-of-several': error(4012, '`pow({exponent})` needs a single gate with one angle or none', 'an integer power repeats any gate'),
  'not-unitary': error(4013, 'this matrix is not unitary: U†U differs from the identity by {deviation}', 'its columns must have length 1 and be orthogonal to each other, to within 1e-6'),
  'late-preparation': error(4014, '`{gate}` must stand first on its qubits: a gate has acted on `{qubit}`', 'it starts from |0…0⟩; move it up, before the other gates on these qubits'),
  'zero-amplitudes': error(4015, 'these amplitudes are all 0', 'they are divided by their norm, so at least one must differ from 0'),
  'misplaced-circuit-call': error(4016, 'the circuit `{name}` cannot be called in a {place}', 'call it in a model, a function or a layer'),
  'symbolic-circuit': error(4017, '`{name}` takes `{argument}` with a size `{size}` that is not known when the model is compiled', 'a circuit is laid out for known sizes; leading dimensions may stay open'),
  'no-qubits': error(4018, '`{name}` has no qubits', 'declare them: `qubits q[2]`'),
  'static-condition': error(4019, 'an `if` around gates needs a condition that is known when the circuit is compiled, not {found}', 'gates are laid out once for all data: choose by a `const`, a size or a counter, or let the angle be 0: `rx(if t > 0 then t else 0) q[0]`'),
  'too-many-qubits': error(4020, '{qubits} qubits are more than a statevector can hold here: the limit is {limit}', 'this many would need {bytes}'),
  'many-qubits': note(4021, '{qubits} qubits need {bytes} for each statevector', 'a run keeps two to four of them; fewer qubits run much faster'),
  'exact-only': error(4022, '`{name}` needs the exact state, which {by} does not give', 'leave out `{by}`, or {instead}'),
  'sample-without-shots': error(4023, '`sample` has nothing to sample', 'say how often: `@shots(1000)` before the circuit'),
  'shots-and-trajectories': error(4060, '`@shots` and `@trajectories` are two ways to draw, and a circuit takes one', '`@trajectories({trajectories})` alone gives means over histories; `@shots({shots})` alone samples the density matrix'),
  'not-a-channel': error(4061, 'these operators are no channel: Σ K†K differs from the identity by {deviation}', 'a channel keeps the trace: divide all operators by a number, or add what is missing'),
  'estimated-gradient': error(4062, '{who} needs a gradient by `{name}` through {what} in `{circuit}`, and {by} gives none there', 'leave out `{by}`, or hold it fixed: `stop({name})`'),
  'too-many-terms': error(4063, 'this product of observables has {terms} terms, and the limit is {limit}', 'a sum of n terms has n² in its square: multiply fewer, or measure the factors by themselves'),
  'single-shot': error(4050, '`variance` cannot be told from a single shot', 'take `@shots(2)` at least'),
  'first-order-only': error(4051, '`@gradient({method})` gives first derivatives only, and `{model}` takes second ones', 'take `parameter_shift` or `adjoint`; a `grad` inside a loss, a `hessian` and the optimizer newton take second derivatives'),
  'shift-cost': note(4052, 'the gradient of `{name}` takes {runs} shifted runs a row, where a sweep back takes the time of about {sweep}', '`@gradient(adjoint)` before the circuit gives the same gradient; `@gradient(parameter_shift)` says that shifts are meant, as a quantum computer has nothing else'),
  'reduced-state-size': error(4024, '`{name}` takes up to {limit} qubits, not {found}'),
  'fidelity-qubits': error(4025, '`fidelity` compares states of equally many qubits: `{name}` has {other}, this circuit {own}'),
  'noisy-fidelity': error(4026, '`fidelity` compares states of circuits without noise', 'leave out the channels'),
  'matrix-not-hermitian': error(4027, 'this matrix is not Hermitian: it differs from its conjugate transpose by {deviation}', 'the entry in row i and column j is the conjugate of the one in row j and column i'),
  'missing-file': error(4028, 'there is no file `{file}`', 'paths are relative to this file'),
  'data-file': error(4029, '`{file}` cannot be read: {complaint}'),
  'evolve-outside': error(4030, '`evolve` is not given the qubit `{qubit}`, on which this observable acts', 'name every qubit of the observable'),
  'evolve-coefficients': error(4031, '`evolve` needs coefficients that are known when the circuit is compiled, where terms do not commute', 'evolve the terms one by one, each over a short time'),
  'evolve-size': error(4032, '`evolve` of terms that do not commute takes up to {limit} qubits, and these act on {found}', 'evolve the terms one by one, each over a short time'),
  'channel-range': error(4033, '`{channel}` takes {parameter} between 0 and 1, not {found}'),
  'modified-channel': error(4034, '`{channel}` is noise and takes no modifiers', 'place the noise by itself, without `ctrl`, `inv` or `pow`'),
  'too-many-noisy-qubits': error(4035, '{qubits} qubits are more than a density matrix can hold here: the limit is {limit}', '`@trajectories(n)` before the circuit runs it as a statevector, up to 30 qubits, and so does leaving out the channels'),
  'unfelt-angle': warning(4037, 'no measurement can feel this angle: nothing links the qubits of `{statement}` to a measured one afterwards', 'its gradient is zero; measure these qubits, or entangle them with measured ones'),
  'global-phase-angle': warning(4038, '`{statement}` turns only the phase of the whole state, which no measurement can feel', 'a phase matters under `ctrl`'),
  'angle-in-degrees': warning(4039, '{found} looks like degrees, and angles are in radians', 'write `{fixed}`'),
  'shots-method': error(4036, '`@gradient({method})` needs exact values, which {by} does not give', 'take `parameter_shift` or `spsa`'),

  // -------------------------------------------------------------------------------------------- 5xxx: gradients
  'no-dependence': warning(5001, '`{value}` does not depend on `{by}`: this derivative is zero everywhere', 'differentiate by the very name that the value is made from; an equal expression under another name is another variable'),
  'misplaced-derivative': error(5002, '`{name}` cannot be taken here', 'derivatives stand in models, functions and layers'),
  'not-a-variable': error(5003, 'a derivative is taken by a variable, not by `{found}`', '{hint}'),
  'derivative-across-iterations': error(5004, '`{name}` also reaches this value through a `var` from an earlier iteration', 'differentiate after the loop, or by the var'),
  'unreached-parameter': warning(5005, 'no loss can reach the {paths}, so training changes nothing there', 'let the loss depend on it, or say that it stays as it is: `frozen`'),
  'log-of-zero': warning(5006, '`{found}` can be −∞: {why}'),

  // --------------------------------------------------------------------------------------------- 6xxx: training
  'unknown-option': error(6001, '`train` has no option `{name}`', 'did you mean `{suggestion}`?', 'the options are {known}'),
  'no-loss': error(6002, 'the model `{model}` has no loss to train on', 'add `loss …`'),
  'conflicting-options': error(6003, '`{first}` and `{second}` cannot both be given', '{hint}'),
  'option-value': error(6004, '`{name}` takes {expected}'),
  'unknown-optimizer': error(6005, 'there is no optimizer `{name}`', 'did you mean `{suggestion}`?', 'the optimizers are {known}'),
  'unknown-input': error(6006, '`{model}` has no input `{name}`', 'did you mean `{suggestion}`?', 'its inputs and targets are {known}'),
  'unmapped-input': error(6007, 'the {role} `{name}` is given no column', 'add `{name} = column` in the braces'),
  'doubled-activation': warning(6030, '`{name}` applies {makes} itself, and is given what {given} made'),
  'squared-classes': note(6031, 'the target `{name}` holds classes, and a squared loss takes their numbers for quantities', 'class 2 is not twice class 1: `cross_entropy(logits, {name})` of std.loss takes classes'),

  'no-closed-form': error(6008, '`{optimizer}` cannot train `{parameter}`: {reason}', '{hint}'),

  // ------------------------------------------------------------------------------------------ 9xxx: bugs in bpc
  'internal-error': error(9001, 'a bug in bpc, please report it: {what}'),
} as const

export type Code = keyof typeof REGISTRY

/** The names in braces in a template. */
type Placeholders<Template extends string> =
  Template extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never

export type Value = string | number

type MessageOf<C extends Code> = (typeof REGISTRY)[C] extends Row<infer Message, string> ? Message : never
type HelpOf<C extends Code> = (typeof REGISTRY)[C] extends Row<string, infer Help> ? Help : never

/** What must be given with a code, and what may be. */
export type ParametersOf<C extends Code> =
  & { readonly [Name in Placeholders<MessageOf<C>>]: Value }
  & { readonly [Name in Exclude<Placeholders<HelpOf<C>>, Placeholders<MessageOf<C>>>]?: Value }

/** Of these the parameter that says what the text at their place was meant to be: an editor offers to put it there. */
export const REPLACED_BY: { readonly [C in Code]?: keyof ParametersOf<C> & string } = {
  'foreign-operator': 'expected', 'number-form': 'fixed', 'reserved-word': 'suggestion', 'unknown-statement': 'suggestion', 'unknown-declaration': 'suggestion',
  'unknown-name': 'suggestion', 'unknown-module': 'suggestion', 'unknown-import': 'suggestion', 'unknown-function': 'suggestion', 'unknown-gate': 'suggestion',
  'unknown-dimension': 'suggestion', 'unknown-model': 'suggestion', 'unknown-initializer': 'suggestion', 'unknown-type': 'suggestion',
  'unknown-gradient': 'suggestion', 'unknown-argument': 'suggestion', 'unknown-state': 'suggestion', 'unknown-option': 'suggestion', 'unknown-optimizer': 'suggestion',
  'unknown-input': 'suggestion',
}

/** The template with its values, or nothing where one of them is missing. */
export function fill(template: string, values: Readonly<Record<string, Value | undefined>>): string | undefined {
  let complete = true
  const text = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) complete = false
    return String(value)
  })
  return complete ? text : undefined
}

/** `BP3004`, `3004` → `shape-mismatch`; also takes the code itself; in any case, with underscores or blanks for its hyphens. */
export function codeOf(text: string): Code | undefined {
  const wanted = text.trim().toLowerCase().replace(/[\s_]+/g, '-')
  const codes = Object.keys(REGISTRY) as Code[]
  return codes.find(code => code === wanted || [REGISTRY[code].id.toLowerCase(), REGISTRY[code].id.slice(2)].includes(wanted))
}
