"""Tables node → number: the values of a forward pass and the gradients of a backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .display import data_of, html_table, number_text, one_line, text_table
from .errors import NotInGraphError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .graph import Graph
    from .steps import BackwardStep
    from .value import Value

SHOWN = 60  # rows of a long table, half from each end


class NodeTable(Mapping["Value", "Any"]):
    """A read-only mapping from the nodes of a graph, in the order u1 … un."""

    __slots__ = ("_nodes", "_entries", "_graph", "_position")
    _columns: tuple[str, ...] = ("value",)

    def __init__(self, nodes: list[Value], entries: list[Any], graph: Graph | None = None) -> None:
        self._nodes = nodes  # in topological order, the output last
        self._entries = entries
        self._graph = graph
        self._position: dict[Any, int] | None = None

    @property
    def graph(self) -> Graph:
        """The graph whose nodes the table holds."""
        if self._graph is None:
            from .graph import Graph

            self._graph = Graph((self._nodes[-1],), self._nodes)
        return self._graph

    @property
    def _positions(self) -> dict[Any, int]:
        if self._position is None:
            self._position = {node: i for i, node in enumerate(self._nodes)}
        return self._position

    def __getitem__(self, node: Value) -> Any:
        try:
            return self._entries[self._positions[node]]
        except (KeyError, TypeError):
            known = hasattr(node, "local_derivatives")
            raise NotInGraphError(
                f"{node!r} is not among the {len(self)} nodes of this table: "
                + ("the output does not depend on it" if known else "its keys are Values")
            ) from None

    def get(self, node: Value, /, default: Any = None) -> Any:
        """The entry of a node, or the default for a node outside the graph."""
        position = self._positions.get(node)
        return default if position is None else self._entries[position]

    def __contains__(self, node: object) -> bool:
        return node in self._positions

    def __iter__(self) -> Iterator[Value]:
        return iter(self.graph.nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NodeTable):
            return NotImplemented
        return type(self) is type(other) and dict(self) == dict(other)

    def _numbers(self, node: Value) -> list[str]:
        """What stands in the columns of numbers for a node."""
        return [number_text(data_of(self[node]))]

    def _caption(self) -> str:
        return "Values"

    def _rows(self) -> list[list[str]]:
        """One row a node; of a long table the first and the last."""
        nodes, graph = self.graph.nodes, self.graph

        def row(node: Value) -> list[str]:
            name, label = f"u{graph.index(node)}", one_line(node.label)
            return [name, label, graph.formula(node), *self._numbers(node)]

        if len(nodes) <= SHOWN:
            return [row(node) for node in nodes]
        half = SHOWN // 2
        gap = [["…", "", f"{len(nodes) - SHOWN} more", *[""] * len(self._columns)]]
        return [*map(row, nodes[:half]), *gap, *map(row, nodes[-half:])]

    def _table(self) -> tuple[list[str], list[list[str]], set[int]]:
        """The header, the rows, and which columns hold numbers."""
        header = ["node", "label", "operation", *self._columns]
        return header, self._rows(), set(range(3, len(header)))

    def __repr__(self) -> str:
        return text_table(*self._table())

    def _repr_html_(self) -> str:
        return html_table(self._caption(), *self._table())


class ValueTable(NodeTable):
    """The value of every node, as a forward pass found it."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        from .copying import rebuilt_values

        return (rebuilt_values, (self.graph, self._entries))


class GradientTable(NodeTable):
    """∇[u] of every node behind an output: floats, or Values where the graph was asked for."""

    __slots__ = ()
    _columns = ("value", "gradient")

    @property
    def steps(self) -> list[BackwardStep]:
        """How the table was filled, row by row, from the output back."""
        from .steps import steps_of

        return steps_of(self)

    def _numbers(self, node: Value) -> list[str]:
        return [number_text(node.data), *super()._numbers(node)]

    def _caption(self) -> str:
        return f"Gradients of {one_line(self.graph.name(self.graph.output))}"

    def __reduce__(self) -> tuple[Any, ...]:
        from .copying import reduce_table

        return reduce_table(self)
