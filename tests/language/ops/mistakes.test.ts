/** What is said of wrong shapes and options: one message a mistake, all of them in one run. */
import { expect, it } from 'vitest'
import { complaints } from '../run'

/** An expression over the declarations below, and the message. */
const MISTAKES: readonly (readonly [string, string])[] = [
  ['conv2d(x, k)', 'shape-mismatch: `conv2d` with this kernel takes real[batch, 4, 7, 8], but `x` is real[batch, 3, 7, 8]'],
  ['conv2d(x, m)', 'shape-mismatch: `conv2d` takes [out, in / groups, height, width], but `m` is real[2, 3]'],
  ['conv2d(x[0], deep)', 'shape-mismatch: `conv2d` takes [batch, channels, height, width], but `x[0]` is real[3, 7, 8]'],
  ['conv1d(x, k)', 'shape-mismatch: `conv1d` takes [batch, channels, length], but `x` is real[batch, 3, 7, 8]'],
  ['conv2d(x, deep, groups = 4)', 'shape-mismatch: `conv2d` in 4 groups takes a kernel whose out channels are a multiple of 4, but `deep` is real[6, 1, 3, 3]'],
  ['conv2d(x, deep, groups = 2)', 'shape-mismatch: `conv2d` with this kernel in 2 groups takes real[batch, 2, 7, 8], but `x` is real[batch, 3, 7, 8]'],
  ['conv2d(x, tall)', 'window-size: the window of `conv2d` has the height 9, and slides along 7'],
  ['conv2d(x, deep, groups = 3, dilation = [1, 5])', 'window-size: the window of `conv2d` has the width 11, and slides along 8'],
  ['conv2d(x, deep, groups = 3, stride = 0)', 'type-mismatch: expected an int, or [height, width], from 1 for `stride`, found 0'],
  ['conv2d(x, deep, groups = 3, stride = [1, 2, 3])', 'type-mismatch: expected an int, or [height, width], from 1 for `stride`, found a list of 3'],
  ['conv2d(x, deep, groups = 3, stride = batch)', 'type-mismatch: expected an int, or [height, width], from 1 for `stride`, found the size batch, which is not known when the model is compiled'],
  ['conv2d(x, deep, groups = 3, padding = -1)', 'type-mismatch: expected an int, or [height, width], from 0 for `padding`, found -1'],
  ['conv2d(x, deep, groups = 0)', 'type-mismatch: expected an int from 1 for `groups`, found 0'],
  ['conv2d(x, deep, 2)', 'argument-count: `conv2d` takes 2 arguments, but is given 3'],
  ['conv2d(x, zeros([2, 3, 0, 1]))', 'window-size: the window of `conv2d` has the height 0, and slides along 7'],
  ['conv_transpose2d(x, k)', 'shape-mismatch: `conv_transpose2d` with this kernel takes real[batch, 6, 7, 8], but `x` is real[batch, 3, 7, 8]'],
  ['conv_transpose2d(x, tall)', 'shape-mismatch: `conv_transpose2d` with this kernel takes real[batch, 6, 7, 8], but `x` is real[batch, 3, 7, 8]'],
  ['conv_transpose2d(x, wide, output_padding = 1)', 'type-mismatch: expected `output_padding` below the stride 1 or the dilation 1, found 1'],
  ['conv_transpose2d(x, wide, padding = [0, 9])', 'negative-size: a size cannot be -8'],
  ['conv_transpose2d(x, wide, groups = 2)', 'shape-mismatch: `conv_transpose2d` in 2 groups takes a kernel whose in channels are a multiple of 2, but `wide` is real[3, 2, 3, 3]'],
  ['max_pool2d(x, 2, padding = 2)', 'type-mismatch: expected a `padding` of at most half the kernel, 1, found 2'],
  ['avg_pool2d(x, 20)', 'window-size: the window of `avg_pool2d` has the width 20, and slides along 8'],
  ['max_pool2d(x)', 'missing-argument: `max_pool2d` needs its argument `kernel`'],
  ['max_pool2d(m[0], 2)', 'shape-mismatch: `max_pool2d` takes […, height, width], but `m[0]` is real[3]'],
  ['det(m)', 'shape-mismatch: `det` takes a square matrix, but `m` is real[2, 3]'],
  ['inverse(m[0])', 'shape-mismatch: `inverse` takes a square matrix, but `m[0]` is real[3]'],
  ['cholesky(x)', 'shape-mismatch: `cholesky` takes a square matrix, but `x` is real[batch, 3, 7, 8]'],
  ['solve(m, [1, 2])', 'shape-mismatch: `solve` takes a square matrix, but `m` is real[2, 3]'],
  ['solve(eye(3), [1, 2])', 'shape-mismatch: `solve` with `eye(3)`, which is real[3, 3], takes a vector of 3 or a matrix of 3 rows, but `[1, 2]` is real[2]'],
  ['solve(zeros([4, 3, 3]), zeros([5, 3]))', 'shape-mismatch: `solve` with `zeros([4, 3, 3])`, which is real[4, 3, 3], takes a vector of 3 or a matrix of 3 rows, under leading axes that broadcast with [4], but `zeros([5, 3])` is real[5, 3]'],
  ['bits(31)', 'type-mismatch: expected a number of variables from 0 to 30, found 31'],
  ['spins(-1)', 'type-mismatch: expected a number of variables from 0 to 30, found -1'],
  ['sort(x, axis = 4)', 'axis-out-of-range: `sort` has no axis 4 to work along: the tensor has 4 axes'],
  ['einsum("ii->i", m)', 'einsum: einsum "ii->i": `i` is 2 in one place and 3 in another'],
  ['einsum("ij->ii", m)', 'einsum: einsum "ij->ii": a letter stands twice in the result'],
]

const DECLARATIONS = `
  input x: real[batch, 3, 7, 8]
  param k: real[6, 4, 3, 3] ~ zeros()
  param deep: real[6, 1, 3, 3] ~ zeros()
  param tall: real[6, 3, 9, 3] ~ zeros()
  param wide: real[3, 2, 3, 3] ~ zeros()
  param m: real[2, 3] ~ zeros()`

const messageOf = (complaint: string) => complaint.replace(/ \d+:\d+:/, ':')

for (const [expression, message] of MISTAKES) {
  it(`${expression} is answered with one message`, async () => {
    expect((await complaints(`model M {${DECLARATIONS}\n  output y = ${expression}\n}`)).map(messageOf)).toEqual([message])
  })
}

it('all mistakes of a file are reported in one run', async () => {
  const found = await complaints(`model M {${DECLARATIONS}\n${MISTAKES.map(([expression], i) => `  output y${i} = ${expression}`).join('\n')}\n}`)
  expect(found.map(messageOf)).toEqual(MISTAKES.map(([, message]) => message))
})
