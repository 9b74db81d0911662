/** Names that NumPy, PyTorch, TensorFlow, Keras and the languages around them have for what is here under another. */
import { isFunction } from './functions'

/** Without underscores, in small letters. What is no built-in function is one of the standard library. */
const FUNCTION_NAMES: Readonly<Record<string, string>> = {
  arctan: 'atan', arcsin: 'asin', arccos: 'acos', arctan2: 'atan2', ln: 'log', logn: 'log', absolute: 'abs', fabs: 'abs', logistic: 'sigmoid', expit: 'sigmoid', average: 'mean', avg: 'mean',
  maximum: 'max', minimum: 'min', amax: 'max', amin: 'min', cat: 'concat', concatenate: 'concat', hstack: 'concat', vstack: 'concat', permute: 'transpose', swapaxes: 'transpose',
  view: 'reshape', flatten: 'reshape', unsqueeze: 'reshape', squeeze: 'reshape', expanddims: 'reshape', ravel: 'reshape', inv: 'inverse', determinant: 'det', onehot: 'one_hot',
  linspace: 'arange', iota: 'arange', identity: 'eye', randn: 'random.normal', rand: 'random.uniform', bernoulli: 'random.bernoulli', gaussian: 'random.normal',
  stopgradient: 'stop', detach: 'stop', nograd: 'stop', gradient: 'grad', clip: 'clamp', std: 'std', stddev: 'std', variance: 'variance', tensordot: 'einsum', tile: 'repeat', trunc: 'floor',
  linear: 'dense', conv1d: 'conv1d', conv2d: 'conv2d', convtranspose2d: 'conv_transpose2d', maxpool2d: 'max_pool2d', avgpool2d: 'avg_pool2d', layernorm: 'layer_norm', batchnorm: 'batch_norm',
  batchnorm1d: 'batch_norm', batchnorm2d: 'batch_norm2d', rmsnorm: 'rms_norm', leakyrelu: 'leaky_relu', swish: 'silu', multiheadattention: 'attention', logsoftmax: 'log_softmax', logsumexp: 'logsumexp',
  crossentropyloss: 'cross_entropy', nllloss: 'cross_entropy', bcewithlogitsloss: 'binary_cross_entropy', bceloss: 'binary_cross_entropy', bce: 'binary_cross_entropy',
  mseloss: 'mse', meansquarederror: 'mse', l1loss: 'mae', meanabsoluteerror: 'mae', huberloss: 'huber', smoothl1loss: 'huber', kldivloss: 'kl_divergence', binarycrossentropywithlogits: 'binary_cross_entropy',
}

/** What is done without a function of that name. */
const OTHER_WAYS: Readonly<Record<string, string>> = {
  len: 'a size is asked for by `size(x, 0)`, and a dimension of a shape is an int by its name', shape: 'a size is asked for by `size(x, 0)`, and a dimension of a shape is an int by its name', numel: 'the number of elements is the product of the sizes, `size(x, 0) * size(x, 1)`',
  range: 'a range is written `0..n`', enumerate: 'a range is written `0..n`, and element i is `x[i]`', zip: 'loop over a range, `0..n`, and take `x[i]` and `y[i]`', map: 'functions work on whole tensors; what goes element by element is `[f(x[i]) for i in 0..n]`',
  print: 'nothing is printed: an `output` shows a value', matmul: 'the matrix product is written `a @ b`', mm: 'the matrix product is written `a @ b`', bmm: 'the matrix product is written `a @ b`',
  pow: 'a power is written `x^2`', power: 'a power is written `x^2`', square: 'a square is written `x^2`', add: 'a sum is written `a + b`', multiply: 'a product is written `a * b`', subtract: 'a difference is written `a - b`', divide: 'a quotient is written `a / b`',
  array: 'a tensor is written `[1, 2, 3]`', tensor: 'a tensor is written `[1, 2, 3]`', astensor: 'a tensor is written `[1, 2, 3]`', constant: 'a number is written as it is; one with a name is a `const`, or a `let`',
  float: 'an int becomes real where a real is asked for; `1.0 * k` makes it one', real: 'an int becomes real where a real is asked for; `1.0 * k` makes it one', int: '`floor(x)` and `round(x)` give whole numbers', bool: 'a condition is a comparison, `x > 0`',
  zeroslike: 'write `zeros([n, 3])`, with the shape', oneslike: 'write `ones([n, 3])`, with the shape', fulllike: 'write `full([n, 3], value)`, with the shape', item: 'a scalar is a number as it is', numpy: 'values are tensors as they are', tolist: 'values are tensors as they are',
  backward: 'gradients are taken by themselves in training; one in an expression is `grad(y, x)`', parameter: 'a parameter is declared by `param w: real[3] ~ normal()`', variable: 'a parameter is declared by `param w: real[3] ~ normal()`',
  sequential: 'layers are chained by `x |> dense(16) |> tanh |> dense(2)`', forward: 'a layer is called by its own name: `enc(x)`', apply: 'a layer is called by its own name: `enc(x)`', module: 'what owns parameters is a `layer` or a `model`',
  qubits: 'registers are declared by `qubits q[2]`', quantumregister: 'registers are declared by `qubits q[2]`', quantumcircuit: 'a circuit is declared at the top of a file: `circuit c(x: real) -> real { … }`', device: 'a circuit needs no device: it declares its qubits, `qubits q[2]`',
  state: 'amplitudes are not measured: a circuit gives back `expect(…)`, `probs(q)` and their like', statevector: 'amplitudes are not measured: a circuit gives back `expect(…)`, `probs(q)` and their like',
  numpyarray: 'a tensor is written `[1, 2, 3]`', cond: 'a choice is written `if c then a else b`', scan: 'a loop that carries values is a `for` with a `var`', vmap: 'circuits map over leading dimensions, and functions by `...` in their shapes', jit: 'everything is compiled',
}

const plain = (name: string) => name.toLowerCase().replaceAll('_', '')
const lookUp = (table: Readonly<Record<string, string>>, name: string) => (Object.hasOwn(table, plain(name)) ? table[plain(name)] : undefined)

/** Our function or layer for one of theirs. */
export function functionOfForeign(name: string): string | undefined {
  const ours = lookUp(FUNCTION_NAMES, name)
  return ours === name ? undefined : ours
}

/** How what a function of theirs does is done here. */
export const otherWayOfFunction = (name: string): string | undefined => lookUp(OTHER_WAYS, name)

/** Of `np.sin` and `x.sum`, the name behind the last dot, as it is here. */
export function withoutPrefix(name: string): string | undefined {
  return isFunction(name) ? name : functionOfForeign(name) ?? (isFunction(plain(name)) ? plain(name) : undefined)
}

const INITIALIZER_NAMES: Readonly<Record<string, string>> = {
  xavier: 'glorot', xavieruniform: 'glorot', glorotuniform: 'glorot', kaiming: 'he', kaiminguniform: 'he', heuniform: 'he', randn: 'normal', gaussian: 'normal', rand: 'uniform', full: 'constant', fill: 'constant',
}

export const initializerOfForeign = (name: string): string | undefined => lookUp(INITIALIZER_NAMES, name)

const VALUE_NAMES: Readonly<Record<string, string>> = { True: 'true', TRUE: 'true', False: 'false', FALSE: 'false', Infinity: 'inf', Inf: 'inf', INF: 'inf', PI: 'pi', Pi: 'pi' }

/** Our value for one of theirs; here case counts. */
export const valueOfForeign = (name: string): string | undefined => (Object.hasOwn(VALUE_NAMES, name) ? VALUE_NAMES[name] : undefined)

const NOTHING = 'there is no value for nothing: leave the argument out, or say what it is'
const ALONE = 'parameters and inputs are known by their names alone, without a prefix'
const VALUE_WAYS: Readonly<Record<string, string>> = {
  None: NOTHING, null: NOTHING, undefined: NOTHING, nil: NOTHING, NULL: NOTHING, self: ALONE, this: ALONE, e: 'Euler\'s number is `exp(1)`', nan: 'there is no name for what is no number', NaN: 'there is no name for what is no number',
  newaxis: 'an axis of 1 is made by `reshape(x, [n, 1])`',
}

export const otherWayOfValue = (name: string): string | undefined => (Object.hasOwn(VALUE_WAYS, name) ? VALUE_WAYS[name] : undefined)

/** What stands in brackets, as in `x[:, None]`. */
export const AXIS_MAKERS: ReadonlySet<string> = new Set(['None', 'newaxis', 'np.newaxis', 'tf.newaxis', 'jnp.newaxis', 'numpy.newaxis'])

const OPTION_NAMES: Readonly<Record<string, string>> = {
  batchsize: 'batch', minibatch: 'batch', numepochs: 'epochs', maxepochs: 'epochs', iterations: 'steps', maxsteps: 'steps', lr: 'optimizer', learningrate: 'optimizer', scheduler: 'schedule',
  validation: 'holdout', validationsplit: 'holdout', valsplit: 'holdout', testsplit: 'holdout', randomstate: 'seed', earlystopping: 'patience', dataset: 'data', normalize: 'standardize', opt: 'optimizer',
}

/** Our option of `train` for one of theirs; a learning rate is an argument of the optimizer. */
export const optionOfForeign = (name: string): string | undefined => lookUp(OPTION_NAMES, name)

const MEMBERS: Readonly<Record<string, (of: string) => string>> = {
  T: of => `write \`transpose(${of})\``, mT: of => `write \`transpose(${of})\``, H: of => `write \`transpose(${of})\``, shape: of => `a size is asked for by \`size(${of}, 0)\``, size: of => `a size is asked for by \`size(${of}, 0)\``,
  length: of => `a size is asked for by \`size(${of}, 0)\``, grad: of => `a gradient is \`grad(y, ${of})\``, data: of => `the value is \`${of}\` itself`, value: of => `the value is \`${of}\` itself`,
}

/** Of `x.T` and its like: how what the last part asks for is written. */
export function memberWay(path: string): string | undefined {
  const dot = path.lastIndexOf('.')
  const member = path.slice(dot + 1)
  return dot > 0 && Object.hasOwn(MEMBERS, member) ? MEMBERS[member]?.(path.slice(0, dot)) : undefined
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  float: 'real', double: 'real', number: 'real', num: 'real', decimal: 'real', f32: 'real', f64: 'real', float32: 'real', float64: 'real', float16: 'real', bfloat16: 'real', half: 'real', tensor: 'real', array: 'real', ndarray: 'real', vector: 'real', matrix: 'real',
  integer: 'int', i32: 'int', i64: 'int', int32: 'int', int64: 'int', long: 'int', uint: 'int', nat: 'int', boolean: 'bool', str: 'string', text: 'string',
}

/** @param known what may stand here */
export function typeOfForeign(name: string, known: readonly string[]): string | undefined {
  const ours = lookUp(TYPE_NAMES, name)
  return ours !== undefined && known.includes(ours) ? ours : undefined
}
