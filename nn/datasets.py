"""Small sets to learn from, made on the spot: (inputs, targets), two lists of one length."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin
from random import Random
from typing import Any

from autograd import ArgumentError, AutogradError

from .checks import count, real
from .nested import flattened, nested, shape_of
from .randomness import Seed, generator

Points = list[list[float]]


def xor() -> tuple[Points, list[int]]:
    """The four points of the plane's unit square with x₁ ⊕ x₂."""
    return [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]


def moons(n_samples: int = 100, noise: float = 0.1, seed: Seed = None) -> tuple[Points, list[int]]:
    """Two half circles, one reaching into the other: classes 0 and 1, evenly many, in turn."""
    n, source = count(n_samples, "moons(n_samples=…)", least=2), generator(seed)
    inputs, targets = [], []
    for i in range(n):
        angle, target = pi * (i // 2) / max((n + 1) // 2 - 1, 1), i % 2
        x, y = cos(angle), sin(angle)
        inputs.append([1.0 - x, 0.5 - y] if target else [x, y])
        targets.append(target)
    return _noisy(inputs, noise, source), targets


def spirals(
    n_samples: int = 100, noise: float = 0.05, seed: Seed = None, turns: float = 1.0
) -> tuple[Points, list[int]]:
    """Two spirals around the origin, half a turn apart: classes 0 and 1, evenly many, in turn."""
    n, source = count(n_samples, "spirals(n_samples=…)", least=2), generator(seed)
    whole = 2.0 * pi * real(turns, "spirals(turns=…)")
    inputs, targets = [], []
    for i in range(n):
        way, target = (i // 2 + 1) / ((n + 1) // 2), i % 2
        angle = whole * way + pi * target
        inputs.append([way * cos(angle), way * sin(angle)])
        targets.append(target)
    return _noisy(inputs, noise, source), targets


def blobs(
    n_samples: int = 100,
    centers: Sequence[Sequence[float]] = ((-1.0, -1.0), (1.0, 1.0)),
    noise: float = 0.3,
    seed: Seed = None,
) -> tuple[Points, list[int]]:
    """A Gaussian cloud around each centre, in turn; the class is the number of the centre."""
    n, source = count(n_samples, "blobs(n_samples=…)"), generator(seed)
    shape = shape_of(centers, "blobs(centers=…)")
    if len(shape) != 2:
        raise ArgumentError(f"blobs(centers=…) is a list of points, not {centers!r}")
    targets = [i % shape[0] for i in range(n)]
    points = nested(flattened(centers), shape)
    return _noisy([points[t] for t in targets], noise, source), targets


def _noisy(points: Points, noise: float, source: Random) -> Points:
    std = real(noise, "noise", least=0.0)
    return [[x + source.gauss(0.0, std) for x in point] for point in points]


def digits() -> tuple[list[Any], list[int]]:
    """The 1797 digits that scikit-learn ships: images of 8×8 numbers in [0, 1], classes 0 to 9."""
    try:
        from sklearn.datasets import load_digits  # type: ignore[import-untyped]
    except ImportError as error:
        raise AutogradError(
            "the 8×8 digits come with scikit-learn, which is not installed: "
            "pip install scikit-learn"
        ) from error
    found = load_digits()
    return (found.images / 16.0).tolist(), found.target.tolist()
