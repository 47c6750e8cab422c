"""`step`: a page on which the forward and the backward pass are stepped through.

How a graph flows through these files:

    graph → runs.Run (the step records) → records.data (JSON)      ┐
    Run → runs.subject_at → drawing.scene_of → svg_of (with ids)   ┴→ page.page (HTML) → Stepper
                            Run → fallback.fallback (HTML without scripts) ┘
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

from autograd import GradientTable, Graph, NotInGraphError, Value, trace
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.real import number

from .notation import naming_of
from .runs import Run, descent, single_run
from .text import label_text

MOST_NODES = 5_000  # of all runs together


def step(
    value: Value | Graph | GradientTable,
    *,
    names: Any = None,
    descend: Sequence[Value] | None = None,
    learning_rate: float = 0.01,
    iterations: int = 3,
    direction: str = "LR",
) -> Stepper:
    """A page that steps through the forward and the backward pass behind a value.

    A Graph with one output and a table of gradients stand for their output. The passes are those
    at the inputs as they are now, also where their data was changed since.

    With `descend`, inputs such as [w1, w2], it steps through gradient descent on them: forward
    pass, backward pass and updates, `iterations` times, and the forward pass after the last. No
    Value is changed.
    """
    graph = _graph_of(value)
    parameters = _parameters(graph, descend)
    rate = number(learning_rate, "step(…, learning_rate=)")
    if not isfinite(rate):
        raise ArgumentError(f"step(…, learning_rate=) needs a finite number, not {rate!r}")
    if type(iterations) is not int or iterations < 1:
        raise ArgumentError(f"step(…, iterations=) is a whole number from 1 on, not {iterations!r}")
    rounds = iterations + 1 if parameters else 1
    if len(graph) * rounds > MOST_NODES:
        times = f", {rounds} times," if parameters else ""
        raise ArgumentError(
            f"{len(graph)} nodes{times} have more steps than anyone looks at: "
            f"up to {MOST_NODES} nodes fit a page; step through a part of it, such as one sample"
        )
    runs = descent(graph, parameters, rate, iterations) if parameters else [single_run(graph)]
    return Stepper(graph, runs, names=names, direction=direction)


def _graph_of(thing: Any) -> Graph:
    """The graph behind the one output of a Value, of a Graph or of a table of gradients."""
    if isinstance(thing, GradientTable):
        thing = thing.graph
    if type(thing) is Value:
        return trace(thing)
    if not isinstance(thing, Graph):
        raise ArgumentTypeError(
            f"step(value) needs a Value, a Graph with one output or a table of gradients, but got "
            f"{label_text(repr(thing), 80)}"
        )
    if len(thing.outputs) != 1:
        raise ArgumentError(
            f"step(graph) needs a graph with one output, but there are {len(thing.outputs)}"
        )
    return thing


def _parameters(graph: Graph, descend: Sequence[Value] | None) -> list[Value]:
    """The inputs to descend on, each once."""
    if descend is None:
        return []
    if not isinstance(descend, (list, tuple)) or not descend:
        raise ArgumentTypeError(
            f"step(…, descend=) needs a list of inputs, such as [w1, w2], but got {descend!r:.80}"
        )
    for parameter in descend:
        if parameter not in graph.inputs:
            raise NotInGraphError(
                f"step(…, descend=): {parameter!r:.80} is not an input of this graph"
            )
    return list(dict.fromkeys(descend))


class Stepper:
    """The page: `.html`, `.save("x.html")`, and it shows itself in a notebook."""

    def __init__(
        self, graph: Graph, runs: Sequence[Run], *, names: Any = None, direction: str = "LR"
    ) -> None:
        self.graph, self.runs = graph, tuple(runs)
        self._names, self._direction = names, direction

    @cached_property
    def html(self) -> str:
        """The whole page, which needs nothing from anywhere else."""
        from .page import page

        naming = naming_of(self.graph, self._names)
        return page(self.graph, self.runs, naming, self._names, self._direction)

    @cached_property
    def fallback(self) -> str:
        """The same for places that run no scripts: the drawing, and each step with its table."""
        from .fallback import fallback

        naming = naming_of(self.graph, self._names)
        return fallback(self.graph, self.runs, naming, self._names, self._direction)

    def save(self, path: str | Path) -> None:
        """Write the page to a file that ends in .html."""
        if not str(path).endswith((".html", ".htm")):
            raise ArgumentError(f"a stepper is saved as .html, not as {str(path)!r}")
        Path(path).write_text(self.html, encoding="utf-8")

    def _repr_html_(self) -> str:
        from .page import notebook_output

        return notebook_output(self.html, self.fallback)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        steps = sum(len(r.forward) + len(r.backward) + len(r.updates) for r in self.runs)
        name = naming_of(self.graph, self._names)(self.graph.output).plain
        return f"<stepper of {name!r}: {steps} steps>"
