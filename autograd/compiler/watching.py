"""Numbers that a function closes over: seen again at each call, so that no change goes unnoticed.

Looked at are the function's closure, its defaults, the globals that its code names, and the same
of functions it uses; inside these lists, tuples, dicts, arrays, and the attributes of objects.
Not looked at: modules, classes, what a function imports or computes when it runs, and lists that
hold Values only (the numbers of parameters are read at each call anyway).
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..value import Value

_NUMBERS = (float, int, str, bool, complex, bytes, type(None), np.generic)
_COMPARABLE = (*_NUMBERS, Value, list, tuple, dict)
_MOST = 100_000  # objects looked at


class Watch:
    """What the function saw when it was traced."""

    __slots__ = ("arrays", "cells", "containers", "names", "objects")

    def __init__(self, f: Callable[..., Any], *objects: Any) -> None:
        self.containers: list[tuple[Any, Any]] = []  # (list or dict, its copy)
        self.arrays: list[tuple[Any, Any]] = []
        self.cells: list[tuple[Any, Any]] = []
        self.names: list[tuple[dict[Any, Any], Any, Any]] = []
        seen: set[int] = set()
        self.objects = objects  # kept, as programs are found by their identity
        pending: list[Any] = [f, *objects]
        while pending and len(seen) < _MOST:
            item = pending.pop()
            if id(item) not in seen:
                seen.add(id(item))
                pending.extend(self._inside(item))

    def unchanged(self) -> bool:
        """Whether everything is as it was."""
        for cell, content in self.cells:
            if cell.cell_contents is not content:
                return False
        for place, name, content in self.names:
            if place.get(name) is not content and not _same(place.get(name), content):
                return False
        for container, copy in self.containers:
            if container != copy:
                return False
        return not self.arrays or all(np.array_equal(array, copy) for array, copy in self.arrays)

    def _inside(self, item: Any) -> list[Any]:
        """What an object holds; numbers in it are noted."""
        if isinstance(item, MethodType):
            return [item.__func__, item.__self__]
        if isinstance(item, FunctionType):
            return self._of_function(item)
        if isinstance(item, np.ndarray):
            if item.dtype != object:
                self.arrays.append((item, item.copy()))
                return []
            return list(item.flat)
        if isinstance(item, (Value, ModuleType, type, CodeType)):
            return []
        if isinstance(item, dict):
            return self._noted(item, list(item.values()))
        if isinstance(item, (list, set)):
            return self._noted(item, list(item))
        if isinstance(item, (tuple, frozenset)):
            return list(item)
        attributes = getattr(item, "__dict__", None)
        return [attributes] if type(attributes) is dict else []

    def _noted(self, container: Any, items: list[Any]) -> list[Any]:
        """Note a list or dict, as a whole where comparing it is quick and sure."""
        if all(isinstance(item, _COMPARABLE) for item in items):
            if not all(type(item) is Value for item in items):
                self.containers.append((container, container.copy()))
        elif isinstance(container, dict):
            self.names += [(container, key, item) for key, item in container.items()]
        return [
            item for item in items if type(item) is not Value and not isinstance(item, _NUMBERS)
        ]

    def _of_function(self, f: FunctionType) -> list[Any]:
        found: list[Any] = [*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()]
        package = (f.__module__ or "").split(".")[0]
        if package in ("autograd", "numpy", "math"):
            return []
        for cell in f.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:  # not filled yet
                continue
            self.cells.append((cell, content))
            found.append(content)
        for name in _names_in(f.__code__):
            if name in f.__globals__:
                content = f.__globals__[name]
                self.names.append((f.__globals__, name, content))
                found.append(content)
        return found


def _same(now: Any, before: Any) -> bool:
    """Whether two numbers that are not one object are equal."""
    return isinstance(before, _NUMBERS) and type(now) is type(before) and bool(now == before)


def _names_in(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in(constant)
    return names
