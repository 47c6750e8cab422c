"""The stepper's page: one drawing, the records as JSON, a style sheet and a script, in one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from typing import Any

from autograd import Graph

from .colors import DARK, LIGHT, declarations
from .drawing import scene_of
from .layout import placed
from .notation import Naming
from .records import data
from .runs import Run, subject_at
from .scene import Scene
from .svg import svg_of
from .text import short


def page(
    graph: Graph, runs: Sequence[Run], naming: Naming, names: Any = None, direction: str = "LR"
) -> str:
    """The page as one HTML document."""
    scene = scene_of(subject_at(graph, runs[0]), names=names, direction=direction)
    scene = _wide_enough(scene, runs)
    parts = {
        "title": escape(title_of(graph, runs, naming)),
        "styles": _styles(),
        "svg": svg_of(scene, placed(scene)),
        "data": as_script({**data(graph, runs, naming), "ids": _ids(graph, scene)}),
        "script": _asset("stepper.js"),
    }
    text = _asset("stepper.html")
    before, *rest = text.split("{{")
    return before + "".join(parts[key] + after for key, after in (p.split("}}", 1) for p in rest))


def title_of(graph: Graph, runs: Sequence[Run], naming: Naming) -> str:
    """What the page shows, in one line."""
    name = naming(graph.output).plain
    if len(runs) > 1:
        return f"Gradient descent on {name}, step by step"
    return f"Forward and backward pass of {name}"


def _ids(graph: Graph, scene: Scene) -> dict[str, Any]:
    """The ids of the card of each node, and of the edges into it; "" for those inside a card."""
    numbered = list(enumerate(graph.nodes, 1))
    return {
        "cards": [scene.home[j] for j, _ in numbered],
        "edges": [
            [scene.edge_id(graph.index(p), j, k) for k, p in enumerate(node.parents)]
            for j, node in numbered
        ],
    }


def as_script(thing: Any) -> str:
    """JSON that can stand inside a script element, whatever its texts hold."""
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def notebook_output(html: str, fallback: str) -> str:
    """Both forms in one output: the page hides the fallback once its script runs."""
    return (
        f'<div class="gradtable-stepper"><div>{fallback}</div>'
        '<iframe title="Stepper" style="width:100%;height:600px;border:0" '
        f'srcdoc="{escape(html, quote=True)}"></iframe></div>'
    )


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _styles() -> str:
    """The colours of the drawings for the page around them, by the system's or the page's theme."""
    light, dark = declarations(LIGHT), declarations(DARK)
    drawing = "svg.gradtable"
    return (
        f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f":root[data-theme=light],:root[data-theme=light] {drawing}{{{light};color-scheme:light}}"
        f":root[data-theme=dark],:root[data-theme=dark] {drawing}{{{dark};color-scheme:dark}}"
        f"@media print{{:root,:root[data-theme],:root[data-theme] {drawing}{{{light}}}}}"
        + _asset("stepper.css")
    )


def _wide_enough(scene: Scene, runs: Sequence[Run]) -> Scene:
    """The scene with each card as wide as the longest of its numbers over all runs needs it."""
    if len(runs) == 1:
        return scene
    values: dict[str, str] = {}
    gradients: dict[str, str] = {}
    for run in runs:
        for step in run.forward:
            _keep_longest(values, f"node-u{step.index}", short(step.result))
        for back in run.backward:
            _keep_longest(gradients, f"node-u{back.index}", short(back.total))
    cards = [
        replace(
            card,
            value=values.get(card.id, card.value),
            gradient=gradients.get(card.id, card.gradient),
        )
        for card in scene.cards
    ]
    return replace(scene, cards=tuple(cards))


def _keep_longest(texts: dict[str, str], key: str, text: str) -> None:
    if len(text) > len(texts.get(key, "")):
        texts[key] = text
