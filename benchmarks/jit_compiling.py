"""jit: the first call (trace, compile, first replay) beside building the same graph eagerly."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import jit_softmax
import measure
import numpy as np
from two_moons import POINTS, Network, loss_of, two_moons

import autograd as ag
from autograd import Value, jit
from autograd.compiler.calls import Call
from autograd.compiler.program import compiled_program
from autograd.compiler.recording import recorded


def as_values(array: np.ndarray) -> Any:
    """Nested lists with a Value for each number, as jit gives them to the function it traces."""
    return [as_values(x) for x in array] if array.ndim else Value(float(array))


def of_batch(loss: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A Python loop over the samples."""

    def mean(xs: Any, targets: Any) -> Any:
        losses = [loss(x, t) for x, t in zip(xs, targets, strict=True)]
        return ag.sum(losses) / len(losses)

    return mean


def seconds_of(run: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    result = run(*arguments)
    seconds = time.perf_counter() - start
    del result
    return seconds


def trace_and_compile(f: Any, call: Call) -> None:
    """What jit does before its first replay, but for comparing the trace with f itself."""
    _, recording = recorded(f, call, {})
    shapes = [array.shape for array in call.arrays]
    compiled_program(recording, shapes, [False] * len(shapes), call.names, None)


def compare(name: str, f: Any, arguments: tuple[np.ndarray, ...], rounds: int) -> list[str]:
    times: dict[str, list[float]] = {"building": [], "compiling": [], "first call": []}
    for _ in range(rounds):
        values = [as_values(x) for x in arguments]
        times["building"].append(seconds_of(f, *values))
        del values
        call = jit(f).function.call(arguments, {})
        gc.disable()  # as jit does
        times["compiling"].append(seconds_of(trace_and_compile, f, call))
        gc.enable()
        times["first call"].append(seconds_of(jit(f), *arguments))
    nodes = f"{len(ag.trace(f(*arguments))):,}"
    found = [measure.spread(each) for each in times.values()]
    ratios = [measure.ratio_text(times, what, "building") for what in ("compiling", "first call")]
    return [name, nodes, *found, ratios[0], "≤ 3", ratios[1]]


def networks() -> None:
    rng = np.random.default_rng(0)
    rows = [compare("two moons, one `*` and `+` at a time", loss_of(Network()),
                    two_moons(POINTS), 15)]  # fmt: skip
    for widths, n, rounds in (((64, 32, 10), 128, 9), ((784, 100, 10), 32, 5)):
        x = rng.normal(size=(n, widths[0]))
        target = np.eye(widths[-1])[rng.integers(0, widths[-1], n)]
        loss = of_batch(jit_softmax.loss_of(jit_softmax.network(list(widths))))
        name = f"{'-'.join(map(str, widths))} with `dot`, {n} samples in a loop"
        rows.append(compare(name, loss, (x, target), rounds))
    measure.table(
        [
            "program",
            "nodes",
            "building the graph",
            "tracing and compiling",
            "first call of jit",
            "compiling / building",
            "bar",
            "first call / building",
        ],
        rows,
    )


COLLECTOR = """
The first call also runs f once more, on the numbers themselves, to compare, compares a backward
pass, and replays the program. Building takes two to three times as long where the garbage
collector looks at all nodes on the way; jit keeps it off while it traces. Where the collector did
not look the ratios are higher."""


def scale() -> None:
    """The two-moons loss of ever more points: 10³ to 10⁷ nodes."""
    rows = []
    for points in (2, 16, 154, 1_534, 15_340):
        arguments, f = two_moons(points), loss_of(Network())
        first, replays = [], []
        for _ in range(max(1, 300 // points)):
            g = jit(f)
            first.append(seconds_of(g, *arguments))
            assert g.parameters
            g.value_and_grad(*arguments)
            replays += [seconds_of(g.value_and_grad, *arguments) for _ in range(5)]
        nodes = int(g.explain().split()[0])
        rows.append([f"{nodes:,}", f"{min(first):.3g} s", f"{min(first) / nodes * 1e6:.2f} µs",
                     f"{min(replays) / nodes * 1e9:.2f} ns"])  # fmt: skip
    print()
    measure.table(["nodes", "first call of jit", "per node", "replay per node"], rows)


if __name__ == "__main__":
    networks()
    print(COLLECTOR)
    scale()
