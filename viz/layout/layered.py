"""The layered layout of one frame: nodes in layers, edges from layer to layer between them.

Everything is measured along the flow and across it; which of these is x is decided later.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from .coordinates import coordinates
from .layers import layers_of
from .ordering import ordered
from .trunks import Hops, Trunk

Point = tuple[float, float]
Meeting = tuple[int, float, float]  # the other node, offset there, offset here

BEND = 8.0  # room across for an edge that passes through a layer
BENDS_PER_NODE = 40  # above this, the longest edges are drawn straight


@dataclass(slots=True)
class Line:
    """An edge; it leaves at `tail` and arrives around `head`, measured across from the centres.

    Arriving lines are spread over `room`; lines run straight beside texts at their ends. Lines of
    one `net` carry the same number and share their way as long as they go together. `rank` says
    what the layers owe it: 1, to run forwards, −1, to run backwards, 0, nothing.
    """

    source: int
    target: int
    net: int
    tail: float = 0.0
    head: float = 0.0
    room: float = 0.0
    run_out: float = 0.0
    run_in: float = 0.0
    rank: int = 1


@dataclass(slots=True)
class Problem:
    """What is to be laid out; `first` and `last` are nodes at the two ends of the flow."""

    length: list[float] = field(default_factory=list)
    breadth: list[float] = field(default_factory=list)
    gap: list[float] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    spread: float = 13.0  # between lines that arrive at one node

    def add(self, length: float, breadth: float, gap: float) -> int:
        """Add a node and give it a number."""
        self.length.append(length)
        self.breadth.append(breadth)
        self.gap.append(gap)
        return len(self.length) - 1


@dataclass(slots=True)
class Solution:
    """Centres of the nodes as (along, across), ways of the lines, and the extent of all."""

    centres: list[Point]
    ways: list[list[Point]]
    along: tuple[float, float]
    across: tuple[float, float]


@dataclass(slots=True)
class _Layout:
    """The nodes and bends of a problem, with what was decided so far.

    `segments` lead from one layer to the next: (from, to, a line that goes there), each once.
    """

    problem: Problem
    layer: list[int]
    breadth: list[float]
    gap: list[float]
    bends: set[int]
    trunks: defaultdict[tuple[int, bool], Trunk] = field(default_factory=lambda: defaultdict(Trunk))
    hops: list[Hops] = field(default_factory=list)  # of each line
    segments: list[tuple[int, int, int]] = field(default_factory=list)
    across: list[float] = field(default_factory=list)

    def bend(self, k: int) -> int:
        """A new point in a layer that lines pass through."""
        self.bends.add(len(self.layer))
        self.layer.append(k)
        self.breadth.append(BEND)
        self.gap.append(6.0)
        return len(self.layer) - 1


def solve(problem: Problem) -> Solution:
    """Decide layers, order, places and ways."""
    layout = _with_bends(problem, _layers(problem))
    _place(layout)
    start, end = _columns(layout)
    heads = _spread_heads(layout)
    centres = [
        ((start[layout.layer[v]] + end[layout.layer[v]]) / 2, layout.across[v])
        for v in range(len(problem.length))
    ]
    ways = [_way(layout, i, centres, start, end, heads) for i in range(len(problem.lines))]
    return Solution(centres, ways, *_extent(layout, start, end, ways))


def _layers(problem: Problem) -> list[int]:
    pairs = [
        (x.source, x.target) if x.rank > 0 else (x.target, x.source)
        for x in problem.lines
        if x.rank
    ]
    layer = layers_of(len(problem.length), list(dict.fromkeys(pairs)))
    inner = set(range(len(layer))) - {*problem.first, *problem.last}
    low = min([layer[v] for v in inner], default=0)
    high = max([layer[v] for v in inner], default=0)
    for v in problem.first:
        layer[v] = low - 1
    for v in problem.last:
        layer[v] = high + 1
    lowest = min(layer, default=0)
    return [k - lowest for k in layer]


def _with_bends(problem: Problem, layer: list[int]) -> _Layout:
    """Give lines that pass through layers a bend in each; lines of a net share them."""
    layout = _Layout(problem, layer, list(problem.breadth), list(problem.gap), set())
    budget = BENDS_PER_NODE * (len(layer) + len(problem.lines)) + 400
    for i, line in enumerate(problem.lines):
        start, span = layer[line.source], layer[line.target] - layer[line.source]
        step = 1 if span >= 0 else -1
        trunk, count = layout.trunks[line.net, step > 0], max(abs(span) - 1, 0)
        if len(layout.bends) + count > budget:
            count = 0
        for k in range(start + step * (len(trunk.bends) + 1), start + step * (count + 1), step):
            before = trunk.bends[-1] if trunk.bends else line.source
            trunk.bends.append(layout.bend(k))
            layout.segments.append((before, trunk.bends[-1], i))
        first = trunk.bends[0] if count else line.target
        last = trunk.bends[count - 1] if count else line.source
        layout.segments.append((last, line.target, i))
        layout.hops.append(Hops(first, last, trunk, count))
    return layout


def _place(layout: _Layout) -> None:
    """Order the layers and find the places across."""
    count = len(layout.layer)
    before: list[list[Meeting]] = [[] for _ in range(count)]
    after: list[list[Meeting]] = [[] for _ in range(count)]
    for v, w, number in layout.segments:
        line = layout.problem.lines[number]
        out, into = line.tail * (v == line.source), line.head * (w == line.target)
        if layout.layer[w] < layout.layer[v]:
            v, w, out, into = w, v, into, out
        if layout.layer[w] - layout.layer[v] == 1:
            before[w].append((v, out, into))
            after[v].append((w, into, out))
    layers = _first_order(layout, before)
    fractions = [
        [[(w, _fraction(layout, w, o)) for w, o, _ in found] for found in side]
        for side in (before, after)
    ]
    layers = ordered(layers, *fractions)
    layout.across = coordinates(layers, layout.breadth, layout.gap, before, after, layout.bends)
    for trunk in layout.trunks.values():
        trunk.find_corners(layout.across)


def _fraction(layout: _Layout, v: int, offset: float) -> float:
    return 0.9 * offset / layout.breadth[v] if offset else 0.0


def _first_order(layout: _Layout, before: list[list[Meeting]]) -> list[list[int]]:
    """Walk from the ends of the flow backwards, operand by operand."""
    layers: list[list[int]] = [[] for _ in range(max(layout.layer, default=-1) + 1)]
    seen = [False] * len(layout.layer)
    by_layer = sorted(range(len(layout.layer)), key=lambda v: -layout.layer[v])
    for end in by_layer:
        stack = [end]
        while stack:
            v = stack.pop()
            if seen[v]:
                continue
            seen[v] = True
            layers[layout.layer[v]].append(v)
            stack += [w for w, *_ in reversed(before[v]) if not seen[w]]
    return layers


def _columns(layout: _Layout) -> tuple[list[float], list[float]]:
    """Where each layer starts and ends along the flow."""
    longest = [0.0] * (max(layout.layer, default=-1) + 1)
    for v, length in enumerate(layout.problem.length):
        longest[layout.layer[v]] = max(longest[layout.layer[v]], length)
    start, end, at = [], [], 0.0
    for length, gap in zip(longest, _gaps(layout, len(longest)), strict=True):
        start.append(at)
        end.append(at + length)
        at += length + gap
    return start, end


def _gaps(layout: _Layout, count: int) -> list[float]:
    """The room after each layer: for the labels, and for curves that are not too steep."""
    run_in, run_out, climb = [0.0] * count, [0.0] * count, [0.0] * count
    for v, w, _ in layout.segments:
        k = min(layout.layer[v], layout.layer[w])
        if abs(layout.layer[v] - layout.layer[w]) == 1:
            climb[k] = max(climb[k], abs(layout.across[v] - layout.across[w]))
    for line, hops in zip(layout.problem.lines, layout.hops, strict=True):
        k = min(layout.layer[hops.last], layout.layer[line.target])
        run_in[k] = max(run_in[k], line.run_in)
        k = min(layout.layer[line.source], layout.layer[hops.first])
        run_out[k] = max(run_out[k], line.run_out)
    least = [30.0] * count
    if layout.problem.first:
        least[0] = 12.0
    if layout.problem.last:
        least[count - 2] = 10.0
    bends = [min(c / 7, 36.0) for c in climb]
    return [sum(parts) for parts in zip(least, run_in, run_out, bends, strict=True)]


def _spread_heads(layout: _Layout) -> list[float]:
    """Where each line meets its target: in the order of where the lines come from."""
    arriving: defaultdict[tuple[int, float, bool], list[tuple[float, int]]] = defaultdict(list)
    heads = [line.head for line in layout.problem.lines]
    for i, (line, hops) in enumerate(zip(layout.problem.lines, layout.hops, strict=True)):
        if line.room:
            comes_from = layout.across[hops.last] + (0.0 if hops.passed else line.tail)
            backwards = layout.layer[hops.last] >= layout.layer[line.target]
            arriving[line.target, line.head, backwards].append((comes_from, i))
    for found in arriving.values():
        room = layout.problem.lines[found[0][1]].room
        apart = min(layout.problem.spread, room / max(len(found) - 1, 1))
        for k, (_, i) in enumerate(sorted(found)):
            heads[i] += apart * (k - (len(found) - 1) / 2)
    return heads


def _way(
    layout: _Layout,
    i: int,
    centres: list[Point],
    start: list[float],
    end: list[float],
    heads: list[float],
) -> list[Point]:
    """The points a line goes through: straight across layers, curved between them."""
    line, hops, problem = layout.problem.lines[i], layout.hops[i], layout.problem
    first, last = layout.layer[line.source], layout.layer[line.target]
    step = 1 if last >= first else -1
    sides = (start, end) if step > 0 else (end, start)
    tail = centres[line.source][1] + line.tail
    head = centres[line.target][1] + heads[i]
    here = centres[line.source][0] + step * problem.length[line.source] / 2
    there = centres[line.target][0] - step * problem.length[line.target] / 2
    if first == last:  # around the side of the layer
        there = centres[line.target][0] + problem.length[line.target] / 2
        return [(here, tail), (end[first], tail), (end[first], head), (there, head)]
    way = [(here, tail), (sides[1][first] + step * line.run_out, tail)]
    before = sides[0][last] - step * line.run_in
    for v, w in hops.trunk.level_pieces(hops.passed):
        way += [(sides[0][layout.layer[v]], layout.across[v])]
        way += [(sides[1][layout.layer[w]], layout.across[v])]
    return _without_repeats([*way, (before, head), (there, head)])


def _without_repeats(way: list[Point]) -> list[Point]:
    return [p for p, q in zip(way, [None, *way[:-1]], strict=True) if p != q]


def _extent(
    layout: _Layout, start: list[float], end: list[float], ways: list[list[Point]]
) -> tuple[tuple[float, float], tuple[float, float]]:
    nodes = zip(layout.across, layout.breadth, strict=True)
    edges = [(x - b / 2, x + b / 2) for x, b in nodes]
    low = min([a for a, _ in edges], default=0.0)
    high = max([b for _, b in edges], default=0.0)
    beyond = 30.0 if any(len(w) == 4 and w[1][0] == w[2][0] for w in ways) else 0.0
    return (min(start, default=0.0), max(end, default=0.0) + beyond), (low, high)
