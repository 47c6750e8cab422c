"""jit: memory of a compiled program, 784-100-10 with 128 samples, beside NumPy by hand."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import jit_softmax
import measure
import numpy as np
from jit_compiling import of_batch

from autograd import jit

WIDTHS, SAMPLES = [784, 100, 10], 128


def kept_and_peak(run: Callable[[], object]) -> tuple[int, int]:
    """Bytes that are still taken after a call, and at most during a second one."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = [run()]
    del held[:]
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0] - before
    run()
    gc.collect()
    tracemalloc.reset_peak()
    held = [run()]
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return kept, peak


def main() -> None:
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=(SAMPLES, WIDTHS[0])), np.eye(10)[rng.integers(0, 10, SAMPLES)]
    layers = jit_softmax.network(WIDTHS)
    parameters = sum(a.nbytes for a in jit_softmax.arrays(layers))
    batch, _ = jit_softmax.by_hand(layers)
    loss = jit_softmax.loss_of(layers)
    jit(loss)(x[0], target[0])  # what is loaded once
    _, by_hand = kept_and_peak(lambda: batch(x, target))
    by_hand += parameters
    rows = [["NumPy by hand", f"{parameters / 1e6:.2f} MB", f"{by_hand / 1e6:.2f} MB", "", ""]]
    for name, f in {
        "jit(loss, batch=True)": jit(loss, batch=True),
        "jit of a loop over the samples": jit(of_batch(loss)),
    }.items():
        kept, peak = kept_and_peak(lambda f=f: f.value_and_grad(x, target))
        rows.append([name, f"{kept / 1e6:.2f} MB", f"{peak / 1e6:.2f} MB",
                     f"{peak / by_hand:.2f}", "≤ 3"])  # fmt: skip
    measure.table(["program", "kept between calls", "at most in a call", "/ NumPy", "bar"], rows)


if __name__ == "__main__":
    main()
