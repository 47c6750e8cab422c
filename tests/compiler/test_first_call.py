"""The first call gives what f gives for the arguments themselves, not for Values in their places."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.compiler import EagerWarning, jit
from autograd.structure import leaves

W = Value(2.0, "w")


def plain(x: Any) -> Any:
    return x.data if type(x) is Value else x


def rounded_down(x: Any) -> Any:
    try:
        return W * math.floor(x)
    except TypeError:
        return W * x


DISTINGUISHING: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "the type": (lambda x: W * x if isinstance(x, float) else 3.0 * W * x, 1.5),
    "the exact type": (lambda x: W * x if type(x) is float else 3.0 * W * x, 1.5),
    "attributes": (lambda x: W if hasattr(x, "grad") else W * x, 1.5),
    "a key": (lambda x: W * {0.0: 5.0}.get(x, 1.0), 0.0),
    "an element of a set": (lambda x: W * 2.0 if x in {1.0, 2.0} else W * 3.0, 1.0),
    "a text": (lambda x: W * len(f"{x}"), 1.5),
    "an error that is caught": (rounded_down, 1.5),
    "the type in a list": (lambda xs: W * xs[0] if type(xs[0]) is float else W, [1.5, 2.5]),
    "the type of an array": (lambda xs: W * xs[0] if xs.dtype == float else W, np.ones(3) + 0.5),
    "identity": (lambda x: W * 3.0 if x is W else x * 2.0, W),
    "the structure of the result": (lambda x: (W,) if type(x) is float else [W], 1.5),
}


@pytest.mark.parametrize(("f", "x"), DISTINGUISHING.values(), ids=DISTINGUISHING.keys())
def test_numbers_are_told_from_values(f: Any, x: Any) -> None:
    g, expected = jit(f), f(x)
    with pytest.warns(EagerWarning, match="Values for its numbers|looks up|makes a text"):
        results = [g(x)]
    results += [g(x) for _ in range(2)]
    for result in results:
        assert type(result) is type(expected)
        assert list(map(plain, leaves(result))) == list(map(plain, leaves(expected)))


def no_number(x: Any) -> Any:
    return "text" if type(x) is float else W * x


def no_plain_numbers(x: Any) -> Any:
    if type(x) is float:
        raise LookupError("no plain numbers")
    return W * x


@pytest.mark.parametrize("f", [no_number, no_plain_numbers])
def test_where_numbers_give_no_number_values_do(f: Any) -> None:
    g = jit(f)
    for x in (1.5, 2.5, 3.5):
        assert g(x).op == "jit"
        assert g(x).data == g.value_and_grad(x)[0] == 2.0 * x


def test_an_edge_of_a_domain_that_only_numbers_meet_is_no_result() -> None:
    def f(x: Any) -> Any:
        return ag.log(W * x - 3.0) if type(x) is float else W * x

    g = jit(f)
    for _ in range(2):
        with pytest.raises(ag.DomainError):
            g(1.5)


def test_the_array_door_tells_numbers_from_values() -> None:
    g = jit(lambda x: W * x if type(x) is float else 3.0 * W * x)
    with pytest.warns(EagerWarning):
        value, by_arguments, _ = g.value_and_grad(1.5)
    assert value == 3.0
    with pytest.raises(ag.AutogradError, match="for Values in the places of numbers"):
        by_arguments[0]


def test_a_function_of_parameters_alone_is_run_once() -> None:
    """It was traced as it is: there is nothing to compare it with."""
    runs = []

    def f() -> Any:
        runs.append(None)
        return W * W

    g = jit(f)
    assert g().data == 4.0
    assert len(runs) == 2  # it writes to `runs`, which is noticed at first
    assert g().data == 4.0
    assert len(runs) == 3
    assert g().data == 4.0
    assert len(runs) == 3


@pytest.mark.parametrize("batch", [False, True])
def test_a_result_that_is_built_otherwise_later_is_found_out(batch: bool) -> None:
    kinds = iter([tuple] * (3 if batch else 2) + [list] * 9)  # runs of the first call, and later
    g = jit(lambda x: next(kinds)([W * x]), batch=batch, reduce=None)
    first, second = (np.array([x, x]) if batch else x for x in (5.0, 6.0))
    assert type(g(first)[0] if batch else g(first)) is tuple
    with pytest.warns(EagerWarning, match="not built as it was"):
        result = g(second)
    assert type(result[0] if batch else result) is list


DERIVING: dict[str, Callable[[Any], Any]] = {
    "grad": lambda x: V * ag.grad(lambda y: W * y**3)(x),
    "both": lambda x: V * ag.value_and_grad(lambda y: W * y**3)(x)[1],
    "at a constant": lambda x: V * x + ag.grad(lambda y: W * y**3)(2.0),
    "made before": lambda x: V * SLOPE(x),
    "second": lambda x: V * ag.hessian(lambda y: W * y**3)(x),
}
V = Value(0.5, "v")
SLOPE = ag.grad(lambda y: W * y**3)


@pytest.mark.parametrize("f", DERIVING.values(), ids=DERIVING.keys())
@pytest.mark.parametrize("batch", [False, True])
def test_derivatives_at_numbers_are_numbers(f: Any, batch: bool) -> None:
    """Eagerly nothing depends on W through them."""
    g = jit(f, batch=batch)
    with pytest.warns(EagerWarning, match="derivatives at plain numbers"):
        results = [g([1.5] if batch else 1.5)]
    results.append(g([2.5] if batch else 2.5))
    for result, x in zip(results, (1.5, 2.5), strict=True):
        table, expected = ag.backprop(result), ag.backprop(f(x))
        assert result.data == f(x).data
        assert (table[V], table.get(W, 0.0)) == (expected[V], 0.0)


def test_derivatives_at_values_are_compiled() -> None:
    def f(x: Any) -> Any:
        return V * ag.grad(lambda y: W * y**3)(Value(x))

    g = jit(f)
    for x in (1.5, 2.5, 0.5):
        table, expected = ag.backprop(g(x)), ag.backprop(f(x))
        assert g(x).op == "jit"
        assert table[W] == pytest.approx(expected[W], rel=1e-12)
        assert table[V] == pytest.approx(expected[V], rel=1e-12)


def test_a_derivative_of_arguments_alone_is_compiled() -> None:
    g = jit(lambda x: W * ag.grad(lambda y: y**3)(x))
    assert [g(x).op for x in (1.0, 2.0, 3.0)] == ["jit"] * 3


LATER: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "a text": (lambda x: W * len(f"{x:.3f}"), [1.5, 2.5, -2.5]),
    "a text of a result": (lambda x: W * len(f"{W * x:.1f}"), [1.5, 2.5, 50.0]),
    "a set": (lambda x: W if x in {1.0, 2.0} else V, [3.0, 4.0, 1.0]),
    "a computed key": (lambda x: W * {4.0: 2.0}.get(x * 2.0, 1.0), [3.0, 4.0, 2.0]),
    "an array's text": (lambda x: W * len(str(np.array([x]))), [3.0, 4.0, 2.25]),
}


@pytest.mark.parametrize(("f", "xs"), LATER.values(), ids=LATER.keys())
def test_numbers_that_are_looked_up_or_written_are_noticed(f: Any, xs: Any) -> None:
    """Also where it does not show at first."""
    g = jit(f)
    with pytest.warns(EagerWarning, match=r"\(line \d+ of .*\)"):
        results = [g(xs[0]).data]
    assert [*results, *[g(x).data for x in xs[1:]]] == [f(x).data for x in xs]


def test_an_error_that_shows_a_number_is_no_reason_to_run_eagerly() -> None:
    def f(x: Any) -> Any:
        if x < 0.0:
            raise ValueError(f"{x} is negative")
        return W * x

    g = jit(f)
    for x in (1.0, 2.0, 3.0):
        assert g(x).op == "jit"
        with pytest.raises(ValueError, match="is negative"):
            g(-1.0)


def test_which_value_an_argument_is() -> None:
    """A function may ask, with `is`, what no program can see."""
    others = [Value(3.0), Value(5.0)]

    def same(a: Any, b: Any) -> Any:
        return a * b + W if a is not b else a * 3.0 + W

    g = jit(same)
    for arguments in ((W, V), (V, W), (others[0], V), (V, others[1])):
        assert g(*arguments).data == same(*arguments).data
    with pytest.warns(EagerWarning, match="did not give the eager result"):
        result = g(V, V)
    assert result.data == same(V, V).data

    of_parameter = jit(lambda a: a * 2.0 + W if a is W else a * 3.0 + W)
    for argument in (V, others[0], others[1]):
        assert of_parameter(argument).data == argument.data * 3.0 + 2.0
    with pytest.warns(EagerWarning, match="did not give the eager result"):
        result = of_parameter(W)
    assert result.data == 6.0


def test_values_that_are_one_are_compiled() -> None:
    def f(a: Any, b: Any) -> Any:
        return a * b + W * a

    g = jit(f)
    for arguments in ((V, W), (V, V), (W, W), (V, W), (V, V), (W, W)):
        result, expected = g(*arguments), f(*arguments)
        assert result.op == "jit"
        assert result.data == expected.data
        table, eager = ag.backprop(result), ag.backprop(expected)
        assert [table.get(x, 0.0) for x in (V, W)] == [eager.get(x, 0.0) for x in (V, W)]


def test_which_value_an_argument_is_as_a_key() -> None:
    g = jit(lambda a: a * {V: 2.0}.get(a, 3.0))
    with pytest.warns(EagerWarning, match="looks up an argument"):
        result = g(W)
    assert (result.data, g(V).data) == (6.0, 1.0)


def test_which_value_an_argument_is_by_equality() -> None:
    g = jit(lambda a: a * 2.0 if a in [V, W] else a * 3.0)
    with pytest.warns(EagerWarning, match="which Value an argument is"):
        result = g(Value(1.0))
    assert (result.data, g(V).data) == (3.0, 1.0)


def test_the_array_door_inside() -> None:
    """Its numbers are plain ones, which a program would never compute again."""
    inner = jit(lambda x: V * x)
    outer = jit(lambda x: W * inner.value_and_grad(x)[0])
    before = V.data
    with pytest.warns(EagerWarning, match="value_and_grad"):
        results = [outer(2.0).data]
    V.data = 5.0
    results.append(outer(2.0).data)
    V.data = before
    assert results == [2.0, 20.0]
    resetting = jit(lambda x: (inner.write_back(), W * x)[1])
    with pytest.warns(EagerWarning, match="write_back"):
        assert resetting(2.0).data == 4.0
