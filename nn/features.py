"""Features instead of layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any

from autograd import prod

from .checks import count, listed


def polynomial_features(inputs: Sequence[Any], degree: int = 2) -> list[Any]:
    """All products of 1 to `degree` inputs: x₁, x₂, x₁x₁, x₁x₂, x₂x₂ for two inputs and degree 2.

    The constant 1 is not among them: a unit's bias stands for it.
    """
    xs = listed(inputs, "polynomial_features")
    products: list[Any] = []
    for n in range(1, count(degree, "polynomial_features(degree=…)") + 1):
        factors = combinations_with_replacement(xs, n)
        products += [f[0] if n == 1 else prod(f) for f in factors]
    return products
