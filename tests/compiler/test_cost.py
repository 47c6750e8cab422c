"""What compiling and keeping a program costs: linear time, and little more than NumPy's arrays."""

from __future__ import annotations

import gc
import linecache
import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.compiler import jit
from tests.work import instructions


def of_dots(n: int) -> Any:
    """Two layers on n samples."""
    layers = [[[Value(0.1 * i + 0.01 * j) for i in range(6)] for j in range(m)] for m in (6, 6)]

    def f(rows: Any) -> Any:
        for weights in layers:
            rows = [[ag.tanh(ag.dot(w, row)) for w in weights] for row in rows]
        return ag.sum([ag.sum(row) for row in rows])

    return f, (np.linspace(-1.0, 1.0, 6 * n).reshape(n, 6),)


def of_products(n: int) -> Any:
    """The same with one neuron, one multiplication at a time."""
    weights = [Value(0.1 * i) for i in range(6)]

    def f(rows: Any) -> Any:
        total = Value(0.0)
        for row in rows:
            z = weights[0] * row[0]
            for w, x in zip(weights[1:], row[1:], strict=True):
                z = z + w * x
            total = total + z.relu()
        return total

    return f, (np.linspace(-1.0, 1.0, 6 * n).reshape(n, 6),)


def of_nothing_alike(n: int) -> Any:
    """A chain in which no two nodes do the same with the same kinds of operands."""
    x, y = Value(0.5), Value(0.25)
    operations = [ag.tanh, ag.sin, ag.cos, ag.exp, ag.sigmoid]

    def f() -> Any:
        u = x
        for i in range(n):
            u = operations[i * i % 5](u * y + x) if i % 3 else u - y / (2.0 + u * u)
        return u

    return f, ()


@pytest.mark.parametrize(
    ("program", "n"), [(of_dots, 20), (of_products, 40), (of_nothing_alike, 100)]
)
def test_compiling_takes_linear_time(program: Any, n: int) -> None:
    def count(n: int) -> int:
        f, arguments = program(n)
        return instructions(lambda: jit(f)(*arguments))

    count(n)  # what is done once
    first, second, third = (count(k * n) for k in (1, 2, 4))
    assert third - second < 2.2 * (second - first)


@pytest.mark.parametrize("program", [of_dots, of_products])
def test_replaying_takes_no_more_instructions_for_more_samples(program: Any) -> None:
    def count(n: int) -> int:
        f, arguments = program(n)
        g = jit(f)
        g(*arguments)
        g(*arguments)
        assert g.parameters
        return instructions(lambda: g.value_and_grad(*arguments))

    assert count(80) == count(20)


def values_alive() -> int:
    gc.collect()
    return sum(type(x) is Value for x in gc.get_objects())


def test_the_traced_graph_is_let_go() -> None:
    f, arguments = of_dots(20)
    before, g = values_alive(), jit(f)
    loss = g(*arguments).data
    assert values_alive() == before
    assert len(g.graph) > 500
    assert g.graph.output.data == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("program", [of_dots, of_nothing_alike])
def test_the_lines_of_a_program_are_let_go(program: Any) -> None:
    """They are kept for tracebacks, as long as there is the program."""
    gc.collect()
    before = len(linecache.cache)
    f, arguments = program(20)
    g = jit(f)
    g(*arguments)
    assert len(linecache.cache) == before + 1
    del g
    gc.collect()
    assert len(linecache.cache) == before


@pytest.mark.parametrize("batch", [pytest.param(False, marks=pytest.mark.long), True])
def test_memory_of_a_program(batch: bool) -> None:
    """At most three times the arrays that a program written by hand works on."""
    n, widths = 8, (300, 100, 10)
    layers = [
        [[Value(0.01 * (i - j)) for i in range(a)] for j in range(b)] for a, b in pairwise(widths)
    ]
    samples = np.linspace(-1.0, 1.0, n * widths[0]).reshape(n, -1)

    def f(x: Any) -> Any:
        for weights in layers:
            x = [ag.tanh(ag.dot(w, x)) for w in weights]
        return ag.sum(x)

    def all_of_them(rows: Any) -> Any:
        return ag.sum([f(row) for row in rows]) / n

    parameters = sum(a * b for a, b in pairwise(widths))
    by_hand = 8 * (2 * parameters + n * (widths[0] + 3 * sum(widths[1:])))
    jit(f)(samples[0])  # what is loaded once
    g = jit(f, batch=True) if batch else jit(all_of_them)
    gc.collect()
    tracemalloc.start()
    g.value_and_grad(samples)
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3 * by_hand
