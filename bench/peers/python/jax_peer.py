"""JAX: a whole step, forward, backward and Adam, in one compiled function."""
import jax
import jax.numpy as jnp

from spread import INPUTS, TARGETS, batches_of, dense_weights, rows, spread, spread_classes

VERSIONS = {"jax": jax.__version__}
ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}


def set_threads(threads):
    """By XLA_FLAGS before the import; and one thread is one core, as XLA has threads that no flag counts."""
    if threads == 1:
        import os
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def adam(params, gradients, state, rate):
    """Kingma and Ba (2015), with PyTorch's defaults."""
    m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradients)
    v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradients)
    moved = jax.tree.map(lambda p, a, b: p - rate * (a / (1 - 0.9 ** t)) / (jnp.sqrt(b / (1 - 0.999 ** t)) + 1e-8), params, m, v)
    return moved, (m, v, t)


def prepare_mlp(work):
    sizes, count, training = work["sizes"], rows(work), work["training"]
    is_classes = work["loss"] == "cross_entropy"
    activation = ACTIVATIONS[work["activation"]]
    targets = spread_classes(TARGETS, count, sizes[-1]).astype("int32") if is_classes else spread(TARGETS, (count, sizes[-1]), 0.5).astype("float32")
    batches = batches_of(work, jnp.asarray(spread(INPUTS, (count, sizes[0]), 1), jnp.float32), jnp.asarray(targets))

    def loss_of(params, x, y):
        for at in range(0, len(params), 2):
            x = x @ params[at] + params[at + 1]
            if at + 2 < len(params):
                x = activation(x)
        if is_classes:
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1))
        return jnp.mean((x - y) ** 2)

    @jax.jit
    def step(params, state, x, y, rate):
        loss, gradients = jax.value_and_grad(loss_of)(params, x, y)
        return *adam(params, gradients, state, rate), loss

    def start():
        params = [jnp.asarray(array, jnp.float32) for array in dense_weights(sizes)]
        zeros = [jnp.zeros_like(param) for param in params]
        return params, (zeros, zeros, jnp.float32(0))

    params, state = start()
    losses = []
    for _ in range(3):
        params, state, loss = step(params, state, *batches[0], training["rate"])
        losses.append(float(loss))
    held = [*start()]

    def run(repetitions):
        params, state = held
        for i in range(repetitions):
            params, state, _ = step(params, state, *batches[i % len(batches)], training["timingRate"])
        jax.block_until_ready(params)
        held[:] = params, state
    return losses, run, None


PREPARE = {"mlp": prepare_mlp}
