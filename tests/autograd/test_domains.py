"""Errors at the edges of domains: their classes, and what their messages say."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest

import autograd
from autograd import (
    ArgumentError,
    ArgumentTypeError,
    AutogradError,
    DivisionError,
    DomainError,
    GradientError,
    NonFiniteError,
    NotInGraphError,
    RangeError,
    Value,
    backprop,
    clip,
    exp,
    log,
    prod,
    sqrt,
    trace,
)


@pytest.mark.parametrize(
    ("ours", "pythons"),
    [
        (DomainError, ValueError),
        (DivisionError, ZeroDivisionError),
        (RangeError, OverflowError),
        (NonFiniteError, ArithmeticError),
        (GradientError, AssertionError),
        (ArgumentError, ValueError),
        (ArgumentTypeError, TypeError),
        (NotInGraphError, KeyError),
    ],
)
def test_every_error_is_also_pythons(ours: type, pythons: type) -> None:
    assert issubclass(ours, pythons)
    assert issubclass(ours, AutogradError)
    assert str(ours("what went wrong")) == "what went wrong"


def test_an_error_without_words_has_none() -> None:
    assert str(NotInGraphError()) == ""


p = Value(-0.25, "p3")
CASES: list[tuple[Callable[[], Any], type, str]] = [
    (lambda: log(p), DomainError, "log(x) needs x > 0, but x 'p3' = -0.25"),
    (lambda: p.log(), DomainError, "log(x) needs x > 0, but x 'p3' = -0.25"),
    (lambda: log(-0.25), DomainError, "log(x) needs x > 0, but x = -0.25"),
    (lambda: log(Value(0.0)), DomainError, "log(x) needs x > 0, but x = 0.0"),
    (lambda: log(Value(-inf)), DomainError, "log(x) needs x > 0, but x = -inf"),
    (lambda: Value(-1.0).log1p(), DomainError, "log1p(x) needs x > −1, but x = -1.0"),
    (lambda: Value(-1.0, "v").sqrt(), DomainError, "√(x) needs x ≥ 0, but x 'v' = -1.0"),
    (lambda: Value(1.5).asin(), DomainError, "asin(x) needs −1 ≤ x ≤ 1, but x = 1.5"),
    (lambda: Value(-1.5).acos(), DomainError, "acos(x) needs −1 ≤ x ≤ 1, but x = -1.5"),
    (lambda: Value(inf).sin(), DomainError, "sin(x) needs a finite x, but x = inf"),
    (lambda: Value(-inf).cos(), DomainError, "cos(x) needs a finite x, but x = -inf"),
    (lambda: Value(inf).tan(), DomainError, "tan(x) needs a finite x, but x = inf"),
    (lambda: p / Value(0.0, "q"), DivisionError, "x / y needs y ≠ 0, but y 'q' = 0.0 and x 'p3' = -0.25"),
    (lambda: p / 0, DivisionError, "x / y needs y ≠ 0, but y = 0.0 and x 'p3' = -0.25"),
    (lambda: 1 / Value(-0.0), DivisionError, "x / y needs y ≠ 0, but y = -0.0 and x = 1.0"),
    (lambda: Value(0.0, "z") ** -1, DivisionError, "x^y needs y ≥ 0 where x = 0, but y = -1.0 and x 'z' = 0.0"),
    (lambda: p**0.5, DomainError, "x^y needs x ≥ 0 where y is not whole, but x 'p3' = -0.25 and y = 0.5"),
    (lambda: (-2) ** Value(0.5), DomainError, "x^y needs x ≥ 0 where y is not whole, but x = -2.0 and y = 0.5"),
    (lambda: exp(Value(1000.0, "big")), RangeError, "exp(x) at x 'big' = 1000.0 is too large for a float"),
    (lambda: Value(1000.0).sinh(), RangeError, "sinh(x) at x = 1000.0 is too large for a float"),
    (lambda: Value(1000.0).expm1(), RangeError, "expm1(x) at x = 1000.0 is too large for a float"),
    (lambda: 2 ** Value(1e5, "k"), RangeError, "x^y at x = 2.0, y 'k' = 100000.0 is too large for a float"),
    (lambda: clip(Value(1.0, "c"), 3, 2), DomainError, "needs low ≤ high, but low = 3.0"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "words"), CASES, ids=[words for *_, words in CASES])
def test_errors_name_operation_operands_labels_and_what_is_allowed(
    act: Callable[[], Any], error: type[AutogradError], words: str
) -> None:
    with pytest.raises(AutogradError) as caught:
        act()
    assert type(caught.value) is error
    assert words in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "the error of math would only repeat it"


def test_where_floats_give_infinity_it_is_carried() -> None:
    big = Value(1e200)
    assert (big * big).data == (big * 1e200).data == (1e200 * big).data == inf
    assert (big + big * 1e200).data == inf
    assert (-big / Value(1e-200)).data == -inf
    assert prod([big, big]).data == inf
    assert autograd.dot([big, big], [big, big]).data == inf
    assert autograd.sum([Value(1e308), 1e308]).data == inf


def test_where_python_raises_numbers_raise_too() -> None:
    """The functions of plain numbers obey the same policy as those of Values."""
    with pytest.raises(RangeError, match=r"exp\(x\) at x = 1000.0 is too large"):
        exp(1000)
    with pytest.raises(DomainError, match=r"√\(x\) needs x ≥ 0, but x = -1.0"):
        sqrt(-1)
    with pytest.raises(DomainError, match=r"asin\(x\) needs"):
        autograd.asin(2)


def test_a_replay_names_the_node_of_the_graph() -> None:
    x = Value(2.0, "x")
    y = log(x)
    with pytest.raises(DomainError, match=r"log\(x\) needs x > 0, but x 'x' = -3.0"):
        trace(y).forward({x: -3})


@pytest.mark.parametrize("bad", [inf, -inf, nan])
def test_backprop_refuses_an_input_that_is_not_finite(bad: float) -> None:
    x = Value(bad, "x")
    words = rf"finite output, but it is {bad!r}; the first node that is not finite is x = {bad!r}, an input"
    for create_graph in (False, True):
        with pytest.raises(NonFiniteError, match=words):
            backprop(x, create_graph=create_graph)
    with pytest.raises(NonFiniteError):
        x.backward()
    assert x.grad == 0.0


def test_an_operand_used_twice_is_named_once() -> None:
    x = Value(1e200, "x")
    with pytest.raises(NonFiniteError, match=r"the result of '\*' on x = 1e\+200$"):
        backprop(x * x)


def test_backprop_names_the_first_node_that_is_not_finite_and_its_operands() -> None:
    a, b = Value(1e308, "a"), Value(10.0, "b")
    c = a * b
    c.label = "c"
    late = (c - c) + a
    words = r"it is nan; the first node that is not finite is c = inf, the result of '\*' on a = 1e\+308, b = 10.0$"
    with pytest.raises(NonFiniteError, match=words):
        backprop(late)


def test_backprop_names_plain_numbers_and_cuts_long_lists_of_operands() -> None:
    a = Value(1e308)
    with pytest.raises(
        NonFiniteError, match=r"u2 = inf, the result of '\*' on u1 = 1e\+308, 10.0$"
    ):
        backprop(a * 10)
    many = autograd.sum([Value(1e308, f"x{i}") for i in range(20)])
    with pytest.raises(NonFiniteError, match=r"'sum' on x0 = 1e\+308, .*x6 = 1e\+308, …$"):
        backprop(many)


def test_infinities_on_the_way_to_a_finite_output_are_no_error() -> None:
    x = Value(1e308)
    y = 1.0 / (x * 10)
    assert y.data == 0.0
    assert backprop(y)[x] == 0.0


def test_errors_in_operations_of_many_numbers_show_some_of_them(own_rows: None) -> None:
    def refuse(*xs: float) -> float:
        raise ValueError("not today")

    f = autograd.define("refusing", refuse, lambda xs, u: [0.0] * len(xs), any_number=True)
    with pytest.raises(DomainError, match=r"^refusing of \[1.0, 2.0\]: not today$"):
        f([Value(1.0), 2.0])
    with pytest.raises(DomainError, match=r"^refusing of \[0.0, 1.0, .* 7.0, …\]: not today$"):
        f([Value(float(i)) for i in range(30)])


def test_a_zero_division_inside_an_operation_is_a_division_error(own_rows: None) -> None:
    f = autograd.define("reciprocal", lambda x: 1 / x, lambda x, u: -u * u)
    with pytest.raises(DivisionError, match=r"^reciprocal\(x\) at x 'z' = 0.0: .*division"):
        f(Value(0.0, "z"))


def test_a_failed_operation_leaves_the_graph_usable() -> None:
    x = Value(2.0, "x")
    y = x * x
    before = (y.data, y.parents, y.local_derivatives, x.grad, y.grad)
    for fails in (
        lambda: log(-y),
        lambda: y / 0,
        lambda: (-y) ** 0.5,
        lambda: exp(y * 1000),
        lambda: y + "a",
    ):
        with pytest.raises((AutogradError, TypeError)):
            fails()
    assert (y.data, y.parents, y.local_derivatives, x.grad, y.grad) == before
    assert len(trace(y)) == 2
    assert backprop(y)[x] == 4.0


def test_a_failed_backward_leaves_grad_alone() -> None:
    x = Value(1e200)
    x.grad = 7.0
    for y in (x * x, x * x - x * x):
        with pytest.raises(NonFiniteError):
            y.backward()
    assert x.grad == 7.0
