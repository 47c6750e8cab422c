"""Numbers, sequences of numbers and arrays: taken apart into leaves and put together again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from .errors import ArgumentError, ArgumentTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def leaves(x: Any) -> Iterator[Any]:
    """The numbers in x, from left to right."""
    if is_array(x):
        yield from x.flat
    elif is_structure(x):
        for item in items(x):
            yield from leaves(item)
    else:
        yield x


def leaves_like(x: Any, model: Any) -> Iterator[Any]:
    """The numbers in x in the order of those in a model of the same structure."""
    if is_array(model) or is_array(x):
        if getattr(x, "shape", None) != getattr(model, "shape", None):
            raise ArgumentError(f"two arrays of one shape are needed, but got {x!r} for {model!r}")
        yield from x.flat
    elif isinstance(model, Mapping):
        if not isinstance(x, Mapping) or x.keys() != model.keys():
            raise ArgumentError(f"the keys of {model!r} are needed, but got {x!r}")
        for key in model:
            yield from leaves_like(x[key], model[key])
    elif isinstance(model, Sequence):
        if not isinstance(x, Sequence) or len(x) != len(model):
            raise ArgumentError(f"the structure of {model!r} is needed, but got {x!r}")
        for item, own in zip(x, model, strict=True):
            yield from leaves_like(item, own)
    else:
        yield x


def rebuilt(x: Any, new_leaves: Iterable[Any]) -> Any:
    """The structure of x with other leaves."""
    replacements = iter(new_leaves)
    return mapped(lambda _: next(replacements), x)


def mapped(function: Callable[[Any], Any], x: Any) -> Any:
    """The structure of x with the function of each leaf: arrays give arrays, tuples tuples."""
    if is_array(x):
        return _array_of([function(item) for item in x.flat], x.shape)
    if isinstance(x, (str, bytes)):
        raise ArgumentTypeError(f"numbers or sequences of numbers are needed, but got {x!r}")
    if is_structure(x):
        return like(x, [mapped(function, item) for item in items(x)])
    return function(x)


def is_structure(x: Any) -> bool:
    """Whether x is a mapping or a sequence."""
    return isinstance(x, (Mapping, Sequence)) and not isinstance(x, (str, bytes))


def items(x: Any) -> Iterator[Any]:
    """What a mapping or a sequence holds."""
    return map(x.__getitem__, x) if isinstance(x, Mapping) else iter(x)


def like(x: Any, parts: Iterable[Any]) -> Any:
    """A mapping or a sequence like x that holds these."""
    if isinstance(x, Mapping):
        return dict(zip(x, parts, strict=True))
    if isinstance(x, tuple):
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    return list(parts)


def is_array(x: Any) -> bool:
    """Whether x is a NumPy array with at least one dimension."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray) and x.shape != ()


def _array_of(items: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats where all items are floats, else of objects."""
    import numpy

    if all(isinstance(item, float) for item in items):
        return numpy.array(items, dtype=float).reshape(shape)
    array = numpy.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)
