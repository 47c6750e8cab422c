"""`Value(x)` while a function is traced, where a Value stands for the number x.

Values take numbers only, so the function would fail on the Values in the places of its numbers. For
as long as it is traced, such a Value is another name for the number that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from .. import contexts
from ..value import Value

_lock = Lock()
_open = 0  # how many functions are being traced now, in any thread
_init: Any = Value.__init__


def _init_while_tracing(node: Value, data: Any, label: str = "") -> None:
    listener: Any = contexts._listener.get() if type(data) is Value else None
    if listener is None or not listener.stands_for_number(data):
        _init(node, data, label)
    else:
        _init(node, data.data, label)
        listener.named(node, data)


@contextmanager
def values_of_numbers() -> Iterator[None]:
    """Values can be made of Values that stand for numbers."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _open
    with _lock:
        _open += change
        setattr(Value, "__init__", _init_while_tracing if _open else _init)  # noqa: B010
