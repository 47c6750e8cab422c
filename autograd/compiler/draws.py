"""Random numbers: a program would repeat those that were drawn while it was traced."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np


class Draws:
    """The states of random generators, among them those that `random` and `numpy` share."""

    def __init__(self, sources: Iterable[Any]) -> None:
        shared: list[Any] = [random._inst]
        if (numpy_random := sys.modules.get("numpy.random.mtrand")) is not None:
            shared.append(numpy_random._rand)
        self._states = [(source, _state(source)) for source in (*sources, *shared)]

    def taken_back(self) -> bool:
        """Whether numbers were drawn since; if so, the generators are where they were again."""
        moved = [(source, state) for source, state in self._states if _state(source) != state]
        for source, state in moved:
            _set_state(source, pickle.loads(state))
        return bool(moved)


def is_source(x: Any) -> bool:
    """Whether x is a generator of random numbers."""
    return isinstance(x, (random.Random, np.random.Generator, np.random.RandomState))


def _state(source: Any) -> bytes:
    if isinstance(source, np.random.Generator):
        return pickle.dumps(source.bit_generator.state)
    if isinstance(source, np.random.RandomState):
        return pickle.dumps(source.get_state())
    return pickle.dumps(source.getstate())


def _set_state(source: Any, state: Any) -> None:
    if isinstance(source, np.random.Generator):
        source.bit_generator.state = state
    elif isinstance(source, np.random.RandomState):
        source.set_state(state)
    else:
        source.setstate(state)
