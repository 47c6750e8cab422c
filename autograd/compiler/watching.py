"""What a function closes over: seen again at each call, so that no change goes unnoticed.

Looked at are the function's closure, its defaults, the globals and attributes of modules that its
code names, and the same of every function, method and class that it uses; inside these lists, sets,
dicts, arrays, and the attributes of objects. Not looked at: the insides of installed packages, and
what a function reads from elsewhere when it runs: files, clocks, the environment.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from operator import attrgetter, is_
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..value import Value
from .draws import is_source

_NUMBERS = (float, int, str, bool, complex, bytes, type(None), np.generic)
_COMPARABLE = (*_NUMBERS, Value, list, tuple, dict)
_CONTAINERS = (dict, list, set, deque, array, bytearray)
_OURS = ("autograd", "nn", "viz", "numpy")

Ignored = dict[tuple[int, str], Any]  # by identity and name: what it is, or whose


class Watch:
    """What the function saw when it was traced.

    places      (how to read a place, its name there, what it held, whose place it is)
    slots       (how to read all attributes of an object, the object, what they held)
    equal       (container, its copy), where comparing the two is quick and sure
    identical   (container, what it held), where items can be compared by identity only
    parameters  (list of Values, its copy)
    arrays      (array, its copy)
    sources     random generators
    names       what the code of all functions names
    """

    __slots__ = (
        "arrays", "equal", "identical", "ignored", "names", "objects", "parameters", "places",
        "slots", "sources",
    )  # fmt: skip

    def __init__(
        self, f: Callable[..., Any], *objects: Any, ignored: Ignored | None = None
    ) -> None:
        self.ignored = ignored or {}
        self.places: list[tuple[Callable[[Any], Any], Any, Any, Any]] = []
        self.slots: list[tuple[Callable[[Any], tuple[Any, ...]], Any, tuple[Any, ...]]] = []
        self.equal: list[tuple[Any, Any]] = []
        self.identical: list[tuple[Any, list[Any]]] = []
        self.parameters: list[tuple[list[Value], list[Value]]] = []
        self.arrays: list[tuple[Any, Any]] = []
        self.sources: list[Any] = []
        self.names: set[str] = set()
        self.objects = objects  # kept, as programs are found by their identity
        seen: dict[int, Any] = {}
        pending: list[Any] = [f, *objects]
        while pending:
            item = pending.pop()
            if id(item) not in seen:
                seen[id(item)] = item  # kept, so that no other object gets its identity
                pending.extend(self._inside(item))

    def unchanged(self, parameters: bool = True) -> bool:
        """Whether all is as it was; whether lists hold the same Values only where that counts."""
        for read, name, content, _ in self.places:
            now = read(name)
            if now is not content and not _same(now, content):
                return False
        try:
            for read, item, contents in self.slots:
                now = read(item)
                if not all(map(is_, now, contents)) and not all(map(_unchanged, now, contents)):
                    return False
        except AttributeError:  # deleted
            return False
        for container, copy in self.equal:
            if container != copy:
                return False
        for container, items in self.identical:
            now = _items(container)
            if len(now) != len(items) or not all(map(is_, now, items)):
                return False
        if parameters and any(values != copy for values, copy in self.parameters):
            return False
        return not self.arrays or all(np.array_equal(now, copy) for now, copy in self.arrays)

    def changed(self) -> Ignored:
        """What is not as it was, by identity."""
        places = [(_key(owner, name), owner) for read, name, content, owner in self.places
                  if (now := read(name)) is not content and not _same(now, content)]  # fmt: skip
        for read, item, contents in self.slots:
            pairs = zip(read.__reduce__()[1], contents, strict=True)
            places += [(_key(item, name), item) for name, content in pairs
                       if not _unchanged(getattr(item, name, None), content)]  # fmt: skip
        found = [c for c, copy in self.equal if c != copy]
        found += [
            c for c, items in self.identical if list(map(id, _items(c))) != list(map(id, items))
        ]
        found += [values for values, copy in self.parameters if values != copy]
        found += [now for now, copy in self.arrays if not np.array_equal(now, copy)]
        return {**dict(places), **{_key(x): x for x in found}}

    def _inside(self, item: Any) -> Iterable[Any]:
        """What an object holds; what can change in it is noted."""
        if isinstance(item, (Value, ModuleType, CodeType, *_NUMBERS)) or _key(item) in self.ignored:
            return ()
        if isinstance(item, FunctionType):
            return self._of_function(item)
        if isinstance(item, type):
            return self._of_class(item)
        if (parts := _parts(item)) is not None:
            return parts
        if isinstance(item, np.ndarray):
            self.arrays.append((item, item.copy()))
            return ()
        if isinstance(item, _CONTAINERS):
            return self._of_container(item)
        if is_source(item):
            self.sources.append(item)
            return ()
        return self._of_object(item)

    def _of_container(self, container: Any) -> Iterable[Any]:
        if isinstance(container, (array, bytearray)):
            self.equal.append((container, container[:]))
            return ()
        items = list(container.values() if isinstance(container, dict) else container)
        if not all(isinstance(item, _COMPARABLE) for item in items):
            self.identical.append((container, _items(container)))
        elif type(container) is list and items and all(type(item) is Value for item in items):
            self.parameters.append((container, items))
        else:
            self.equal.append((container, container.copy()))
        return [item for item in items if not isinstance(item, (Value, *_NUMBERS))]

    def _of_object(self, item: Any) -> Iterator[Any]:
        """Attributes, also those with slots, and the class."""
        if _is_foreign(type(item).__module__) and hasattr(item, "__wrapped__"):
            yield item.__wrapped__  # another function that is under jit
            return
        yield type(item)
        attributes = getattr(item, "__dict__", None)
        if type(attributes) is dict:
            yield attributes
        slots = _slots(type(item))
        known = [n for n in slots if hasattr(item, n) and _key(item, n) not in self.ignored]
        if known:
            read = attrgetter("__class__", *known)  # which makes it a tuple in any case
            self.slots.append((read, item, read(item)))
            yield from read(item)[1:]
        for name in slots:
            if not hasattr(item, name):
                yield self._noted(partial(_attribute, item), name, item)

    def _of_class(self, kind: type) -> Iterator[Any]:
        """What a class defines itself, and the classes that it inherits from."""
        if not _is_foreign(kind.__module__):
            yield from kind.__bases__
            for name in list(vars(kind)):
                if not (name.startswith("__") and name.endswith("__")) or name == "__call__":
                    yield self._noted(vars(kind).get, name, kind)

    def _of_function(self, f: FunctionType) -> Iterator[Any]:
        yield from f.__defaults__ or ()
        yield from (f.__kwdefaults__ or {}).values()
        for cell in f.__closure__ or ():
            yield self._noted(_content, cell, cell)
        if _is_foreign(f.__module__):
            return
        names = names_in(f.__code__)
        self.names |= names
        for name in sorted(names & f.__globals__.keys()):
            content = self._noted(f.__globals__.get, name, f.__globals__)
            yield content
            if isinstance(content, ModuleType) and not _is_foreign(content.__name__):
                for attribute in sorted(names & vars(content).keys()):
                    yield self._noted(vars(content).get, attribute, content)

    def _noted(self, read: Callable[[Any], Any], name: Any, owner: Any) -> Any:
        """The content of a place, which is noted."""
        content = read(name)
        if _key(owner, name) in self.ignored:
            return None
        self.places.append((read, name, content, owner))
        return content


def _key(owner: Any, name: Any = "") -> tuple[int, str]:
    return id(owner), name if isinstance(name, str) else ""


def _parts(item: Any) -> Iterable[Any] | None:
    """What something that never changes is made of."""
    if isinstance(item, MethodType):
        return (item.__func__, item.__self__)
    if isinstance(item, partial):
        return (item.func, *item.args, *item.keywords.values())
    if isinstance(item, (staticmethod, classmethod)):
        return (item.__func__,)
    if isinstance(item, property):
        return (item.fget,)
    if isinstance(item, (tuple, frozenset)):
        return item
    return list(item.flat) if isinstance(item, np.ndarray) and item.dtype == object else None


def _items(container: Any) -> list[Any]:
    """What a container holds, in order; of a dict the keys, too."""
    if isinstance(container, dict):
        return [*container, *container.values()]
    return list(container)


def _unchanged(now: Any, before: Any) -> bool:
    return now is before or _same(now, before)


def _same(now: Any, before: Any) -> bool:
    """Whether two numbers that are not one object are equal."""
    return isinstance(before, _NUMBERS) and type(now) is type(before) and bool(now == before)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _attribute(item: Any, name: str) -> Any:
    return getattr(item, name, None)


def _slots(kind: type) -> list[str]:
    found = [vars(base).get("__slots__", ()) for base in kind.__mro__]
    return [name for own in found for name in ([own] if isinstance(own, str) else own)
            if not name.startswith("__")]  # fmt: skip


@cache
def _is_foreign(module: str | None) -> bool:
    """Whether a module belongs to Python, to an installed package, or to this library."""
    package = (module or "builtins").split(".")[0]
    if package in _OURS or package in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def names_in(code: CodeType) -> set[str]:
    """The globals and attributes that a function names."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= names_in(constant)
    return names
