"""Stage 1, trace: run a function on Values once, and write down every node that it made.

A Value that the function uses but did not make is a parameter. Everything else that flows in is
an argument, or a constant of this program.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import chain
from typing import Any

from ..contexts import Listener, _observers, _recording, _Watching, listening, setting
from ..structure import leaves, mapped
from ..value import Value, as_number
from .equality import recorder
from .errors import NotCompilable


class Guard:
    """A comparison of two numbers that decided which way the function went."""

    __slots__ = ("left", "operator", "right", "outcome")

    def __init__(self, left: Any, operator: str, right: Any, outcome: bool) -> None:
        self.left, self.operator, self.right, self.outcome = left, operator, right, outcome


class Recording:
    """What one run of the function did: the nodes in the order in which they were made."""

    __slots__ = ("arguments", "guards", "nodes", "outputs", "parameters", "result")

    def __init__(
        self, result: Any, outputs: list[Any], nodes: list[Value], parameters: list[Value],
        arguments: list[Value], guards: list[Guard],
    ) -> None:  # fmt: skip
        self.result, self.outputs, self.nodes = result, outputs, nodes
        self.parameters, self.arguments, self.guards = parameters, arguments, guards

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
    def structure(self) -> Any:
        """The structure of the result, with 0 for each number."""
        return mapped(lambda _: 0.0, self.result)


class Writer:
    """Writes down what a function does: the nodes it makes, its own inputs, and comparisons.

    plain  gives the Values that stand in the places of plain numbers
    """

    def __init__(self, plain: Callable[[], set[Value]]) -> None:
        self.made: list[Value] = []
        self.fresh: list[Value] = []
        self.guards: list[Guard] = []
        self._plain = plain

    @cached_property
    def plain(self) -> set[Value]:
        """The Values that stand in the places of plain numbers."""
        return self._plain()

    def compared(self, left: Any, operator: str, right: Any, outcome: bool) -> None:
        """Note a comparison."""
        self.guards.append(Guard(left, operator, right, outcome))

    def equal(self, left: Value, right: Any) -> Any:
        """Of Values that stand for numbers, whether these are equal; of others, identity."""
        y = right.data if type(right) is Value else as_number(right)
        if y is None or not all(self._is_number(x) for x in (left, right)):
            return NotImplemented
        self.compared(left, "==", right, outcome := left.data == y)
        return outcome

    def _is_number(self, x: Any) -> bool:
        """Whether f, run eagerly, would have a plain number here: computed from those alone."""
        pending, seen = [x], set()
        while pending:
            node = pending.pop()
            if type(node) is Value and node not in self.plain and node not in seen:
                if node._operation is None:
                    return False
                seen.add(node)
                pending.extend(node.parents)
        return True


def record(
    run: Callable[[], Any], arguments: list[Value], plain: Callable[[], set[Value]]
) -> Recording:
    """What `run` does, where `arguments` are the Values that stand for the inputs."""
    writer = Writer(plain)
    listener = Listener(writer.fresh.append, writer.compared)
    with (
        setting(recorder, writer),
        _Watching(_recording, True),
        _Watching(_observers, (writer.made.append,)),
        listening(listener),
    ):
        result = run()
    outputs = list(leaves(result)) if type(result) is not Value else [result]
    for x in outputs:
        if type(x) is not Value:
            raise NotCompilable(
                f"its result holds {x!r}, which is no Value: in a program it would never change"
            )
    made, guards = writer.made, writer.guards
    wanted = [x for x in chain(outputs, *[(g.left, g.right) for g in guards]) if type(x) is Value]
    nodes, used = _needed(made, wanted)
    own = set(made)
    outside = [x for x in used if x not in own]
    _refuse_unrecorded(nodes)
    constants = {*writer.fresh, *arguments}
    parameters = [x for x in outside if x not in constants]
    changing = {*own, *parameters, *arguments}
    guards = [g for g in guards if g.left in changing or g.right in changing]
    return Recording(result, outputs, nodes, parameters, arguments, guards)


def _needed(made: list[Value], wanted: list[Value]) -> tuple[list[Value], list[Value]]:
    """The nodes behind those wanted as they were made, and what else they use, by first use."""
    live: set[Value | None] = set(wanted)
    nodes: list[Value] = []
    for node in reversed(made):
        if node in live:
            nodes.append(node)
            first = node._first
            if type(first) is tuple:
                live.update(first)
            else:
                live.add(first)
                live.add(node._second)
    nodes.reverse()
    live.difference_update(nodes)
    outside: dict[Value, None] = {}
    for node in nodes:  # in the order of first use, which a set does not keep
        first, second = node._first, node._second
        if type(first) is tuple:
            outside.update(dict.fromkeys(first))
        else:
            if first in live:
                outside[first] = None
            if second in live and second is not None:
                outside[second] = None
    outside.update(dict.fromkeys(wanted))
    return nodes, [x for x in outside if x in live]


def _refuse_unrecorded(nodes: list[Value]) -> None:
    for node in nodes:
        if node._operation is None:
            raise NotCompilable("a result made under no_grad is used outside of it")
        if not node._operation.builtin and node._operation.name in ("checkpoint", "jit"):
            raise NotCompilable(f"it calls a function that is itself under {node.op}")
