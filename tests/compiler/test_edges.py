"""Infinities and NaN in replays: what eager mode gives, whatever NumPy is told to do about them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backprop
from autograd.compiler import jit
from autograd.compiler.edges import check_gradients, raising

N = 12


def weights(n: int = N) -> list[Value]:
    return [Value(0.1 * i + 0.1, "w") for i in range(n)]


def compared(f: Any, changed: list[Value], *arguments: Any) -> None:
    """The gradients of f at both doors are those of eager mode."""
    g = jit(f)
    g(*[np.linspace(0.1, 1.0, np.size(x)) for x in arguments])
    expected = backprop(f(*[np.ravel(x).tolist() for x in arguments]))
    found = backprop(g(*arguments))
    by_name = g.value_and_grad(*arguments)[2]
    eager = [expected.get(w, 0.0) for w in changed]
    assert [found.get(w, 0.0) for w in changed] == pytest.approx(eager, rel=1e-12)
    assert by_name["w"].ravel() == pytest.approx(eager, rel=1e-12)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_what_a_mask_leaves_out_has_the_gradient_0(x: float) -> None:
    ws = weights()

    def f(xs: Any, present: Any) -> Value:
        terms = zip(ws, xs, present, strict=True)
        return ag.sum([ag.where(p, ag.tanh(w * x), 0.0) for w, x, p in terms])

    given, present = np.linspace(-1.0, 1.0, N), np.ones(N)
    given[3], present[3] = x, 0.0
    compared(f, ws, given, present)


@pytest.mark.parametrize("x", [math.nan, math.inf])
def test_a_layer_that_a_mask_leaves_out(x: float) -> None:
    """The gradient of its biases makes that of its weights, and is looked at through it."""
    rows, biases = [weights() for _ in range(N)], [Value(0.5, "b") for _ in range(N)]

    def f(xs: Any, present: Any) -> Value:
        hidden = [ag.tanh(ag.dot(row, xs, b)) for row, b in zip(rows, biases, strict=True)]
        return ag.sum([ag.where(p, h, 0.0) for h, p in zip(hidden, present, strict=True)])

    g = jit(f)
    g(np.ones(N), np.ones(N))
    source = g._current.functions.source  # type: ignore[union-attr]
    assert source.looked_at == [True, False]
    given = np.ones(N)
    given[3] = x
    _, _, gradients = g.value_and_grad(given, np.zeros(N))
    assert gradients["w"].tolist() == [[0.0] * N] * N
    assert gradients["b"].tolist() == [0.0] * N


@pytest.mark.parametrize("infinite", ["an input", "a parameter"])
def test_infinities_that_a_relu_stops(infinite: str) -> None:
    rows = [weights() for _ in range(N)]
    out = [Value(0.3, "v") for _ in range(N)]
    xs = np.linspace(1.0, 2.0, N)
    if infinite == "an input":
        xs[5] = math.inf
        for row in rows:
            row[5].data = -1.0
    else:
        rows[2][5].data = -math.inf

    def f(xs: Any) -> Value:
        return ag.dot(out, [ag.relu(ag.dot(row, xs)) for row in rows])

    compared(f, [w for row in rows for w in row], xs)


def test_gradients_by_arguments_at_an_edge_are_those_of_eager_mode() -> None:
    w = Value(2.0, "w")
    g = jit(lambda xs: ag.sum([ag.sqrt(x) * w for x in xs]))
    g(np.ones(N))
    value, (by_xs,), _ = g.value_and_grad(np.array([0.0] + [1.0] * (N - 1)))
    assert value == 2.0 * (N - 1)
    assert by_xs.tolist() == [math.inf] + [1.0] * (N - 1)


def test_numpy_is_told_to_raise_in_replays_alone() -> None:
    ws = weights()
    g = jit(lambda xs: ag.sum([ag.exp(w * x) for w, x in zip(ws, xs, strict=True)]))
    g(np.ones(N))
    with np.errstate(all="raise"):
        before = np.geterr()
        assert g(np.full(N, -1e4)).data == 0.0  # an underflow is none of a replay's edges
        assert g.value_and_grad(np.full(N, -1e4))[0] == 0.0
        assert np.geterr() == before
    with pytest.raises(ag.RangeError):
        g(np.full(N, 1e4))


def test_raising_does_so_in_itself_and_in_errors() -> None:
    with pytest.raises(FloatingPointError):
        raising(raising, np.log, np.zeros(3))
    with pytest.warns(RuntimeWarning):
        np.log(np.zeros(3))


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_gradients_are_checked(x: float) -> None:
    with pytest.raises(FloatingPointError):
        check_gradients((np.ones(3), np.array([[1.0, x]])))
    check_gradients((np.ones((2, 3)).T, np.array(1e200), np.float64(1e200)))


def test_the_graph_around_a_replay_fails_with_an_error_of_ours() -> None:
    ws = weights()
    g = jit(lambda xs: ag.sum([ag.log(w * x) for w, x in zip(ws, xs, strict=True)]))
    around = ag.trace(g(np.ones(N)))
    ws[0].data = -1.0
    with pytest.raises(ag.AutogradError, match="run f itself again"):
        around.forward()
