"""Programs in which jit and eager mode could differ: the same numbers, gradients and errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, backprop, define
from autograd.compiler import EagerWarning, jit, program

pytestmark = pytest.mark.filterwarnings("ignore:.*runs eagerly")


@pytest.fixture(autouse=True)
def _own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that a test adds to the table are gone after it."""
    monkeypatch.setattr(ag.operation, "_table", dict(ag.operation._table))


def gradients(u: Any, parameters: list[Value]) -> list[float]:
    table = backprop(u)
    return [table.get(p, 0.0) for p in parameters]


@pytest.mark.parametrize("fold", [ag.prod, ag.sum, ag.max, ag.min, ag.logsumexp])
def test_one_node_over_a_whole_matrix(fold: Any) -> None:
    weights = [[Value(0.5), Value(-0.3)], [Value(0.2), Value(0.7)]]
    parameters = [w for row in weights for w in row]

    def f(rows: Any) -> Any:
        return fold([ag.dot(w, x) for x in rows for w in weights])

    g, batch = jit(f), jit(f, batch=True)
    inputs = np.arange(12.0).reshape(2, 3, 2) / 7.0 + 0.1
    for x in inputs:
        assert gradients(g(x), parameters) == pytest.approx(gradients(f(x), parameters), rel=1e-12)
    mean = (f(inputs[0]) + f(inputs[1])) / 2.0
    expected = pytest.approx(gradients(mean, parameters), rel=1e-12)
    assert gradients(batch(inputs), parameters) == expected


def test_the_product_of_a_convolution() -> None:
    layer, x = nn.Conv1d(1, 2, 2, seed=1), np.arange(5.0) / 3.0 + 1.0

    def f(x: Any) -> Any:
        return ag.prod([a for channel in layer([x]) for a in channel])

    expected = pytest.approx(gradients(f(x), layer.parameters()), rel=1e-12)
    assert gradients(jit(f)(x), layer.parameters()) == expected


def test_a_users_operation_gets_its_operands_in_their_order() -> None:
    pick = define(
        "pick",
        lambda *xs: xs[0] if sum(xs) < 0 else max(xs),
        lambda xs, u: [0.0] * len(xs),
        any_number=True,
    )
    w = [Value(0.1 * i) for i in range(8)]

    def f(x: Any) -> Any:
        q = [a * a * b for a, b in zip(w, x, strict=True)]
        return pick([q[5], q[0], *q[1:5], q[6], q[7]])

    g = jit(f)
    for x in (np.arange(8.0) + 1, np.arange(8.0) + 2, -np.arange(8.0) - 1, -np.arange(8.0) - 2):
        assert g(x).data == pytest.approx(f(x).data, rel=1e-12)


@pytest.mark.parametrize("reduce", ["sum", "mean", None])
@pytest.mark.parametrize("several", [False, True])
def test_a_result_that_is_the_same_for_all_samples(reduce: Any, several: bool) -> None:
    if several and reduce is not None:
        return  # a batch is reduced to one number
    w = Value(2.0)
    g = jit(lambda x: [w * w, w + 1.0] if several else w * w, batch=True, reduce=reduce)
    for n in (1, 1, 3, 2):
        result = g(np.ones((n, 2)))
        if several:
            assert [[x.data for x in row] for row in result] == [[4.0, 3.0]] * n
        elif reduce is None:
            assert [x.data for x in result] == [4.0] * n
        else:
            size = n if reduce == "sum" else 1
            assert (result.data, gradients(result, [w])) == (4.0 * size, [4.0 * size])


def test_no_complex_number_comes_out_of_several_results() -> None:
    w = Value(2.0)
    g = jit(lambda x: [w * x, x**0.5, round(x) + w])
    assert [getattr(x, "data", x) for x in g(4.0)] == [8.0, 2.0, 6.0]
    for _ in range(2):
        with pytest.raises(ag.DomainError):
            g(-4.0)


def test_numbers_whose_squares_overflow_in_comparing_results() -> None:
    w = [Value(0.1 * i + 0.3) for i in range(8)]
    g = jit(lambda x: ag.sum([ag.sin(ag.dot(w, [a, *x[1:]])) for a in x]))
    g(np.arange(8.0) / 7.0)
    for _ in range(3):
        assert math.isfinite(g(1.2345e200 * (1.0 + np.arange(8.0) / 7.0)).data)


ROOT_OF_SQUARES = (
    lambda *xs: math.sqrt(sum(x * x for x in xs)),
    lambda xs, u: [x / u if u > 0 else 0.0 for x in xs],
)


@pytest.mark.parametrize("kind", ["one argument", "any number"])
def test_gradients_by_arguments_where_a_rule_branches(kind: str) -> None:
    bent = define("bent", lambda x: x * x if x > 1 else 2 * x - 1,
                  lambda x, u: 2 * x if x > 1 else 2.0)  # fmt: skip
    norm = define("norm", *ROOT_OF_SQUARES, any_number=True)
    w = [Value(0.1 * i) for i in range(8)]

    def f(x: Any) -> Any:
        total = ag.dot(w, x) + ag.sum([ag.tanh(ag.dot(w, [a, *x[1:]])) for a in x])
        if kind == "one argument":
            return total + bent(x[0])
        return total + ag.sum([norm([x[i], x[i + 1]]) for i in range(6)])

    g = jit(f)
    for x in (np.arange(8.0) / 10.0, np.arange(8.0) / 5.0):
        values = [Value(a) for a in x]
        expected = gradients(f(values), values)
        assert g.value_and_grad(x)[1][0].tolist() == pytest.approx(expected, rel=1e-12)


def test_errors_in_what_is_compared_are_those_of_the_operation() -> None:
    own_log = define("own_log", math.log, lambda x, u: 1.0 / x,
                     domain=("x > 0", lambda x: x > 0))  # fmt: skip
    w = [Value(0.1 * i + 0.3) for i in range(8)]

    def f(xs: Any) -> Any:
        if xs[0] > 0.0 and max([own_log(x) for x in xs]) > 0.5:
            return ag.dot(w, xs)
        return -ag.dot(w, xs)

    g = jit(f)
    for x in (np.arange(8.0) + 1, np.arange(8.0) + 2, -np.arange(8.0) - 1):
        assert g(x).data == pytest.approx(f(x).data, rel=1e-12)
    for _ in range(2):
        with pytest.raises(ag.DomainError):
            g(np.array([3.0, 1, 2, 3, 4, -1, 6, 7]))


def test_an_infinite_logit_of_plain_targets() -> None:
    w = [Value(0.5) for _ in range(9)]

    def f(z: Any, y: Any) -> Any:
        return nn.binary_cross_entropy_with_logits([a * b for a, b in zip(w, z, strict=True)], y)

    g, y, z = jit(f), np.ones(9), np.arange(9.0)
    for numbers in (z, z + 1.0, np.where(z == 3.0, math.inf, z)):
        assert g(numbers, y).data == pytest.approx(f(numbers, y).data, rel=1e-12)
        assert g.value_and_grad(numbers, y)[0] == pytest.approx(f(numbers, y).data, rel=1e-12)


@pytest.mark.filterwarnings("default:.*runs eagerly")
def test_a_program_of_wrong_gradients_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    w = [Value(0.1 * i, f"w{i}") for i in range(8)]
    f = jit(lambda x: ag.tanh(ag.dot(w, x)) + ag.tanh(ag.dot(w, x[::-1])))
    x = np.arange(8.0)
    expected = gradients(ag.tanh(ag.dot(w, x)) + ag.tanh(ag.dot(w, x[::-1])), w)
    right = program.Functions.gradients

    def wrong(functions: Any, kept: Any, everything: Any, *seed: Any) -> Any:
        return tuple([2.0 * g for g in right(functions, kept, everything, *seed)])

    monkeypatch.setattr(program.Functions, "gradients", wrong)
    with pytest.warns(EagerWarning, match="did not give the eager gradients"):
        assert gradients(f(x), w) == expected
