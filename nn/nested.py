"""Nested lists as arrays: their shape, their leaves, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import ArgumentError, ArgumentTypeError, Value
from autograd.real import as_number

from .checks import listed

Shape = tuple[int, ...]


def is_leaf(x: Any) -> bool:
    """Whether x is one number or Value."""
    return type(x) is Value or type(x) is float or as_number(x) is not None


def plain(x: Any) -> float:
    """The number itself, of a Value or a number."""
    number = x.data if type(x) is Value else as_number(x)
    if number is None:
        raise ArgumentTypeError(f"here belongs one number, not {x!r}")
    return number


def shape_of(x: Any, what: object) -> Shape:
    """The lengths along each axis; rows of unequal shape are an error."""
    if is_leaf(x):
        return ()
    if hasattr(x, "tolist"):  # NumPy's arrays
        return tuple(x.shape)
    if isinstance(x, (str, bytes)) or not hasattr(x, "__len__"):
        raise ArgumentError(f"{what} needs numbers or nested sequences of numbers, but got {x!r}")
    inner = {shape_of(item, what) for item in x}
    if len(inner) > 1:
        raise ArgumentError(f"{what} needs rows of one shape, but got {sorted(inner)}")
    return (len(x), *(inner.pop() if inner else ()))


def flattened(x: Any, what: object = "an array") -> list[Any]:
    """The leaves from left to right."""
    if is_leaf(x):
        return [x]
    return [leaf for item in listed(x, what) for leaf in flattened(item, what)]


def nested(leaves: Sequence[Any], shape: Shape, kind: type[list[Any]] = list) -> Any:
    """The leaves as nested lists of this shape, and of this kind."""
    if not shape:
        return leaves[0]
    if len(shape) == 1:
        return kind(leaves)
    size = len(leaves) // shape[0] if shape[0] else 0
    return kind(
        [nested(leaves[i * size : (i + 1) * size], shape[1:], kind) for i in range(shape[0])]
    )


def mapped(function: Callable[[Any], Any], x: Any, what: object = "an array") -> Any:
    """The nested lists of x with the function of each leaf."""
    return function(x) if is_leaf(x) else [mapped(function, y, what) for y in listed(x, what)]
