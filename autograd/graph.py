"""The computation graph behind some outputs, in topological order, and Algorithm 6.1 on it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from threading import RLock

from .apply import evaluate
from .contexts import READS, refuse
from .display import name_latex, number_above, one_line
from .errors import ArgumentError, ArgumentTypeError, AutogradError, NotInGraphError
from .formulas import Formula
from .real import number
from .tables import ValueTable
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

    from .steps import BackwardStep, ForwardStep

MANY = 12  # operands, above which a formula is not written out
_marking = RLock()
_walking = False


def _unlock() -> None:
    """In a child process after a fork: the thread that may have been walking is not there."""
    global _marking, _walking
    _marking, _walking = RLock(), False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


def trace(*outputs: Value) -> Graph:
    """The graph behind the outputs."""
    return Graph(outputs)


def operands_first(outputs: Iterable[Value], known: Collection[Value] = ()) -> list[Value]:
    """Every node behind the outputs, after its operands; first of all the `known` ones."""
    return undisturbed(lambda: walk(outputs, known))


def undisturbed(use: Callable[[], T]) -> T:
    """The result of a function that walks and then reads the marks, while no one else walks.

    Other threads wait. A walk inside a walk of the same thread, as a signal handler or a debugger
    could ask for, is refused: it would take the marks of the first for its own.
    """
    global _walking
    with _marking:
        if _walking:
            raise AutogradError("graphs cannot be walked while this thread is walking one")
        _walking = True
        try:
            return use()
        finally:
            _walking = False


def walk(outputs: Iterable[Value], known: Collection[Value] = ()) -> list[Value]:
    """What `operands_first` gives, with marks.

    Every node is left with a sum of zero, this walk's own zero, which also marks it as seen. It is
    good until the next walk: see `undisturbed`.
    It is a depth-first walk with a stack of its own: the way down follows first operands, the way
    up finishes nodes. `known` nodes count as finished: the walk does not go behind them.
    """
    zero = float("0")  # an object of its own, which no node has had before
    nodes: list[Value] = []
    unfinished: list[Value] = []
    entered: list[tuple[Value, Iterator[Value]]] = []  # those of many operands, and what is to see
    for node in known:
        node._sum = zero
        nodes.append(node)
    for node in outputs:
        while node._sum is not zero:
            while (first := node._first) is not None and first._sum is not zero:
                unfinished.append(node)
                node = first
            while (
                (below := node._second) is None
                or (type(below) is Value and below._sum is zero)
                or (type(below) is tuple and (below := _below(node, entered, zero, nodes)) is None)
            ):
                node._sum = zero
                nodes.append(node)
                if not unfinished:
                    break
                node = unfinished.pop()
            else:
                unfinished.append(node)
                node = below
    return nodes


def _below(
    node: Value, entered: list[tuple[Value, Iterator[Value]]], zero: float, nodes: list[Value]
) -> Value | None:
    """The next of many operands to go down to; None when the node itself can be finished."""
    if not entered or entered[-1][0] is not node:
        entered.append((node, iter(node._second)))
    for operand in entered[-1][1]:
        if operand._sum is not zero:
            if operand._first is not None or operand._second is not None:
                return operand
            operand._sum = zero
            nodes.append(operand)
    entered.pop()
    return None


class Graph:
    """u1 … un: the inputs first, then every node after its operands."""

    __slots__ = ("outputs", "nodes", "inputs", "_index", "_shared")

    outputs: tuple[Value, ...]
    nodes: tuple[Value, ...]
    inputs: tuple[Value, ...]

    def __init__(self, outputs: Iterable[Value], order: Iterable[Value] | None = None) -> None:
        self.outputs = tuple(outputs)
        for output in self.outputs:
            if type(output) is not Value:
                raise ArgumentTypeError(f"trace(*outputs) needs Values, but got {output!r}")
        order = operands_first(self.outputs) if order is None else order
        self.inputs = tuple([node for node in order if node._operation is None])
        self.nodes = self.inputs + tuple([node for node in order if node._operation is not None])
        self._index: dict[Value, int] | None = None
        self._shared: set[str] | None = None

    @property
    def edges(self) -> tuple[tuple[Value, Value], ...]:
        """(operand, result) for every use of a node as an operand."""
        return tuple([(parent, node) for node in self.nodes for parent in node.parents])

    @property
    def output(self) -> Value:
        """The output, where there is one."""
        if len(self.outputs) != 1:
            raise ArgumentError(
                f"this needs a graph with one output, but there are {len(self.outputs)}"
            )
        return self.outputs[0]

    @property
    def _positions(self) -> dict[Value, int]:
        if self._index is None:
            self._index = {node: j for j, node in enumerate(self.nodes, 1)}
        return self._index

    def index(self, node: Value) -> int:
        """The j of u(j), counted from 1 as in the textbook."""
        try:
            return self._positions[node]
        except (KeyError, TypeError):
            raise NotInGraphError(f"{node!r} is not in this graph of {len(self)} nodes") from None

    def name(self, node: Value) -> str:
        """The label of a node, with its number where several have the same; or u with its number.

        x, x⁽⁴⁾, u4
        """
        if number := self._number(node):
            return one_line(node.label, 30) + number_above(number)
        return node.label or f"u{self.index(node)}"

    def _name_latex(self, node: Value) -> str:
        if number := self._number(node):
            return name_latex(node.label) + f"^{{({number})}}"
        return name_latex(self.name(node))

    def _number(self, node: Value) -> int | None:
        """The number of a node whose label others have, too."""
        if not node.label:
            return None
        if self._shared is None:
            uses = Counter([node.label for node in self.nodes])
            self._shared = {label for label, count in uses.items() if count > 1}
        return self._positions.get(node) if node.label in self._shared else None

    def formula(self, node: Value, style: str = "text") -> str:
        """How a node is computed, in the names of its operands; "" for an input."""
        operation, arguments = node._operation, node.arguments
        if operation is None:
            return ""
        if len(arguments) > MANY:
            return f"{operation.name} of {len(arguments)} numbers"
        name = self._name_latex if style == "latex" else lambda a: one_line(self.name(a))
        written = [a if isinstance(a, float) else name(a) for a in arguments]
        return Formula(operation, *written).written(style)

    def forward(self, inputs: Mapping[Value, Any] | None = None) -> ValueTable:
        """Algorithm 6.1 with new numbers for inputs: the value of every node.

        Inputs that are not named keep the data they have now. The nodes are left as they are.
        """
        if not isinstance(inputs, (Mapping, type(None))):
            raise ArgumentTypeError(f"inputs are given as {{node: number}}, not {inputs!r}")
        refuse(READS)
        given = dict(inputs or {})
        values = {node: node.data for node in self.inputs}
        for node, x in given.items():
            if node not in values:
                hint = "" if type(node) is Value else ": inputs are given as Values, {x: 3.0}"
                raise NotInGraphError(f"{node!r} is not an input of this graph{hint}")
            values[node] = number(x, f"input {self.name(node)!r}")
        for node in self.nodes[len(self.inputs) :]:
            operation = node._operation
            assert operation is not None
            values[node] = evaluate(
                operation,
                [a if isinstance(a, float) else values[a] for a in node.arguments],
                [a.label if type(a) is Value else "" for a in node.arguments],
            )
        return ValueTable(list(values), list(values.values()), self)

    def forward_steps(self, inputs: Mapping[Value, Any] | None = None) -> Iterator[ForwardStep]:
        """Algorithm 6.1 one node at a time."""
        from .steps import forward_steps

        return forward_steps(self, self.forward(inputs))

    def backward_steps(self) -> Iterator[BackwardStep]:
        """Algorithm 6.2 one node at a time."""
        from .gradients import backprop

        return iter(backprop(self.output).steps)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return type(node) is Value and node in self._positions

    def __repr__(self) -> str:
        names = ", ".join(self.name(node) for node in self.inputs[:8])
        more = ", …" if len(self.inputs) > 8 else ""
        return f"<graph of {len(self)} nodes, inputs {names}{more}>"

    def __reduce__(self) -> tuple[Any, ...]:
        from .copying import reduce_graph

        return reduce_graph(self)
