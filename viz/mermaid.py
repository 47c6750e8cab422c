"""Mermaid: the scene as the text of a flowchart, for Markdown pages that draw such text.

Punctuation in labels is written as Mermaid's entity codes (#60; for <), so that nothing in a label
is read as syntax or as HTML.
"""

from __future__ import annotations

from .colors import LIGHT
from .scene import Card, Scene
from .sizes import is_number
from .text import printable

_SHAPES = {
    "input": ("([", "])"),
    "parameter": ("{{", "}}"),
    "interior": ("[", "]"),
    "output": ("[[", "]]"),
    "group": ("[(", ")]"),
}


def mermaid_of(scene: Scene) -> str:
    """The scene as a flowchart."""
    lines = [f"flowchart {scene.direction}", f"    accTitle: {_text(scene.title)}"]
    inside: dict[str, list[str]] = {"": []}
    inside.update((box.id, []) for box in scene.boxes)
    for card in scene.cards:
        inside[card.box].append(f"    {card.id}{_node(card)}")
    for box in reversed(scene.boxes):
        inner = [f"    subgraph {box.id}[{_quoted(box.title)}]", *inside[box.id], "    end"]
        inside[box.parent] = [*inner, *inside[box.parent]]
    lines += inside[""]
    for edge in scene.edges:
        arrow = "-.->" if edge.family == "GB" else "-->"
        label = f"|{_quoted(edge.label)}|" if edge.label else ""
        lines.append(f"    {edge.source} {arrow}{label} {edge.target}")
    for card in scene.cards:
        if card.family == "B" and card.partner:
            lines.append(f"    {card.partner} -.- {card.id}")
    return "\n".join([*lines, *_classes(scene)]) + "\n"


def _node(card: Card) -> str:
    left, right = _SHAPES[card.kind]
    first = " ".join(part for part in (card.symbol, card.label or card.name) if part)
    parts = [first, card.value]
    if card.gradient is not None:
        parts.append(f"∇ {card.gradient}" if is_number(card) else card.gradient)
    return f'{left}"{"<br/>".join(map(_text, parts))}"{right}'


def _classes(scene: Scene) -> list[str]:
    names = [card.id for card in scene.cards if card.family == "B"]
    if not names:
        return []
    style = f"fill:{LIGHT['gradient-tint']},stroke:{LIGHT['gradient']}"
    return [f"    classDef B {style}", f"    class {','.join(names)} B"]


def _quoted(text: str) -> str:
    return f'"{_text(text)}"'


def _text(text: str) -> str:
    """Letters, digits, points and what is not ASCII as they are; the rest as entity codes."""
    return "".join(
        c if c.isalnum() or c in " ." or not c.isascii() else f"#{ord(c)};" for c in printable(text)
    )
