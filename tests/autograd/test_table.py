"""Every row of the table of operations: a new row is tested the moment it exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Operation, Value, lookup, operations

from .checks import CHECKS, OPERATORS
from .samples import arity, points, same

ROWS_OF_RULES = {"dtanh", "dsigmoid", "dasin", "datan", "mainly", "greater", "equal"}


def _names(operation: Operation) -> str:
    return operation.name


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("operation", operations(), ids=_names)
def test_row(operation: Operation, check: Callable[[Operation], None]) -> None:
    check(operation)


@pytest.mark.parametrize("operation", operations(), ids=_names)
def test_row_can_be_reached(operation: Operation) -> None:
    """As an operator, a function of the package, or a method; but for those that serve rules."""
    ways = _ways(operation)
    assert bool(ways) == (operation.name not in ROWS_OF_RULES and operation.builtin)
    for point in points(operation, 4):
        arguments = [Value(x) for x in point]
        made = [way(*arguments) for way in ways]
        assert len({(u.data, u.op, u.parents, u.local_derivatives) for u in made}) <= 1
        assert {u.op for u in made} <= {operation.name}
        assert all(same(way(*point), u.data) for way, u in zip(ways, made, strict=True) if point)


def _ways(operation: Operation) -> list[Callable[..., Any]]:
    """All public ways to carry out an operation on its arguments one by one, Values or numbers."""
    name, ways = operation.name, []
    if name in OPERATORS:
        ways.append(OPERATORS[name])
    if function := _public_function(name):
        ways.append(function)
    return ways


def _public_function(name: str) -> Callable[..., Any] | None:
    if name not in autograd.functions.__all__:
        return None
    function = getattr(autograd, name)
    if name == "dot":
        return lambda *numbers: function(*_halves(numbers))
    return (lambda *numbers: function(numbers)) if lookup(name).any_number else function


def _halves(numbers: tuple[Any, ...]) -> tuple[Any, ...]:
    n = len(numbers) // 2
    return numbers[:n], numbers[n : 2 * n], *numbers[2 * n :]


METHODS = [o for o in operations() if arity(o) and hasattr(Value, o.name)]


@pytest.mark.parametrize("operation", METHODS, ids=_names)
def test_method_and_function_agree(operation: Operation) -> None:
    for point in points(operation, 4):
        x, *others = (Value(number) for number in point)
        by_method = getattr(x, operation.name)(*others)
        by_function = getattr(autograd, operation.name)(x, *others)
        assert by_method.data == by_function.data
        assert by_method.parents == by_function.parents == (x, *others)
        assert by_method.local_derivatives == by_function.local_derivatives


def test_every_function_of_one_or_two_numbers_is_a_method() -> None:
    assert {o.name for o in METHODS} == {
        name for name in autograd.functions.__all__ if arity(lookup(name)) and name != "where"
    }


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_reflected_operators_keep_the_order_of_the_arguments(symbol: str) -> None:
    x = Value(1.7)
    u = OPERATORS[symbol](2.5, x)
    assert u.arguments == (2.5, x)
    assert u.parents == (x,)
    assert u.data == OPERATORS[symbol](2.5, 1.7)


def test_leaky_relu_has_a_default_slope() -> None:
    x = Value(-2.0)
    assert autograd.leaky_relu(x).data == x.leaky_relu().data == -0.02
    assert autograd.leaky_relu(-2.0) == -0.02
    assert autograd.leaky_relu(x).arguments == (x, 0.01)


def test_the_table_is_looked_up_by_name() -> None:
    assert [lookup(o.name) for o in operations()] == list(operations())
    with pytest.raises(autograd.ArgumentError, match=r"no operation 'cube'; there are: \+, -, "):
        lookup("cube")


def test_rows_show_their_name() -> None:
    assert repr(lookup("tanh")) == "<operation tanh>"


def test_names_of_operations_are_those_of_the_design() -> None:
    promised = (
        "+ - * / ** neg abs exp expm1 log log1p sqrt sin cos tan asin acos atan sinh cosh tanh "
        "sigmoid softplus relu leaky_relu erf maximum minimum clip where sum dot prod logsumexp "
        "max min"
    )
    assert set(promised.split()) <= {o.name for o in operations()}
