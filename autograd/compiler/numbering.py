"""Numbers for Values, given in one go over everything that was recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, count, islice
from math import copysign
from typing import Any

import numpy as np

from ..value import Value
from .tracing import Recording

MANY = 32  # operands, above which they are an array and not a list


class Numbers:
    """Arguments, constants and nodes are numbered at the start, parameters as they are met.

    Plain numbers, and Values that the function made of them, are constants; equal ones are one.
    """

    def __init__(self, recording: Recording, nodes: list[Value], others: Iterable[Any]) -> None:
        self._number: defaultdict[Any, int] = defaultdict()
        self._rows: dict[Any, tuple[Any, Any]] = {}
        self.long: list[Any] = []  # the operands of nodes that have many
        self.constants: list[float] = []
        self._arguments = len(recording.arguments)
        self._number.update(zip(recording.arguments, count()))
        mixed = [node._second_derivative for node in nodes if type(node._second) is not Value]
        for x in chain(others, *filter(None, mixed)):
            if x is not None and type(x) is not Value:
                self._enter_constant(x)
        for x in recording.constants:
            self._number[x] = self._enter_constant(x.data)
        self.first = self._arguments + len(self.constants)
        self._number.update(zip(nodes, count(self.first)))
        for name, x in recording.names.items():
            if x in self._number:
                self._number[name] = self._number[x]
        self._known = len(self._number)
        self._number.default_factory = count(self.first + len(nodes)).__next__

    def _enter_constant(self, x: float) -> int:
        key = _key(x)
        if key not in self._number:
            self._number[key] = self._arguments + len(self.constants)
            self.constants.append(float(x))
        return self._number[key]

    def of(self, x: Any) -> int:
        """The number of a Value, or of a plain number."""
        return self._number[x if type(x) is Value else _key(x)]

    def parameters(self) -> list[Value]:
        """The Values that were met and not known, in this order."""
        return list(islice(self._number, self._known, None))

    def operands(self, nodes: list[Value]) -> list[Any]:
        """The numbers of the operands of each node."""
        found: list[Any] = []
        number, enter = self._number, found.append
        for node in nodes:
            first, second = node._first, node._second
            if type(second) is Value:
                enter((number[first], number[second]))
            elif node._constants is not None:
                enter(list(map(self.of, node.arguments)))
            elif second is None:
                enter(() if first is None else (number[first],))
            elif len(second) <= MANY:
                enter([number[x] for x in second])
            else:
                enter(self._of_many(second))
        return found

    def _of_many(self, values: tuple[Value, ...]) -> Any:
        half = len(values) // 2
        row = np.empty(len(values), np.int64)
        row[:half], row[half : 2 * half] = (
            self._row(values[:half]),
            self._row(values[half : 2 * half]),
        )
        row[2 * half :] = [self._number[x] for x in values[2 * half :]]
        self.long.append(row)
        return row

    def _row(self, values: tuple[Value, ...]) -> Any:
        """The same weights or data come again and again: each such row is looked up once."""
        key = id(values[0]), id(values[-1]), len(values)
        known = self._rows.get(key)
        if known is None or known[0] != values:
            numbers = np.fromiter(map(self._number.__getitem__, values), np.int64, len(values))
            known = self._rows[key] = values, numbers
        return known[1]


def _key(x: float) -> tuple[float, float]:
    """A number as a key, by which 0.0 and −0.0 are two."""
    return float(x), copysign(1.0, x)
