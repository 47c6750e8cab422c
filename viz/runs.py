"""What a stepper steps through: forward pass, backward pass and, in a training run, updates.

One `Run` holds the records that `forward_steps()` and `backward_steps()` gave for one choice of
parameters. Gradient descent makes one run after another of the same graph, and ends with a
forward pass, so that the new loss is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from autograd import Graph, NonFiniteError, Value
from autograd.steps import BackwardStep, ForwardStep

from .replay import replayed, up_to_date
from .subject import Subject


class Update(NamedTuple):
    """w ← w − η·∇[w], for the node u(position)."""

    position: int
    before: float
    rate: float
    gradient: float
    after: float


class Run(NamedTuple):
    """One forward pass, and what follows it; indices are those of the graph in every run."""

    forward: tuple[ForwardStep, ...]
    backward: tuple[BackwardStep, ...]
    updates: tuple[Update, ...]
    local_derivatives: tuple[tuple[float, ...], ...]  # by node, as its parents are ordered


def single_run(graph: Graph) -> Run:
    """Both passes at the inputs as they are now."""
    return _run(up_to_date(graph), ())


def descent(graph: Graph, parameters: Sequence[Value], rate: float, iterations: int) -> list[Run]:
    """The runs of gradient descent on some inputs, and the forward pass after the last."""
    indices = [graph.index(parameter) for parameter in parameters]
    numbers = {parameter: parameter.data for parameter in parameters}
    runs = []
    for _ in range(iterations):
        replay = replayed(graph, numbers)
        run = _run(replay, ())
        updates = [_update(run, j, rate) for j in indices]
        numbers = {graph.nodes[u.position - 1]: u.after for u in updates}
        runs.append(run._replace(updates=tuple(updates)))
    return [*runs, _forward_only(replayed(graph, numbers))]


def subject_at(graph: Graph, run: Run) -> Subject:
    """The graph with the numbers of a run, to be drawn."""
    nodes = graph.nodes
    values = dict(zip(nodes, [step.result for step in run.forward], strict=True))
    gradients = dict(zip(nodes, [step.total for step in reversed(run.backward)], strict=True))
    derivatives = dict(zip(nodes, run.local_derivatives, strict=True))
    return Subject(graph, values.__getitem__, gradients.__getitem__, derivatives.__getitem__)


def _run(graph: Graph, updates: tuple[Update, ...]) -> Run:
    return _forward_only(graph)._replace(backward=tuple(graph.backward_steps()), updates=updates)


def _forward_only(graph: Graph) -> Run:
    derivatives = tuple([node.local_derivatives for node in graph.nodes])
    return Run(tuple(graph.forward_steps()), (), (), derivatives)


def _update(run: Run, index: int, rate: float) -> Update:
    step = run.forward[index - 1]
    gradient = run.backward[-index].total
    if not isfinite(gradient):
        raise NonFiniteError(
            f"the gradient of {step.name} is {gradient!r}: gradient descent cannot go on from here"
        )
    return Update(index, step.result, rate, gradient, step.result - rate * gradient)
