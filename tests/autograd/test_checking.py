"""Test the tester: wrong derivatives are caught, right ones are not."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autograd
from autograd import (
    ArgumentError,
    ArgumentTypeError,
    GradientError,
    Value,
    backprop,
    check_gradients,
    define,
    grad,
    no_grad,
)
from autograd.apply import apply
from autograd.operation import lookup

from .programs import SMOOTH, Program, programs, run


def wrong_by(factor: float) -> Callable[..., Any]:
    return define(
        "cube_wrong", lambda x: x**3, lambda x, u: factor * 3.0 * x**2, text="{0}³", latex="{0}^3"
    )


@pytest.mark.parametrize("x", [0.7, -2.0, 30.0, 1e-2, -1e5])
@pytest.mark.parametrize("factor", [1.001, 0.999, 1.00001, 2.0, -1.0, 0.0])
def test_a_wrong_first_derivative_is_caught(own_rows: None, factor: float, x: float) -> None:
    f = wrong_by(factor)
    with pytest.raises(GradientError, match=re.escape("∂f/∂x1 is computed as ")) as caught:
        check_gradients(f, x, order=1)
    computed, measured = re.findall(r"-?\d+\.\d+(?:e[+-]\d+)?", str(caught.value))[:2]
    assert float(computed) == pytest.approx(factor * 3 * x * x)
    assert float(measured) == pytest.approx(3 * x * x, rel=1e-7)


def test_the_right_one_passes(own_rows: None) -> None:
    for x in (0.7, -2.0, 30.0, 0.0, 1e-2, -1e5):
        check_gradients(wrong_by(1.0), x)


def test_a_wrong_second_derivative_is_caught(own_rows: None) -> None:
    """The rule gives the right numbers, but its own derivative is wrong by 0.1 %."""
    slope = define("slope", lambda x: 3 * x**2, lambda x, u: 6.006 * x)
    f = define("cube", lambda x: x**3, lambda x, u: slope(x))
    check_gradients(f, 2.0, order=1)
    with pytest.raises(
        GradientError, match=r"∂²f/∂x1∂x1 is computed as 12\.012, but differences give 1[12]\."
    ):
        check_gradients(f, 2.0)


def test_an_order_that_is_not_right_is_caught_with_both_arguments_named(own_rows: None) -> None:
    product = define("product", lambda x, y: x * y, [lambda x, y, u: y, lambda x, y, u: 1.001 * x])
    with pytest.raises(GradientError, match=r"∂f/∂x2 is computed as 2\.002"):
        check_gradients(product, 2.0, 3.0)
    with pytest.raises(GradientError, match=r"∂f/∂x1\[1\] is computed as 2\.002"):
        check_gradients(lambda p: product(p[0], p[1]), [2.0, 3.0])
    with pytest.raises(GradientError, match=r"∂f/∂x2\[0\] "):
        check_gradients(lambda a, p: a + product(p[1], p[0]), 1.0, (3.0, 2.0))
    mixed = define("mixed", lambda x, y: x * y, [lambda x, y, u: _scaled(y), lambda x, y, u: x])
    with pytest.raises(GradientError, match=r"∂²f/∂x1∂x2 is computed as 1\.1"):
        check_gradients(mixed, 2.0, 3.0)


def _scaled(y: Any) -> Any:
    """y, with the derivative 1.1."""
    return define("scaled", lambda x: x, lambda x, u: 1.1)(y)


def test_an_error_in_one_of_many_places_is_found(own_rows: None) -> None:
    off = define("off", lambda x: x, lambda x, u: 1.001)
    point = [0.1 * i for i in range(1, 11)]
    for k in (0, 4, 9):
        with pytest.raises(GradientError, match=re.escape(f"∂f/∂x1[{k}] ")):
            check_gradients(lambda p, k=k: autograd.sum([*p[:k], off(p[k]), *p[k + 1 :]]), point)


SMOOTH_FUNCTIONS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: x.tanh() * x.exp(), (0.3,)),
    (lambda x: autograd.sin(x * 20), (1.0,)),
    (lambda x: autograd.exp(x), (50.0,)),
    (lambda x: autograd.exp(-x * x), (4.0,)),
    (lambda x: autograd.log(x), (1e-3,)),
    (lambda x: autograd.sqrt(x), (1e-2,)),
    (lambda x: 1 / x, (0.01,)),
    (lambda x: x**0.5, (1e6,)),
    (lambda x: autograd.asin(x), (0.97,)),
    (lambda x: autograd.sigmoid(x), (-30.0,)),
    (lambda x: autograd.softplus(x), (-30.0,)),
    (lambda x: autograd.relu(x), (0.5,)),
    (lambda x: abs(x), (-0.2,)),
    (lambda x: autograd.maximum(x, 1.0), (1.3,)),
    (lambda x, y: x**y, (2.0, 3.0)),
    (lambda x: x * 0.0, (3.0,)),
    (lambda x: 7.0, (3.0,)),
    (lambda x: x, (0.0,)),
    (lambda x: 1e8 * x * x, (2.0,)),
    (lambda x: 1e-8 * x * x, (2.0,)),
    (lambda p: autograd.logsumexp(p), ([0.1, 2.0, -3.0],)),
    (lambda p: p["a"] * p["b"], ({"a": 2.0, "b": -1.0},)),
    (lambda a: autograd.sum((a * a).flat), (np.array([[1.0, 2.0], [3.0, 4.0]]),)),
    (lambda x, p: x * p[0][0] + p[1], (2.0, [[3.0], 4.0])),
]


@pytest.mark.parametrize(("f", "point"), SMOOTH_FUNCTIONS)
def test_smooth_functions_pass(f: Callable[..., Any], point: tuple[Any, ...]) -> None:
    check_gradients(f, *point)


def test_functions_that_differentiate_inside_pass() -> None:
    check_gradients(lambda x: grad(lambda y: y**3)(x) * x, 2.0)
    check_gradients(lambda x: x * backprop(x * x, create_graph=True)[x], 2.0)
    with no_grad():
        check_gradients(lambda x: x * backprop(x * x, create_graph=True)[x], 2.0)


@settings(max_examples=40)
@given(programs(SMOOTH, shortest=2, longest=6))
def test_programs_pass(program: Program) -> None:
    def f(xs: Any) -> Any:
        return run(program, xs, lambda name, arguments: apply(lookup(name), arguments))

    check_gradients(f, list(program.inputs), tolerance=1e-5)


def test_a_large_step_may_leave_the_domain() -> None:
    """Next to the edge only the smaller steps count."""
    check_gradients(autograd.log, 1e-4)
    check_gradients(autograd.sqrt, 1e-3)
    check_gradients(autograd.asin, 0.999)
    check_gradients(lambda x: x**0.3, 1e-3)


def test_the_tolerance_is_the_callers(own_rows: None) -> None:
    check_gradients(wrong_by(1.001), 2.0, order=1, tolerance=1e-2)
    with pytest.raises(GradientError):
        check_gradients(wrong_by(1.0001), 2.0, order=1, tolerance=1e-5)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_is_a_finite_number_from_0_on(tolerance: float) -> None:
    with pytest.raises(ArgumentError, match="tolerance=\\) is finite and 0 or more, not"):
        check_gradients(lambda x: x, 1.0, tolerance=tolerance)
    check_gradients(lambda x: x * x, 1.0, tolerance=0.0)


@pytest.mark.parametrize("tolerance", ["a", None, [1e-6]])
def test_a_tolerance_that_is_no_number_is_refused(tolerance: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="tolerance=\\) needs a real number, but got"):
        check_gradients(lambda x: x, 1.0, tolerance=tolerance)


def test_nan_is_no_derivative() -> None:
    with pytest.raises(GradientError):
        check_gradients(lambda x, y: x**y, -2.0, 2.0, order=1)


@pytest.mark.parametrize("order", [0, 3, "2", None, 1.5])
def test_orders_are_one_and_two(order: Any) -> None:
    with pytest.raises(ArgumentError, match="order=\\) is 1 or 2, not"):
        check_gradients(lambda x: x, 1.0, order=order)


def test_wrong_points_and_results_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="needs a real number, but got 'a'"):
        check_gradients(lambda x: x, "a")
    with pytest.raises(ArgumentTypeError):
        check_gradients(lambda x: "a", 1.0)
    with pytest.raises(ArgumentTypeError):
        check_gradients(lambda x: None, 1.0)
    with pytest.raises(ArgumentError):
        check_gradients(lambda x: [x, x], [1.0])
    with pytest.raises(ArgumentError):
        check_gradients(lambda: 1.0)
    for x in (float("inf"), float("nan")):
        with pytest.raises(ArgumentError, match="needs finite numbers"):
            check_gradients(lambda x: 1.0, x)


def test_every_row_made_wrong_by_a_thousandth_is_caught(own_rows: None) -> None:
    """Each derivative rule in turn, where it is not 0."""
    from .samples import arity, function_of, points

    draw = random.Random(3)
    for row in [row for row in autograd.operations() if arity(row)]:
        for i in range(arity(row)):
            rules = [
                (lambda *a, r=r: r(*a) * 1.001) if k == i else r
                for k, r in enumerate(row.derivatives)
            ]
            wrong = define("wrong", row.forward, rules)
            point = draw.choice(
                [p for p in points(row) if row.rules(p, row.forward(*p))[i]] or [None]
            )
            if point is not None:
                check_gradients(function_of(row), *point, order=1)
                with pytest.raises(GradientError, match=f"∂x{i + 1} "):
                    check_gradients(wrong, *point, order=1)


def test_values_in_the_point_are_refused_or_taken_as_numbers() -> None:
    with pytest.raises(ArgumentTypeError, match="plain number"):
        check_gradients(lambda x: x * x, Value(2.0))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: 1 / x, 1e-4),
        (autograd.sqrt, 1e-6),
        (autograd.log, 1e-6),
        (autograd.sin, 1e3),
        (autograd.sin, 1e6),
        (lambda x: autograd.sin(100 * x), 10.0),
        (autograd.asin, 0.9999),
        (autograd.tan, 1.57),
        (lambda x: x**3, 1e5),
        (lambda x: x**2, 1.2345e8),
        (lambda x: x**2, -1.2345e12),
        (lambda x: x**3, 1.2345e8),
        (autograd.sqrt, 1.2345e8),
        (autograd.log, 1.2345e300),
        (lambda x: x * 3.3e7, 1.2345e8),
        (lambda x: 1 / x, 1.2e-10),
        (lambda x: 1 / x, -1.2e-20),
        (lambda x: autograd.sin(1000 * x), 1.0),
        (lambda x: autograd.sin(1e5 * x), 1.0),
        (autograd.sin, 1.2345e8),
        (lambda x: 1e8 + autograd.sin(x), 1e-10),
        (lambda x: autograd.sin(x) ** 2 + autograd.cos(x) ** 2, 0.3),
        (lambda x: autograd.cos(x - 1.0), 1.0),
        (abs, -1e-3),
    ],
)
def test_points_that_need_steps_of_their_own(f: Any, x: float) -> None:
    check_gradients(f, x)


@pytest.mark.parametrize("x", [1e-10, 1.2e-5, 0.3, 3e3, 1.2345e8, -1.2e15])
@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_wrong_derivatives_are_caught_at_every_size(own_rows: None, x: float, scale: float) -> None:
    def f(x: Any) -> Any:
        return scale * cube(x)

    for factor in (1.001, 0.999):
        cube = wrong_by(factor)
        with pytest.raises(GradientError, match="but differences give"):
            check_gradients(f, x, order=1)
    cube = wrong_by(1.0)
    check_gradients(f, x, order=1)


def test_a_slope_that_is_not_there_is_caught(own_rows: None) -> None:
    for f in (
        define("flat", lambda x: 7.0, lambda x, u: 1e-9),
        define("even", lambda x: x * x, lambda x, u: 2.0 * x + 1e-3),
    ):
        with pytest.raises(GradientError, match="but differences give"):
            check_gradients(f, 0.0, order=1)


def test_what_cannot_be_measured_is_said() -> None:
    for f, x in [(autograd.sin, 1e17), (autograd.tan, 1e14)]:
        with pytest.raises(GradientError, match="cannot be measured here"):
            check_gradients(f, x, order=1)
    with pytest.raises(GradientError, match="differences do not converge"):
        check_gradients(lambda x: autograd.sqrt(x), 0.0, order=1)


def added(slope: float) -> Callable[..., Any]:
    """0, with a derivative that is not there."""
    return define("added", lambda x: 0.0, lambda x, u: slope)


def multiplied(factor: float) -> Callable[..., Any]:
    """x, with a derivative that is not 1: f of it has a derivative wrong by this factor."""
    return define("multiplied", lambda x: x, lambda x, u: factor)


FLAT: list[tuple[Callable[..., Any], float]] = [
    (autograd.sigmoid, 22.0),
    (autograd.tanh, 11.5),
    (autograd.erf, 4.7),
    (lambda x: 1e10 + 1e-7 * autograd.sin(x), 1.0),
    (lambda x: 100 + 1e-8 * autograd.tanh(x), 0.3),
    (lambda x: (1e6 + 1e-9 * autograd.sin(x)) - 1e6, 1.0),  # rounded on the way, not at the end
    (lambda x: 1.6e11 * autograd.exp(-x * x), -27.193239866682436),  # next to 0 digits are few
    (
        lambda x: 585661822062.1124 * (autograd.sin(x) ** 2 + autograd.cos(x) ** 2),
        0.8373932680652023,
    ),
]


@pytest.mark.parametrize(("f", "x"), FLAT)
@pytest.mark.parametrize("order", [1, 2])
def test_what_rounding_hides_is_not_held_against_f(f: Any, x: float, order: int) -> None:
    check_gradients(f, x, order=order)


@pytest.mark.parametrize("order", [1, pytest.param(2, marks=pytest.mark.long)])
def test_cross_entropy_of_any_logits_passes(order: int) -> None:
    """A sample classified well has next to no loss, what is left of numbers that are large."""
    draw = random.Random(1)
    for _ in range(60):
        logits = [draw.gauss(0.0, 8.0) for _ in range(4)]
        check_gradients(lambda z: autograd.logsumexp(z) - z[0], logits, order=order)


@pytest.mark.parametrize(("f", "x"), FLAT)
def test_a_slope_where_f_is_flat_is_caught(own_rows: None, f: Any, x: float) -> None:
    with pytest.raises(GradientError):
        check_gradients(lambda x: f(x) + added(1.0)(x), x, order=1)


@pytest.mark.parametrize(("f", "x"), FLAT[:3])
@pytest.mark.parametrize("factor", [0.0, 0.999, 1.001, -1.0])
def test_large_steps_measure_what_small_ones_do_not(
    own_rows: None, f: Any, x: float, factor: float
) -> None:
    with pytest.raises(GradientError, match="but differences give"):
        check_gradients(lambda x: f(multiplied(factor)(x)), x, order=1)


def test_the_point_itself_is_not_rounded(own_rows: None) -> None:
    """At a large one there would be nothing left to measure."""
    wrong = define("wrong", math.sin, lambda x, u: 1.00001 * autograd.cos(x))
    for x in (1.2345e8, 1.2345e9, 1.2345e10):
        with pytest.raises(GradientError, match="but differences give"):
            check_gradients(wrong, x, order=1)


def test_an_operation_may_hide_its_rounding(own_rows: None) -> None:
    """Small steps see nothing of it, which counts for less than what large ones see."""
    hiding = define("hiding", lambda x: (8.0 + math.exp(x)) - 8.0, lambda x, u: autograd.exp(x))
    for x in (-20.0, -21.0, -22.4):
        check_gradients(hiding, x, order=1)


def test_a_function_that_turns_faster_than_it_is_known_is_not_called_flat() -> None:
    for f, x in [
        (lambda x: autograd.sin(x * 1.0), 1e17),
        (lambda x: autograd.exp(50.0 * x), 14.1859),  # differences overflow
    ]:
        with pytest.raises(GradientError, match="cannot be measured here"):
            check_gradients(f, x, order=1)


def test_an_operand_may_be_infinite_where_nothing_passes() -> None:
    masked = [lambda x: x, lambda x: 2 * x, lambda x: x - math.inf]
    check_gradients(lambda x: 1e8 * autograd.logsumexp([logit(x) for logit in masked]), 0.3)


@pytest.mark.parametrize("f", [lambda x: 7.0 + 0.0 * x, lambda x: 3.0 * x])
def test_two_steps_are_enough_where_differences_are_exact(f: Any) -> None:
    calls = []
    check_gradients(lambda x: calls.append(x) or f(x), 1.0)  # type: ignore[func-returns-value]
    assert len(calls) < 60
