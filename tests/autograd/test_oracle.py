"""Every built-in operation and its first and second derivatives against 50-digit arithmetic.

The bound is a relative error of 1e-13; where an operation has another, the reason stands beside it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from math import inf, isfinite, nextafter, pi

import pytest
from mpmath import mpf

from autograd import Value, backprop, lookup, operations

from . import oracle
from .samples import Point, arity, function_of

TOLERANCE = 1e-13
SMALLEST = 1e-300  # below, floats themselves have fewer digits
NEXT_TO_1 = nextafter(1.0, 0.0)

# Intervals to draw from, and single points next to edges.
DOMAINS: dict[str, tuple[list[tuple[float, float]], list[float]]] = {
    "exp": ([(-20, 20), (-700, 700)], [0.0, 709.0, -745.0]),
    "expm1": ([(-1, 1), (-30, 700)], [0.0, 1e-300, -1e-9, -745.0]),
    "log": ([(1e-9, 3), (1, 1e9)], [5e-324, 1e-150, NEXT_TO_1, 1.0, 1e300]),
    "log1p": ([(-0.999, 1), (1, 1e9)], [-NEXT_TO_1, -1 + 1e-9, 1e-300, 0.0, 1e150]),
    "sqrt": ([(0, 2), (1, 1e9)], [5e-324, 1e-150, 1e300]),
    "sin": ([(-4, 4), (-1e6, 1e6)], [0.0, pi, 1e22, 1e-300]),
    "cos": ([(-4, 4), (-1e6, 1e6)], [0.0, pi / 2, 1e22, 1e-300]),
    "tan": ([(-1.5, 1.5), (-1e3, 1e3)], [0.0, pi / 2, 1e22, 1e-300]),
    "asin": ([(-1, 1), (0.999, 1)], [0.0, NEXT_TO_1, -NEXT_TO_1, 1e-300]),
    "acos": ([(-1, 1), (0.999, 1)], [0.0, NEXT_TO_1, -NEXT_TO_1, 1e-300]),
    "dasin": ([(-1, 1), (0.999, 1)], [0.0, NEXT_TO_1, -NEXT_TO_1, 1e-300]),
    "atan": ([(-3, 3), (-1e6, 1e6)], [0.0, 1e-300, 1e60, 1e90]),
    "datan": ([(-3, 3), (-1e6, 1e6)], [0.0, 1e-300, 1e60, 1e90]),
    "sinh": ([(-3, 3), (-700, 700)], [0.0, 1e-300]),
    "cosh": ([(-3, 3), (-700, 700)], [0.0, 1e-300]),
    "tanh": ([(-3, 3), (-300, 300)], [0.0, 20.0, -20.0, 300.0, 1e-300, 1000.0, -745.0]),
    "dtanh": ([(-3, 3), (-300, 300)], [0.0, 20.0, -20.0, 300.0, 1e-300, 1000.0, -745.0]),
    "erf": ([(-3, 3), (-26, 26)], [0.0, 1e-300, 40.0]),
    "sigmoid": ([(-5, 5), (-700, 700)], [0.0, 20.0, -20.0, 745.0, -745.0, 1000.0, -1000.0]),
    "dsigmoid": ([(-5, 5), (-700, 700)], [0.0, 20.0, -20.0, 745.0, -745.0, 1000.0, -1000.0]),
    "softplus": ([(-5, 5), (-700, 700)], [0.0, 20.0, -20.0, 745.0, -745.0, 1000.0, -1000.0]),
}
USUAL = (
    [(-3, 3), (-1e6, 1e6)],
    [1e-150, -745.0, 1e100],
)


def _points(name: str, count: int) -> Iterator[Point]:
    draw = random.Random(f"{count} points of {name}")
    operation = lookup(name)
    if arity(operation) == 1:
        intervals, singles = DOMAINS.get(name, USUAL)
        yield from [(x,) for x in singles]
        yield from [(draw.uniform(*draw.choice(intervals)),) for _ in range(count)]
    elif name == "**":
        yield from _powers(draw, count)
    elif name == "clip":
        for _ in range(count):
            low, x, high = sorted(draw.uniform(-9, 9) for _ in range(3))
            yield from [(x, low, high), (low, x, high), (high, low, x)]
    else:
        for k in range(count):
            size = arity(operation) or 1 + k % 4
            width = draw.choice((1.0, 30.0, 700.0))
            yield tuple(draw.uniform(-width, width) for _ in range(size))


def _powers(draw: random.Random, count: int) -> Iterator[Point]:
    for _ in range(count // 2):
        yield draw.uniform(0, 3), draw.uniform(-5, 5)
        yield draw.uniform(0, 1e6), draw.uniform(-20, 20)
    for base in (0.5, 1.0, 2.5, NEXT_TO_1, 1e-20):
        yield from [(base, exponent) for exponent in (-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0)]


def _error(found: float, exact: mpf, scale: mpf) -> float:
    """Relative to the scale; of what floats cannot hold, infinity and 0 are right."""
    if abs(exact) > 1e308:
        return 0.0 if not isfinite(found) or abs(found) > 1e307 else inf
    if abs(exact) < SMALLEST:
        return 0.0 if abs(found - float(exact)) <= SMALLEST * TOLERANCE + 1e-322 else inf
    return float(abs(mpf(found) - exact) / scale)


def _errors(name: str, point: Point) -> Iterator[tuple[str, float, float, mpf]]:
    """(what, error, found, exact) for the value and the derivatives of order 1 and 2."""
    xs = [Value(x) for x in point]
    u = function_of(lookup(name))(*xs)
    exact = oracle.value(name, point)
    yield "value", _error(u.data, exact, abs(exact)), u.data, exact
    numbers, graph = backprop(u), backprop(u, create_graph=True)
    first = [oracle.derivative(name, point, i) for i in range(len(xs))]
    for x, exact in zip(xs, first, strict=True):
        yield "∂", _error(numbers[x], exact, abs(exact)), numbers[x], exact
        yield "∂ in graph B", _error(graph[x].data, exact, abs(exact)), graph[x].data, exact
    for i, j in product(range(len(xs)), repeat=2):
        if isfinite(graph[xs[i]].data):
            found = backprop(graph[xs[i]]).get(xs[j], 0.0)
            exact = oracle.derivative(name, point, i, j)
            # ∂²logsumexp/∂x² is p − p² where p is the first derivative: next to p = 1 that
            # cancels, and the error is one of p.
            cancels = name == "logsumexp" and i == j
            scale = abs(first[i] if cancels else exact)
            yield "∂²", _error(found, exact, scale), found, exact


def _check(name: str, count: int) -> None:
    for point in _points(name, count):
        for what, error, found, exact in _errors(name, point):
            assert error <= TOLERANCE, f"{what} at {point}: {found!r} and {exact}, error {error}"


BUILTIN = [o.name for o in operations() if o.builtin]


@pytest.mark.parametrize("name", BUILTIN)
def test_operation(name: str) -> None:
    _check(name, 24)


@pytest.mark.long
@pytest.mark.parametrize("name", BUILTIN)
def test_operation_at_more_points(name: str) -> None:
    _check(name, 100)


def test_every_builtin_operation_has_an_oracle() -> None:
    assert set(oracle.FUNCTIONS) == set(BUILTIN)


TAILS = {"tanh": "dtanh", "sigmoid": "dsigmoid", "softplus": "sigmoid"}


@pytest.mark.parametrize("x", [20.0, -20.0, 300.0, -300.0, 745.0, -745.0, 1000.0, -1000.0])
@pytest.mark.parametrize("name", TAILS)
def test_tails_keep_their_derivatives(name: str, x: float) -> None:
    """1 − tanh² at 20 is not 0, nor is σ′ at −745: to the last bits, or the smallest float."""
    v = Value(x)
    found = backprop(function_of(lookup(name))(v))[v]
    exact = oracle.derivative(name, (x,), 0)
    assert abs(found - float(exact)) <= max(4e-16 * abs(float(exact)), 5e-324)


def test_tails_that_floats_can_hold_are_not_zero() -> None:
    for name, x in [("tanh", 20.0), ("tanh", 300.0), ("sigmoid", -745.0), ("sigmoid", 745.0)]:
        v = Value(x)
        assert backprop(function_of(lookup(name))(v))[v] > 0.0


def test_logsumexp_of_large_numbers_is_softmax_of_small_ones() -> None:
    """A constant added to all numbers changes nothing, and the shares sum to 1."""
    for shift in (0.0, 1e3, -1e3, 1e8, 2.0**53, -(2.0**53)):
        xs = [Value(shift + x) for x in (0.0, 2.0, -4.0, 2.0)]
        exact = [oracle.derivative("logsumexp", (0.0, 2.0, -4.0, 2.0), i) for i in range(4)]
        shares = function_of(lookup("logsumexp"))(*xs).local_derivatives
        assert max(abs(s - float(e)) for s, e in zip(shares, exact, strict=True)) <= 1e-15
        assert abs(sum(shares) - 1.0) <= 4e-16
