"""Values that stand for numbers while a function is traced: what they can do that others cannot.

Values take numbers only, so `Value(x)` would fail on the Value in the place of the number x: here
it is another name for that number. Texts and copies of Values, and numbers that are looked up as
keys or in sets, are noticed, as a program would never look again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from .. import contexts
from ..value import Value
from .reading import line_outside

_lock = Lock()
_open = 0  # how many functions are being traced now, in any thread
_OWNERS: dict[str, Any] = {"__call__": type(Value)} | dict.fromkeys(
    ("__hash__", "__repr__", "__format__", "__reduce__", "__deepcopy__"), Value
)
_before: dict[str, Any] = {name: vars(owner)[name] for name, owner in _OWNERS.items()}


def _call(cls: type[Value], data: Any, label: str = "") -> Value:
    listener: Any = contexts._listener.get() if type(data) is Value else None
    if listener is None or not listener.stands_for_number(data):
        return _before["__call__"](cls, data, label)  # type: ignore[no-any-return]
    node: Value = _before["__call__"](cls, data.data, label)
    listener.named(node, data)
    return node


def _hash(node: Value) -> int:
    listener: Any = contexts._listener.get()
    if listener is not None and (line := line_outside()) and listener.stands_for_argument(node):
        listener.problems.append(f"it looks up an argument as a key or in a set ({line})")
    return int(_before["__hash__"](node))


def _repr(node: Value) -> str:
    _notice("makes a text of")
    return str(_before["__repr__"](node))


def _format(node: Value, spec: str) -> str:
    _notice("makes a text of")
    return str(_before["__format__"](node, spec))


def _reduce(node: Value) -> Any:
    _notice("copies")
    return _before["__reduce__"](node)


def _deepcopy(node: Value, memo: dict[int, Any]) -> Any:
    _notice("copies")
    return _before["__deepcopy__"](node, memo)


def _notice(what: str) -> None:
    listener: Any = contexts._listener.get()
    if listener is not None and (line := line_outside(3)):
        listener.problems.append(f"it {what} a Value ({line}), which may change")


_while_tracing = {
    "__call__": _call, "__hash__": _hash, "__repr__": _repr, "__format__": _format,
    "__reduce__": _reduce, "__deepcopy__": _deepcopy,
}  # fmt: skip


@contextmanager
def stand_ins() -> Iterator[None]:
    """Values stand for numbers inside."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _open
    with _lock:
        _open += change
        if _open == max(change, 0):  # the first comes, or the last goes
            for name, method in (_while_tracing if _open else _before).items():
                setattr(_OWNERS[name], name, method)
