"""Where everything of a scene is: the result of every layout, and all that the writers need."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place on the page, measured from the top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        """The point in the middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge: a start, then cubic curves of three points each."""

    points: tuple[Point, ...]
    label: Point
    anchor: str  # "start", "middle" or "end": where the label's text is held
    crowded: bool = False  # no room for the label: shown only when the edge is lit up

    def sampled(self, per_curve: int = 8) -> list[Point]:
        """Points along the way, close enough to take for the curve."""
        found = [self.points[0]]
        for i in range(0, len(self.points) - 1, 3):
            a, b, c, d = self.points[i : i + 4]
            for k in range(1, per_curve + 1):
                t = k / per_curve
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                found.append(
                    (
                        sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                        sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
                    )
                )
        return found


@dataclass(frozen=True, slots=True)
class Placement:
    """Rectangles of cards and boxes and routes of edges, by id."""

    width: float
    height: float
    cards: dict[str, Rectangle]
    routes: dict[str, Route]
    boxes: dict[str, Rectangle]
