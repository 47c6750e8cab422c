"""`.data` read by a function while it is traced: a number that no program can keep up to date.

Values are read all the time by the engine itself, as slots, which cannot tell who reads. So where
the code of a function names `data` at all, the slot is covered by a property for as long as it is
traced.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, get_ident
from typing import Any

from ..value import Value

NAMES = {"data", "item"}
_OURS = ("autograd", "nn")
_lock = RLock()


@contextmanager
def reads_noticed() -> Iterator[list[str]]:
    """Collects where Values' numbers are read, but for the lines of this library."""
    found: list[str] = []
    slot: Any = Value.__dict__["data"]
    thread = get_ident()

    def read(node: Value) -> Any:
        caller = sys._getframe(1)
        if caller.f_code is Value.item.__code__ and caller.f_back is not None:
            caller = caller.f_back
        package = caller.f_globals.get("__name__", "").split(".")[0]
        if package not in _OURS and get_ident() == thread:
            found.append(f"line {caller.f_lineno} of {caller.f_code.co_filename}")
        return slot.__get__(node)

    with _lock:
        Value.data = property(read, slot.__set__)  # type: ignore[assignment, misc]
        try:
            yield found
        finally:
            Value.data = slot  # type: ignore[misc]
