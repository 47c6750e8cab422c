"""Where random numbers come from: a seed or a generator that the caller passes."""

from __future__ import annotations

import random
from operator import index
from typing import TYPE_CHECKING, TypeAlias

from autograd import ArgumentTypeError

if TYPE_CHECKING:
    from numpy.random import Generator, RandomState

Seed: TypeAlias = "int | random.Random | Generator | RandomState | None"


def generator(seed: Seed) -> random.Random:
    """An int seeds a new generator, Python's generators are used as they are, None is the shared.

    From NumPy's generators, `default_rng(…)` and `RandomState(…)`, eight bytes are drawn as a seed.
    Python's shared generator differs from run to run unless `random.seed(…)` was called.
    """
    if seed is None:
        return random._inst
    if isinstance(seed, random.Random):
        return seed
    if hasattr(seed, "__index__") and not isinstance(seed, bool):
        return random.Random(index(seed))
    if callable(getattr(seed, "bytes", None)):
        return random.Random(seed.bytes(8))  # type: ignore[union-attr]
    raise ArgumentTypeError(
        f"seed is an int, a generator of Python or NumPy, or None, not {seed!r}"
    )


def new_seed(source: random.Random) -> int:
    """A seed drawn from a generator, for something that makes its numbers later."""
    return source.getrandbits(64)
