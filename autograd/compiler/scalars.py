"""The traced program in numbers: every node a number, its operands by their numbers.

Elements are counted from 0: arguments, then parameters, then constants and nodes as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import copysign
from typing import Any

from ..operation import Operation
from ..value import Value
from .tracing import Recording

ARGUMENT, PARAMETER, CONSTANT, NODE = range(4)


class Scalars:
    """operations[i] is None for leaves; operands[i] lists elements; values[i] of constants."""

    __slots__ = (
        "arguments", "before", "constants", "guards", "kinds", "nodes", "operands", "operations",
        "outputs", "parameters", "values",
    )  # fmt: skip

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.operations: list[Operation | None] = []
        self.operands: list[Sequence[int]] = []
        self.values: list[float] = []
        self.nodes: list[Value | None] = []  # where an element comes from, for names
        self.constants: dict[tuple[float, float], int] = {}
        self.before: dict[int, int] = {}  # nodes that fusing put in, by the node they come before
        self.outputs: list[int] = []
        self.guards: list[tuple[int, str, int, bool]] = []
        self.arguments = self.parameters = 0

    def add(
        self, kind: int, node: Value | None, operation: Operation | None = None,
        operands: Sequence[int] = (), value: float = 0.0,
    ) -> int:  # fmt: skip
        """Enter one element; its number."""
        self.kinds.append(kind)
        self.operations.append(operation)
        self.operands.append(operands)
        self.values.append(value)
        self.nodes.append(node)
        return len(self.kinds) - 1

    @property
    def inserted(self) -> set[int]:
        """The nodes that fusing put in."""
        return set(self.before.values())

    def constant(self, x: float) -> int:
        """The element of a number; equal numbers are one element."""
        key = (x, copysign(1.0, x))
        if key not in self.constants:
            self.constants[key] = self.add(CONSTANT, None, value=x)
        return self.constants[key]

    def in_order(self) -> Iterator[int]:
        """The nodes, each after its operands."""
        inserted = self.inserted
        for i in range(len(self.kinds)):
            if self.operations[i] is not None:
                if i in self.before:
                    yield self.before[i]
                if i not in inserted:
                    yield i


def scalars_of(recording: Recording) -> Scalars:
    """The program of a recording."""
    program = Scalars()
    number: dict[Value, int] = {}
    for x in recording.arguments:
        number[x] = program.add(ARGUMENT, x)
    for x in recording.parameters:
        number[x] = program.add(PARAMETER, x)
    program.arguments, program.parameters = len(recording.arguments), len(recording.parameters)

    def element(x: Any) -> int:
        if type(x) is not Value:
            return program.constant(float(x))
        found = number.get(x)
        if found is None:  # a Value that the function made of a number
            found = number[x] = program.constant(x.data)
        return found

    _add_nodes(program, recording.nodes, number, element)
    program.outputs = list(map(element, recording.outputs))
    program.guards = [
        (element(g.left), g.operator, element(g.right), g.outcome) for g in recording.guards
    ]
    return program


def _add_nodes(
    program: Scalars, nodes: list[Value], number: dict[Value, int], element: Callable[[Any], int]
) -> None:
    """Enter the nodes; most have one or two operands that are nodes themselves."""
    get = number.get
    for node in nodes:
        first, second = node._first, node._second
        operands: list[Any]
        if node._constants is not None:
            operands = [element(x) for x in node.arguments]
        elif type(first) is tuple:
            operands = list(map(get, first))
        else:
            operands = [get(first)] if second is None else [get(first), get(second)]
        if None in operands:
            operands = [element(x) for x in node.arguments]
        number[node] = program.add(NODE, node, node._operation, operands)
