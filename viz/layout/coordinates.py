"""Places inside the layers: straight edges, nothing overlapping (after Brandes and Köpf).

Four times each node is aligned with the median of its neighbours: seen from the left and from the
right, with the layer before and with the layer after. The mean of the two middle results is taken.
Edges meet nodes at an offset from the centre, and it is those points that are aligned.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from .layers import topological_order
from .ordering import Layers, positions

Meetings = list[list[tuple[int, float, float]]]  # of each node: (other, offset there, offset here)


@dataclass(slots=True)
class Alignment:
    """Blocks of aligned nodes: `root` of the block, and `shift` of the node against it."""

    root: list[int]
    shift: list[float]


def coordinates(
    layers: Layers,
    breadth: list[float],
    gap: list[float],
    before: Meetings,
    after: Meetings,
    bends: set[int],
) -> list[float]:
    """The centre of each node across its layer; `bends` are the points that only carry an edge."""
    if not breadth:
        return []
    results = []
    for downwards in (True, False):
        for rightwards in (False, True):
            seen = layers if downwards else layers[::-1]
            neighbours, sign = before if downwards else after, 1.0
            if rightwards:
                seen = [layer[::-1] for layer in seen]
                neighbours = [[(w, -o, -p) for w, o, p in found] for found in neighbours]
                sign = -1.0
            position = positions(seen)
            conflicts = _conflicts(seen, position, neighbours, bends)
            alignment = _aligned(seen, position, neighbours, conflicts)
            x = _compacted(seen, alignment, breadth, gap)
            results.append([sign * value for value in x])
    return _balanced(results, breadth)


def _conflicts(
    layers: Layers, position: list[int], before: Meetings, bends: set[int]
) -> set[tuple[int, int]]:
    """Edges that cross a segment between two bends: that segment is to be straight, not they."""
    found: set[tuple[int, int]] = set()
    for upper, lower in pairwise(layers):
        left, scanned = 0, 0
        for i, v in enumerate(lower):
            inner = next((w for w, _, _ in before[v] if w in bends), None) if v in bends else None
            if inner is None and i < len(lower) - 1:
                continue
            right = position[inner] if inner is not None else len(upper)
            for u in lower[scanned : i + 1]:
                for w, _, _ in before[u]:
                    if not (left <= position[w] <= right) and not (u in bends and w in bends):
                        found.add((w, u))
            scanned, left = i + 1, right
    return found


def _aligned(
    layers: Layers, position: list[int], before: Meetings, conflicts: set[tuple[int, int]]
) -> Alignment:
    """Each node joins the block of the median of its neighbours in the layer before."""
    count = len(position)
    root, shift, last = list(range(count)), [0.0] * count, [False] * count
    for layer in layers:
        reached = -1.0
        for v in layer:
            found = sorted([(position[w], o, w, p) for w, o, p in before[v]])
            for m in sorted({(len(found) - 1) // 2, len(found) // 2} if found else ()):
                place, offset, w, own = found[m]
                if root[v] == v and not last[w] and place > reached and (w, v) not in conflicts:
                    root[v], shift[v] = root[w], shift[w] + offset - own
                    last[w] = True
                    reached = place
    return Alignment(root, shift)


def _compacted(
    layers: Layers, alignment: Alignment, breadth: list[float], gap: list[float]
) -> list[float]:
    """Blocks as far to the left as they go, then as near to their right neighbours as they go."""
    root, shift = alignment.root, alignment.shift
    apart: dict[tuple[int, int], float] = {}
    for layer in layers:
        for v, w in pairwise(layer):
            between = (breadth[v] + breadth[w]) / 2 + max(gap[v], gap[w]) + shift[v] - shift[w]
            pair = root[v], root[w]
            apart[pair] = max(apart.get(pair, between), between)
    pairs = list(apart)
    order = topological_order(len(root), pairs)
    towards: list[list[tuple[int, float]]] = [[] for _ in root]
    for (v, w), between in apart.items():
        towards[v].append((w, between))
    place = [float("-inf")] * len(root)
    for v in order:
        if place[v] == float("-inf"):
            place[v] = 0.0
        for w, between in towards[v]:
            place[w] = max(place[w], place[v] + between)
    for v in reversed(order):
        if towards[v]:
            place[v] = max(place[v], min([place[w] - between for w, between in towards[v]]))
    return [place[root[v]] + shift[v] for v in range(len(root))]


def _balanced(results: list[list[float]], breadth: list[float]) -> list[float]:
    """All four moved onto the narrowest; of each node the mean of the two middle ones."""
    extents = [
        (
            min([x - b / 2 for x, b in zip(xs, breadth, strict=True)]),
            max([x + b / 2 for x, b in zip(xs, breadth, strict=True)]),
        )
        for xs in results
    ]
    low, high = min(extents, key=lambda extent: extent[1] - extent[0])
    moved = []
    for i, (xs, (left, right)) in enumerate(zip(results, extents, strict=True)):
        by = high - right if i % 2 else low - left
        moved.append([x + by for x in xs])
    middle = [sorted(places) for places in zip(*moved, strict=True)]
    return [(b + c) / 2 for _, b, c, _ in middle]
