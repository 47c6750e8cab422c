"""Stage 2, fuse: chains of + become one sum, sums of products become dot products.

A node disappears into its consumer where that is the only one, so nothing is computed twice. What
was written one multiplication at a time is then the same program as what was written with `dot`.
"""

from __future__ import annotations

import numpy as np

from ..operation import lookup
from .numbering import MANY
from .scalars import CONSTANT, NODE, Operands, Scalars, listed


def fuse(program: Scalars) -> None:
    """Rewrite the operands and operations of `program`; elements that are absorbed have None."""
    for root, terms in _sums(program).items():
        _rewrite(program, root, terms)


def _sums(program: Scalars) -> dict[int, list[int]]:
    """The terms of every chain of +, and of every sum, by its last node."""
    plus, total = lookup("+"), lookup("sum")
    operands, uses, replaced = program.operands, program.uses, program.replaced
    terms: dict[int, list[int]] = {}
    absorbed: list[int] = []
    for i, operation in enumerate(program.operations):
        if operation is plus:
            own: list[int] = []
            for operand in operands[i]:
                if uses[operand] == 1 and operand in terms:
                    more = terms.pop(operand)
                    own = own + more if own else more
                    absorbed.append(operand)
                    replaced[i] = replaced.get(i, 0) + replaced.pop(operand, 0) + 1
                else:
                    own.append(operand)
            terms[i] = own
        elif operation is total:
            terms[i] = listed(operands[i])
    _remove(program, absorbed)
    return terms


def _remove(program: Scalars, absorbed: list[int]) -> None:
    """Nodes that became part of their consumer are none any more."""
    for i in absorbed:
        program.operations[i], program.operands[i] = None, ()


def _count(program: Scalars, root: int, absorbed: list[int]) -> None:
    """Note how many nodes a node stands for, besides itself."""
    replaced = program.replaced
    own = sum([replaced.pop(i, 0) for i in absorbed]) if replaced else 0
    replaced[root] = replaced.get(root, 0) + own + len(absorbed)


def _rewrite(program: Scalars, root: int, terms: list[int]) -> None:
    """Give `root` the operation that its terms make together."""
    times, dot = lookup("*"), lookup("dot")
    operations, uses = program.operations, program.uses
    zero = [t for t in terms if program.kinds[t] == CONSTANT and program.values[t] == 0.0]
    terms = [t for t in terms if t not in zero] if zero and len(terms) > len(zero) else terms
    products = [t for t in terms if operations[t] is times and uses[t] == 1]
    if len(products) > 1:
        taken = set(products)
        others = [t for t in terms if t not in taken] if len(terms) > len(products) else []
        pairs = _oriented(program, products)
        _remove(program, products)
        _count(program, root, products)
        if len(others) <= 1:
            _set(program, root, dot, pairs + others)
            return
        program.before[root] = program.add(dot, _stored(pairs))
        _set(program, root, lookup("sum"), [program.before[root], *others])
    elif len(terms) == 2 and (bare := _dot_without_bias(program, terms)) is not None:
        bias = terms[0] if terms[1] == bare else terms[1]
        _set(program, root, dot, [*listed(program.operands[bare]), bias])
        _remove(program, [bare])
        _count(program, root, [bare])
    elif len(terms) <= 2:
        _set(program, root, lookup("+") if len(terms) == 2 else lookup("pos"), terms)
    else:
        _set(program, root, lookup("sum"), terms)


def _oriented(program: Scalars, products: list[int]) -> list[int]:
    """The first factors, then the second ones: those that are leaves on the same side."""
    kinds, operands = program.kinds, program.operands
    left, right = map(list, zip(*[operands[product] for product in products], strict=True))
    for i, x in enumerate(left):
        if kinds[x] == NODE and kinds[right[i]] != NODE:
            left[i], right[i] = right[i], x
    return left + right


def _dot_without_bias(program: Scalars, terms: list[int]) -> int | None:
    dot, operands = lookup("dot"), program.operands
    for t in terms:
        if program.operations[t] is dot and program.uses[t] == 1 and len(operands[t]) % 2 == 0:
            return t
    return None


def _set(program: Scalars, element: int, operation: object, operands: list[int]) -> None:
    program.operations[element] = operation  # type: ignore[call-overload]
    program.operands[element] = _stored(operands)


def _stored(operands: list[int]) -> Operands:
    return np.array(operands) if len(operands) > MANY else operands
