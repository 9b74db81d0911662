/** Circuits that the tests of `bpc draw` and `bpc export` are about. */

export const BELL = `circuit bell() -> real[4] {
  qubits q[2]
  h q[0]
  cx q[0], q[1]
  return probs(q)
}
`

/** A circuit with arguments, one whose size its caller gives, one that nobody calls, and a model. */
export const SEVERAL = `${BELL}
circuit turn(θ: real, w: real[2]) -> real {
  qubits a
  qubits q[2]
  rx(θ) a
  ry(2*w[1] + θ) q[1]
  return expect(Z(a) * Z(q[1]))
}
circuit chain(x: real[n]) -> real {
  qubits q[n]
  rx(x) q
  return expect(sum([Z(q[i]) for i in 0..n]))
}
circuit alone(x: real[n]) -> real {
  qubits q[n]
  rx(x) q
  return expect(sum([Z(q[i]) for i in 0..n]))
}
model M {
  input x: real[batch, 3]
  output y = chain(x)
}
`
