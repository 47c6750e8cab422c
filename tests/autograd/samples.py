"""Points at which a row of the table can be tested, found from the row itself.

The pool holds no number at which a function is likely to have a kink, and no two that are equal,
so that a point inside the domain is one at which the row is smooth.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product
from math import isfinite
from typing import Any

from autograd import AutogradError, Operation
from autograd.apply import apply, evaluate
from autograd.functions import of_many

POOL = (0.37, -1.23, 2.71, -0.58, 0.83, 1.64, -3.19, 5.43, -0.071, 0.29)
SIZES = (1, 2, 3, 4, 7)  # of rows that take any number of arguments
EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 1e-320, -1e-320, 1e-9, 30.0, -30.0, 1e200, -1e200,
    float("inf"), float("-inf"), float("nan"),
)  # fmt: skip

Point = tuple[float, ...]


def points(operation: Operation, count: int = 8) -> list[Point]:
    """Some points inside the domain of a row."""
    inside = [point for point in _candidates(operation) if _smooth(operation, point)]
    chosen = random.Random(operation.name).sample(inside, min(count, len(inside)))
    assert len(inside) >= 4, f"the pool has too few points inside the domain of {operation.name!r}"
    return chosen


def edge_points(operation: Operation) -> list[Point]:
    """Zeros, infinities, nan, very small and very large numbers, in all places."""
    every = list(product(EDGES, repeat=arity(operation) or 2))
    return every if len(every) <= 400 else random.Random(operation.name).sample(every, 400)


def arity(operation: Operation) -> int:
    """How many arguments a row takes; 0 for any number."""
    return 0 if operation.any_number else len(operation.derivatives)


def function_of(operation: Operation) -> Callable[..., Any]:
    """The row as a function of its arguments one by one."""
    if operation.any_number:
        return lambda *arguments: of_many(operation, list(arguments))
    return lambda *arguments: apply(operation, arguments)


def same(x: float, y: float) -> bool:
    """Equal to the last bit, or both nan."""
    return x == y or (x != x and y != y)


def near(x: float, y: float, tolerance: float = 1e-14) -> bool:
    """Equal but for a relative rounding error, or both nan."""
    return same(x, y) or abs(x - y) <= tolerance * max(abs(x), abs(y))


def _candidates(operation: Operation) -> list[Point]:
    if not operation.any_number:
        return [p for p in product(POOL, repeat=arity(operation)) if len(set(p)) == len(p)]
    draw = random.Random(f"candidates of {operation.name}")
    return [tuple(draw.sample(POOL, size)) for size in SIZES for _ in range(3)]


def _smooth(operation: Operation, point: Point) -> bool:
    try:
        u = evaluate(operation, point)
    except AutogradError:
        return False
    return isfinite(u) and all(map(isfinite, operation.rules(point, u)))
