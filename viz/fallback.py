"""The stepper without scripts: the drawing as an image, and each step to be opened with its table.

Notebooks that are not trusted take scripts, frames, style sheets and inline SVG away, and keep
images with data: addresses, `<details>` and style attributes. This is made of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from autograd import Graph, Value
from autograd.display import html_table
from autograd.steps import BackwardStep, ForwardStep

from .drawing import draw
from .notation import Naming, bracketed, template_of
from .runs import Run, Update, subject_at
from .text import short

MOST = 150  # steps that are written out
FEW = 24  # steps that stand in one list; more are folded by pass or by iteration
MOST_ROWS = 40  # of a step's table


def fallback(
    graph: Graph, runs: Sequence[Run], naming: Naming, names: Any = None, direction: str = "LR"
) -> str:
    """The drawing and the steps in HTML that survives everywhere."""
    drawing = draw(subject_at(graph, runs[0]), names=names, direction=direction)
    steps = (pair for r in range(len(runs)) for pair in _steps(graph, runs, r, naming))
    total = sum(len(run.forward) + len(run.backward) + len(run.updates) for run in runs)
    more = f"<p>… and {total - MOST} more steps</p>" if total > MOST else ""
    return f"{drawing.html}{_listed(islice(steps, MOST), total)}{more}"


def _listed(steps: Iterator[tuple[str, str]], total: int) -> str:
    """The steps one below the other, or, if there are many, folded under what they are part of."""
    if total <= FEW:
        return "".join(line for _, line in steps)
    parts = [(title, [line for _, line in group]) for title, group in groupby(steps, itemgetter(0))]
    return "".join(
        _details(
            f"{title}, {len(lines)} steps",
            f'<div style="padding-left:1.5em">{"".join(lines)}</div>',
        )
        for title, lines in parts
    )


def _steps(graph: Graph, runs: Sequence[Run], r: int, naming: Naming) -> Iterator[tuple[str, str]]:
    """What a step is part of, and its `<details>`: what it computes, and the numbers in a table."""

    def name(node: Value) -> str:
        return naming(node).plain

    run, iteration = runs[r], f"Iteration {r + 1}" if len(runs) > 1 else ""
    for node, step in zip(graph.nodes, run.forward, strict=True):
        summary, table = _forward(graph, node, step, name)
        yield iteration or "Forward pass", _details(f"forward {step.index}: {summary}", table)
    for k, back in enumerate(run.backward, 1):
        summary, table = _backward(graph, back, name)
        yield iteration or "Backward pass", _details(f"backward {k}: {summary}", table)
    for update in run.updates:
        summary, table = _update(graph, update, name)
        yield iteration, _details(f"update: {summary}", table)


def _details(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _forward(
    graph: Graph, node: Value, step: ForwardStep, name: Callable[[Value], str]
) -> tuple[str, str]:
    """The formula, and the operands with their values."""
    formula = template_of(node).written(name)
    values = dict(zip(node.arguments, step.arguments, strict=True))
    operands = dict.fromkeys(node.parents)
    rows = [[f"u{graph.index(p)}", name(p), short(values[p])] for p in _first(operands)]
    rows += _left_out(len(operands), 3)
    rows.append([f"u{step.index}", name(node), short(step.result)])
    sides = [name(node), *([formula] if formula else []), short(step.result)]
    return " = ".join(sides), html_table("Operands", ["node", "name", "value"], rows, {2})


def _backward(graph: Graph, step: BackwardStep, name: Callable[[Value], str]) -> tuple[str, str]:
    """The sum, and its terms."""
    own = name(graph.nodes[step.index - 1])
    rows, products = [], []
    for term in _first(step.terms):
        numbers = [short(term.gradient), short(term.local_derivative), short(term.product)]
        rows.append([name(graph.nodes[term.index - 1]), *numbers])
        products.append(f"{bracketed(numbers[0])}·{bracketed(numbers[1])}")
    rows += _left_out(len(step.terms), 4)
    rows.append([f"∇[{own}]", "", "", short(step.total)])
    more = ["…"] if len(step.terms) > MOST_ROWS else []
    sides = [f"∇[{own}]", *([" + ".join(products + more)] if products else []), short(step.total)]
    header = ["u", "∇[u]", f"∂u/∂{own}", "product"]
    return " = ".join(sides), html_table("Terms", header, rows, {1, 2, 3})


def _update(graph: Graph, update: Update, name: Callable[[Value], str]) -> tuple[str, str]:
    own = name(graph.nodes[update.position - 1])
    row = [short(x) for x in (update.before, update.rate, update.gradient, update.after)]
    table = html_table("Update", [own, "η", f"∇[{own}]", f"new {own}"], [row], {0, 1, 2, 3})
    return f"{own} becomes {row[-1]}", table


def _left_out(count: int, columns: int) -> list[list[str]]:
    """A row that says how many are not shown."""
    return [[f"… {count - MOST_ROWS} more", *[""] * (columns - 1)]] if count > MOST_ROWS else []


def _first(items: Any) -> list[Any]:
    return list(islice(items, MOST_ROWS))
