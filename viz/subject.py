"""What is to be drawn: a graph, the number of each node, and the gradients where they are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd import GradientTable, Graph, Value, ValueTable, trace
from autograd.apply import FAILURES, local_derivatives
from autograd.display import data_of
from autograd.errors import ArgumentTypeError, AutogradError
from autograd.real import number

from .text import label_text


@dataclass(frozen=True, slots=True)
class Subject:
    """A graph with its numbers; `entries` are the nodes ∇[u] where the table holds Values."""

    graph: Graph
    value: Callable[[Value], float]
    gradient: Callable[[Value], float] | None
    entries: Mapping[Value, Value]
    labels: Mapping[Value, str]
    parameters: frozenset[Value]

    def name(self, node: Value) -> str:
        """The label as it is shown, or u with the node's number."""
        return self.label(node) or f"u{self.graph.index(node)}"

    def label(self, node: Value) -> str:
        """The label as it is shown; "" where there is none."""
        return label_text(self.labels.get(node) or node.label)

    @property
    def outputs(self) -> tuple[Value, ...]:
        """u(n), or several of them."""
        return self.graph.outputs

    def is_parameter(self, node: Value) -> bool:
        """Whether an input is learned: it was made in a scope, or its model says so."""
        return node.operation is None and (bool(node.scope) or node in self.parameters)

    def role(self, node: Value) -> str:
        """The name of a node's operation; of a node without one, input or parameter."""
        if node.operation is None:
            return "parameter" if self.is_parameter(node) else "input"
        return node.operation.name

    def _as_recorded(self, node: Value) -> bool:
        return self.value is _data or all(self.value(p) == p.data for p in node.parents)

    def local_derivatives(self, node: Value) -> tuple[float | None, ...]:
        """∂u/∂p for each parent p at the values that are shown; None where it cannot be known."""
        if node.operation is None or self._as_recorded(node):
            return node.local_derivatives
        data = [self.value(a) if isinstance(a, Value) else a for a in node.arguments]
        try:
            rules = local_derivatives(node.operation, data, self.value(node))
            return tuple(
                [
                    number(d, "")
                    for a, d in zip(node.arguments, rules, strict=True)
                    if type(a) is Value
                ]
            )
        except (
            *FAILURES,
            TypeError,
            AutogradError,
        ):  # as of a compiled function, whose inside is not here
            return (None,) * len(node.parents)


def subject_of(
    thing: Any,
    labels: Mapping[Value, str] | None = None,
    parameters: frozenset[Value] = frozenset(),
) -> Subject:
    """The subject of a Value, a Graph, or a table of values or gradients."""
    labels = labels or {}
    if type(thing) is Value:
        thing = trace(thing)
    if isinstance(thing, Graph):
        return Subject(thing, _data, _gradient_attribute(thing), {}, labels, parameters)
    if isinstance(thing, ValueTable):
        return Subject(thing.graph, thing.__getitem__, None, {}, labels, parameters)
    if isinstance(thing, GradientTable):
        entries = {node: g for node, g in thing.items() if type(g) is Value}
        return Subject(
            thing.graph, _data, lambda node: data_of(thing[node]), entries, labels, parameters
        )
    raise ArgumentTypeError(
        f"draw needs a Value, a Graph or a table of values or gradients, but got {thing!r:.80}; "
        "several Values are drawn as one Graph: trace(first, second)"
    )


def _data(node: Value) -> float:
    return node.data


def _gradient_attribute(graph: Graph) -> Callable[[Value], float] | None:
    """`.grad`, where a backward pass has been here: inputs may hold one of another graph."""
    computed = [node for node in graph.nodes if node.operation is not None] or graph.nodes
    if any(node.grad != 0.0 for node in computed):
        return lambda node: node.grad
    return None
