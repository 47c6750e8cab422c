"""What lines of one net share: the bends that they pass, as far as they go together.

A number that goes into every layer of a long chain has as many ways as the chain has layers, each
nearly as long as the chain. They are kept, and told, by their trunk's corners, or pictures of such
graphs would grow with the square of their length.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(slots=True)
class Trunk:
    """The bends of a net in one direction, one a layer; at its `corners` it changes its place."""

    bends: list[int] = field(default_factory=list)
    corners: list[int] = field(default_factory=list)

    def find_corners(self, across: Sequence[float]) -> None:
        """To be called when the places across are known."""
        places = [across[v] for v in self.bends]
        self.corners = [i for i, x in enumerate(places) if not i or places[i - 1] != x]

    def level_pieces(self, count: int) -> Iterator[tuple[int, int]]:
        """The first and the last bend of each level piece of the first `count` bends."""
        starts = self.corners[: bisect_left(self.corners, count)]
        for start, end in zip(starts, [*starts, count][1:], strict=True):
            yield self.bends[start], self.bends[end - 1]


class Hops(NamedTuple):
    """The way of a line through the layers: over the first bends of a trunk, `passed` of them.

    `first` is what follows the source, `last` what is before the target.
    """

    first: int
    last: int
    trunk: Trunk
    passed: int
