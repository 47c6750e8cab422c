"""Plain numbers of Values that a function reads or sets while it is traced: no program could keep
those up to date.

Values are read all the time by the engine itself, as slots, which cannot tell who reads. So where
the code of a function can name such a slot at all, it is covered by a property for as long as the
function is traced.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock, get_ident
from types import CodeType, FrameType
from typing import Any

from ..value import Value
from .code_names import ELSEWHERE

_DERIVATIVES = ("_first_derivative", "_second_derivative")
_SLOTS = ("data", "grad", *_DERIVATIVES)
_BY_NAME = {slot: (slot,) for slot in _SLOTS} | {
    "item": ("data",),
    "local_derivatives": _DERIVATIVES,
}
_ANY = {
    ELSEWHERE, "getattr", "__getattribute__", "attrgetter", "methodcaller", "getmembers",
    "getattr_static", "eval", "exec", "__get__",
}  # fmt: skip
_DOORS = {id(f.__code__) for f in (Value.item, Value.local_derivatives.fget)}  # type: ignore[attr-defined]
_OURS = ("autograd", "nn")
_lock = RLock()


@contextmanager
def reads_noticed(names: set[str]) -> Iterator[list[str]]:
    """Collects where Values' numbers are read or set, but for the lines of this library."""
    found: list[str] = []
    slots = {slot for name in names & _BY_NAME.keys() for slot in _BY_NAME[name]}
    hidden = names & _ANY
    with ExitStack() as covers:
        for slot in _SLOTS if hidden else slots:
            covers.enter_context(_covered(slot, found, hidden))
        yield found


def line_outside(depth: int = 2) -> str:
    """The line that called the caller; empty where that is a line of this library."""
    caller = sys._getframe(depth)
    return "" if _package(caller) in _OURS else _line_of(caller)


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).split(".")[0]


def _line_of(frame: FrameType | None) -> str:
    """The line where it stands, or the one outside of this library that led there."""
    while frame is not None and frame.f_back is not None and _package(frame) in _OURS:
        frame = frame.f_back
    assert frame is not None
    return f"line {frame.f_lineno} of {frame.f_code.co_filename}"


@contextmanager
def _covered(name: str, found: list[str], hidden: set[str]) -> Iterator[None]:
    """Enters in `found` what reads or sets this slot of a Value, and where."""
    slot: Any = Value.__dict__[name]
    get, put, thread = slot.__get__, slot.__set__, get_ident()
    engine: dict[int, CodeType] = {}  # functions that compute; others of ours hand numbers out

    def note(what: str) -> None:
        caller = sys._getframe(2)
        code = caller.f_code
        computes = _package(caller) == "autograd" and name in code.co_names
        if computes and id(code) not in _DOORS:
            engine[id(code)] = code
        elif get_ident() == thread and not _only_asks(code, name, hidden):
            found.append(what.format(_line_of(caller)))

    def read(node: Value) -> Any:
        if id(sys._getframe(1).f_code) not in engine:
            note("it reads the plain number of a Value ({}), which may change")
        return get(node)

    def write(node: Value, x: Any) -> None:
        if id(sys._getframe(1).f_code) not in engine:
            note("it sets the plain number of a Value ({}), which a program would leave out")
        put(node, x)

    with _lock:
        setattr(Value, name, property(read, write))
        try:
            yield
        finally:
            setattr(Value, name, slot)


def _only_asks(code: CodeType, name: str, hidden: set[str]) -> bool:
    """Whether it is `hasattr` that looks at the slot: nothing else in the function could."""
    others = {name, "getattr"}
    return (
        "hasattr" in code.co_names and name in code.co_consts
        and hidden <= others and others.isdisjoint(code.co_names)
    )  # fmt: skip
