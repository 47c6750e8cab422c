"""Forward functions on floats that `math` lacks, in forms that stay accurate everywhere.

Each is one row's forward function (see `operations`); the derivatives live there, not here.
"""

from __future__ import annotations

from math import cosh, exp, inf, isinf, isnan, log1p, nan, pow, prod, sqrt


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), computed from whichever exponential does not overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


def dsigmoid(x: float) -> float:
    """σ(x)·(1 − σ(x)) without the cancellation in 1 − σ."""
    e = exp(-abs(x))
    return e / ((1.0 + e) * (1.0 + e))


def dtanh(x: float) -> float:
    """1 − tanh(x)² = 1 / cosh(x)², without the cancellation."""
    try:
        return pow(cosh(x), -2.0)
    except OverflowError:
        return 0.0


def dasin(x: float) -> float:
    """1 / √(1 − x²); the product keeps its accuracy next to ±1."""
    return 1.0 / sqrt((1.0 - x) * (1.0 + x))


def softplus(x: float) -> float:
    """log(1 + e^x)."""
    return x + log1p(exp(-x)) if x > 0.0 else log1p(exp(x))


def relu(x: float) -> float:
    """max(0, x); nan stays nan."""
    return 0.0 if x <= 0.0 else x


def leaky_relu(x: float, slope: float) -> float:
    """x where x > 0, slope·x elsewhere."""
    return x if x > 0.0 else slope * x


def sign(x: float) -> float:
    """−1, 0 or 1."""
    return nan if isnan(x) else (x > 0.0) - (x < 0.0) + 0.0


def maximum(x: float, y: float) -> float:
    """The larger of two numbers; nan wins."""
    return x if x >= y or isnan(x) else y


def minimum(x: float, y: float) -> float:
    """The smaller of two numbers; nan wins."""
    return x if x <= y or isnan(x) else y


def clip(x: float, low: float, high: float) -> float:
    """x moved into [low, high]."""
    if low > high:
        raise ValueError("low > high")
    if isnan(low) or isnan(high):
        return nan
    return low if x < low else high if x > high else x


def total(*terms: float) -> float:
    """The sum of the terms."""
    return sum(terms) + 0.0


def dot(*numbers: float) -> float:
    """x₁·y₁ + … + xₙ·yₙ (+ b) of the flat list x₁…xₙ y₁…yₙ (b), added from the left."""
    n = len(numbers) // 2
    u = numbers[0] * numbers[n] if n else -0.0  # which adds nothing, not even a sign
    for x, y in zip(numbers[1:n], numbers[n + 1 : 2 * n], strict=True):
        u += x * y
    return u + numbers[-1] if len(numbers) % 2 else u


def product(*factors: float) -> float:
    """The product of the factors."""
    return prod(factors, start=1.0)


def logsumexp(*terms: float) -> float:
    """log(e^x₁ + … + e^xₙ), shifted by the largest term so that nothing overflows."""
    largest = maximum_of(*terms)
    if isinf(largest) or isnan(largest):
        return largest
    others = list(terms)
    others.remove(largest)
    return largest + log1p(sum([exp(term - largest) for term in others]))


def maximum_of(*numbers: float) -> float:
    """The largest number; nan wins."""
    return nan if any(map(isnan, numbers)) else max(numbers, default=-inf)


def minimum_of(*numbers: float) -> float:
    """The smallest number; nan wins."""
    return nan if any(map(isnan, numbers)) else min(numbers, default=inf)
