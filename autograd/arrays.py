"""Forward functions on arrays that NumPy lacks. Loaded when the first array comes in."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, np.dtype[np.float64]]


def each(function: Callable[..., Any], *operands: Any, kind: type = float) -> Any:
    """The function of the elements, one after another, of arrays that fit together."""
    arrays = np.broadcast_arrays(*operands)
    found: Any = np.empty(arrays[0].size, dtype=kind)
    found[:] = list(map(function, *[a.ravel().tolist() for a in arrays]))
    return found.reshape(arrays[0].shape)[()]


def erf(x: Any) -> Any:
    """erf, element by element."""
    return each(math.erf, x)


def total(*terms: Any) -> Any:
    """The sum of the terms."""
    return reduce(np.add, terms)


def dot(*numbers: Any) -> Any:
    """x₁·y₁ + … + xₙ·yₙ (+ b) of the flat list x₁…xₙ y₁…yₙ (b)."""
    n = len(numbers) // 2
    products = [x * y for x, y in zip(numbers[:n], numbers[n : 2 * n], strict=True)]
    return reduce(np.add, products + list(numbers[2 * n :]))


def product(*factors: Any) -> Any:
    """The product of the factors."""
    return reduce(np.multiply, factors)


def logsumexp(*terms: Any) -> Any:
    """log(e^x₁ + … + e^xₙ)."""
    return reduce(np.logaddexp, terms)


def maximum_of(*numbers: Any) -> Any:
    """The largest number."""
    return reduce(np.maximum, numbers)


def minimum_of(*numbers: Any) -> Any:
    """The smallest number."""
    return reduce(np.minimum, numbers)
