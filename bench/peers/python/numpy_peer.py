"""NumPy, for the matrix product of its OpenBLAS."""
import numpy as np

from spread import WEIGHTS, spread

VERSIONS = {"numpy": np.__version__}


def set_threads(threads):
    """By OPENBLAS_NUM_THREADS, before the import."""


def prepare_product(work):
    n = work["n"]
    a, b = (spread(WEIGHTS + k, (n, n), 1).astype(np.float32) for k in range(2))
    out = np.empty((n, n), np.float32)

    def run(repetitions):
        for _ in range(repetitions):
            np.matmul(a, b, out=out)

    run(1)
    return out.ravel()[work["samples"]], run, None


PREPARE = {"product": prepare_product}
