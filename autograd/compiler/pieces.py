"""Many arrays whose numbers come one after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np


class Pieces:
    """Where the numbers of each array are among those of all, one array after another."""

    def __init__(self, shapes: Sequence[tuple[int, ...]]) -> None:
        sizes = [int(np.prod(shape, dtype=int)) for shape in shapes]
        starts = accumulate(sizes, initial=0)
        self._cuts = [
            (slice(i, i + n) if shape else (i, ...), shape)
            for i, n, shape in zip(starts, sizes, shapes, strict=False)
        ]

    def of(self, flat: Any) -> list[Any]:
        """The arrays."""
        return [
            flat[own].reshape(shape) if len(shape) > 1 else flat[own] for own, shape in self._cuts
        ]
