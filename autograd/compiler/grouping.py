"""Stage 3, group: nodes that compute the same thing from the same kinds of operands.

Each element has a signature, a number that stands for how it is computed, down to the leaves, but
not from which of them: all parameters look alike, and so do all numbers of one argument. Nodes of
one signature form a group, and a group becomes one block of the array program.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from .scalars import CONSTANT, PARAMETER, Scalars

_PARAMETER, _CONSTANT = "parameter", "constant"


def groups_of(program: Scalars, argument_of: Sequence[int]) -> list[list[int]]:
    """The nodes of each signature; groups come after those that they depend on."""
    known: dict[Hashable, int] = {}
    signature = [0] * len(program.kinds)
    constant = known.setdefault(_CONSTANT, 0)
    parameter = known.setdefault(_PARAMETER, 1)
    for i, kind in enumerate(program.kinds):
        if kind == CONSTANT:
            signature[i] = constant
        elif kind == PARAMETER:
            signature[i] = parameter
        elif i < program.arguments:
            signature[i] = known.setdefault(("argument", argument_of[i]), len(known))
    groups: dict[int, list[int]] = {}
    for i in program.in_order():
        key = _key(program, i, signature)
        own = signature[i] = known.setdefault(key, len(known))
        groups.setdefault(own, []).append(i)
    return list(groups.values())


def _key(program: Scalars, i: int, signature: list[int]) -> Hashable:
    operation, operands = program.operations[i], program.operands[i]
    assert operation is not None
    if not operation.any_number:
        return (operation, *[signature[x] for x in operands])
    n = len(operands)
    if operation.name != "dot":
        return (operation, n, _kinds(operands, signature))
    k = n // 2
    bias = signature[operands[-1]] if n % 2 else -1
    return (
        operation,
        n,
        _kinds(operands[:k], signature),
        _kinds(operands[k : 2 * k], signature),
        bias,
    )


def _kinds(operands: Sequence[int], signature: list[int]) -> frozenset[int]:
    """The signatures among the operands; constants fill up whatever is there (padding)."""
    found = frozenset([signature[x] for x in operands])
    return found - {0} if len(found) > 1 else found
