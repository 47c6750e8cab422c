"""The built-in layout: frame inside frame, each laid out in layers, the innermost first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from ..scene import Edge, Scene
from ..sizes import card_sizes
from .homes import homes
from .labels import Labels
from .layered import Line, Point, Problem, Solution, solve
from .placement import Placement, Rectangle
from .turning import curves, on_page

PADDING = 12.0  # inside a box
TITLE = 18.0  # room for a box's title
TWINS = 16.0  # between u and ∇[u]


@dataclass(slots=True)
class Frame:
    """The page or a box: what is directly inside, and later where that is."""

    id: str
    elements: dict[str, int] = field(default_factory=dict)  # card or box → its number
    ports: dict[tuple[str, str], int] = field(default_factory=dict)  # ("in"|"out", card) → number
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    problem: Problem = field(default_factory=Problem)
    solution: Solution | None = None

    def size(self, top_across: bool) -> Point:
        """Length along the flow and breadth across it, with padding and title."""
        (a, b), (c, d) = self.solved.along, self.solved.across
        extra = (0.0, TITLE) if top_across else (TITLE, 0.0)
        return b - a + 2 * PADDING + extra[0], d - c + 2 * PADDING + extra[1]

    @property
    def solved(self) -> Solution:
        """The solution; the frame has one when it is asked."""
        assert self.solution is not None
        return self.solution

    def port(self, side: str, card: str, top_across: bool) -> float:
        """Where a port is across, measured from the centre of the frame."""
        low, high = self.solved.across
        place = self.solved.centres[self.ports[side, card]][1]
        return place - (low + high) / 2 + (TITLE / 2 if top_across else 0.0)


def place(scene: Scene) -> Placement:
    """The scene in layers."""
    return _Builtin(scene).placement()


class _Builtin:
    """One run of the layout: the frames, and the pieces of which each edge consists."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.sizes = card_sizes(scene)
        self.sideways = scene.direction in ("LR", "RL")
        self.twin = {c.id: c.partner for c in scene.cards if c.family == "B" and c.partner}
        self.labels = Labels(scene, self.sizes)
        self.number = {card.id: i for i, card in enumerate(scene.cards)}
        self.parent = homes(scene, self.element)
        self.frames = {"": Frame("")} | {
            b.id: Frame(b.id) for b in scene.boxes if b.id in self.parent
        }
        self.passes: dict[str, list[str]] = {}  # the frames on the way of each edge
        self.line: dict[tuple[str, str], int] = {}  # of an edge in a frame

    def element(self, card: str) -> str:
        """A node of B belongs to the card of the node whose gradient it is."""
        return self.twin.get(card, card)

    def placement(self) -> Placement:
        inside = defaultdict(list)
        for element, frame in self.parent.items():
            inside[frame].append(element)
        crossing = self._pieces_by_frame()
        for name in self._innermost_first(inside):
            self._lay_out(self.frames[name], inside[name], crossing[name])
        return self._assembled(inside)

    def _innermost_first(self, inside: dict[str, list[str]]) -> list[str]:
        order = [""]
        for frame in order:  # grows while it is walked
            order += [element for element in inside[frame] if element in self.frames]
        return order[::-1]

    def _chain(self, element: str) -> list[str]:
        """An element and the boxes around it, outwards, with the page at the end."""
        chain = [element]
        while chain[-1]:
            chain.append(self.parent[chain[-1]])
        return chain

    def _pieces_by_frame(self) -> dict[str, list[tuple[Edge, str, str, bool]]]:
        """The part of each edge in each frame: (edge, from, to, whether it arrives there)."""
        found: defaultdict[str, list[tuple[Edge, str, str, bool]]] = defaultdict(list)
        for edge in self.scene.edges:
            out = self._chain(self.element(edge.source))
            into = self._chain(self.element(edge.target))
            while len(out) > 1 and len(into) > 1 and out[-2] == into[-2] and out[-2] in self.frames:
                out.pop()
                into.pop()
            self.passes[edge.id] = [*out[1:], *into[-2:0:-1]]
            for inner, frame in pairwise(out[:-1]):
                found[frame].append((edge, inner, "out", False))
            found[out[-1]].append((edge, out[-2], into[-2], len(into) == 2))
            for k in range(len(into) - 2, 0, -1):
                found[into[k]].append((edge, "in", into[k - 1], k == 1))
        return found

    def _lay_out(
        self, frame: Frame, elements: list[str], pieces: list[tuple[Edge, str, str, bool]]
    ) -> None:
        problem = frame.problem
        if not self.sideways:
            problem.spread = 46.0
        for element in elements:
            frame.elements[element] = problem.add(*self._extent(element), 14.0)
        for edge, start, end, arrives in pieces:
            key = (start, end, edge.source, edge.id if arrives else "")
            if key not in frame.lines:
                frame.lines[key] = len(problem.lines)
                problem.lines.append(self._line(frame, edge, start, end, arrives))
            self.line[edge.id, frame.id] = frame.lines[key]
        frame.solution = solve(problem)

    def _extent(self, element: str) -> tuple[float, float]:
        if element in self.frames:
            return self.frames[element].size(self.sideways)
        length, breadth = self._turned(self.sizes[element])
        partner = self.scene.card[element].partner
        if partner:
            other = self._turned(self.sizes[partner])
            return max(length, other[0]), breadth + TWINS + other[1]
        return length, breadth

    def _turned(self, size: Point) -> Point:
        return size if self.sideways else (size[1], size[0])

    def _line(self, frame: Frame, edge: Edge, start: str, end: str, arrives: bool) -> Line:
        source = self._node(frame, start, edge.source)
        target = self._node(frame, end, edge.source)
        line = Line(source, target, self.number[edge.source])
        line.rank = {"G": 1, "B": -1, "GB": 0}[edge.family]
        if start in self.frames:
            line.tail = self.frames[start].port("out", edge.source, self.sideways)
        elif start != "in":
            line.tail = self._offset(edge.source)
            line.run_out = self.labels.run_out(edge)
        if end in self.frames:
            line.head = self.frames[end].port("in", edge.source, self.sideways)
        elif arrives:
            line.head = self._offset(edge.target)
            line.room = self._turned(self.sizes[edge.target])[1] - 14.0
            line.run_in = self.labels.run_in(edge)
        return line

    def _node(self, frame: Frame, element: str, card: str) -> int:
        """The number of an element, or of the port through which a card's number passes."""
        if element not in ("in", "out"):
            return frame.elements[element]
        if (element, card) not in frame.ports:
            number = frame.problem.add(0.0, 8.0, 7.0)
            frame.ports[element, card] = number
            (frame.problem.first if element == "in" else frame.problem.last).append(number)
        return frame.ports[element, card]

    def _offset(self, card: str) -> float:
        """Across, from the centre of a card's element to the centre of the card."""
        element = self.element(card)
        partner = self.scene.card[element].partner
        if not partner:
            return 0.0
        upper, lower = (self._turned(self.sizes[c])[1] for c in (element, partner))
        whole = upper + TWINS + lower
        return upper / 2 - whole / 2 if card == element else whole / 2 - lower / 2

    def _assembled(self, inside: dict[str, list[str]]) -> Placement:
        """Frames moved to their places, and everything turned into the direction asked for."""
        origins: dict[str, Point] = {"": (0.0, 0.0)}
        cards: dict[str, Rectangle] = {}
        boxes: dict[str, Rectangle] = {}
        for name in reversed(self._innermost_first(inside)):
            frame = self.frames[name]
            for element, number in frame.elements.items():
                along, across = frame.solved.centres[number]
                centre = (along + origins[name][0], across + origins[name][1])
                if element in self.frames:
                    origins[element] = self._origin(self.frames[element], centre)
                    boxes[element] = self._box(self.frames[element], centre)
                else:
                    self._put_cards(element, centre, cards)
        paths = {edge.id: curves(self._way(edge, origins)) for edge in self.scene.edges}
        return on_page(self.scene, self.labels, cards, boxes, paths)

    def _way(self, edge: Edge, origins: dict[str, Point]) -> list[Point]:
        """The pieces of an edge from frame to frame, joined."""
        way: list[Point] = []
        for name in self.passes[edge.id]:
            x, y = origins[name]
            piece = self.frames[name].solved.ways[self.line[edge.id, name]]
            way += [(a + x, b + y) for a, b in piece]
        return way

    def _origin(self, frame: Frame, centre: Point) -> Point:
        (a, b), (c, d) = frame.solved.along, frame.solved.across
        title = -TITLE / 2 if self.scene.direction == "BT" else TITLE / 2
        shift = (0.0, title) if self.sideways else (title, 0.0)
        return centre[0] - (a + b) / 2 + shift[0], centre[1] - (c + d) / 2 + shift[1]

    def _box(self, frame: Frame, centre: Point) -> Rectangle:
        length, breadth = frame.size(self.sideways)
        return Rectangle(centre[0] - length / 2, centre[1] - breadth / 2, length, breadth)

    def _put_cards(self, element: str, centre: Point, cards: dict[str, Rectangle]) -> None:
        partner = self.scene.card[element].partner
        for card in (element, partner) if partner else (element,):
            length, breadth = self._turned(self.sizes[card])
            across = centre[1] + self._offset(card)
            cards[card] = Rectangle(centre[0] - length / 2, across - breadth / 2, length, breadth)
