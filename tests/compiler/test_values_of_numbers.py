"""`Value(x)` of a number among the arguments, as micrograd's programs have it: part of the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backprop, grad
from autograd.compiler import EagerWarning, jit

WEIGHTS = [[Value(0.1 * (i + 2 * j) - 0.4, "w") for i in range(3)] for j in range(4)]


def neurons(row: Any) -> Any:
    """As micrograd's demo: `list(map(Value, row))`."""
    inputs = list(map(Value, row))
    hidden = [sum((w * x for w, x in zip(ws, inputs, strict=True)), Value(0.0)) for ws in WEIGHTS]
    return sum([h.relu() for h in hidden], Value(0.0))


def whole_batch(rows: Any) -> Any:
    return sum([neurons(row) for row in rows], Value(0.0)) * (1.0 / len(rows))


def labelled(row: Any) -> Any:
    return ag.dot(WEIGHTS[0], [Value(x, label="x") for x in row])


def of_a_computed_number(row: Any) -> Any:
    return WEIGHTS[0][0] * Value(row[0] * 2.0 + row[1]) + Value(row[2])


def in_an_array(row: Any) -> Any:
    return ag.dot(WEIGHTS[1], np.vectorize(Value, otypes=[object])(row))


def with_a_comparison(row: Any) -> Any:
    x = Value(row[0])
    return WEIGHTS[0][1] * x if x > 0.5 else WEIGHTS[0][2] + x


def derived(row: Any) -> Any:
    x = Value(row[0])
    return WEIGHTS[0][1] * backprop(x**3 * WEIGHTS[0][0], create_graph=True)[x]


ROWS = [np.linspace(-1.0, 1.0, 3) + shift for shift in (0.1, 0.7, 1.9)]


@pytest.mark.parametrize(
    "f",
    [neurons, labelled, of_a_computed_number, in_an_array, with_a_comparison, derived],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("kind", [np.asarray, list])
def test_values_of_numbers_are_compiled(f: Any, kind: Callable[[Any], Any]) -> None:
    g = jit(f)
    for row in map(kind, ROWS * 2):
        result, expected = g(row), f(row)
        assert result.op == "jit"
        assert result.data == pytest.approx(expected.data, rel=1e-12)
        found, table = backprop(result), backprop(expected)
        for w in (w for ws in WEIGHTS for w in ws):
            assert found.get(w, 0.0) == pytest.approx(table.get(w, 0.0), rel=1e-12)


@pytest.mark.parametrize("batch", [False, True])
def test_whole_batches_of_them(batch: bool) -> None:
    g = jit(neurons, batch=True) if batch else jit(whole_batch)
    for rows in (np.stack(ROWS), -np.stack(ROWS)):
        assert g(rows).data == pytest.approx(whole_batch(rows).data, rel=1e-12)
    assert "relu" in g.source or "maximum" in g.source
    assert "@" in g.source


@pytest.mark.parametrize("batch", [False, True])
def test_the_graph_of_them(batch: bool) -> None:
    g = jit(neurons, batch=batch)
    result = g(np.stack(ROWS) if batch else ROWS[0])
    assert batch or g.graph.output.data == pytest.approx(result.data)
    assert len(g.graph) > 20


def test_gradients_by_such_arguments() -> None:
    g = jit(of_a_computed_number)
    for row in ROWS:
        _, (found,), _ = g.value_and_grad(row)
        w = WEIGHTS[0][0].data
        np.testing.assert_allclose(found, [2.0 * w, w, 1.0], rtol=1e-12)


def test_a_number_that_is_a_result() -> None:
    g = jit(lambda x: Value(x))
    assert [g(x).data for x in (1.0, 2.0, 3.0)] == [1.0, 2.0, 3.0]


def test_no_value_is_made_of_a_value() -> None:
    g = jit(lambda x: Value(x) * WEIGHTS[0][0])
    assert g(2.0).data == pytest.approx(-0.8)
    for wrong in (Value(2.0), WEIGHTS[1][1]):
        with pytest.raises(ag.ArgumentTypeError, match="needs a real number"):
            g(wrong)
    of_a_parameter = jit(lambda x: Value(x * WEIGHTS[0][0]))
    with pytest.raises(ag.ArgumentTypeError, match="needs a real number"):
        of_a_parameter(2.0)
    with pytest.raises(ag.ArgumentTypeError, match="needs a real number"):
        Value(Value(1.0))  # type: ignore[arg-type]


def test_inside_a_derivative() -> None:
    """A number that the derivative is by is a Value: none can be made of it."""
    f = jit(lambda x: grad(lambda y: Value(y) * WEIGHTS[0][0])(x))
    with pytest.raises(ag.ArgumentTypeError, match="needs a real number"):
        f(3.0)


def test_that_f_runs_eagerly_is_said_once() -> None:
    g = jit(lambda x: WEIGHTS[0][0] * float(x[0]))
    with pytest.warns(EagerWarning, match="float") as said:
        [g(np.arange(n) + 1.5) for n in (1, 2, 3)]
    assert len(said) == 1
    h = jit(lambda x: len(x) + x[0] * 0.0 if len(x) > 9 else float(len(x)))
    with pytest.warns(EagerWarning, match="holds 1.0, which is no Value") as said:
        [h(np.arange(n) + 1.5) for n in (1, 2, 3)]
    assert len(said) == 1
