"""A graph computed anew: on other numbers, or at its inputs as they are now.

A graph keeps the numbers of its forward pass. An input whose data is changed afterwards, as an
optimiser does, is then at another point than all that was computed from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isclose, isnan, nan
from typing import Any

from autograd import Graph, Value
from autograd.apply import FAILURES, apply, evaluate
from autograd.contexts import carrying_edges, setting
from autograd.errors import ArgumentTypeError, AutogradError
from autograd.operation import Operation

from .notation import in_table


def up_to_date(graph: Graph) -> Graph:
    """The graph, or where its inputs were changed since, the same computed anew."""
    return replayed(graph, {}) if any(True for _ in outdated(graph)) else graph


def outdated(graph: Graph) -> Iterator[Value]:
    """The nodes whose operands as they are now do not give the number that they gave."""
    with setting(carrying_edges, True):
        for node in graph.nodes[len(graph.inputs) :]:
            if not _agree(_again(node), node.data):
                yield node


def _again(node: Value) -> float:
    """f(operands); of what has an inside that cannot be run again, the number that it has."""
    assert node.operation is not None
    try:
        return evaluate(node.operation, [_data(a) for a in node.arguments])
    except AutogradError:
        return node.data
    except FAILURES:  # of a user's function, which knows no infinities
        return nan


def _data(argument: Value | float) -> float:
    return argument.data if isinstance(argument, Value) else argument


def _agree(x: float, y: float) -> bool:
    """Equal, but for the last digits, which may come out otherwise in compiled code."""
    return isclose(x, y, rel_tol=1e-9, abs_tol=1e-12) or (isnan(x) and isnan(y))


def replayed(graph: Graph, numbers: Mapping[Value, float]) -> Graph:
    """The same graph on other numbers, as nodes of its own in the same order."""
    copies: dict[Value, Value] = {}
    for node in graph.nodes:
        if node.operation is None:
            copy = Value(numbers.get(node, node.data))
        else:
            copy = _computed(
                node.operation, [copies[a] if type(a) is Value else a for a in node.arguments]
            )
        copy.label, copy.scope = node.label, node.scope
        copies[node] = copy
    return Graph([copies[output] for output in graph.outputs], copies.values())


def _computed(operation: Operation, arguments: Sequence[Any]) -> Value:
    """A node; an error for those of checkpoint and jit, which hold for their own operands only."""
    if in_table(operation):
        return apply(operation, arguments)  # type: ignore[no-any-return]
    raise ArgumentTypeError(
        f"a {operation.name!r} node, whose inside is not in the graph, cannot be computed anew for "
        f"inputs that change or were changed: compute the value again, or without {operation.name}"
    )
