"""The numbers that harness/work.ts makes, made the same way."""
import math

import numpy as np

PRIME = 65521
INPUTS, TARGETS, ANGLES, WEIGHTS = 1, 2, 3, 10


def _mixed(seed, count):
    i = np.arange(count, dtype=np.int64)
    return (31 * i * i + 7919 * i + 104729 * seed) % PRIME


def spread(seed, shape, scale):
    """Numbers in [-scale, scale), float64."""
    return ((_mixed(seed, math.prod(shape)) / PRIME - 0.5) * 2 * scale).reshape(shape)


def spread_classes(seed, count, classes):
    return _mixed(seed, count) % classes


def weights(shapes, fans):
    """One array a shape, in order; the n-th within 1/sqrt(fan)."""
    return [spread(WEIGHTS + n, shape, 1 / math.sqrt(fan)) for n, (shape, fan) in enumerate(zip(shapes, fans))]


def dense_weights(sizes):
    """W [n, m] and b [m] of each layer, in turn."""
    pairs = list(zip(sizes, sizes[1:]))
    return weights([shape for n, m in pairs for shape in ((n, m), (m,))], [n for n, _ in pairs for _ in range(2)])


def rows(work):
    return work["training"]["batch"] * work["training"]["batches"]


def batches_of(work, *arrays):
    """The arrays cut into batches: a list of tuples."""
    batch = work["training"]["batch"]
    return [tuple(array[i:i + batch] for array in arrays) for i in range(0, len(arrays[0]), batch)]
