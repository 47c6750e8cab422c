"""What is to be drawn: a graph, the number of each node, and the gradients where they are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograd import GradientTable, Graph, Value, ValueTable, trace
from autograd.apply import FAILURES, local_derivatives
from autograd.display import data_of
from autograd.errors import ArgumentTypeError, AutogradError
from autograd.real import number

from .notation import in_table
from .text import label_text


@dataclass(frozen=True, slots=True)
class Subject:
    """A graph with its numbers; `entries` are the nodes ∇[u] where the table holds Values.

    `derivatives` are the local derivatives of a node, where they are not those that it recorded.
    """

    graph: Graph
    value: Callable[[Value], float]
    gradient: Callable[[Value], float] | None
    derivatives: Callable[[Value], tuple[float, ...]] | None = None
    entries: Mapping[Value, Value] = field(default_factory=dict)
    labels: Mapping[Value, str] = field(default_factory=dict)
    parameters: frozenset[Value] = frozenset()

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

    @property
    def recorded(self) -> bool:
        """Whether the numbers are those that the nodes hold."""
        return self.value is _data

    def _as_recorded(self, node: Value) -> bool:
        return self.recorded or all(self.value(p) == p.data for p in (node, *node.parents))

    def local_derivatives(self, node: Value) -> tuple[float | None, ...]:
        """∂u/∂p for each parent p at the values that are shown; None where it cannot be known."""
        if self.derivatives is not None:
            return self.derivatives(node)
        if node.operation is None or self._as_recorded(node):
            return node.local_derivatives
        if not in_table(node.operation):  # a compiled function's, say, whose inside is not here
            return (None,) * len(node.parents)
        data = [self.value(a) if isinstance(a, Value) else a for a in node.arguments]
        try:
            rules = local_derivatives(node.operation, data, self.value(node))
            numbers = [number(d, "") for d in rules]
        except (*FAILURES, TypeError, AutogradError):  # a user's rule next to an edge
            return (None,) * len(node.parents)
        return tuple([d for a, d in zip(node.arguments, numbers, strict=True) if type(a) is Value])


def subject_of(
    thing: Any,
    labels: Mapping[Value, str] | None = None,
    parameters: frozenset[Value] = frozenset(),
) -> Subject:
    """The subject of a Value, a Graph, or a table of values or gradients; of a subject, itself."""
    return replace(_subject_of(thing), labels=labels or {}, parameters=parameters)


def _subject_of(thing: Any) -> Subject:
    if isinstance(thing, Subject):
        return thing
    if type(thing) is Value:
        thing = trace(thing)
    if isinstance(thing, Graph):
        return Subject(thing, _data, _gradient_attribute(thing))
    if isinstance(thing, ValueTable):
        return Subject(thing.graph, thing.__getitem__, None)
    if isinstance(thing, GradientTable):
        entries = {node: g for node, g in thing.items() if type(g) is Value}
        return Subject(thing.graph, _data, lambda node: data_of(thing[node]), entries=entries)
    hint = "several Values are drawn as one Graph: trace(first, second)"
    if callable(thing):
        hint = "call the model on a sample: draw(model(x))"
    raise ArgumentTypeError(
        f"draw needs a Value, a Graph or a table of values or gradients, but got {thing!r:.80}; "
        f"{hint}"
    )


def _data(node: Value) -> float:
    return node.data


def _gradient_attribute(graph: Graph) -> Callable[[Value], float] | None:
    """`.grad`, where a backward pass has been here: inputs may hold one of another graph."""
    computed = [node for node in graph.nodes if node.operation is not None] or graph.nodes
    if any(node.grad != 0.0 for node in computed):
        return lambda node: node.grad
    return None
