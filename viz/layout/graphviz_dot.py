"""The layout of Graphviz's dot, through the `graphviz` package and the binary behind it.

dot always draws from left to right here, and knows nothing of the page; its curves are bent at
their two ends, so that they leave cards in the middle and arrive one above the other, with room
for a label.
"""

from __future__ import annotations

import json
import shutil
import signal
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from subprocess import CalledProcessError
from typing import Any

from autograd.errors import ArgumentError, AutogradError

from ..scene import Edge, Scene
from ..sizes import card_sizes
from .labels import Labels
from .placement import Placement, Point, Rectangle
from .turning import on_page

Sizes = dict[str, Point]

INCH = 72.0
BENDS = 44.0  # room for curves between columns, besides that for labels


class GraphvizError(AutogradError, RuntimeError):
    """Graphviz did not come to an end with a graph."""


def available() -> bool:
    """Whether the binary is there."""
    return shutil.which("dot") is not None


def place(scene: Scene) -> Placement:
    """The scene as dot arranges it."""
    if not available():
        raise ArgumentError(
            "layout='dot' needs the dot program of Graphviz (https://graphviz.org/download/), "
            "which was not found; layout='builtin' needs nothing"
        )
    import graphviz  # type: ignore[import-untyped]

    sizes = card_sizes(scene)
    labels = Labels(scene, sizes)
    source = graphviz.Source(_source(scene, labels, sizes), engine="dot")
    answer = answered(scene, source, "json0", "layout='auto' draws it without dot")
    return _read(scene, labels, sizes, json.loads(answer))


def answered(scene: Scene, source: Any, form: str, instead: str) -> bytes:
    """What dot makes of a document; the error of a dot that dies says what to do instead."""
    try:
        return bytes(source.pipe(format=form))
    except CalledProcessError as error:
        end = _end(error)
    raise GraphvizError(
        f"dot, the program of Graphviz, failed on this graph of {len(scene.cards)} nodes and "
        f"{len(scene.edges)} edges ({end}); {instead}"
    )


def _end(error: CalledProcessError) -> str:
    """How a program ended."""
    if error.returncode < 0:
        return signal.Signals(-error.returncode).name
    said = (error.stderr or b"").decode(errors="replace").strip()[:200]
    return f"status {error.returncode}{': ' * bool(said)}{said}"


def _source(scene: Scene, labels: Labels, sizes: Sizes) -> str:
    """A DOT document of names that are made here, and sizes."""
    sideways = scene.direction in ("LR", "RL")
    number = {card.id: i for i, card in enumerate(scene.cards)}
    room = max([labels.run_in(e) + labels.run_out(e) for e in scene.edges], default=0.0)
    lines = [
        "digraph {",
        f"rankdir=LR; nodesep=0.2; ranksep={(room + 40) / INCH:.3f};",
        "node [shape=box, fixedsize=true]; edge [arrowhead=none]",
    ]
    lines += _clusters(scene, number)
    for card, size in zip(scene.cards, sizes.values(), strict=True):
        length, breadth = size if sideways else size[::-1]
        shape = f"width={length / INCH:.4f}, height={breadth / INCH:.4f}"
        lines.append(f'{number[card.id]} [label="", {shape}]')
    for i, edge in enumerate(scene.edges):
        lines.append(f"{number[edge.source]}:e -> {number[edge.target]}:w [id={i}]")
    return "\n".join([*lines, "}"])


def _clusters(scene: Scene, number: dict[str, int]) -> list[str]:
    """Frames inside frames, each with what is directly in it."""
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for card in scene.cards:
        if card.box:
            inside[card.box].append(str(number[card.id]))
    inner: defaultdict[str, list[int]] = defaultdict(list)
    for number_of_box, box in enumerate(scene.boxes):
        inner[box.parent].append(number_of_box)
    lines: list[str] = []
    stack: list[int | None] = list(reversed(inner[""]))
    while stack:
        i = stack.pop()
        if i is None:
            lines.append("}")
            continue
        name = scene.boxes[i].id
        lines.append(f"subgraph cluster_{i} {{ margin=18; {'; '.join(inside[name])}")
        stack += [None, *reversed(inner[name])]
    return lines


def _read(scene: Scene, labels: Labels, sizes: Sizes, answer: dict[str, Any]) -> Placement:
    """Rectangles and curves out of dot's answer; it measures upwards, we downwards."""
    sideways = scene.direction in ("LR", "RL")
    cards, boxes = {}, {}
    for thing in answer.get("objects", []):
        if thing["name"].startswith("cluster_"):
            left, low, right, high = map(float, thing["bb"].split(","))
            box = scene.boxes[int(thing["name"].removeprefix("cluster_"))]
            boxes[box.id] = Rectangle(left, -high, right - left, high - low)
        else:
            card = scene.cards[int(thing["name"])]
            x, y = map(float, thing["pos"].split(","))
            length, breadth = sizes[card.id] if sideways else sizes[card.id][::-1]
            cards[card.id] = Rectangle(x - length / 2, -y - breadth / 2, length, breadth)
    curves = {
        scene.edges[int(thing["id"])].id: _points(thing["pos"]) for thing in answer.get("edges", [])
    }
    closer = _closed_up(scene, labels, cards)
    cards = {name: _between(closer, place) for name, place in cards.items()}
    boxes = {name: _between(closer, place) for name, place in boxes.items()}
    curves = {name: [(closer(x), y) for x, y in points] for name, points in curves.items()}
    return on_page(scene, labels, cards, boxes, _bent(scene, labels, cards, curves))


def _closed_up(
    scene: Scene, labels: Labels, cards: dict[str, Rectangle]
) -> Callable[[float], float]:
    """Where along the flow things go when each gap between columns is as wide as it must be.

    dot can only make all gaps equally wide.
    """
    columns: defaultdict[float, list[str]] = defaultdict(list)
    for name, place in cards.items():
        columns[round(place.centre[0])].append(name)
    order = sorted(columns)
    column = {name: k for k, x in enumerate(order) for name in columns[x]}
    run_in, run_out = [0.0] * len(order), [0.0] * len(order)
    for edge in scene.edges:
        k = column[edge.target] - 1
        run_in[k] = max(run_in[k], labels.run_in(edge))
        k = column[edge.source]
        run_out[k] = max(run_out[k], labels.run_out(edge))
    room = [BENDS + a + b for a, b in zip(run_in, run_out, strict=True)]
    old, new, at = [], [], 0.0
    for k, x in enumerate(order):
        half = max([cards[name].width for name in columns[x]]) / 2
        old += [x - half, x + half]
        new += [at, at + 2 * half]
        at += 2 * half + room[k]
    return lambda x: _interpolated(x, old, new)


def _interpolated(x: float, old: list[float], new: list[float]) -> float:
    """Piecewise linear; before the first and after the last point, moved along."""
    i = bisect_right(old, x)
    if i in (0, len(old)):
        return x + new[min(i, len(old) - 1)] - old[min(i, len(old) - 1)]
    share = (x - old[i - 1]) / (old[i] - old[i - 1]) if old[i] > old[i - 1] else 0.0
    return new[i - 1] + share * (new[i] - new[i - 1])


def _between(move: Callable[[float], float], place: Rectangle) -> Rectangle:
    left, right = move(place.x), move(place.x + place.width)
    return Rectangle(left, place.y, right - left, place.height)


def _points(pos: str) -> list[Point]:
    pairs = [pair.split(",") for pair in pos.split() if pair[0] not in "se"]
    return [(float(x), -float(y)) for x, y in pairs]


def _bent(
    scene: Scene, labels: Labels, cards: dict[str, Rectangle], curves: dict[str, list[Point]]
) -> dict[str, list[Point]]:
    """The curves with ends that fit the cards and leave room for labels."""
    arriving: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in scene.edges:
        arriving[edge.target].append(edge)
    ends = {card.x + card.width for card in cards.values()}  # of the columns
    bent = {}
    for target, edges in arriving.items():
        place = cards[target]
        start = max([x for x in ends if x < place.x], default=place.x)
        heights = {edge.id: _height_at(curves[edge.id], start) for edge in edges}
        edges.sort(key=lambda edge: heights[edge.id])
        most = 13.0 if labels.sideways else 46.0
        apart = min(most, (place.height - 14.0) / max(len(edges) - 1, 1))
        for k, edge in enumerate(edges):
            head = place.x, place.centre[1] + apart * (k - (len(edges) - 1) / 2)
            source = cards[edge.source]
            tail = source.x + source.width, source.centre[1]
            room = labels.run_out(edge), labels.run_in(edge)
            bent[edge.id] = _with_ends(curves[edge.id], tail, head, room)
    return bent


def _height_at(points: list[Point], x: float) -> float:
    """About where a curve is at some place along its way."""
    for (a, b), (c, d) in pairwise(points):
        if a <= x <= c and c > a:
            return b + (d - b) * (x - a) / (c - a)
    return points[0][1]


def _with_ends(
    points: list[Point], tail: Point, head: Point, room: tuple[float, float]
) -> list[Point]:
    """The curve between two short straight pieces."""
    start, end = (tail[0] + room[0], tail[1]), (head[0] - room[1], head[1])
    inner = list(points)
    while len(inner) > 4 and inner[3][0] <= start[0] + 8.0:
        inner = inner[3:]
    while len(inner) > 4 and inner[-4][0] >= end[0] - 8.0:
        inner = inner[:-3]
    inner[0], inner[-1] = start, end
    inner[1] = ((start[0] + inner[3][0]) / 2, start[1])
    inner[-2] = ((inner[-4][0] + end[0]) / 2, end[1])
    return [*_straight(tail, start)[:-1], *inner, *_straight(end, head)[1:]]


def _straight(a: Point, b: Point) -> list[Point]:
    middle = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    return [a, middle, middle, b]
