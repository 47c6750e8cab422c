"""Stage 3, group: nodes that compute the same thing from the same kinds of operands.

Each element has a signature, a number that stands for how it is computed, down to the leaves, but
not from which of them: all parameters look alike, and so do all numbers of one argument. Nodes of
one signature form a group, and a group becomes one block of the array program.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence

import numpy as np

from ..operation import Operation
from .scalars import Scalars

_PARAMETER, _CONSTANT = "parameter", "constant"


def groups_of(program: Scalars, argument_of: Sequence[int]) -> list[list[int]]:
    """The nodes of each signature; groups come after those that they depend on."""
    signatures = _Signatures(program, argument_of)
    groups: dict[int, list[int]] = {}
    for i in program.in_order():
        groups.setdefault(signatures.of_node(i), []).append(i)
    return list(groups.values())


class _Signatures:
    """The signature of each element, filled in from the leaves on."""

    def __init__(self, program: Scalars, argument_of: Sequence[int]) -> None:
        self.program = program
        self.known: dict[Hashable, int] = {_CONSTANT: 0, _PARAMETER: 1}
        self.signature = array("q", [0]) * len(program.kinds)
        self.as_array = np.frombuffer(self.signature, np.int64)
        self.long: dict[Hashable, int] = {}  # signatures of nodes of many operands, by theirs
        self.as_array[program.parameters.start : program.parameters.stop] = 1
        for i, argument in enumerate(argument_of):
            self.signature[i] = self._numbered(("argument", argument))

    def of_node(self, i: int) -> int:
        """The signature of a node whose operands have theirs."""
        operation, operands = self.program.operations[i], self.program.operands[i]
        assert operation is not None
        if not isinstance(operands, np.ndarray):
            number = self._of(operation, [self.signature[x] for x in operands])
        else:  # the same rows of signatures come again and again, and are looked at once
            row = self.as_array[operands]
            key = operation, row.tobytes()
            known = self.long.get(key)
            number = self._of(operation, row.tolist()) if known is None else known
            self.long[key] = number
        self.signature[i] = number
        return number

    def _of(self, operation: Operation, operands: list[int]) -> int:
        """The signature of an operation on operands of these signatures."""
        if not operation.any_number:
            return self._numbered((operation, *operands))
        n = len(operands)
        if operation.name != "dot":
            return self._numbered((operation, n, _kinds(operands)))
        k = n // 2
        bias = operands[-1] if n % 2 else -1
        return self._numbered(
            (operation, n, _kinds(operands[:k]), _kinds(operands[k : 2 * k]), bias)
        )

    def _numbered(self, key: Hashable) -> int:
        return self.known.setdefault(key, len(self.known))


def _kinds(signatures: list[int]) -> frozenset[int]:
    """The signatures among the operands; constants fill up whatever is there (padding)."""
    found = frozenset(signatures)
    return found - {0} if len(found) > 1 else found
