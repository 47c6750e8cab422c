"""Carry out an operation on whatever comes: numbers, Values, arrays or formulas.

This is the general way, for any operation and any mixture of arguments; `eager` makes short cuts
of it for the cases that programs consist of.
"""

from __future__ import annotations

import sys

from . import contexts
from .errors import ArgumentTypeError
from .operation import Operation, lookup
from .real import number
from .structure import is_array
from .value import Value, blank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

FAILURES = (ArithmeticError, ValueError)

VALUES: set[type] = {Value}
NUMBERS: set[type] = {float}


def named(name: str) -> Callable[..., Any]:
    """The operation of that name as a function, looked up at each call."""

    def call(*arguments: Any) -> Any:
        return apply(lookup(name), arguments)

    return call


def apply(operation: Operation, arguments: Sequence[Any]) -> Any:
    """The operation on arguments of any kind that rules are used with."""
    kinds = set(map(type, arguments))
    if kinds == VALUES:
        return record(operation, arguments)
    if kinds <= NUMBERS:
        return evaluate(operation, arguments)
    if kinds == VALUES | NUMBERS:
        return _record_mixed(operation, arguments)
    formulas = sys.modules.get(f"{__package__}.formulas")
    if formulas is not None and formulas.Formula in kinds:
        return formulas.Formula(operation, *arguments)
    if any(map(is_array, arguments)):
        return _on_arrays(operation, arguments)
    return apply(operation, [_operand(a, operation.name) for a in arguments])


def _operand(a: Any, what: str) -> Any:
    """A Value, or a float."""
    if getattr(a, "shape", None) == () and a.dtype == object:  # from np.where(condition, x, y)
        a = a.item()
    return a if type(a) is Value else number(a, what)


def evaluate(operation: Operation, data: Sequence[float], labels: Sequence[str] = ()) -> float:
    """The forward function on floats, with an error that says what it needs."""
    try:
        return operation.forward(*data)
    except FAILURES as cause:
        if contexts.carrying_edges.get():
            return _as_ieee(operation.on_arrays, data)
        raise operation.failure(cause, data, labels) from None


def local_derivatives(operation: Operation, data: Sequence[float], u: float) -> Sequence[float]:
    """The rules on floats; next to an edge as IEEE 754 has it: 1/0 is inf, 0/0 is nan."""
    try:
        return operation.rules(data, u)
    except FAILURES:
        return [
            _as_ieee(lambda *xs, i=i: operation.rules(xs[:-1], xs[-1])[i], [*data, u])
            for i in range(len(data))
        ]


def record(operation: Operation, arguments: Sequence[Any]) -> Value:
    """A node on Values."""
    u, derivatives = computed(operation, arguments, [a.data for a in arguments])
    return node_of(operation, tuple(arguments), u, tuple(derivatives))


def _record_mixed(operation: Operation, arguments: Sequence[Any]) -> Value:
    """A node on Values and floats in any order."""
    data = [a.data if type(a) is Value else a for a in arguments]
    u, derivatives = computed(operation, arguments, data)
    parents = tuple([a for a in arguments if type(a) is Value])
    own = tuple([d for a, d in zip(arguments, derivatives, strict=True) if type(a) is Value])
    constants = tuple([None if type(a) is Value else a for a in arguments])
    return node_of(operation, parents, u, own, constants)


def computed(
    operation: Operation, arguments: Sequence[Any], data: list[float]
) -> tuple[float, Sequence[float]]:
    """The result and all local derivatives."""
    try:
        u = operation.forward(*data)
        return u, operation.rules(data, u)
    except FAILURES:
        u = evaluate(operation, data, [getattr(a, "label", "") for a in arguments])
        return u, local_derivatives(operation, data, u)


def node_of(
    operation: Operation,
    parents: tuple[Value, ...],
    data: float,
    derivatives: tuple[float, ...] | Callable[[], tuple[float, ...]],
    constants: tuple[float | None, ...] | None = None,
) -> Value:
    """A node on these parents, with one local derivative each.

    `derivatives` may be a function that returns them when backprop asks. `constants` are all
    arguments with None in the places of the parents, where there are plain numbers among them.
    """
    node = blank()
    node.data = data
    node.grad = 0.0
    node._operation = operation
    node._sum = None
    if callable(derivatives) or len(parents) > (1 if constants else 2):
        node._first, node._second = None, parents
        node._first_derivative, node._second_derivative = derivatives, constants
    elif len(parents) == 2:
        node._first, node._second = parents
        node._first_derivative, node._second_derivative = derivatives
    else:
        (node._first,), node._second = parents, None
        (node._first_derivative,), node._second_derivative = derivatives, constants
    return contexts.remember(node) if contexts.watched else node


def _on_arrays(operation: Operation, arguments: Sequence[Any]) -> Any:
    """Element by element: on arrays of floats at once, on arrays of Values one at a time."""
    import numpy

    from .arrays import each

    arrays = [numpy.asarray(a) for a in arguments]
    if any(array.dtype == object for array in arrays):
        return each(lambda *xs: apply(operation, xs), *arrays, kind=object)
    for array in arrays:
        if array.dtype.kind not in "biuf":
            raise ArgumentTypeError(
                f"{operation.name} needs real numbers, but got an array of {array.dtype}"
            )
    floats = [array if array.dtype.kind == "f" else array.astype(float) for array in arrays]
    return operation.on_arrays(*floats)


def _as_ieee(function: Callable[..., Any], data: Sequence[float]) -> float:
    """A function of arrays at one point, with NumPy's rules for what has no finite result."""
    import numpy

    with numpy.errstate(all="ignore"):
        result = function(*[numpy.array([x], dtype=float) for x in data])
    return float(result[0]) if isinstance(result, numpy.ndarray) else float(result)
