"""Where random numbers come from: a seed or a generator that the caller passes."""

from __future__ import annotations

import random
from operator import index

from autograd import ArgumentTypeError

Seed = int | random.Random | None


def generator(seed: Seed) -> random.Random:
    """An int seeds a new generator, a generator is used as it is, None is Python's shared one.

    Python's shared generator differs from run to run unless `random.seed(…)` was called.
    """
    if seed is None:
        return random._inst
    if isinstance(seed, random.Random):
        return seed
    if hasattr(seed, "__index__") and not isinstance(seed, bool):
        return random.Random(index(seed))
    raise ArgumentTypeError(f"seed is an int, a random.Random or None, not {seed!r}")


def new_seed(source: random.Random) -> int:
    """A seed drawn from a generator, for something that makes its numbers later."""
    return source.getrandbits(64)
