"""The arguments of a call: arrays of numbers, and what has to be the same in each call."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from ..structure import leaves, mapped
from ..value import Value, number

_STATIC = (bool, str, bytes, type(None))
_PLAIN = (float, int)


class Call:
    """One call taken apart.

    arrays     the numbers, as arrays of floats
    values     for each array the Values among its numbers, by flat position
    key        equal for calls that one program serves
    names      what each array is called
    """

    __slots__ = ("arguments", "arrays", "counts", "flags", "key", "names", "objects", "values")

    def __init__(self, arguments: tuple[Any, ...], names: Sequence[str]) -> None:
        self.arguments = arguments
        self.arrays: list[Any] = []
        self.values: list[dict[int, Value]] = []
        self.names: list[str] = []
        self.objects: list[Any] = []  # what is neither a number nor holds numbers
        self.counts: list[int] = []  # how many arrays each argument has
        self.flags: list[bool] = []  # for each array whether it has a leading axis of samples
        key: list[Hashable] = []
        for i, x in enumerate(arguments):
            before = len(self.arrays)
            key.append(self._taken(x, names[i] if i < len(names) else f"x{i + 1}"))
            self.counts.append(len(self.arrays) - before)
        self.key: Hashable = tuple(key)

    def _taken(self, x: Any, name: str) -> Hashable:
        kind = type(x)
        if kind is np.ndarray and x.dtype == np.float64:
            return self._array(x, name, {})
        if kind is float or kind is int or (isinstance(x, np.generic) and kind is not np.bool_):
            return self._array(np.asarray(x, dtype=float), name, {})
        if kind is Value:
            return self._array(np.asarray(x.data), name, {0: x})
        if isinstance(x, np.ndarray):
            return self._listed(x, name)
        if isinstance(x, Mapping):
            return tuple([(key, self._taken(item, f"{name}_{key}")) for key, item in x.items()])
        if isinstance(x, Sequence) and not isinstance(x, _STATIC):
            return self._listed(x, name)
        self.objects.append(x)
        return ("same", x if isinstance(x, _STATIC) else id(x), kind.__name__)

    def _listed(self, x: Any, name: str) -> Hashable:
        shape = _shape(x)
        if shape is None:
            items = [self._taken(item, f"{name}_{i}") for i, item in enumerate(x)]
            return (type(x).__name__, tuple(items))
        flat = list(leaves(x))
        values = {i: item for i, item in enumerate(flat) if type(item) is Value}
        numbers = [
            item.data if type(item) is Value else number(item, "an argument") for item in flat
        ]
        return self._array(np.array(numbers, dtype=float).reshape(shape), name, values)

    def _array(self, array: Any, name: str, values: dict[int, Value]) -> Hashable:
        self.arrays.append(array)
        self.values.append(values)
        self.names.append(name)
        return (array.shape, bool(values))

    def with_values(self) -> tuple[tuple[Any, ...], list[Value]]:
        """The arguments with a fresh Value for each number, and those Values."""
        fresh: list[Value] = []

        def renewed(x: Any) -> Any:
            if isinstance(x, _STATIC) or not (type(x) is Value or _is_number(x)):
                return x
            fresh.append(Value(x.data if type(x) is Value else x))
            return fresh[-1]

        return tuple([_mapped(renewed, x) for x in self.arguments]), fresh


def _mapped(function: Any, x: Any) -> Any:
    if isinstance(x, (str, bytes)) or not (isinstance(x, (Mapping, Sequence, np.ndarray))):
        return function(x)
    if isinstance(x, (Mapping, np.ndarray)):
        return mapped(function, x)
    items = [_mapped(function, item) for item in x]
    if isinstance(x, tuple):
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    return items


def _is_number(x: Any) -> bool:
    return isinstance(x, (*_PLAIN, np.generic)) or type(x).__name__ in ("Fraction", "Decimal")


def _shape(x: Any) -> tuple[int, ...] | None:
    """The shape of nested sequences of numbers; None where they are not rectangular."""
    if isinstance(x, np.ndarray):
        return tuple(x.shape)
    if isinstance(x, (Mapping, _STATIC)):
        return None
    if not isinstance(x, Sequence):
        return () if type(x) is Value or _is_number(x) else None
    shapes = {_shape(item) for item in x}
    if len(shapes) != 1:
        return (0,) if not shapes else None
    inner = shapes.pop()
    return None if inner is None else (len(x), *inner)


def sample(x: Any) -> Any:
    """The first entry along the leading axis."""
    return x[0]


def rebuilt_arguments(call: Call, arrays: list[Any]) -> tuple[Any, ...]:
    """One entry for each argument: its array, or the tuple of its arrays."""
    rest = iter(arrays)
    found = []
    for count in call.counts:
        own = [next(rest) for _ in range(count)]
        found.append(own[0] if len(own) == 1 else tuple(own))
    return tuple(found)
