"""Stage 1, trace: run a function on Values once, and write down every node that it made.

A Value that the function uses but did not make is a parameter. Everything else that flows in is
an argument, or a constant of this program.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from ..contexts import _observers, _Watching, listening, recording
from ..real import as_number
from ..structure import leaves, mapped
from ..value import Value
from .errors import NotCompilable, PlainResult, refuse_what_holds_no_number
from .stand_ins import stand_ins


class Guard:
    """A comparison of two numbers that decided which way the function went."""

    __slots__ = ("left", "operator", "right", "outcome")

    def __init__(self, left: Any, operator: str, right: Any, outcome: bool) -> None:
        self.left, self.operator, self.right, self.outcome = left, operator, right, outcome


class Recording:
    """What one run of the function did: the nodes in the order in which they were made.

    names  Values that were made of numbers among the arguments, and what stands for those numbers
    """

    __slots__ = ("arguments", "constants", "guards", "names", "nodes", "outputs", "result")

    def __init__(
        self, result: Any, outputs: list[Any], nodes: list[Value], constants: list[Value],
        arguments: list[Value], guards: list[Guard], names: dict[Value, Value],
    ) -> None:  # fmt: skip
        self.result, self.outputs, self.nodes, self.names = result, outputs, nodes, names
        self.constants, self.arguments, self.guards = constants, arguments, guards

    def other(self, result: Any, nodes: list[Value], guards: list[Guard]) -> Recording:
        """A part of the same run."""
        outputs = [result] if type(result) is Value else list(leaves(result))
        return Recording(result, outputs, nodes, self.constants, self.arguments, guards, self.names)

    @property
    def single(self) -> bool:
        """Whether the result is one number and not a structure of numbers."""
        return len(self.outputs) == 1 and self.result is self.outputs[0]

    def same_as(self, other: Recording) -> bool:
        """Whether both do the same with the same parameters."""
        return (
            self.parameters == other.parameters
            and [(n._operation, n._constants) for n in self.nodes]
            == [(n._operation, n._constants) for n in other.nodes]
            and [(g.operator, g.outcome) for g in self.guards]
            == [(g.operator, g.outcome) for g in other.guards]
        )

    @property
    def parameters(self) -> list[Value]:
        """What it used and did not make, by first use."""
        own = {*self.nodes, *self.constants, *self.arguments, *self.names}
        used = dict.fromkeys([x for node in self.nodes for x in node.parents])
        return [x for x in used if x not in own]

    @property
    def structure(self) -> Any:
        """The structure of the result, with 0 for each number."""
        return mapped(lambda _: 0.0, self.result)


class Writer:
    """Writes down what a function does: the nodes it makes, its own inputs, and comparisons.

    arguments  the Values that stand in the places of arguments
    plain      gives those of them that stand in the places of plain numbers
    """

    written = True

    def __init__(self, arguments: list[Value], plain: Callable[[], set[Value]]) -> None:
        self.made: list[Value] = []
        self.fresh: list[Value] = []
        self.guards: list[Guard] = []
        self.problems: list[str] = []
        self.names: dict[Value, Value] = {}
        self._arguments, self._plain = arguments, plain

    @cached_property
    def plain(self) -> set[Value]:
        """The Values that stand in the places of plain numbers."""
        return self._plain()

    @cached_property
    def arguments(self) -> set[Value]:
        """The Values that stand in the places of arguments."""
        return set(self._arguments)

    def begun(self, node: Value) -> None:
        """Note an input that the function makes."""
        self.fresh.append(node)

    def named(self, node: Value, number: Value) -> None:
        """Note that the input made last is another name for a number."""
        self.fresh.pop()
        self.names[node] = number

    def compared(self, left: Any, operator: str, right: Any, outcome: bool) -> None:
        """Note a comparison."""
        self.guards.append(Guard(left, operator, right, outcome))

    def equal(self, left: Value, right: Any) -> Any:
        """Of Values that stand for numbers, whether these are equal; of others, identity."""
        y = right.data if type(right) is Value else as_number(right)
        if y is None or not all(map(self.stands_for_number, (left, right))):
            if type(right) is Value and not self.arguments.isdisjoint((left, right)):
                self.problems.append("it asks which Value an argument is")
            return NotImplemented
        self.compared(left, "==", right, outcome := left.data == y)
        return outcome

    def stands_for_argument(self, x: Value) -> bool:
        """Whether f, run eagerly, would have a Value of its caller here, or a plain number."""
        return x in self.arguments or self.stands_for_number(x)

    def refused(self, problem: str) -> None:
        """Give up; also where the function goes on after the exception."""
        self.problems.append(problem)
        raise NotCompilable(problem)

    def stands_for_number(self, x: Any) -> bool:
        """Whether f, run eagerly, would have a plain number here: computed from those alone."""
        pending, seen = [x], set[Value]()
        while pending:
            node = pending.pop()
            if type(node) is Value and node not in self.plain and node not in seen:
                if node._operation is None:
                    return False
                seen.add(node)
                pending.extend(node.parents)
        self.plain.update(seen)
        return True


class Unwritten(Writer):
    """Values stand for numbers, in a run that nobody writes down: it may do as it likes."""

    written = False

    def begun(self, node: Value) -> None: ...
    def named(self, node: Value, number: Value) -> None: ...
    def compared(self, left: Any, operator: str, right: Any, outcome: bool) -> None: ...
    def refused(self, problem: str) -> None: ...


def record(
    run: Callable[[], Any], arguments: list[Value], plain: Callable[[], set[Value]]
) -> Recording:
    """What `run` does, where `arguments` are the Values that stand for the inputs."""
    writer = Writer(arguments, plain)
    with (
        recording(),
        _Watching(_observers, (writer.made.append,)),
        listening(writer),
        stand_ins(),
    ):
        result = run()
    if writer.problems:
        raise NotCompilable(writer.problems[0])
    outputs = list(leaves(result)) if type(result) is not Value else [result]
    refuse_what_holds_no_number(result)
    for x in outputs:
        if type(x) is not Value:
            problem = NotCompilable if as_number(x) is None else PlainResult
            raise problem(
                f"its result holds {x!r}, which is no Value: in a program it would never change"
            )
    constants = set(writer.fresh)
    guards = [
        g for g in writer.guards
        if any(type(x) is Value and x not in constants for x in (g.left, g.right))
    ]  # fmt: skip
    names = writer.names
    return Recording(result, outputs, writer.made, writer.fresh, arguments, guards, names)
