"""The places that hold what a function uses: attributes, items, cells, and what is in them."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Collection
from types import CellType
from typing import Any

import numpy as np

NUMBERS = (float, int, str, bool, complex, bytes, type(None), np.generic)
WHOLE, SIZE = object(), object()  # in the place of a name: all of it, how many places it has


def key(owner: Any, name: Any) -> tuple[int, Any]:
    return id(owner), WHOLE if type(name) is CellType else name


def changed_places(container: Any, items: list[Any]) -> list[tuple[Any, Any]]:
    """The places of a container that do not hold what they held, and its size if it changed."""
    if not isinstance(container, (dict, list, deque, array, bytearray)):
        return [(container, WHOLE)]
    now, before = _by_place(container, items_of(container)), _by_place(container, items)
    found = [name for name in {**now, **before}
             if not unchanged(now.get(name, SIZE), before.get(name, SIZE))]  # fmt: skip
    grown = [SIZE] if now.keys() != before.keys() else []
    return [(container, name) for name in (*found, *grown)]


def _by_place(container: Any, items: list[Any]) -> dict[Any, Any]:
    """The items of a container by key, or by position."""
    if isinstance(container, dict):
        half = len(items) // 2
        return dict(zip(items[:half], items[half:], strict=True))
    return dict(enumerate(items))


def size_without(container: Any, names: Collection[Any], _: Any) -> int:
    """How many places a container has; of a dict but for those of these names."""
    ignored = sum(name in container for name in names) if isinstance(container, dict) else 0
    return len(container) - ignored


def names_of(read: Callable[[Any], tuple[Any, ...]]) -> tuple[Any, ...]:
    """What an attrgetter or itemgetter asks for."""
    names: tuple[Any, ...] = read.__reduce__()[1]  # type: ignore[assignment]
    return names


def read_one(read: Callable[[Any], Any], item: Any) -> Any:
    try:
        return read(item)
    except (AttributeError, LookupError):
        return SIZE


def items_of(container: Any) -> list[Any]:
    """What a container holds, in order; of a dict the keys, too."""
    if isinstance(container, dict):
        return [*container, *container.values()]
    if isinstance(container, np.ndarray):
        return container.ravel().tolist()
    return list(container)


def unchanged(now: Any, before: Any) -> bool:
    return now is before or same(now, before)


def same(now: Any, before: Any) -> bool:
    """Whether two numbers that are not one object are equal."""
    return isinstance(before, NUMBERS) and type(now) is type(before) and bool(now == before)


def elements_but(array: Any, written: Collection[int] | None) -> Any:
    """Which elements of an array of numbers are watched; None for all of them."""
    if not written:
        return None
    watched = np.ones(array.shape, bool)
    watched.flat[[i for i in written if i < array.size]] = False
    return watched


def same_array(array: Any, copy: Any, watched: Any) -> bool:
    """Whether the watched elements are as they were."""
    if watched is None:
        return bool(np.array_equal(array, copy))
    return array.shape == copy.shape and bool(np.array_equal(array[watched], copy[watched]))


def changed_elements(array: Any, copy: Any) -> list[Any]:
    """The elements that are not as they were, by flat position."""
    if array.shape != copy.shape:
        return [WHOLE]
    changed: list[Any] = np.flatnonzero(array != copy).tolist()
    return changed if len(changed) < array.size else [WHOLE]


def cell_content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def attribute(item: Any, name: str) -> Any:
    return getattr(item, name, None)


def slot_names(kind: type) -> list[str]:
    found = [vars(base).get("__slots__", ()) for base in kind.__mro__]
    return [name for own in found for name in ([own] if isinstance(own, str) else own)
            if not name.startswith("__")]  # fmt: skip
