"""Copying and pickling graphs of any depth without recursion, with shared nodes kept shared.

A node's pickle begins with all the nodes behind it, operands first; when pickle comes to write
one of those, its operands are written already, and nothing nests. Which nodes stand in such a
list now is known to the marker at its end, which lives as long as the list is being written.
"""

from __future__ import annotations

import threading
import weakref

from .graph import operands_first, trace
from .tables import GradientTable, ValueTable
from .value import Value, blank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .graph import Graph

_MAY_BE_EMPTY = {"_label": "label", "_scope": "scope"}
_FIELDS = tuple([_MAY_BE_EMPTY.get(name, name) for name in Value.__slots__ if name != "_sum"])


class _EndOfList:
    """The marker: knows the nodes of its list until it is itself written, after them."""

    def __init__(self, nodes: Iterable[Value]) -> None:
        self.nodes = set(nodes)
        _writing.marker = weakref.ref(self)

    def __reduce__(self) -> tuple[Any, ...]:
        self.nodes.clear()
        return (_nothing, ())


class _Writing(threading.local):
    """The marker of the list that this thread is writing, if any."""

    marker: Callable[[], _EndOfList | None] = staticmethod(lambda: None)


_writing = _Writing()


def _nothing(*_: Any) -> None:
    return None


def reduce_node(node: Value) -> tuple[Any, ...]:
    """How pickle writes a node."""
    marker = _writing.marker()
    if node._operation is None or (marker is not None and node in marker.nodes):
        return (_rebuilt, ((), *_fields(node)))
    behind = operands_first((node,))[:-1]
    return (_rebuilt, ([*behind, _EndOfList(behind)], *_fields(node)))


def _fields(node: Value) -> tuple[Any, ...]:
    """The slots of a node, with derivatives that are still to be computed as numbers."""
    fields = [getattr(node, name) for name in _FIELDS]
    lazy = _FIELDS.index("_first_derivative")
    if callable(fields[lazy]):
        fields[lazy] = node.local_derivatives
    return tuple(fields)


def _rebuilt(behind: Any, *fields: Any) -> Value:
    node = blank()
    node._sum = None
    for name, field in zip(_FIELDS, fields, strict=True):
        setattr(node, name, field)
    return node


class _Prelude:
    """Pickled before many nodes: all there is behind them, once, operands first."""

    def __init__(self, nodes: Iterable[Value]) -> None:
        self.nodes = nodes

    def __reduce__(self) -> tuple[Any, ...]:
        behind = operands_first(self.nodes)
        return (_nothing, (*behind, _EndOfList(behind)))


def deepcopy_node(node: Value, memo: dict[int, Any]) -> Value:
    """How copy.deepcopy copies a node: everything behind it first, but for what `memo` has."""

    def copied(x: Any) -> Any:
        if type(x) is tuple:
            return tuple([memo.get(id(y), y) for y in x])
        return memo.get(id(x), x) if type(x) is Value else x

    stack = [node]
    while stack:
        original = stack[-1]
        waiting = [p for p in original.parents if id(p) not in memo]
        if waiting and id(original) not in memo:
            stack.extend(waiting)
            continue
        stack.pop()
        if id(original) not in memo:
            fields = [getattr(original, name) for name in _FIELDS]
            memo[id(original)] = _rebuilt((), *map(copied, fields))
    return memo[id(node)]  # type: ignore[no-any-return]


def reduce_table(table: GradientTable) -> tuple[Any, ...]:
    """How pickle writes a gradient table: its output, and the entries in topological order."""
    output, entries = table._nodes[-1], table._entries
    prelude = _Prelude([output, *[x for x in entries if type(x) is Value]])
    return (_rebuilt_table, (prelude, output, entries))


def reduce_graph(graph: Graph) -> tuple[Any, ...]:
    """How pickle writes a graph: its outputs."""
    return (_rebuilt_graph, (_Prelude(graph.outputs), *graph.outputs))


def _rebuilt_graph(prelude: None, *outputs: Value) -> Graph:
    return trace(*outputs)


def _rebuilt_table(prelude: None, output: Value, entries: list[Any]) -> GradientTable:
    return GradientTable(operands_first((output,)), entries)


def rebuilt_values(graph: Graph, entries: list[float]) -> ValueTable:
    """The value table of a graph, whose nodes come in the graph's own order."""
    return ValueTable(list(graph.nodes), entries, graph)
