"""From "along and across the flow" to the page: the direction, curves, and places of labels."""

from __future__ import annotations

from itertools import pairwise

from ..scene import Edge, Scene
from .labels import Labels
from .placement import Placement, Point, Rectangle, Route

MARGIN = 14.0


def on_page(
    scene: Scene,
    labels: Labels,
    cards: dict[str, Rectangle],
    boxes: dict[str, Rectangle],
    paths: dict[str, list[Point]],
) -> Placement:
    """Everything turned into the scene's direction, with a margin around it; paths are curves."""
    turned_cards = {name: _turned(place, scene.direction) for name, place in cards.items()}
    turned_boxes = {name: _turned(place, scene.direction) for name, place in boxes.items()}
    bent = {name: [_point(p, scene.direction) for p in path] for name, path in paths.items()}
    places = [*turned_cards.values(), *turned_boxes.values()]
    points = [p for path in bent.values() for p in path]
    left = min([*[r.x for r in places], *[p[0] for p in points]], default=0.0) - MARGIN
    top = min([*[r.y for r in places], *[p[1] for p in points]], default=0.0) - MARGIN
    right = max([*[r.x + r.width for r in places], *[p[0] for p in points]], default=0.0)
    bottom = max([*[r.y + r.height for r in places], *[p[1] for p in points]], default=0.0)

    def moved(place: Rectangle) -> Rectangle:
        return Rectangle(place.x - left, place.y - top, place.width, place.height)

    def route(edge: Edge) -> Route:
        path = [(x - left, y - top) for x, y in bent[edge.id]]
        label, anchor = labels.place(edge, path)
        return Route(tuple(path), label, anchor, labels.crowded(edge))

    return Placement(
        right - left + MARGIN,
        bottom - top + MARGIN,
        {name: moved(place) for name, place in turned_cards.items()},
        {edge.id: route(edge) for edge in scene.edges},
        {name: moved(place) for name, place in turned_boxes.items()},
    )


def _point(point: Point, direction: str) -> Point:
    along, across = point
    return {
        "LR": (along, across),
        "RL": (-along, across),
        "TB": (across, along),
        "BT": (across, -along),
    }[direction]


def _turned(place: Rectangle, direction: str) -> Rectangle:
    x, y = _point(place.centre, direction)
    length, breadth = place.width, place.height
    width, height = (length, breadth) if direction in ("LR", "RL") else (breadth, length)
    return Rectangle(x - width / 2, y - height / 2, width, height)


def curves(way: list[Point]) -> list[Point]:
    """Cubic curves through points given as (along, across) that leave and reach each along."""
    points = [way[0]]
    for (a, b), (c, d) in pairwise(way):
        # Around the side of a layer, the further the longer, so that one arc lies in another.
        bulge = min(16.0 + 0.13 * abs(d - b), 56.0) if a == c and b != d else 0.0
        points += [((a + c) / 2 + bulge, b), ((a + c) / 2 + bulge, d), (c, d)]
    return points
