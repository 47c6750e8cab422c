"""What a function closes over: seen again at each call, so that no change goes unnoticed.

Looked at are the function's closure, its defaults, the globals and attributes of modules that its
code names, and the same of every function, method and class that it uses; inside these lists, sets,
dicts, arrays, and the attributes of objects. Not looked at: the insides of installed packages, and
what a function reads from elsewhere when it runs: files, clocks, the environment.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from operator import attrgetter, is_, itemgetter
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..value import Value
from .code_names import ELSEWHERE, is_foreign, is_installed, name_of, names_in, texts_in
from .draws import is_source
from .places import (
    NUMBERS,
    SIZE,
    WHOLE,
    attribute,
    cell_content,
    changed_elements,
    changed_places,
    elements_but,
    items_of,
    key,
    names_of,
    read_one,
    same,
    same_array,
    size_without,
    slot_names,
    unchanged,
)

_COMPARABLE = (*NUMBERS, Value, list, tuple, dict)
_LEAVES = (Value, *NUMBERS)
_CONTAINERS = (dict, list, set, deque, array, bytearray)

Ignored = dict[tuple[int, Any], Any]  # by identity and name of the place: whose it is


class Watch:
    """What the function saw when it was traced.

    places      (how to read a place, its name there, what it held, whose place it is)
    slots       (how to read several places of an object, the object, what they held)
    functions   (function, its code, its defaults, those of its keywords)
    empty       containers that had nothing in them
    equal       (container, its copy), where comparing the two is quick and sure
    identical   (container, what it held), where items can be compared by identity only
    parameters  (list of Values, its copy)
    arrays      (array, its copy, which elements are watched: all, or those that f does not write)
    sources     random generators
    names       what the code of all functions names, in texts, too
    """

    __slots__ = (
        "arrays", "empty", "equal", "functions", "identical", "ignored", "names", "objects",
        "parameters", "places", "slots", "sources", "written",
    )  # fmt: skip

    def __init__(
        self, f: Callable[..., Any], *objects: Any, ignored: Ignored | None = None
    ) -> None:
        self.ignored = ignored or {}
        self.written: dict[int, set[Any]] = {}  # the names of those places, by whose they are
        for owner, place in self.ignored:
            self.written.setdefault(owner, set()).add(place)
        self.places: list[tuple[Callable[[Any], Any], Any, Any, Any]] = []
        self.slots: list[tuple[Callable[[Any], tuple[Any, ...]], Any, tuple[Any, ...]]] = []
        self.functions: list[tuple[FunctionType, CodeType, Any, Any]] = []
        self.empty: list[Any] = []
        self.equal: list[tuple[Any, Any]] = []
        self.identical: list[tuple[Any, list[Any]]] = []
        self.parameters: list[tuple[list[Value], list[Value]]] = []
        self.arrays: list[tuple[Any, Any, Any]] = []
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
            if now is not content and not same(now, content):
                return False
        try:
            for read, item, contents in self.slots:
                now = read(item)
                if not all(map(is_, now, contents)) and not all(map(unchanged, now, contents)):
                    return False
        except (AttributeError, LookupError):  # deleted
            return False
        for f, code, defaults, named in self.functions:
            if (
                f.__code__ is not code
                or f.__defaults__ is not defaults
                or f.__kwdefaults__ is not named
            ):
                return False
        if any(self.empty):
            return False
        for container, copy in self.equal:
            if container != copy:
                return False
        for container, items in self.identical:
            now = items_of(container)
            if len(now) != len(items) or not all(map(is_, now, items)):
                return False
        if parameters and any(values != copy for values, copy in self.parameters):
            return False
        return not self.arrays or all(same_array(*entry) for entry in self.arrays)

    def changed(self) -> Ignored:
        """The single places that are not as they were, and whose they are."""
        found = [(owner, name) for read, name, content, owner in self.places
                 if not unchanged(read(name), content)]  # fmt: skip
        for read, item, contents in self.slots:
            single: Any = type(read)
            found += [(item, name) for name, content in zip(names_of(read), contents, strict=True)
                      if not unchanged(read_one(single(name), item), content)]  # fmt: skip
        for container in filter(None, self.empty):
            found += changed_places(container, [])
        for container, copy in (*self.equal, *self.parameters):
            if container != copy:
                found += changed_places(container, items_of(copy))
        for container, items in self.identical:
            if list(map(id, items_of(container))) != list(map(id, items)):
                found += changed_places(container, items)
        found += [(now, i) for now, copy, _ in self.arrays for i in changed_elements(now, copy)]
        return {key(owner, name): owner for owner, name in found}

    def _inside(self, item: Any) -> Iterable[Any]:
        """What an object holds; what can change in it is noted."""
        if isinstance(item, (Value, ModuleType, CodeType, *NUMBERS)):
            return ()
        if isinstance(item, FunctionType):
            return self._of_function(item)
        if isinstance(item, type):
            return self._of_class(item)
        if (parts := _parts(item)) is not None:
            return parts
        if isinstance(item, np.ndarray):
            return self._of_array(item)
        if isinstance(item, _CONTAINERS):
            own = () if type(item) in _CONTAINERS else self._of_object(item)
            return (*self._of_container(item), *own)
        if is_source(item):
            self.sources.append(item)
            return ()
        return self._of_object(item)

    def _of_array(self, item: Any) -> Iterable[Any]:
        items = items_of(item) if item.dtype == object else []
        if key(item, WHOLE) not in self.ignored:
            if item.dtype == object:
                self.identical.append((item, items))
            else:
                watched = elements_but(item, self.written.get(id(item)))
                self.arrays.append((item, item.copy(), watched))
        return items

    def _of_container(self, container: Any) -> Iterable[Any]:
        names = self.written.get(id(container), ())
        if WHOLE in names:
            return list(container)
        if names:
            return self._of_places(container, names)
        if isinstance(container, (array, bytearray)):
            self.equal.append((container, container[:]))
            return ()
        items = list(container.values() if isinstance(container, dict) else container)
        kinds = set(map(type, items))  # of many items a few
        if not items:
            self.empty.append(container)
        elif not all(issubclass(kind, _COMPARABLE) for kind in kinds):
            self.identical.append((container, items_of(container)))
        elif type(container) is list and kinds == {Value}:
            self.parameters.append((container, items))
        else:
            self.equal.append((container, container.copy()))
        if all(issubclass(kind, _LEAVES) for kind in kinds):
            return ()
        return [item for item in items if not isinstance(item, _LEAVES)]

    def _of_places(self, container: Any, ignored: Collection[Any]) -> Iterable[Any]:
        """What a container holds but for some places, which the function itself writes."""
        self._noted(partial(size_without, container, ignored), SIZE, container)
        places = container if isinstance(container, dict) else range(len(container))
        if not (kept := [name for name in places if name not in ignored]):
            return ()
        read = itemgetter(kept[0], *kept)  # the first one twice: a tuple in any case
        contents: tuple[Any, ...] = read(container)
        self.slots.append((read, container, contents))
        return contents

    def _of_object(self, item: Any) -> Iterator[Any]:
        """Attributes, also those with slots, and the class."""
        self.names.add(name_of(item))
        if is_foreign(type(item).__module__) and hasattr(item, "__wrapped__"):
            yield item.__wrapped__  # another function that is under jit
            return
        yield type(item)
        attributes = getattr(item, "__dict__", None)
        if type(attributes) is dict:
            yield attributes
        slots = slot_names(type(item))
        known = [n for n in slots if hasattr(item, n) and key(item, n) not in self.ignored]
        if known:
            read = attrgetter("__class__", *known)  # which makes it a tuple in any case
            self.slots.append((read, item, read(item)))
            yield from read(item)[1:]
        for name in slots:
            if not hasattr(item, name):
                yield self._noted(partial(attribute, item), name, item)

    def _of_class(self, kind: type) -> Iterator[Any]:
        """What a class defines itself, and the classes that it inherits from."""
        self._met(kind.__module__)
        if not is_foreign(kind.__module__):
            yield from (type(kind), *kind.__bases__)
            for name, content in list(vars(kind).items()):
                if callable(content) or not (name.startswith("__") and name.endswith("__")):
                    yield self._noted(vars(kind).get, name, kind)

    def _of_function(self, f: FunctionType) -> Iterator[Any]:
        yield from f.__defaults__ or ()
        for cell in f.__closure__ or ():
            yield self._noted(cell_content, cell, cell)
        self._met(f.__module__)
        if is_foreign(f.__module__):
            self.names.add(f.__name__)
            yield from (f.__kwdefaults__ or {}).values()
            return
        self.functions.append((f, f.__code__, f.__defaults__, f.__kwdefaults__))
        yield from (f.__kwdefaults__, vars(f))
        names = names_in(f.__code__)
        self.names |= names | texts_in(f.__code__)
        for name in sorted(names & f.__globals__.keys()):
            content = self._noted(f.__globals__.get, name, f.__globals__)
            yield content
            if isinstance(content, ModuleType):
                self._met(content.__name__)
            if isinstance(content, ModuleType) and not is_foreign(content.__name__):
                for attribute in sorted(names & vars(content).keys()):
                    yield self._noted(vars(content).get, attribute, content)

    def _met(self, module: str | None) -> None:
        """Note whether there is code that is not looked at."""
        if is_installed(module):
            self.names.add(ELSEWHERE)

    def _noted(self, read: Callable[[Any], Any], name: Any, owner: Any) -> Any:
        """The content of a place, which is noted."""
        content = read(name)
        if key(owner, name) in self.ignored:
            return None
        self.places.append((read, name, content, owner))
        return content


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
        return (*item, type(item))
    return None
