"""Where calculus leaves a choice: kinks, ties, 0 ** 0. Eager, and again in graphs of gradients."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import inf, isnan, log, nan
from typing import Any

import pytest

import autograd
from autograd import (
    DivisionError,
    DomainError,
    Value,
    backprop,
    clip,
    dot,
    hessian,
    leaky_relu,
    logsumexp,
    maximum,
    minimum,
    prod,
    relu,
    sqrt,
    trace,
    where,
)

from .samples import same

Function = Callable[..., Any]


def derivatives(f: Function, x: float, order: int) -> list[float]:
    """f′(x), f″(x), …: each is a node of the graph of gradients of the one before."""
    v = Value(x)
    u, found = f(v), []
    for _ in range(order):
        eager = backprop(u).get(v, 0.0)
        u = backprop(u, create_graph=True).get(v, Value(0.0))
        assert same(u.data, eager), "graph B holds the numbers of the table"
        found.append(u.data)
    return found


def partials(f: Function, *point: float) -> list[float]:
    """The gradient, which must be the same in the table and in the graph of gradients."""
    xs = [Value(x) for x in point]
    u = f(*xs)
    eager = [backprop(u).get(x, 0.0) for x in xs]
    graph = [backprop(u, create_graph=True).get(x, Value(0.0)).data for x in xs]
    assert all(map(same, eager, graph)), (eager, graph)
    return eager


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (relu, 0.0),
        (abs, 0.0),
        (autograd.abs, 0.0),
        (autograd.sign, 0.0),
        (autograd.step, 0.0),
        (leaky_relu, 0.01),
        (lambda x: leaky_relu(x, 0.2), 0.2),
        (lambda x: leaky_relu(x, -1.0), -1.0),  # |x| as a leaky unit
    ],
)
def test_kinks_at_zero(f: Function, slope: float, zero: float) -> None:
    assert derivatives(f, zero, 3) == [slope, 0.0, 0.0]


@pytest.mark.parametrize(
    ("f", "left", "right"),
    [
        (relu, 0.0, 1.0),
        (abs, -1.0, 1.0),
        (autograd.sign, 0.0, 0.0),
        (autograd.step, 0.0, 0.0),
        (lambda x: leaky_relu(x, 0.2), 0.2, 1.0),
    ],
)
@pytest.mark.parametrize("size", [5e-324, 1e-9, 1.0, 1e300])
def test_beside_the_kink(f: Function, left: float, right: float, size: float) -> None:
    assert derivatives(f, -size, 3) == [left, 0.0, 0.0]
    assert derivatives(f, size, 3) == [right, 0.0, 0.0]


def test_values_of_step_sign_and_relu() -> None:
    cases = [
        (-2.0, (0.0, -1.0, 0.0)),
        (-0.0, (0.0, 0.0, 0.0)),
        (0.0, (0.0, 0.0, 0.0)),
        (3.0, (1.0, 1.0, 3.0)),
    ]
    for x, expected in cases:
        v = Value(x)
        assert (v.step().data, v.sign().data, v.relu().data) == expected
        assert (autograd.step(x), autograd.sign(x), relu(x)) == expected


def test_a_learned_slope_gets_its_gradient() -> None:
    assert partials(leaky_relu, -3.0, 0.25) == [0.25, -3.0]
    assert partials(leaky_relu, 3.0, 0.25) == [1.0, 0.0]
    assert partials(leaky_relu, 0.0, 0.25) == [0.25, 0.0]
    assert hessian(leaky_relu)(-3.0, 0.25) == ((0.0, 1.0), (1.0, 0.0))


@pytest.mark.parametrize("f", [maximum, minimum])
def test_two_equal_arguments_share_evenly(f: Function) -> None:
    assert partials(f, 2.0, 2.0) == [0.5, 0.5]
    assert partials(f, 0.0, -0.0) == [0.5, 0.5]
    assert partials(lambda x: f(x, x), 3.0) == [1.0]
    assert partials(lambda x: f(x, 2.0), 2.0) == [0.5]
    assert partials(lambda x: f(2.0, x), 2.0) == [0.5]
    assert hessian(f)(2.0, 2.0) == ((0.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("f", [autograd.max, autograd.min])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_many_equal_arguments_share_evenly(f: Function, count: int) -> None:
    loser = -9.0 if f is autograd.max else 9.0
    point = [4.0] * count + [loser]
    assert partials(lambda *xs: f(xs), *point) == [1.0 / count] * count + [0.0]
    zeros = [[0.0] * len(point)] * len(point)
    assert hessian(f)(point) == zeros


def test_one_number_among_many_wins_wherever_it_stands() -> None:
    for order in permutations([1.0, 5.0, -3.0]):
        assert partials(lambda *xs: autograd.max(xs), *order) == [float(x == 5.0) for x in order]
        assert partials(lambda *xs: autograd.min(xs), *order) == [float(x == -3.0) for x in order]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (-2.0, [0.0, 1.0, 0.0]),
        (-1.0, [1.0, 0.0, 0.0]),
        (0.3, [1.0, 0.0, 0.0]),
        (1.0, [1.0, 0.0, 0.0]),
        (5.0, [0.0, 0.0, 1.0]),
    ],
)
def test_clip_passes_gradients_on_the_closed_interval(x: float, expected: list[float]) -> None:
    assert partials(clip, x, -1.0, 1.0) == expected
    assert derivatives(lambda v: clip(v, -1.0, 1.0), x, 2) == [expected[0], 0.0]


def test_clip_of_one_point() -> None:
    assert partials(clip, 2.0, 2.0, 2.0) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("x", [0.0, -0.0, 2.0, -2.0, 1e300])
def test_exponent_zero(x: float) -> None:
    """x ** 0 is 1 with slope 0, also where x is 0 or negative."""
    assert Value(x).__pow__(0).data == 1.0
    assert derivatives(lambda v: v**0, x, 3) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("y", [0.5, 1.0, 2.0, 3.7])
def test_base_zero(y: float) -> None:
    """0 ** y is 0 for y > 0, and so is its slope by y: the limit."""
    assert (Value(0.0) ** Value(y)).data == 0.0
    assert derivatives(lambda v: 0.0**v, y, 3) == [0.0, 0.0, 0.0]
    assert partials(lambda x, v: x**v, 0.0, y)[1] == 0.0


def test_zero_to_the_power_zero() -> None:
    assert (Value(0.0) ** Value(0.0)).data == 1.0
    assert partials(lambda x, y: x**y, 0.0, 0.0) == [0.0, 0.0]
    assert derivatives(lambda x: x**0, 0.0, 4) == [0.0] * 4


def test_powers_at_zero_are_those_of_polynomials() -> None:
    assert derivatives(lambda x: x**1, 0.0, 4) == [1.0, 0.0, 0.0, 0.0]
    assert derivatives(lambda x: x**2, 0.0, 4) == [0.0, 2.0, 0.0, 0.0]
    assert derivatives(lambda x: x**3, 0.0, 4) == [0.0, 0.0, 6.0, 0.0]
    assert derivatives(lambda x: x**4, 0.0, 5) == [0.0, 0.0, 0.0, 24.0, 0.0]
    assert derivatives(lambda x: x * x, 0.0, 4) == [0.0, 2.0, 0.0, 0.0]


def test_powers_at_negative_numbers_are_those_of_polynomials() -> None:
    assert derivatives(lambda x: x**2, -3.0, 4) == [-6.0, 2.0, 0.0, 0.0]
    assert derivatives(lambda x: x**3, -2.0, 4) == [12.0, -12.0, 6.0, 0.0]
    assert derivatives(lambda x: x**-1, -2.0, 3) == [-0.25, -0.25, -0.375]


@pytest.mark.parametrize("y", [-1.0, -0.5, -2.0])
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_zero_to_a_negative_power_is_a_division_by_zero(zero: float, y: float) -> None:
    for base, exponent in [(Value(zero), y), (Value(zero), Value(y)), (zero, Value(y))]:
        with pytest.raises(DivisionError, match="needs y ≥ 0 where x = 0"):
            base**exponent


def test_a_negative_base_has_no_derivative_by_its_exponent() -> None:
    x, y = Value(-2.0), Value(3.0)
    u = x**y
    assert u.data == -8.0
    table, graph = backprop(u), backprop(u, create_graph=True)
    assert table[x] == graph[x].data == 12.0
    assert isnan(table[y])
    assert isnan(graph[y].data)
    by_x_twice = backprop(graph[x])
    assert by_x_twice[x] == -12.0


def test_a_negative_base_with_a_plain_whole_exponent_is_fine() -> None:
    x = Value(-2.0)
    assert backprop(x**3)[x] == 12.0
    assert backprop(x**-2)[x] == 0.25
    assert backprop(x**3.0, create_graph=True)[x].data == 12.0


@pytest.mark.parametrize("exponent", [0.5, -0.5, 1 / 3, 1e-300])
def test_a_negative_base_with_a_fraction_as_exponent_is_never_complex(exponent: float) -> None:
    for base, power in [
        (Value(-2.0), exponent),
        (Value(-2.0), Value(exponent)),
        (-2.0, Value(exponent)),
    ]:
        with pytest.raises(DomainError, match=r"needs x ≥ 0 where y is not whole"):
            base**power


@pytest.mark.parametrize("x", [0.5, 1.0, 2.0, 3.7])
@pytest.mark.parametrize("y", [0.0, 1.0, 2.0, -1.5])
def test_the_hessian_of_a_power_is_symmetric(x: float, y: float) -> None:
    """∂²(x ** y)/∂x∂y = x ** (y − 1) · (1 + y·log x), also where y is 0."""
    (_, xy), (yx, yy) = hessian(lambda a, b: a**b)(x, y)
    exact = x ** (y - 1) * (1 + y * log(x))
    assert xy == pytest.approx(exact, rel=1e-14, abs=1e-15)
    assert yx == pytest.approx(exact, rel=1e-14, abs=1e-15)
    assert yy == pytest.approx(x**y * log(x) ** 2, rel=1e-14)


def test_the_hessian_of_a_power_at_base_zero_is_the_limit() -> None:
    """x ** y next to x = 0 for y > 2: everything goes to 0."""
    assert hessian(lambda x, y: x**y)(0.0, 3.0) == ((0.0, 0.0), (0.0, 0.0))
    assert hessian(lambda x, y: x**y)(0.0, 2.0) == ((2.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("y", [0.0, 1.0, 1.5, 2.0, 3.0])
def test_the_hessian_of_a_power_at_base_zero_is_symmetric(y: float) -> None:
    """Also at y = 1, where ∂²u/∂x∂y = 1 + log x has no finite limit: the logarithm is left out."""
    (_, xy), (yx, yy) = hessian(lambda x, y: x**y)(0.0, y)
    assert xy == yx == (1.0 if y == 1.0 else 0.0)
    assert yy == 0.0


def test_tanh_at_zero() -> None:
    """tanh x = x − x³/3 + 2x⁵/15 − …"""
    assert derivatives(autograd.tanh, 0.0, 5) == [1.0, 0.0, -2.0, 0.0, 16.0]


def test_taylor_coefficients_at_zero() -> None:
    expected = {
        "sin": [1.0, 0.0, -1.0, 0.0, 1.0],
        "tan": [1.0, 0.0, 2.0, 0.0, 16.0],
        "sinh": [1.0, 0.0, 1.0, 0.0, 1.0],
        "asin": [1.0, 0.0, 1.0, 0.0, 9.0],
        "acos": [-1.0, 0.0, -1.0, 0.0, -9.0],
        "atan": [1.0, 0.0, -2.0, 0.0, 24.0],
        "sigmoid": [0.25, 0.0, -0.125, 0.0, 0.25],
        "softplus": [0.5, 0.25, 0.0, -0.125, 0.0],
        "expm1": [1.0] * 5,
        "log1p": [1.0, -1.0, 2.0, -6.0, 24.0],
    }
    for name, coefficients in expected.items():
        assert derivatives(getattr(autograd, name), 0.0, 5) == coefficients, name


@pytest.mark.parametrize("order", [1, 2, 3])
def test_exponentials_are_their_own_derivatives(order: int) -> None:
    assert derivatives(autograd.exp, 0.0, order) == [1.0] * order
    assert derivatives(autograd.expm1, 0.0, order) == [1.0] * order


def test_of_nothing() -> None:
    """Sums, products and dot products of nothing are the neutral elements."""
    bias = Value(3.0)
    assert autograd.sum([]) == 0.0
    assert prod([]) == 1.0
    assert dot([], []) == 0.0
    assert backprop(dot([], [], bias))[bias] == 1.0
    assert dot([], [], 3.0) == 3.0
    for f in (autograd.max, autograd.min, logsumexp):
        with pytest.raises(ValueError, match="of nothing: it needs at least one number"):
            f([])


@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_products_with_zeros(zeros: int) -> None:
    """The slope by a zero is the product of the others: nothing is divided."""
    xs = [Value(0.0) for _ in range(zeros)] + [Value(2.0), Value(3.0)]
    u = prod(xs)
    assert u.data == 0.0
    expected = [6.0 if zeros == 1 else 0.0] * zeros + [0.0, 0.0]
    assert list(u.local_derivatives) == expected
    second = hessian(prod)([x.data for x in xs])
    assert second[0][1] == {1: 3.0, 2: 6.0, 3: 0.0}[zeros]


def test_derivatives_that_are_infinite_are_data() -> None:
    x = Value(0.0)
    u = sqrt(x)
    assert (u.data, u.local_derivatives) == (0.0, (inf,))
    assert backprop(u)[x] == inf
    assert backprop(u, create_graph=True)[x].data == inf
    assert (Value(0.0) ** 0.5).local_derivatives == (inf,)
    assert (Value(1.0).asin().local_derivatives, Value(-1.0).acos().local_derivatives) == (
        (inf,),
        (-inf,),
    )


UNSELECTED: list[tuple[Function, float]] = [
    (lambda x: where(x > 0, sqrt(x), 0.0), 0.0),
    (lambda x: where(x > 0, x * 0.0, sqrt(x) * 0.0), 0.0),
    (lambda x: where(x > 0, sqrt(x), 3.0 * x), 0.0),
    (lambda x: maximum(sqrt(x), 1.0), 0.0),
    (lambda x: minimum(sqrt(x), -1.0), 0.0),
    (lambda x: relu(sqrt(x) - 1.0), 0.0),
    (lambda x: relu(-sqrt(x)), 0.0),
    (lambda x: clip(sqrt(x), 2.0, 3.0), 0.0),
    (lambda x: autograd.max([sqrt(x), 1.0, 0.5]), 0.0),
    (lambda x: 0.0 * sqrt(x), 0.0),
    (lambda x: where(x < 0, (0.0 * x) ** 0.5, 2.0), 1.0),
    (lambda x: sqrt(x) * sqrt(x) * 0.0, 0.0),
    (lambda x: sqrt(relu(x)), -1.0),
    (lambda x: 2.0 * sqrt(relu(x) * 3.0), -1.0),
    (lambda x: relu(x) ** 0.5 + sqrt(x * x) * 0.0, -1.0),
    (lambda x: sqrt(where(x > 0, x, 0.0)), -1.0),
    (lambda x: sqrt(maximum(x, 0.0)), -1.0),
    (lambda x: sqrt(minimum(x, 0.0)), 1.0),
    (lambda x: sqrt(clip(x, 0.0, 1.0)), -1.0),
    (lambda x: clip(x, -1.0, 1.0).asin(), 2.0),
    (lambda x: sqrt(autograd.max([x, 0.0, -5.0])), -1.0),
    (lambda x: sqrt(1.0 - x.sign()), 1.0),
]


@pytest.mark.parametrize(("f", "x"), UNSELECTED)
def test_an_unselected_branch_never_turns_a_gradient_into_nan(f: Function, x: float) -> None:
    """A node whose gradient is exactly 0 contributes nothing, whatever its local derivatives; and
    nothing comes to an operand that was not selected, not even from where the slope is infinite."""
    expected = 3.0 if f is UNSELECTED[2][0] else 0.0
    assert derivatives(f, x, 3) == [expected, 0.0, 0.0]


def test_where_no_derivative_exists_it_is_nan() -> None:
    x = Value(0.0)
    u = sqrt(x * x)
    for table in (backprop(u), backprop(u, create_graph=True)):
        assert isnan(table[x]) if type(table[x]) is float else isnan(table[x].data)


def test_steps_pass_on_what_backprop_does() -> None:
    x = Value(-1.0, "x")
    u = sqrt(relu(x)) + x
    assert str([*trace(u).backward_steps()][-1]).endswith(" = ∞·0 + 1·1 = 1")


def test_where_takes_its_condition_from_a_comparison_or_a_number() -> None:
    x, y = Value(2.0), Value(3.0)
    assert where(x < y, x, y) is not x
    assert where(x < y, x, y).data == 2.0
    assert where(True, x, y).data == where(1, x, y).data == where(Value(-0.5), x, y).data == 2.0
    assert where(False, x, y).data == where(0, x, y).data == where(Value(0.0), x, y).data == 3.0
    assert partials(where, 1.0, 2.0, 3.0) == [0.0, 1.0, 0.0]
    assert partials(where, 0.0, 2.0, 3.0) == [0.0, 0.0, 1.0]


def test_nan_is_carried() -> None:
    x = Value(nan)
    for u in (x + 1, 2 * x, x.exp(), x.relu(), x.tanh(), maximum(x, 1.0), maximum(1.0, x), clip(x, 0, 1),
              minimum(x, 1.0), minimum(1.0, x), autograd.max([1.0, x]), autograd.min([x, 1.0]),
              logsumexp([x, 1.0]), x.sign(), abs(x), x.leaky_relu(), autograd.sum([x, 1.0]), prod([x, 0.0]),
              dot([x], [0.0]), x.sigmoid(), x.softplus(), x.erf(), x.sqrt(), x.log(), x**2, x**0.5):  # fmt: skip
        assert isnan(u.data), u
    assert (x**0).data == 1.0, "as in Python"
    assert (1.0**x).data == 1.0, "as in Python"


def test_infinities_are_carried_where_floats_carry_them() -> None:
    assert (Value(1e308) * 10).data == inf
    assert (Value(-1e308) * 10).data == -inf
    assert (Value(inf) - Value(inf)).data != (Value(inf) - Value(inf)).data
    assert (1.0 / Value(inf)).data == 0.0
    assert Value(inf).tanh().data == 1.0
    assert Value(-inf).exp().data == 0.0
    assert Value(inf).log().data == inf
    assert Value(-inf).softplus().data == 0.0
    assert Value(inf).relu().data == inf
    assert logsumexp([Value(-inf), Value(-inf)]).data == -inf
    assert logsumexp([Value(-inf), Value(2.0)]).local_derivatives == (0.0, 1.0)


def test_max_and_min_also_take_several_arguments() -> None:
    a, b = Value(1.0), Value(2.0)
    assert autograd.max(a, b, 0.5).arguments == autograd.max([a, b, 0.5]).arguments
    assert backprop(autograd.min(a, b))[a] == 1.0
    assert autograd.max(3.0, 2.0) == 3.0
    assert autograd.min(a, 5.0).data == 1.0


def test_whole_numbers_of_any_size_are_compared_as_floats_are() -> None:
    for x in (2.0, 2.0**53, inf, -inf, nan):
        for n in (2, 2**53 + 1, -(10**400), 10**400, True):
            found = [Value(x) < n, Value(x) <= n, Value(x) > n, Value(x) >= n, n < Value(x)]
            assert found == [x < n, x <= n, x > n, x >= n, n < x]


def test_comparisons_are_of_data_and_equality_of_identity() -> None:
    x, y = Value(1.0), Value(1.0)
    assert x != y
    assert x == x
    assert len({x, y}) == 2
    assert {x: "x", y: "y"}[y] == "y"
    assert x <= y
    assert x >= y
    assert not x < y
    assert not x > y
    assert x < 2
    assert x > 0.5
    assert x >= 1
    assert x >= 1
    assert max([x, Value(3.0)]).data == 3.0
    assert sorted([Value(3.0), x, Value(2.0)])[0] is x
    assert bool(x)
    assert not Value(0.0)
    assert not Value(-0.0)
    assert bool(Value(nan))
    assert not Value(nan) < 1
    assert not Value(nan) >= 1
