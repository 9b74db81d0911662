import { describe, expect, it } from 'vitest'
import { flat, run, type Nested } from '../language/run'
import { at, expectClose, expectGradients, integral, outputsOf, spreadMatrix, sumOf, valueOf } from './support'

/** A log density at every place of a line, all at once. */
async function densityOn(name: string, call: string, points: readonly number[]): Promise<number[]> {
  return flat(await valueOf(`std.prob.${name}`, call, { x: 'real[n]' }, { x: points }))
}

describe('log densities', () => {
  it('at some places are their closed forms', async () => {
    const value = async (name: string, call: string, x: number) => at(await densityOn(name, call, [x]), 0)
    // log √(2π) = 0.91893853320467274178
    expectClose(await value('normal_log_density', 'normal_log_density(x)', 0), -0.9189385332046727)
    expectClose(await value('normal_log_density', 'normal_log_density(x, 1, 2)', 5), -2 - Math.log(2) - 0.9189385332046727)
    expectClose(await value('lognormal_log_density', 'lognormal_log_density(x)', Math.E), -0.5 - 0.9189385332046727 - 1)
    expectClose(await value('laplace_log_density', 'laplace_log_density(x, 1, 2)', -3), -2 - Math.log(4))
    expectClose(await value('cauchy_log_density', 'cauchy_log_density(x, 1, 2)', 3), -Math.log(4 * Math.PI))
    expectClose(await value('exponential_log_density', 'exponential_log_density(x, 3)', 2), Math.log(3) - 6)
    expectClose(await value('exponential_log_density', 'exponential_log_density(x, 3)', -2), -Infinity)
    // Γ(3) = 2 and B(2, 3) = 1/12.
    expectClose(await value('gamma_log_density', 'gamma_log_density(x, 3, 2)', 1.5), Math.log(8 / 2 * 1.5 ** 2) - 3)
    expectClose(await value('beta_log_density', 'beta_log_density(x, 2, 3)', 0.25), Math.log(12 * 0.25 * 0.75 ** 2))
    // Student's t of 3 degrees of freedom: 6√3 / (π (3 + x²)²).
    expectClose(await value('student_t_log_density', 'student_t_log_density(x, 3)', 2), Math.log(6 * Math.sqrt(3) / (Math.PI * 49)))
  })

  it.each([
    ['normal_log_density', 'normal_log_density(x, 0.3, 0.7)', -8, 8],
    ['lognormal_log_density', 'lognormal_log_density(x, -0.5, 0.4)', 1e-9, 12],
    ['gamma_log_density', 'gamma_log_density(x, 5.5, 2.5)', 1e-9, 40],
    ['beta_log_density', 'beta_log_density(x, 4.5, 6)', 1e-9, 1 - 1e-9],
  ])('%s integrates to 1', async (name, call, low, high) => {
    // Simpson's rule with 4000 intervals: h⁴ f⁗ is below 1e−8 for these, and so are the tails left out.
    const points = Array.from({ length: 4001 }, (_, i) => low + (high - low) * i / 4000)
    const densities = (await densityOn(name, call, points)).map(Math.exp)
    expect(Math.abs(integral(x => at(densities, Math.round((x - low) / (high - low) * 4000)), low, high, 4000) - 1)).toBeLessThan(1e-8)
  })

  it('of Student with one degree of freedom are Cauchy\'s', async () => {
    const x = [-3, 0, 0.5, 40]
    expectClose(await densityOn('student_t_log_density', 'student_t_log_density(x, 1, 0.2, 3)', x), await densityOn('cauchy_log_density', 'cauchy_log_density(x, 0.2, 3)', x))
  })

  it('of Dirichlet in two dimensions are those of beta', async () => {
    const x = [0.1, 0.5, 0.8]
    const dirichlet = await valueOf('std.prob.dirichlet_log_density', 'dirichlet_log_density(x, [2.5, 4])', { x: 'real[n, 2]' }, { x: x.map(p => [p, 1 - p]) })
    expectClose(dirichlet, await densityOn('beta_log_density', 'beta_log_density(x, 2.5, 4)', x))
  })

  it('have the gradients of central differences by their parameters', () => expectGradients(`use std.prob.{normal_log_density, student_t_log_density, gamma_log_density, beta_log_density}
model M {
  param a: real[2]
  param b: real[2]
  loss sum(normal_log_density(0.5, a, b)) + sum(student_t_log_density([2.0, -1.0], a, b)) + sum(gamma_log_density([0.4, 3.0], a, b)) + sum(beta_log_density(0.3, a, b))
}`, { a: [1.5, 2.5], b: [0.7, 1.2] }))
})

describe('the multivariate normal distribution', () => {
  const covariance = [[2, 0.6], [0.6, 0.5]]
  const determinant = 2 * 0.5 - 0.36

  it('has the density of two variables', async () => {
    // Σ⁻¹ = [[0.5, −0.6], [−0.6, 2]] / |Σ|
    const x = spreadMatrix(3, 2)
    const expected = x.map(([a = 0, b = 0]) => {
      const [u, v] = [a - 0.3, b + 0.2]
      return -Math.log(2 * Math.PI) - Math.log(determinant) / 2 - (0.5 * u * u - 1.2 * u * v + 2 * v * v) / determinant / 2
    })
    expectClose(await valueOf('std.prob.multivariate_normal_log_density', 'multivariate_normal_log_density(x, [0.3, -0.2], covariance)',
      { x: 'real[batch, 2]', covariance: 'real[2, 2]' }, { x, covariance }), expected)
  })

  it('with a diagonal covariance is as many normal distributions', async () => {
    const { outputs } = await run(`use std.prob.{multivariate_normal_log_density, normal_log_density, kl_multivariate_normal, kl_normal}
model M {
  input x: real[3]
  let s = [0.5, 1.5, 2.0]
  let t = [1.0, 0.7, 3.0]
  output one = multivariate_normal_log_density(x, [1, 2, 3], s^2 * eye(3))
  output three = sum(normal_log_density(x, [1, 2, 3], s))
  output kl_one = kl_multivariate_normal(x, s^2 * eye(3), [1, 2, 3], t^2 * eye(3))
  output kl_three = sum(kl_normal(x, s, [1, 2, 3], t))
}`, { x: [0.1, 0.4, -2] })
    expectClose(outputs.one, outputs.three ?? NaN)
    expectClose(outputs.kl_one, outputs.kl_three ?? NaN)
  })

  it('has the divergence of the closed form in two variables, and none from itself', async () => {
    const kl = (m1: string, S1: string, m2: string, S2: string) => valueOf('std.prob.kl_multivariate_normal', `kl_multivariate_normal(${m1}, ${S1}, ${m2}, ${S2})`, { S: 'real[2, 2]' }, { S: covariance })
    // To N(0, 1): (tr Σ + |m|² − 2 − log |Σ|) / 2.
    expectClose(await kl('[1, 2]', 'S', '[0, 0]', 'eye(2)'), (2.5 + 5 - 2 - Math.log(determinant)) / 2)
    expectClose(await kl('[1, 2]', 'S', '[1, 2]', 'S'), 0)
    expectClose(Math.log(determinant) / 2, await valueOf('std.prob.log_diagonal', 'log_diagonal(cholesky(S))', { S: 'real[2, 2]' }, { S: covariance }))
  })

  it('has the gradients of central differences', () => expectGradients(`use std.prob.{multivariate_normal_log_density, kl_multivariate_normal}
model M {
  param x: real[2, 3]
  param W: real[3, 3]
  let Σ = W @ transpose(W) + eye(3)
  loss sum(multivariate_normal_log_density(x, [1, 2, 3], Σ)) + sum(kl_multivariate_normal(x, eye(3), [0.5, 1, 2], Σ)) + sum(kl_multivariate_normal(x, Σ, [0.5, 1, 2], 2 * eye(3)))
}`, { x: spreadMatrix(2, 3), W: spreadMatrix(3, 3, 1) }))
})

describe('log_gamma', () => {
  it('of integers is the logarithm of the factorial', async () => {
    let factorial = 0
    const expected = Array.from({ length: 150 }, (_, n) => (factorial += n > 0 ? Math.log(n) : 0))
    expectClose(await densityOn('log_gamma', 'log_gamma(x)', expected.map((_, n) => n + 1)), expected, 1e-14)
  })

  it('of halves and of numbers near 0 is the closed form', async () => {
    // Γ(1/2) = √π, Γ(3/2) = √π/2; Γ(x) = 1/x − γ + O(x), so log Γ(1e−9) = −log 1e−9 − γ·1e−9.
    expectClose(await densityOn('log_gamma', 'log_gamma(x)', [0.5, 1.5, 1e-9]),
      [Math.log(Math.PI) / 2, Math.log(Math.PI) / 2 - Math.log(2), -Math.log(1e-9) - 0.5772156649015329e-9], 1e-14)
  })

  it('has the derivative −γ at 1 and the second derivative π²/6', async () => {
    const { outputs } = await run(`use std.prob.log_gamma
model M {
  input x: real
  output first = grad(log_gamma(x), x)
  output second = grad(grad(log_gamma(x), x), x)
}`, { x: 1 })
    expectClose([outputs.first ?? NaN, outputs.second ?? NaN], [-0.5772156649015329, Math.PI ** 2 / 6])
  })
})

describe('log probabilities', () => {
  it('of Poisson and of binomial draws add up to 1, and have their means', async () => {
    const counts = Array.from({ length: 60 }, (_, k) => k)
    const poisson = (await densityOn('poisson_log_probability', 'poisson_log_probability(x, 4.2)', counts)).map(Math.exp)
    expectClose([sumOf(poisson), sumOf(poisson.map((p, k) => k * p))], [1, 4.2], 1e-12)
    const binomial = (await densityOn('binomial_log_probability', 'binomial_log_probability(x, 20, log(0.3 / 0.7))', counts.slice(0, 21))).map(Math.exp)
    expectClose([sumOf(binomial), sumOf(binomial.map((p, k) => k * p))], [1, 6], 1e-12)
  })

  it('of no events at rate 0 is 0', async () => {
    expectClose(await densityOn('poisson_log_probability', 'poisson_log_probability(x, 0)', [0, 2]), [0, -Infinity])
  })

  it('of a Bernoulli draw and of a class are those of the logits', async () => {
    expectClose(await valueOf('std.prob.bernoulli_log_probability', 'bernoulli_log_probability(y, [log(3.0), log(3.0)])', { y: 'int[2]' }, { y: [1, 0] }), [Math.log(0.75), Math.log(0.25)])
    const logits = [[Math.log(1), Math.log(3), Math.log(4)], [0, -Infinity, 0]]
    expectClose(await valueOf('std.prob.categorical_log_probability', 'categorical_log_probability(y, z)', { y: 'int[2]', z: 'real[2, 3]' }, { y: [1, 2], z: logits }),
      [Math.log(3 / 8), Math.log(1 / 2)])
  })
})

describe('divergences', () => {
  it('kl_normal is ∫ p log(p/q)', async () => {
    const log = (x: number, m: number, s: number) => -0.5 * ((x - m) / s) ** 2 - Math.log(s * Math.sqrt(2 * Math.PI))
    const expected = integral(x => Math.exp(log(x, 0.4, 0.8)) * (log(x, 0.4, 0.8) - log(x, -0.3, 1.5)), -10, 10)
    expectClose(await valueOf('std.prob.kl_normal', 'kl_normal(m, 0.8, -0.3, 1.5)', { m: 'real' }, { m: 0.4 }), expected, 1e-10)
  })

  it('kl_standard_normal is kl_normal to N(0, 1), summed over the last axis', async () => {
    const { outputs } = await run(`use std.prob.{kl_standard_normal, kl_normal}
model M {
  input μ: real[batch, n]
  input logσ: real[batch, n]
  output short = kl_standard_normal(μ, logσ)
  output long = sum(kl_normal(μ, exp(logσ), 0, 1), axis = -1)
}`, { μ: spreadMatrix(3, 4, 1), logσ: spreadMatrix(3, 4, 2) })
    expectClose(outputs.short, outputs.long ?? [])
    // KL(N(1, 1) ‖ N(0, 1)) = 1/2; of σ = e it is (e² − 1)/2 − 1.
    expectClose(await valueOf('std.prob.kl_standard_normal', 'kl_standard_normal(μ, logσ)', { μ: 'real[2]', logσ: 'real[2]' }, { μ: [1, 0], logσ: [0, 1] }), 0.5 + (Math.E ** 2 - 1) / 2 - 1)
  })

  it('keeps its digits near σ = 1, where it is (logσ)²', async () => {
    const value = Number(await valueOf('std.prob.kl_standard_normal', 'kl_standard_normal(μ, logσ)', { μ: 'real[1]', logσ: 'real[1]' }, { μ: [0], logσ: [1e-6] }))
    // (e^2δ − 1)/2 − δ = δ² + 2δ³/3 …; rounding is 1e−16 · δ, 1e−10 of the value.
    expect(Math.abs(value / 1e-12 - 1)).toBeLessThan(1e-6 + 1e-9)
  })

  it('of Bernoulli and categorical distributions are Σ p log(p/q)', async () => {
    const bernoulli = await valueOf('std.prob.kl_bernoulli', 'kl_bernoulli(z, log(0.4 / 0.6))', { z: 'real' }, { z: Math.log(0.2 / 0.8) })
    expectClose(bernoulli, 0.2 * Math.log(0.2 / 0.4) + 0.8 * Math.log(0.8 / 0.6))
    const p = [0.2, 0, 0.8]
    const q = [0.1, 0.3, 0.6]
    const categorical = await valueOf('std.prob.kl_categorical', 'kl_categorical(p, q)', { p: 'real[3]', q: 'real[3]' }, { p: p.map(Math.log), q: q.map(Math.log) })
    expectClose(categorical, 0.2 * Math.log(2) + 0.8 * Math.log(0.8 / 0.6))
    expectClose(await valueOf('std.prob.categorical_entropy', 'categorical_entropy(z)', { z: 'real[2, 3]' }, { z: [[0, 0, 0], p.map(Math.log)] }),
      [Math.log(3), -0.2 * Math.log(0.2) - 0.8 * Math.log(0.8)])
  })

  it('have the gradients of central differences', () => expectGradients(`use std.prob.{kl_normal, kl_standard_normal, kl_bernoulli, kl_categorical, categorical_entropy}
model M {
  param a: real[3]
  param b: real[3]
  loss sum(kl_normal(a, exp(b), b, exp(a))) + kl_standard_normal(a, b) + sum(kl_bernoulli(a, b)) + kl_categorical(a, b) + categorical_entropy(a)
}`, { a: [0.3, -0.4, 0.9], b: [-0.2, 0.5, 0.1] }))
})

describe('a hidden Markov model', () => {
  const text = `use std.prob.{hmm_log_likelihood, hmm_posterior}
model M {
  input initial: real[k]
  param transition: real[2, 2]
  input emission: real[time, k]
  let evidence = hmm_log_likelihood(log([0.5, 0.5]), transition, emission)
  output evidence
  output posterior = hmm_posterior(initial, transition, emission)
  loss evidence
}`.replaceAll('real[k]', 'real[2]').replaceAll('real[time, k]', 'real[time, 2]')
  // The umbrella world of Russell and Norvig, Artificial Intelligence, section 15.2 (14.2 in the fourth edition).
  const initial = [0.5, 0.5].map(Math.log)
  const transition = [[0.7, 0.3], [0.3, 0.7]].map(row => row.map(Math.log))
  const umbrella = (days: readonly boolean[]) => days.map(day => (day ? [0.9, 0.2] : [0.1, 0.8]).map(Math.log))

  it('smooths the umbrella world as published', async () => {
    // P(rain on day 1 | umbrellas on days 1 and 2) = 0.883: Russell and Norvig, equation 15.9.
    const { outputs: two } = await run(text, { initial, transition, emission: umbrella([true, true]) })
    expect(flat(two.posterior ?? [])[0]).toBeCloseTo(0.883, 3)
    // Five days, the third without one: Wikipedia, "Forward–backward algorithm", smoothed probabilities.
    const { outputs: five } = await run(text, { initial, transition, emission: umbrella([true, true, false, true, true]) })
    const rain = flat(five.posterior ?? []).filter((_, i) => i % 2 === 0)
    ;[0.8673, 0.8204, 0.3075, 0.8204, 0.8673].forEach((published, day) => expect(at(rain, day)).toBeCloseTo(published, 4))
  })

  it('has the likelihood of all paths together', async () => {
    const emission = spreadMatrix(5, 2)
    let total = 0
    for (let path = 0; path < 2 ** 5; path++) {
      const states = Array.from({ length: 5 }, (_, t) => (path >> t) & 1)
      total += Math.exp(sumOf(states.map((state, t) => at(emission[t] ?? [], state) + (t === 0 ? at(initial, state) : at(transition[states[t - 1] ?? 0] ?? [], state)))))
    }
    expectClose((await outputsOf(text, { initial, transition, emission })).evidence, Math.log(total))
  })

  it('has posteriors that are distributions, and the gradients of central differences', async () => {
    const { outputs } = await run(text, { initial, transition, emission: spreadMatrix(6, 2) })
    for (const row of outputs.posterior as readonly Nested[]) expectClose(sumOf(flat(row)), 1)
    await expectGradients(text, { initial, transition, emission: spreadMatrix(6, 2) })
  })

  it('of one observation needs no transition', async () => {
    expectClose((await outputsOf(text, { initial, transition, emission: [[Math.log(0.2), Math.log(0.6)]] })).evidence, Math.log(0.4))
  })

  it('may have impossible transitions: a left-to-right chain has finite likelihood and gradients', async () => {
    const { outputs, gradients } = await run(`use std.prob.{hmm_log_likelihood, hmm_posterior}
model M {
  input initial: real[3]
  input transition: real[3, 3]
  param emission: real[4, 3]
  output posterior = hmm_posterior(initial, transition, emission)
  loss hmm_log_likelihood(initial, transition, emission)
}`, { initial: [0, -Infinity, -Infinity], transition: [[0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 1]].map(row => row.map(Math.log)), emission: [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]] })
    const posterior = outputs.posterior as number[][]
    // The state after t steps: binomial, with what passes the end staying there.
    expectClose(posterior, [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 4, 1 / 2, 1 / 4], [1 / 8, 3 / 8, 1 / 2]])
    expectClose(gradients.emission, posterior)
  })

  it('takes many sequences of one length at once', async () => {
    const sequences = [spreadMatrix(4, 2, 1), spreadMatrix(4, 2, 2)]
    const values = { initial, transition, emission: sequences }
    const together = await valueOf('std.prob.hmm_log_likelihood', 'hmm_log_likelihood(initial, transition, emission)',
      { initial: 'real[2]', transition: 'real[2, 2]', emission: 'real[batch, time, 2]' }, values)
    const apart = await Promise.all(sequences.map(async emission => (await outputsOf(text, { ...values, emission })).evidence ?? NaN))
    expectClose(together, apart)
  })
})
