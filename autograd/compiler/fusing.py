"""Stage 2, fuse: chains of + become one sum, sums of products become dot products.

A node disappears into its consumer where that is the only one, so nothing is computed twice. What
was written one multiplication at a time is then the same program as what was written with `dot`.
"""

from __future__ import annotations

from itertools import chain

from ..operation import lookup
from .scalars import CONSTANT, NODE, Scalars


def fuse(program: Scalars) -> None:
    """Rewrite the operands and operations of `program`; elements that are absorbed have None."""
    uses = _uses(program)
    terms = _sums(program, uses)
    for root, summands in terms.items():
        _rewrite(program, root, summands, uses)


def _uses(program: Scalars) -> list[int]:
    """How often each element is used; what is read from outside counts twice."""
    uses = [0] * len(program.kinds)
    for element in chain.from_iterable(program.operands):
        uses[element] += 1
    kept = chain(program.outputs, *[(left, right) for left, _, right, _ in program.guards])
    for element in kept:
        uses[element] += 2
    return uses


def _sums(program: Scalars, uses: list[int]) -> dict[int, list[int]]:
    """The terms of every chain of +, and of every sum, by its last node."""
    plus, total = lookup("+"), lookup("sum")
    terms: dict[int, list[int]] = {}
    for i, operation in enumerate(program.operations):
        if operation is plus:
            left, right = program.operands[i]
            own = _absorbed(program, terms, left) if uses[left] == 1 and left in terms else [left]
            if uses[right] == 1 and right in terms:
                own.extend(_absorbed(program, terms, right))
            else:
                own.append(right)
            terms[i] = own
        elif operation is total:
            terms[i] = list(program.operands[i])
    return terms


def _absorbed(program: Scalars, terms: dict[int, list[int]], node: int) -> list[int]:
    """The terms of a sum that becomes part of another."""
    program.operations[node], program.operands[node] = None, ()
    return terms.pop(node)


def _rewrite(program: Scalars, root: int, terms: list[int], uses: list[int]) -> None:
    """Give `root` the operation that its terms make together."""
    times, dot = lookup("*"), lookup("dot")
    zero = [t for t in terms if program.kinds[t] == CONSTANT and program.values[t] == 0.0]
    terms = [t for t in terms if t not in zero] if zero and len(terms) > len(zero) else terms
    products = [t for t in terms if program.operations[t] is times and uses[t] == 1]
    taken = set(products)
    others = [t for t in terms if t not in taken]
    if len(products) > 1 and len(others) <= 1:
        pairs = _oriented(program, products)
        _set(program, root, dot, [*[x for x, _ in pairs], *[y for _, y in pairs], *others])
    elif len(products) > 1:
        pairs = _oriented(program, products)
        inner = program.add(NODE, None, dot, [*[x for x, _ in pairs], *[y for _, y in pairs]])
        program.before[root] = inner
        _set(program, root, lookup("sum"), [inner, *others])
    elif len(terms) == 2 and (bare := _dot_without_bias(program, terms, uses)) is not None:
        bias = terms[0] if terms[1] == bare else terms[1]
        _set(program, root, dot, [*program.operands[bare], bias])
        products = [bare]
    elif len(terms) == 2:
        _set(program, root, lookup("+"), terms)
        products = []
    elif len(terms) == 1:
        _set(program, root, lookup("pos"), terms)
        products = []
    else:
        _set(program, root, lookup("sum"), terms)
        products = []
    for product in products:
        program.operations[product], program.operands[product] = None, ()


def _oriented(program: Scalars, products: list[int]) -> list[tuple[int, int]]:
    """The factors, with those that are leaves on the same side everywhere."""
    pairs = []
    for product in products:
        x, y = program.operands[product]
        if program.kinds[x] == NODE and program.kinds[y] != NODE:
            x, y = y, x
        pairs.append((x, y))
    return pairs


def _dot_without_bias(program: Scalars, terms: list[int], uses: list[int]) -> int | None:
    dot = lookup("dot")
    for t in terms:
        if program.operations[t] is dot and uses[t] == 1 and len(program.operands[t]) % 2 == 0:
            return t
    return None


def _set(program: Scalars, element: int, operation: object, operands: list[int]) -> None:
    program.operations[element] = operation  # type: ignore[call-overload]
    program.operands[element] = operands
