"""What a compiled function checks before it trusts a program."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.compiler import EagerWarning, jit


@pytest.fixture
def weights() -> list[Value]:
    return [Value(0.5, "w1"), Value(-1.5, "w2"), Value(2.0, "w3")]


def test_a_function_that_draws_numbers_is_found_out(weights: list[Value]) -> None:
    source = random.Random(0)
    f = jit(lambda x: ag.dot(weights, x) * source.random())
    with pytest.warns(EagerWarning, match="draws random numbers"):
        drawn = [f([1.0, 2.0, 3.0]).data]
    drawn += [f([1.0, 2.0, 3.0]).data for _ in range(2)]
    again = random.Random(0)
    assert drawn == [3.5 * again.random() for _ in range(3)]


def test_a_batch_of_draws_is_found_out_at_once(weights: list[Value]) -> None:
    source = random.Random(0)
    f = jit(lambda x: ag.dot(weights, x) * source.random(), batch=True, reduce=None)
    with pytest.warns(EagerWarning, match="draws random numbers"):
        first, second = f(np.ones((2, 3)))
    assert first.data != second.data


def test_too_many_ways_to_branch_run_eagerly() -> None:
    scales = [Value(float(k)) for k in range(100)]
    f = jit(lambda x: next(scale * x for scale in scales if x < scale + 1.0))
    with pytest.warns(EagerWarning, match="traced anew 32 times in a row"):
        values = [f(float(k)).data for k in range(100)]
    assert values == [float(k * k) for k in range(100)]
    assert f(99.0).data == 99.0**2


def test_a_batch_that_does_not_branch_alike_does_not_collect_programs() -> None:
    traced = []

    def one(x):
        traced.append(type(x) is Value)
        return x * x if x > 0.0 else -x

    f = jit(one, batch=True)
    with pytest.warns(EagerWarning, match="not come out alike"):
        assert f(np.array([1.0, -2.0])).data == 1.5
    assert [f(np.array([1.0, -2.0])).data for _ in range(70)] == [1.5] * 70
    assert sum(traced) <= 2
    assert f(np.array([1.0, 2.0])).data == 2.5


def test_the_traced_numbers_are_reproduced(
    weights: list[Value], monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograd.compiler.program import Functions

    whole = Functions.run
    monkeypatch.setattr(
        Functions, "run", lambda *inputs: (whole(*inputs)[0] * 1.001, *whole(*inputs)[1:])
    )
    rows = np.ones((20, 3))
    f = jit(lambda x: ag.sum([ag.tanh(ag.dot(weights, row)) for row in x]))
    with pytest.warns(EagerWarning, match="did not give the eager result"):
        assert f(rows).data == ag.sum([ag.tanh(ag.dot(weights, row)) for row in rows]).data


def test_the_graph_is_that_of_the_latest_arguments(weights: list[Value]) -> None:
    f = jit(lambda x: ag.tanh(ag.dot(weights, x)))
    for x in ([1.0, 2.0, 3.0], [0.5, 0.5, 0.5]):
        result = f(x).data
        assert f.graph.output.data == pytest.approx(result, rel=1e-12)
        assert set(weights) < set(f.graph.inputs)


def test_arrays_of_the_same_shapes_are_one_kind_of_call(weights: list[Value]) -> None:
    """Also for what comes between them, and for what only looks alike."""
    f = jit(lambda x, y: ag.dot(weights, x) * y[0])
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0])
    for _ in range(3):
        assert f(x, y).data == 7.0
        assert f(-x, y).data == -7.0
        assert f([1.0, 2.0, 3.0], [2.0]).data == 7.0
        assert f(x.astype(np.float32), y).data == 7.0
        assert f(x, y=-y).data == -7.0
        assert f(x, np.array([2.0, 0.0])).data == 7.0
        values = [Value(1.0), Value(2.0), Value(3.0)]
        assert set(f(values, y).parents) == {*weights, *values}
    value, (by_x, by_y), _ = f.value_and_grad(x, y)
    assert value == 7.0
    np.testing.assert_allclose(by_x, [1.0, -3.0, 4.0], rtol=1e-12)
    np.testing.assert_allclose(by_y, [3.5], rtol=1e-12)


def test_what_nobody_can_watch_is_found_out(weights: list[Value]) -> None:
    clock = itertools.count(1)
    f = jit(lambda x: weights[0] * x * next(clock))
    with pytest.warns(EagerWarning, match="does something else"):
        first = f(1.0).data
    assert f(1.0).data == first + 0.5


def test_a_function_without_arguments_is_checked_at_the_second_call(weights: list[Value]) -> None:
    clock = itertools.count(1)
    f = jit(lambda: weights[0] * next(clock))
    f()
    with pytest.warns(EagerWarning, match="did not give the eager result"):
        second = f().data
    assert f().data == second + 0.5


def test_the_array_door_where_a_replay_fails(weights: list[Value]) -> None:
    f = jit(lambda xs: ag.sum([ag.log(ag.dot(weights, x)) for x in xs]))
    rows = [[2.0, 0.0, k] for k in (1.0, 2.0, 3.0)]
    f.value_and_grad(rows)
    (array,) = f.parameters.values()
    array[:] = [1.0, 1.0, -1.0]
    with pytest.raises(ag.DomainError, match="log"):
        f.value_and_grad(rows)
    assert [w.data for w in weights] == [1.0, 1.0, -1.0]  # f ran on the numbers of the arrays
    array[:] = [1.0, 1.0, 1.0]
    value, _, gradients = f.value_and_grad(rows)
    assert value == pytest.approx(np.log([3.0, 4.0, 5.0]).sum(), rel=1e-12)
    assert next(iter(gradients.values())).shape == (3,)


def test_the_array_door_where_a_result_is_infinite(weights: list[Value]) -> None:
    f = jit(lambda x: ag.dot(weights, x))
    f.value_and_grad([1.0, 1.0, 1.0])
    with pytest.raises(ag.NonFiniteError):
        f.value_and_grad([1.0, 1.0, float("inf")])


def test_the_array_door_of_what_runs_eagerly(weights: list[Value]) -> None:
    f = jit(lambda x: ag.dot(weights, x) * round(x[0]))
    with pytest.warns(EagerWarning):
        value, by_arguments, _ = f.value_and_grad([1.2, 1.0, 1.0])
    assert (value, *by_arguments) == (pytest.approx(1.1), None)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e8])
def test_sums_that_cancel_are_compiled(size: float) -> None:
    weights = [Value(size * 0.1 * i) for i in range(40)]

    def f(x):
        return ag.sum([ag.dot(weights, x), *[-w * a for w, a in zip(weights, x, strict=True)]])

    x = [0.3 * i + 0.7 for i in range(40)]
    compiled = jit(f)
    assert compiled(x).data == pytest.approx(f(x).data, abs=1e-9 * size)
    assert "def forward" in compiled.source


def test_batches_of_perfect_fits_are_compiled() -> None:
    weights = [Value(0.1 * i + 0.3) for i in range(8)]
    rows = np.random.default_rng(0).normal(size=(6, 8))
    targets = [sum(w.data * a for w, a in zip(weights, row, strict=True)) for row in rows]
    f = jit(lambda x, y: (ag.dot(weights, x) - y) ** 2, batch=True)
    with ag.no_grad():
        assert f(rows, targets).data == pytest.approx(0.0, abs=1e-28)
    assert "def forward" in f.source


def test_small_numbers_are_compared_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd.compiler.program import Functions

    whole = Functions.run
    monkeypatch.setattr(
        Functions, "run", lambda *inputs: (whole(*inputs)[0] * 1.001, *whole(*inputs)[1:])
    )
    weights = [Value(1e-9 * i + 1e-9) for i in range(8)]
    f = jit(lambda x: ag.sum([ag.tanh(ag.dot(weights, row)) for row in x]))
    with pytest.warns(EagerWarning, match="did not give the eager result"):
        f(np.ones((20, 8)))
