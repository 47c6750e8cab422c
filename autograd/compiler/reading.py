"""`.data` or `.grad` read by a function while it is traced: numbers that no program can keep up to
date.

Values are read all the time by the engine itself, as slots, which cannot tell who reads. So where
the code of a function names `data` or `grad` at all, the slot is covered by a property for as long
as it is traced.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock, get_ident
from typing import Any

from ..value import Value

NAMES = {"data": "data", "item": "data", "grad": "grad"}  # what code may name, and its slot
_OURS = ("autograd", "nn")
_lock = RLock()


@contextmanager
def reads_noticed(names: set[str]) -> Iterator[list[str]]:
    """Collects where Values' numbers are read or set, but for the lines of this library."""
    found: list[str] = []
    slots = {NAMES[name] for name in names & NAMES.keys()}
    with ExitStack() as covers:
        for slot in slots:
            covers.enter_context(_covered(slot, found))
        yield found


def line_outside(depth: int = 2) -> str:
    """The line that called the caller; empty where that is a line of this library."""
    caller = sys._getframe(depth)
    if caller.f_code is Value.item.__code__ and caller.f_back is not None:
        caller = caller.f_back
    if caller.f_globals.get("__name__", "").split(".")[0] in _OURS:
        return ""
    return f"line {caller.f_lineno} of {caller.f_code.co_filename}"


@contextmanager
def _covered(name: str, found: list[str]) -> Iterator[None]:
    """Enters in `found` what reads or sets this slot of a Value, and where."""
    slot: Any = Value.__dict__[name]
    thread = get_ident()

    def note(what: str) -> None:
        if get_ident() == thread and (line := line_outside(3)):
            found.append(what.format(line))

    def read(node: Value) -> Any:
        note("it reads the plain number of a Value ({}), which may change")
        return slot.__get__(node)

    def write(node: Value, x: Any) -> None:
        note("it sets the plain number of a Value ({}), which a program would leave out")
        slot.__set__(node, x)

    with _lock:
        setattr(Value, name, property(read, write))
        try:
            yield
        finally:
            setattr(Value, name, slot)
