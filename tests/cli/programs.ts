/** Small programs that several tests compile. */

/** A line y = slope · x + offset; no circuit, so it is quick to train and its optimum is known. */
export const LINE = `/// A line through points.
model Line {
  input  x: real[batch]
  target y: real[batch]
  param  slope: real ~ zeros()
  param  offset: real ~ zeros()
  let prediction = slope * x + offset
  output prediction
  loss   mean((prediction - y)^2)
  metric worst = max(abs(prediction - y))
}

train Line {
  data "points.csv" { x = x, y = y }
  optimizer sgd(rate = 0.5)
  epochs 4
  seed 3
}
`

/** Ten points of y = 2 x + 1, x from 0 to 0.9. */
export const POINTS = ['x,y', ...Array.from({ length: 10 }, (_, i) => `${i / 10},${(2 * i) / 10 + 1}`), ''].join('\n')

/** ⟨Z⟩ = cos t. */
export const COSINE = `circuit c(t: real) -> real {
  qubits q[1]
  rx(t) q[0]
  return expect(Z(q[0]))
}
model Cosine {
  param t: real ~ constant(0.5)
  let e = c(t)
  output e
  loss e
}
`
