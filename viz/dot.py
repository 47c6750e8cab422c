"""DOT: the scene as a `graphviz.Digraph`, to restyle or to render with any engine of Graphviz.

Cards are tables in HTML-like labels; every text passes `xml` on its way into one, and Graphviz's
own escaping everywhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .colors import LIGHT
from .scene import Card, Edge, Scene
from .sizes import is_number
from .text import printable, xml

if TYPE_CHECKING:
    import graphviz  # type: ignore[import-untyped]

_SHAPES = {
    "input": {"shape": "box", "style": "rounded,filled"},
    "parameter": {"shape": "octagon", "style": "filled", "fillcolor": LIGHT["parameter-tint"]},
    "interior": {"shape": "box", "style": "filled"},
    "output": {
        "shape": "box",
        "style": "filled",
        "peripheries": "2",
        "fillcolor": LIGHT["output-tint"],
    },
    "group": {"shape": "folder", "style": "filled"},
}
_GRADIENT = {
    "shape": "note",
    "style": "filled",
    "color": LIGHT["gradient"],
    "fillcolor": LIGHT["gradient-tint"],
}


def digraph_of(scene: Scene) -> graphviz.Digraph:
    """The scene as a graph of the `graphviz` package."""
    import graphviz

    escape = graphviz.escape
    frames = {"": graphviz.Digraph("gradtable")}
    _style(frames[""], scene)
    for box in scene.boxes:
        frames[box.id] = graphviz.Digraph(f"cluster_{box.id}")
        frames[box.id].attr(
            label=escape(printable(box.title)), tooltip=escape(printable(box.tooltip)),
            id=box.id, style="rounded", color=LIGHT["frame"], fontcolor=LIGHT["muted"],
        )  # fmt: skip
    for card in scene.cards:
        look = _GRADIENT if card.family == "B" else _SHAPES[card.kind]
        tooltip = escape(printable(card.tooltip))
        frames[card.box].node(card.id[5:], _table(card), id=card.id, tooltip=tooltip, **look)
    for box in reversed(scene.boxes):
        frames[box.parent].subgraph(frames[box.id])
    for edge in scene.edges:
        tooltip = escape(printable(edge.tooltip))
        look = _edge_look(edge)
        frames[""].edge(
            edge.source[5:], edge.target[5:], escape(printable(edge.label)), id=edge.id,
            tooltip=tooltip, labeltooltip=tooltip, **look,
        )  # fmt: skip
    for card in scene.cards:
        if card.family == "B" and card.partner:
            frames[""].edge(
                card.partner[5:], card.id[5:], style="dashed", arrowhead="none", constraint="false"
            )
    return frames[""]


def _style(graph: graphviz.Digraph, scene: Scene) -> None:
    graph.attr(rankdir=scene.direction, tooltip=" ", ranksep="0.6", nodesep="0.2")
    graph.attr("graph", fontname="Helvetica", fontsize="11")
    graph.attr(
        "node", fontname="Helvetica", fontsize="12", margin="0.06,0.02", color=LIGHT["line"],
        fillcolor=LIGHT["card"], fontcolor=LIGHT["ink"],
    )  # fmt: skip
    graph.attr(
        "edge", fontname="Helvetica", fontsize="10", color=LIGHT["line"],
        fontcolor=LIGHT["muted"], arrowsize="0.6",
    )  # fmt: skip


def _edge_look(edge: Edge) -> dict[str, str]:
    """Gradients run back, so they must not push their targets onwards."""
    if edge.family == "G":
        return {}
    return {
        "constraint": "false",
        "color": LIGHT["gradient"] if edge.family == "B" else LIGHT["line"],
        "style": "solid" if edge.family == "B" else "dotted",
    }


def _table(card: Card) -> str:
    """A card as an HTML-like label."""
    value = LIGHT["gradient" if card.family == "B" else "value"]
    head = f"<B>{xml(card.label)}</B>" if card.label else _small(card.name)
    rows = [[_cell("LEFT", head), _cell("RIGHT", _colored(card.value, value))]]
    if card.gradient is not None:
        known = is_number(card)
        gradient = _colored(f"∇ {card.gradient}", LIGHT["gradient"])
        rows.append(
            [
                _cell("LEFT", _small(card.name) if card.label else " "),
                _cell("RIGHT", gradient if known else _small(card.gradient)),
            ]
        )
    if card.symbol:
        rows[0].insert(0, f'<TD ROWSPAN="{len(rows)}">{xml(card.symbol)} </TD>')
    lines = "".join(f"<TR>{''.join(row)}</TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLSPACING="3" CELLPADDING="0">{lines}</TABLE>>'


def _cell(align: str, inner: str) -> str:
    return f'<TD ALIGN="{align}">{inner}</TD>'


def _small(text: str) -> str:
    return f'<FONT POINT-SIZE="10" COLOR="{LIGHT["muted"]}">{xml(text) or " "}</FONT>'


def _colored(text: str, color: str) -> str:
    return f'<FONT COLOR="{color}">{xml(text)}</FONT>'
