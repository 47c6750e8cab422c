"""Comparisons of arguments alone: looked at before a program runs, and no part of its source.

A loss that refuses wrong targets compares all of them. Such comparisons are a program of their own,
so that the one that does the work reads as if they were not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..value import Value
from .tracing import Guard, Recording


class Preconditions:
    """What has to hold of the arguments, so that a program is the one for them."""

    __slots__ = ("_functions",)

    def __init__(self, recording: Recording | None, compiled: Callable[[Recording], Any]) -> None:
        program = compiled(recording) if recording else None
        self._functions = program and program.functions((False,) * len(program.arguments))

    def hold(self, arrays: Sequence[Any]) -> bool:
        """Whether the comparisons come out as they did when the program was traced."""
        try:
            return not self._functions or self._functions.run(arrays, ())[1] is not None
        except ArithmeticError:
            return False


def parted(recording: Recording) -> tuple[Recording | None, Recording]:
    """The comparisons of arguments alone, and the recording without them."""
    known = {*recording.arguments, *recording.constants, *recording.names}
    own = [g for g in recording.guards if _is_known(g.left, known) and _is_known(g.right, known)]
    if not own:
        return None, recording
    taken = set(own)
    rest = [g for g in recording.guards if g not in taken]
    return _comparing(recording, own), recording.other(recording.result, recording.nodes, rest)


def _is_known(x: Any, known: set[Value]) -> bool:
    """Whether x is a plain number, or computed from what is known; if so, it is known then, too."""
    pending, seen = [x], set[Value]()
    while pending:
        node = pending.pop()
        if type(node) is Value and node not in known and node not in seen:
            if node._operation is None:
                return False
            seen.add(node)
            pending.extend(node.parents)
    known |= seen
    return True


def _comparing(recording: Recording, guards: list[Guard]) -> Recording:
    """What it takes to compare; the result is of no interest."""
    pending, needed = [x for g in guards for x in (g.left, g.right)], set[Value]()
    while pending:
        node = pending.pop()
        if type(node) is Value and node not in needed:
            needed.add(node)
            pending.extend(node.parents)
            pending.append(recording.names.get(node))
    nodes = [node for node in recording.nodes if node in needed]
    sides = [x for x in (guards[0].left, guards[0].right) if type(x) is Value]
    return recording.other(sides[0], nodes, guards)
