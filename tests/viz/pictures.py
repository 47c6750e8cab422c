"""Reading pictures back: SVG as a tree, and crossings of edges counted on the page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from xml.etree import ElementTree

from viz.drawing import Drawing

SVG = "{http://www.w3.org/2000/svg}"


def tree_of(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def classed(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """The elements of a class."""
    return (e for e in root.iter() if name in (e.get("class") or "").split())


def texts_of(card: ElementTree.Element) -> dict[str, str]:
    """What is written on a card, by class."""
    return {t.get("class", ""): "".join(t.itertext()) for t in card.iter(f"{SVG}text")}


def crossings(drawing: Drawing) -> int:
    """Pairs of pieces of edges that cross, of edges that do not meet in a card."""
    lines = [
        ({edge.source, edge.target}, drawing.placement.routes[edge.id].sampled(6))
        for edge in drawing.scene.edges
    ]
    return sum(
        _crossed(p, q) for (ends, p), (others, q) in combinations(lines, 2) if not ends & others
    )


def _crossed(p: list[tuple[float, float]], q: list[tuple[float, float]]) -> int:
    for axis in (0, 1):
        a, b = [point[axis] for point in p], [point[axis] for point in q]
        if max(a) < min(b) or max(b) < min(a):
            return 0
    return sum(_cross(*a, *b) for a in pairwise(p) for b in pairwise(q))


def _cross(a: tuple[float, float], b: tuple[float, float],
           c: tuple[float, float], d: tuple[float, float]) -> bool:  # fmt: skip
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
