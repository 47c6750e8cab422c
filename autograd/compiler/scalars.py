"""The traced program in numbers: every node a number, its operands by their numbers.

Elements are counted from 0: arguments, constants, nodes as they were made, and by their first use
the parameters. What fusing puts in comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from typing import Any

import numpy as np

from ..operation import Operation
from ..value import Value
from .errors import NotCompilable
from .numbering import Numbers
from .tracing import Recording

ARGUMENT, PARAMETER, CONSTANT, NODE = range(4)
Operands = Sequence[int] | Any  # where there are many, an array


class Scalars:
    """operations[i] is None for leaves; operands[i] lists elements; values[i] of constants.

    uses[i] says how often an element is an operand, and twice more for what is read from outside.
    There are so many `arguments`; `first` is the first of the `written` nodes that were traced.
    """

    __slots__ = (
        "arguments", "before", "first", "guards", "kinds", "nodes", "operands", "operations",
        "outputs", "parameters", "replaced", "uses", "values", "written",
    )  # fmt: skip

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.operations: list[Operation | None] = []
        self.operands: list[Operands] = []
        self.uses: list[int] = []
        self.values: list[float] = []
        self.nodes: list[Value | None] = []  # where an element comes from, for names
        self.before: dict[int, int] = {}  # nodes that fusing put in, by the node they come before
        self.replaced: dict[int, int] = {}  # how many nodes fusing made part of another one
        self.outputs: list[int] = []
        self.guards: list[tuple[int, str, int, bool]] = []
        self.parameters = range(0)
        self.arguments = self.first = self.written = 0

    def add(self, operation: Operation, operands: Operands) -> int:
        """Enter a node that was not traced; its number."""
        self._enter(NODE, [None], [operation], [operands], [0.0])
        return len(self.kinds) - 1

    def _enter(
        self, kind: int, nodes: Sequence[Value | None], operations: Sequence[Operation | None] = (),
        operands: Sequence[Operands] = (), values: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Enter elements of one kind."""
        n = len(nodes)
        self.kinds += [kind] * n
        self.nodes += nodes
        self.operations += operations or [None] * n
        self.operands += operands or [()] * n
        self.values += values or [0.0] * n

    def values_at(self, elements: Iterable[int]) -> tuple[Value, ...]:
        """The Values that were traced there."""
        return tuple(map(self.nodes.__getitem__, elements))  # type: ignore[arg-type]

    def in_order(self) -> Iterator[int]:
        """The nodes, each after its operands."""
        before, inserted = self.before, set(self.before.values())
        for i, operation in enumerate(self.operations):
            if operation is not None and i not in inserted:
                if i in before:
                    yield before[i]
                yield i


def scalars_of(recording: Recording) -> Scalars:
    """The program of a recording: of those nodes that the results depend on."""
    program = _entered(recording, recording.nodes)
    needed = _needed(program)
    if not all(needed):
        program = _entered(recording, list(compress(recording.nodes, needed)))
    traced = program.operations[program.first : program.first + program.written]
    for operation in dict.fromkeys(traced):
        if operation is None:
            raise NotCompilable("a result made under no_grad is used outside of it")
        if not operation.builtin and operation.name in ("checkpoint", "jit"):
            raise NotCompilable(f"it calls a function that is itself under {operation.name}")
    return program


def _entered(recording: Recording, nodes: list[Value]) -> Scalars:
    program = Scalars()
    compared = [(g.left, g.right) for g in recording.guards]
    number = Numbers(recording, nodes, [*recording.outputs, *chain.from_iterable(compared)])
    program.arguments, program.first = len(recording.arguments), number.first
    program.written = len(nodes)
    operands = number.operands(nodes)
    program.outputs = list(map(number.of, recording.outputs))
    program.guards = [
        (number.of(g.left), g.operator, number.of(g.right), g.outcome) for g in recording.guards
    ]
    program._enter(ARGUMENT, recording.arguments)
    program._enter(CONSTANT, [None] * len(number.constants), values=number.constants)
    program._enter(NODE, nodes, [node._operation for node in nodes], operands)
    start = len(program.kinds)
    program._enter(PARAMETER, number.parameters())
    program.parameters = range(start, len(program.kinds))
    program.uses = _uses(program, number.long)
    return program


def _uses(program: Scalars, long: list[Any]) -> list[int]:
    operands = program.operands
    short = [x for x in operands if type(x) is not np.ndarray] if long else operands
    flat = np.fromiter(chain.from_iterable(short), np.int64)
    uses = np.bincount(np.concatenate([flat, *long]), minlength=len(program.kinds))
    np.add.at(uses, list(read_outside(program)), 2)
    return uses.tolist()  # type: ignore[no-any-return]


def read_outside(program: Scalars) -> Iterator[int]:
    """The results, and what comparisons look at."""
    return chain(program.outputs, *[(left, right) for left, _, right, _ in program.guards])


def _needed(program: Scalars) -> list[bool]:
    """For each node whether a result depends on it. Where all are used, it is so for all."""
    first, last = program.first, program.first + program.written
    if all(program.uses[first:last]):
        return [True] * program.written
    live = np.zeros(len(program.kinds), dtype=bool)
    live[list(read_outside(program))] = True
    for i in range(last - 1, first - 1, -1):
        if live[i]:
            live[listed(program.operands[i])] = True
    return live[first:last].tolist()  # type: ignore[no-any-return]


def listed(operands: Operands) -> list[int]:
    """The operands as a list of their own."""
    return operands.tolist() if isinstance(operands, np.ndarray) else list(operands)
