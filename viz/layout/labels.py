"""Where the local derivatives stand: at the end of an edge where there is room for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ..scene import Edge, Scene
from ..sizes import SMALL
from ..text import width_of
from .placement import Point

ROOM = {True: 11.0, False: 44.0}  # for one label at the side of a card, if the flow is sideways
EDGE = 14.0  # of the side is left free


class Labels:
    """Knows how crowded the two ends of each edge are."""

    def __init__(self, scene: Scene, sizes: Mapping[str, tuple[float, float]]) -> None:
        self.sideways = scene.direction in ("LR", "RL")
        self.arriving = Counter(edge.target for edge in scene.edges)
        self.leaving = Counter(edge.source for edge in scene.edges)
        self.sides = {name: size[self.sideways] for name, size in sizes.items()}

    def at_head(self, edge: Edge) -> bool:
        """Whether the label stands before the consumer."""
        room = (self.sides[edge.target] - EDGE) / ROOM[self.sideways]
        return self.arriving[edge.target] <= room + 1

    def crowded(self, edge: Edge) -> bool:
        """Whether there is room at neither end."""
        return not self.at_head(edge) and self.leaving[edge.source] > 1

    def run_in(self, edge: Edge) -> float:
        """How long an edge is to run straight beside its label before it arrives."""
        if not edge.label or not self.at_head(edge):
            return 8.0
        return 16.0 + (width_of(edge.label, SMALL) if self.sideways else 0.0)

    def run_out(self, edge: Edge) -> float:
        """The same for a label at the other end."""
        if not edge.label or self.at_head(edge) or self.crowded(edge):
            return 0.0
        return 4.0 + (width_of(edge.label, SMALL) if self.sideways else 8.0)

    def place(self, edge: Edge, path: list[Point]) -> tuple[Point, str]:
        """Beside the line, near one of its ends, and how the text is held there."""
        at_head = self.at_head(edge)
        (x, y), inner = (path[-1], path[-2]) if at_head else (path[0], path[1])
        distance = 9.0 if at_head else 5.0
        if not self.sideways:
            upwards = inner[1] < y
            return (x + 4.0, y - distance - 2 if upwards else y + distance + 9), "start"
        if inner[0] < x:
            return (x - distance, y - 3.0), "end"
        return (x + distance, y - 3.0), "start"
