"""Layouts: where the cards, edges and boxes of a scene go."""

from __future__ import annotations

from autograd.errors import ArgumentError

from ..scene import Scene
from . import builtin, graphviz_dot
from .placement import Placement, Rectangle, Route

LAYOUTS = ("auto", "dot", "builtin")


def placed(scene: Scene, layout: str = "auto") -> Placement:
    """The scene laid out.

    "auto" is the built-in layout: measured on the graphs of a course it leaves about as many
    crossings as dot where there are no boxes and far fewer where there are, it knows pairs of u
    and ∇[u], and it draws the same picture on every machine. "dot" asks Graphviz instead.
    """
    if checked_layout(layout) == "dot":
        return graphviz_dot.place(scene)
    return builtin.place(scene)


def checked_layout(layout: str) -> str:
    """The name of a layout, if it is one."""
    if layout not in LAYOUTS:
        raise ArgumentError(f"layout must be one of {', '.join(LAYOUTS)}, but got {layout!r}")
    return layout


__all__ = ["LAYOUTS", "Placement", "Rectangle", "Route", "checked_layout", "placed"]
