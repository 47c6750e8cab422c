"""Few crossings: the order of the nodes inside each layer, by medians and transpositions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from random import Random

PATIENCE = 5  # rounds without progress, after which another start is tried

Layers = list[list[int]]
Neighbours = list[list[tuple[int, float]]]  # of each node: (other node, where the edge meets it)


def ordered(layers: Layers, before: Neighbours, after: Neighbours) -> Layers:
    """The layers with their nodes in an order in which edges cross seldom.

    Every other pair of rounds breaks ties the other way round, which leads out of dead ends.
    """
    size = sum(map(len, layers)) + sum(map(len, after))
    rounds, passes, starts = _effort(size)
    best, fewest = [list(layer) for layer in layers], crossings(layers, after)
    for start in _starts(layers, starts):
        current, idle = [list(layer) for layer in start], 0
        for i in range(rounds):
            if not fewest or idle > PATIENCE:
                break
            turned = i % 4 >= 2
            _sweep(current, before, after, downwards=i % 2 == 0, turned=turned)
            _transpose(current, before, after, passes, turned)
            count = crossings(current, after)
            idle += 1
            if count < fewest:
                best, fewest, idle = [list(layer) for layer in current], count, 0
    _tidy(best, layers, before, after)
    return best


def _tidy(layers: Layers, natural: Layers, before: Neighbours, after: Neighbours) -> None:
    """Give nodes that meet the same neighbours their natural order back."""
    place = positions(natural)
    for layer in layers:
        same: dict[tuple[object, ...], list[int]] = {}
        for i, v in enumerate(layer):
            same.setdefault((*sorted(before[v]), None, *sorted(after[v])), []).append(i)
        for places in same.values():
            nodes = sorted([layer[i] for i in places], key=place.__getitem__)
            for i, v in zip(places, nodes, strict=True):
                layer[i] = v


def _starts(layers: Layers, count: int) -> Iterator[Layers]:
    """The order given, that order turned round, and shuffled ones, the same in every run."""
    yield layers
    if count > 1:
        yield [layer[::-1] for layer in layers]
    for seed in range(count - 2):
        shuffled = Random(seed)
        yield [shuffled.sample(layer, len(layer)) for layer in layers]


def _effort(size: int) -> tuple[int, int, int]:
    """Rounds, passes of transpositions in each, and starts: less where the graph is large."""
    if size < 1000:
        return 24, 10, 2 + 400 // (size + 60)
    return (12, 4, 2) if size < 4000 else (6, 2, 1) if size < 20000 else (2, 0, 1)


def crossings(layers: Layers, after: Neighbours) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    position = positions(layers)
    count = 0
    for layer in layers:
        ends: list[float] = []
        for v in layer:
            targets = [position[w] + offset for w, offset in after[v]]
            count += sum(len(ends) - bisect_right(ends, x) for x in targets)
            for x in targets:
                insort(ends, x)
    return count


def positions(layers: Layers) -> list[int]:
    """For each node its place in its layer."""
    position = [0] * sum(map(len, layers))
    for layer in layers:
        for i, v in enumerate(layer):
            position[v] = i
    return position


def _sweep(
    layers: Layers, before: Neighbours, after: Neighbours, downwards: bool, turned: bool
) -> None:
    """Sort each layer by the medians of its neighbours in the layer just sorted."""
    position = positions(layers)
    neighbours = before if downwards else after
    for layer in layers if downwards else reversed(layers):
        medians = {v: _median([position[w] + o for w, o in neighbours[v]]) for v in layer}
        _sort_by(layer, medians, turned)
        for i, v in enumerate(layer):
            position[v] = i


def _median(places: list[float]) -> float | None:
    """The middle; of an even number, nearer to where the others are denser."""
    if not places:
        return None
    places.sort()
    middle = len(places) // 2
    if len(places) % 2:
        return places[middle]
    if len(places) == 2:
        return (places[0] + places[1]) / 2
    left, right = places[middle - 1] - places[0], places[-1] - places[middle]
    if left + right == 0:
        return (places[middle - 1] + places[middle]) / 2
    return (places[middle - 1] * right + places[middle] * left) / (left + right)


def _sort_by(layer: list[int], medians: dict[int, float | None], turned: bool) -> None:
    """Sort those that have a median; the others keep their places."""
    movable = [v for v in layer if medians[v] is not None]
    if turned:
        movable.reverse()
    movable.sort(key=lambda v: medians[v])  # type: ignore[arg-type, return-value]
    moved = iter(movable)
    layer[:] = [v if medians[v] is None else next(moved) for v in layer]


def _transpose(
    layers: Layers, before: Neighbours, after: Neighbours, passes: int, turned: bool
) -> None:
    """Swap neighbours while that takes away crossings."""
    position = positions(layers)
    pending = set(range(len(layers)))
    for _ in range(passes):
        changed: set[int] = set()
        for k in sorted(pending):
            if _transpose_layer(layers[k], before, after, position, turned):
                changed |= {k - 1, k, k + 1} & set(range(len(layers)))
        if not changed:
            return
        pending, turned = changed, False


def _transpose_layer(
    layer: list[int], before: Neighbours, after: Neighbours, position: list[int], turned: bool
) -> bool:
    """Swap neighbours where that helps; turned: also where it makes no difference."""
    changed = False
    sides = [
        {v: sorted([position[w] + o for w, o in neighbours[v]]) for v in layer}
        for neighbours in (before, after)
    ]
    for i in range(len(layer) - 1):
        v, w = layer[i], layer[i + 1]
        kept = swapped = 0
        for side in sides:
            a, b = side[v], side[w]
            if a and b and (a[-1] > b[0] or b[-1] > a[0]):
                kept += _inversions(a, b)
                swapped += _inversions(b, a)
        if swapped < kept or (turned and swapped == kept and kept):
            layer[i], layer[i + 1] = w, v
            position[v], position[w] = i + 1, i
            changed = True
    return changed


def _inversions(left: list[float], right: list[float]) -> int:
    """How many pairs are in the wrong order when left stands before right."""
    if left[-1] <= right[0]:
        return 0
    return sum([bisect_left(right, x) for x in left])
