"""A scene: what a drawing shows, before it is decided where.

graph → `scene_of` → Scene → `layout.placed` → Placement → `svg`, and Scene → `dot`, `mermaid`.

A scene holds text only. Everything that is shown of a node is decided here, once, so that the
writers agree; they only have to escape it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["input", "parameter", "interior", "output", "group"]
Family = Literal["G", "B"]

NOT_COMPUTED = "not computed"


@dataclass(frozen=True, slots=True)
class Card:
    """One node, or a group of nodes that is folded into one card."""

    id: str  # "node-u3"
    kind: Kind
    name: str  # "u3"
    symbol: str  # the operation's glyph; "" for inputs
    label: str
    value: str
    gradient: str | None  # None where the card has no line for it
    tooltip: str
    family: Family = "G"  # B: the graph of gradients
    box: str = ""  # id of the innermost box around it
    partner: str = ""  # G: id of the card of ∇[u]; B: of the u whose gradient it is


@dataclass(frozen=True, slots=True)
class Edge:
    """One use of an operand, or the uses between two groups."""

    id: str  # "edge-u3-u5-0": from u3 to u5, the operand with index 0 of u5
    source: str  # ids of cards
    target: str
    label: str  # the local derivative
    tooltip: str
    family: Literal["G", "B", "GB"] = "G"  # GB: a value of G used in B


@dataclass(frozen=True, slots=True)
class Box:
    """A scope: the frame around the nodes that were made inside it."""

    id: str  # "box-1"
    title: str
    tooltip: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """Cards, edges and boxes, with a title and a description in words."""

    title: str
    description: str
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...] = ()
    direction: str = "LR"
    gradients: bool = False  # whether gradients are known
    home: Mapping[int, str] = field(default_factory=dict)  # of u1, u2, …: id of the card
    note: str = ""  # what is to be known about the numbers; the description ends with it
    card: dict[str, Card] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "card", {card.id: card for card in self.cards})

    def edge_id(self, source: int, target: int, k: int) -> str:
        """The id of the edge that shows u(source) as operand k of u(target); "" inside a card."""
        ends = self.home[source], self.home[target]
        if ends[0] == ends[1]:
            return ""
        grouped = any(self.card[end].kind == "group" for end in ends)
        return f"edge-{ends[0][5:]}-{ends[1][5:]}-{0 if grouped else k}"
