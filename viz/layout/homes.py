"""Which frame each card and box is drawn in, so that frames never depend on each other in a ring.

The nodes of two scopes can use one another in turn (the units of a recurrent layer do); the boxes
of such scopes are left out, and what is in them is drawn in the box around.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from ..scene import Scene
from .layers import rings


def homes(scene: Scene, element: Callable[[str], str]) -> dict[str, str]:
    """The frame of each element; "" is the page."""
    parent = {box.id: box.parent for box in scene.boxes}
    parent |= {card.id: card.box for card in scene.cards if element(card.id) == card.id}
    boxes = {box.id for box in scene.boxes}
    ends = [
        (element(e.target), element(e.source))
        if e.family == "B"
        else (element(e.source), element(e.target))
        for e in scene.edges
        if e.family != "GB"
    ]
    while boxes and (gone := _boxes_in_rings(parent, ends) & boxes):
        boxes -= gone
        parent = {
            inner: _without(outer, parent, gone)
            for inner, outer in parent.items()
            if inner not in gone
        }
    return parent


def _without(outer: str, parent: dict[str, str], gone: set[str]) -> str:
    while outer in gone:
        outer = parent[outer]
    return outer


def _boxes_in_rings(parent: dict[str, str], ends: list[tuple[str, str]]) -> set[str]:
    """Elements that stand on a ring inside their frame."""
    by_frame: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for source, target in ends:
        frame, pair = _meeting(parent, source, target)
        if pair[0] != pair[1]:
            by_frame[frame][pair] = None
    found: set[str] = set()
    for pairs in by_frame.values():
        found |= _ring(list(pairs))
    return found


def _meeting(parent: dict[str, str], source: str, target: str) -> tuple[str, tuple[str, str]]:
    """The innermost frame around both ends, and the two elements of it that hold them."""
    chains = []
    for end in (source, target):
        chain = [end]
        while chain[-1]:
            chain.append(parent[chain[-1]])
        chains.append(chain)
    out, into = chains
    while len(out) > 2 and len(into) > 2 and out[-2] == into[-2]:
        out.pop()
        into.pop()
    return out[-1], (out[-2], into[-2])


def _ring(pairs: list[tuple[str, str]]) -> set[str]:
    names = list(dict.fromkeys([name for pair in pairs for name in pair]))
    number = {name: i for i, name in enumerate(names)}
    found = rings(len(names), [(number[a], number[b]) for a, b in pairs])
    return {names[i] for ring in found for i in ring}
