"""`draw`: a computation graph as a picture."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError

from .dot import digraph_of
from .folded import scene_of_subject
from .folding import LIMIT
from .gradient_graph import scene_with_gradients
from .layout import Placement, checked_layout, placed
from .mermaid import mermaid_of
from .names import labels_of
from .note import note_of
from .scene import Scene
from .subject import subject_of
from .svg import svg_of
from .text import printable

if TYPE_CHECKING:
    import graphviz  # type: ignore[import-untyped]

DIRECTIONS = ("LR", "RL", "TB", "BT")
SHRINKS_TO = 0.85  # of its width; below that the numbers would be too small to read


def scene_of(
    thing: Any, *, names: Any = None, direction: str = "LR", fold: bool | int = LIMIT
) -> Scene:
    """What a drawing shows, before it is decided where."""
    if direction not in DIRECTIONS:
        raise ArgumentError(
            f"direction must be one of {', '.join(DIRECTIONS)}, but got {direction!r}"
        )
    labels, parameters = labels_of(names)
    subject = subject_of(thing, labels, parameters)
    build = scene_with_gradients if subject.entries else scene_of_subject
    scene = build(subject, direction, fold)
    note = note_of(subject)
    return replace(scene, note=note, description=f"{scene.description} {note}") if note else scene


def draw(
    thing: Any,
    *,
    names: Any = None,
    direction: str = "LR",
    fold: bool | int = LIMIT,
    layout: str = "auto",
) -> Drawing:
    """A picture of the graph behind a Value, of a Graph, or of a table of values or gradients.

    names      labels for nodes: a mapping from names to Values, or to lists or models of them,
               such as locals()
    direction  where the values flow: "LR", "RL", "TB" or "BT"
    fold       above how many cards scopes are folded into one card each; True folds all, False none
               (and but for False, inputs that go into one node by the dozen share a card, and a
               graph with more edges than anyone can follow is folded as a larger one is)
    layout     "auto", "builtin" or "dot"
    """
    return Drawing(scene_of(thing, names=names, direction=direction, fold=fold), layout)


class Drawing:
    """A picture that shows itself in a notebook and saves itself to files."""

    def __init__(self, scene: Scene, layout: str = "auto") -> None:
        self.scene = scene
        self.layout = checked_layout(layout)

    @cached_property
    def placement(self) -> Placement:
        """Where everything is."""
        return placed(self.scene, self.layout)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        return svg_of(self.scene, self.placement)

    @property
    def html(self) -> str:
        """The picture as an image, with its note; without room for it, to be scrolled sideways.

        A notebook that is not trusted takes SVG away and keeps images; viewers that clean pages
        know data: addresses by base64.
        """
        least = round(SHRINKS_TO * self.placement.width)
        note = escape(self.scene.note)
        below = f'<p style="margin:.25em 0;font-size:.85em">{note}</p>' if note else ""
        return (
            '<div style="overflow-x:auto">'
            f'<img alt="{escape(self.scene.description)}" '
            f'style="max-width:100%;min-width:{least}px" '
            f'src="data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}"></div>{below}'
        )

    @property
    def graphviz(self) -> graphviz.Digraph:
        """The graph as a `graphviz.Digraph`, to restyle or to render with any engine."""
        return digraph_of(self.scene)

    @property
    def mermaid(self) -> str:
        """The graph as the text of a Mermaid flowchart."""
        return mermaid_of(self.scene)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file; its name says how: .svg .png .pdf .dot .mmd."""
        target = Path(path)
        target.write_bytes(self._as(target.suffix.lower(), target))

    def _as(self, suffix: str, target: Path) -> bytes:
        if suffix == ".svg":
            return self.svg.encode()
        if suffix == ".dot":
            return str(self.graphviz.source).encode()
        if suffix == ".mmd":
            return self.mermaid.encode()
        if suffix in (".png", ".pdf"):
            from .export import rendered

            size = self.placement.width, self.placement.height
            return rendered(self.scene, self.svg, size, suffix[1:])
        raise ArgumentError(
            f"save(path) needs a name that ends in .svg, .png, .pdf, .dot or .mmd, but got "
            f"{target.name!r}"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        cards, edges = len(self.scene.cards), len(self.scene.edges)
        return f"<drawing: {printable(self.scene.title)}, {cards} nodes, {edges} edges>"
