"""The step records as the JSON that the page's script reads.

What the records share (names, formulas, who feeds whom) is told once for each node; a run adds
its numbers. A number is the text that is shown or, where digits were cut, a pair of that text and
the number in full. Everything is put into the page as text, never as HTML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd import Graph, Value
from autograd.display import number_text
from autograd.steps import BackwardStep

from .notation import Naming, template_of
from .runs import Run, Update
from .text import exact, short

Number = str | list[str]


def data(graph: Graph, runs: Sequence[Run], name: Naming) -> dict[str, Any]:
    """Everything the script needs to know."""
    return {
        "nodes": [_node(graph, node, name) for node in graph.nodes],
        "runs": [_run(graph, run) for run in runs],
    }


def written(x: float) -> Number:
    """The number as it is shown, and in full where that is more."""
    text = short(x)
    return text if _same(text, x) else [text, exact(x)]


def _same(text: str, x: float) -> bool:
    try:
        return float(text.replace("−", "-").replace("∞", "inf")) == x
    except ValueError:
        return text == number_text(x)


def _node(graph: Graph, node: Value, name: Naming) -> dict[str, Any]:
    template = template_of(node)
    base, below, above = name(node)
    return {
        "name": [base, below, above],
        "formula": [graph.index(p) if type(p) is Value else p for p in template.pieces],
        "guarded": sorted(template.guarded),
        "raised": sorted(template.raised),
        "parents": [graph.index(parent) for parent in node.parents],
    }


def _run(graph: Graph, run: Run) -> dict[str, Any]:
    numbers: dict[str, Any] = {
        "values": [written(step.result) for step in run.forward],
        "locals": [[written(d) for d in derivatives] for derivatives in run.local_derivatives],
    }
    if run.backward:
        ordered = run.backward[::-1]
        numbers["gradients"] = [written(step.total) for step in ordered]
        numbers["terms"] = [_terms(step) for step in ordered]
    if run.updates:
        numbers["updates"] = [_update(update) for update in run.updates]
    return numbers


def _terms(step: BackwardStep) -> list[list[Any]]:
    """For each term: consumer i, which of i's operands this is, and the product."""
    uses: Counter[int] = Counter()
    terms = []
    for term in step.terms:
        places = [k for k, p in enumerate(term.consumer.parents) if p is step.node]
        terms.append([term.index, places[uses[term.index]], written(term.product)])
        uses[term.index] += 1
    return terms


def _update(update: Update) -> list[Any]:
    return [update.position, written(update.rate), written(update.after)]
