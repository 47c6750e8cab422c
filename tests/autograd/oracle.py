"""The operations once more, at 50 digits: what a derivative is compared with.

Each entry is a function of mpmath numbers, written from the textbook and not from the table. Its
derivatives come from mpmath's own differences, so no derivative is written here at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import frexp
from typing import Any

import mpmath
from mpmath import mp, mpf

mp.dps = 50

Function = Callable[..., Any]


def _dot(*numbers: Any) -> Any:
    n = len(numbers) // 2
    products = [x * y for x, y in zip(numbers[:n], numbers[n : 2 * n], strict=True)]
    return mpmath.fsum([*products, *numbers[2 * n :]])


FUNCTIONS: dict[str, Function] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": lambda x, y: mpmath.power(x, y),
    "neg": lambda x: -x,
    "pos": lambda x: x,
    "abs": abs,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "sqrt": mpmath.sqrt,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "dtanh": lambda x: mpmath.sech(x) ** 2,
    "dsigmoid": lambda x: mpmath.sech(x / 2) ** 2 / 4,
    "dasin": lambda x: 1 / mpmath.sqrt(1 - x * x),
    "datan": lambda x: 1 / (1 + x * x),
    "relu": lambda x: max(x, mpf(0)),
    "step": lambda x: mpf(x > 0),
    "sign": mpmath.sign,
    "leaky_relu": lambda x, slope: max(x, mpf(0)) + slope * min(x, mpf(0)),
    "maximum": max,
    "minimum": min,
    "clip": lambda x, low, high: max(low, min(high, x)),
    "where": lambda condition, x, y: x if condition else y,
    "mainly": lambda x, exception, y: y if exception else x,
    "greater": lambda x, y: mpf(x > y),
    "equal": lambda x, y: mpf(x == y),
    "sum": lambda *xs: mpmath.fsum(xs),
    "dot": _dot,
    "prod": lambda *xs: mpmath.fprod(xs),
    "logsumexp": lambda *xs: mpmath.log(mpmath.fsum([mpmath.exp(x) for x in xs])),
    "max": lambda *xs: max(xs),
    "min": lambda *xs: min(xs),
}
TAILS = {"erf": lambda x: x * x}  # e to minus this; |x| for the others


def value(name: str, point: Sequence[float]) -> Any:
    """The operation at a point, to 50 digits and more."""
    with mp.workdps(_digits(name, point)):
        return FUNCTIONS[name](*map(mpf, point))


def derivative(name: str, point: Sequence[float], *by: int) -> Any:
    """The partial derivative by the arguments of these numbers, to 50 digits."""
    orders = tuple([by.count(i) for i in range(len(point))])
    digits = _digits(name, point)
    with mp.workdps(digits):
        found = mpmath.diff(FUNCTIONS[name], tuple(map(mpf, point)), orders)
        return mpmath.chop(found, mpf(10) ** (10 - digits))  # what differences leave of a 0


def _digits(name: str, point: Sequence[float]) -> int:
    """Enough for tails that fall off like e^−2|x| and for differences next to 0 (or 1)."""
    tail = max(map(TAILS.get(name, abs), point))
    smallest = min([abs(x) for x in point if x], default=1.0)
    return 60 + int(min(tail, 800.0)) + max(0, -frexp(smallest)[1]) // 3
