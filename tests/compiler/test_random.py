"""Random graphs: every operation there is, in any order, with reuse, constants and parameters that
do nothing. Compiled, they give the numbers of eager mode, and all gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings, strategies as st

import autograd as ag
from autograd import Value, backprop, lookup, trace
from autograd.apply import apply
from autograd.compiler import jit
from tests.autograd.programs import CHOICES, SMOOTH, Program, programs, run

EVERY = (*SMOOTH, *CHOICES)
PHASES = [Phase.explicit, Phase.generate]  # the programs are small as they are
QUICK = settings(max_examples=40, phases=PHASES)
THOROUGH = settings(max_examples=2000, phases=PHASES)


def carried_out(program: Program, inputs: list[Any]) -> Any:
    return run(program, inputs, lambda name, arguments: apply(lookup(name), arguments))


def sizes(output: Value) -> dict[Value, float]:
    """Σ |∇|: what the terms of each gradient would be if none cancelled another."""
    nodes = trace(output).nodes
    found = dict.fromkeys(nodes, 0.0)
    found[output] = 1.0
    for node in reversed(nodes):
        for parent, derivative in zip(node.parents, node.local_derivatives, strict=True):
            found[parent] += found[node] * abs(derivative)
    return found


def same(got: Value, expected: Value, variables: list[Value]) -> None:
    """To 12 digits of the largest terms that are added up."""
    assert abs(got.data - expected.data) <= 1e-12 * max(1.0, abs(expected.data))
    table, eager, size = backprop(got), backprop(expected), sizes(expected)
    for x in variables:
        bound = 1e-12 * max(1.0, size.get(x, 0.0))
        assert abs(table.get(x, 0.0) - eager.get(x, 0.0)) <= bound


def check_one(program: Program, shift: float) -> None:
    """Some inputs are parameters, some arguments; the replay is on other numbers."""
    half = len(program.inputs) // 2
    parameters = [Value(x) for x in (*program.inputs[:half], 3.0)]  # the last one does nothing

    def f(xs: list[Any]) -> Any:
        return carried_out(program, [*parameters[:half], *xs]) + 0.0 * parameters[0]

    g = jit(f)
    for moved in (0.0, 0.0, shift):
        point = [Value(x + moved) for x in program.inputs[half:]]
        try:
            expected = f(point)
        except ag.AutogradError:  # perhaps where nothing depends on it
            continue
        if abs(expected.data) < 1e6:
            same(g(point), expected, [*parameters, *point])


def check_many(program: Program, n: int, batch: bool) -> None:
    """The same expression for many samples, which share the parameters."""
    half = len(program.inputs) // 2
    parameters = [Value(x) for x in program.inputs[:half]]
    own = np.array(program.inputs[half:])
    samples = own * (1.0 + 1e-3 * np.arange(n)[:, None])
    one = lambda xs: carried_out(program, [*parameters, *xs]) + 0.0 * ag.sum(list(xs))  # noqa: E731
    total = lambda xs: ag.sum([one(x) for x in xs]) * (1.0 / len(xs))  # noqa: E731
    g = jit(one, batch=True) if batch else jit(total)
    for _ in range(2):
        points = [[Value(x) for x in row] for row in samples]
        try:
            expected = total(points)
        except ag.AutogradError:
            continue
        same(g(points), expected, [*parameters, *[x for row in points for x in row]])


@given(programs(EVERY), st.sampled_from([1e-3, -1e-3, 0.05]))
@QUICK
def test_random_graphs(program: Program, shift: float) -> None:
    check_one(program, shift)


@given(programs(EVERY, longest=12), st.integers(2, 9))
@QUICK
def test_random_graphs_of_many_samples(program: Program, n: int) -> None:
    check_many(program, n, batch=False)


@given(programs(EVERY, longest=12), st.integers(1, 9))
@QUICK
def test_random_graphs_over_a_batch(program: Program, n: int) -> None:
    check_many(program, n, batch=True)


@pytest.mark.long
@given(programs(EVERY, longest=40), st.integers(2, 9), st.booleans())
@THOROUGH
def test_many_random_graphs(program: Program, n: int, batch: bool) -> None:
    check_one(program, 1e-3)
    check_many(program, n, batch)
