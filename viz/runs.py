"""What a stepper steps through: forward pass, backward pass and, in a training run, updates.

One `Run` holds the records that `forward_steps()` and `backward_steps()` gave for one choice of
parameters. Gradient descent makes one run after another of the same graph, and ends with a
forward pass, so that the new loss is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from autograd import Graph, NonFiniteError, Value, trace
from autograd.apply import apply
from autograd.errors import ArgumentTypeError, AutogradError
from autograd.operation import Operation
from autograd.steps import BackwardStep, ForwardStep


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
    """Both passes over the graph as it is."""
    return _run(graph, ())


def descent(graph: Graph, parameters: Sequence[Value], rate: float, iterations: int) -> list[Run]:
    """The runs of gradient descent on some inputs, and the forward pass after the last."""
    indices = [graph.index(parameter) for parameter in parameters]
    numbers = {parameter: parameter.data for parameter in parameters}
    runs = []
    for _ in range(iterations):
        replay = _replayed(graph, numbers)
        run = _run(replay, ())
        updates = [_update(run, j, rate) for j in indices]
        numbers = {graph.nodes[u.position - 1]: u.after for u in updates}
        runs.append(run._replace(updates=tuple(updates)))
    return [*runs, _forward_only(_replayed(graph, numbers))]


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


def _replayed(graph: Graph, numbers: Mapping[Value, float]) -> Graph:
    """The same graph on other numbers, as nodes of its own."""
    copies: dict[Value, Value] = {}
    for node in graph.nodes:
        if node.operation is None:
            copy = Value(numbers.get(node, node.data))
        else:
            arguments = [copies[a] if type(a) is Value else a for a in node.arguments]
            copy = _computed(node.operation, arguments)
        copy.label, copy.scope = node.label, node.scope
        copies[node] = copy
    return trace(copies[graph.output])


def _computed(operation: Operation, arguments: Sequence[Any]) -> Value:
    """A node; an error for those of checkpoint and jit, whose rules give no plain numbers."""
    try:
        copy: Value = apply(operation, arguments)
        if not any(isinstance(d, Value) for d in copy.local_derivatives):
            return copy
    except AutogradError as error:
        if type(error) not in (AutogradError, ArgumentTypeError):  # an edge of a domain, say
            raise
    raise ArgumentTypeError(
        f"step(…, descend=) cannot go through a {operation.name!r} node, whose inside is not in "
        f"the graph: make the value without {operation.name}"
    )
