"""What can go wrong when a function is compiled."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from ..errors import ArgumentTypeError, DivisionError, DomainError, NonFiniteError, RangeError
from ..real import as_number
from ..structure import leaves
from ..value import Value

EDGES = (DomainError, DivisionError, RangeError, NonFiniteError)  # where arithmetic ends


class NotCompilable(Exception):
    """Inside the compiler: this function has to run eagerly, for the reason given."""


class NeverCompilable(NotCompilable):
    """The same, whatever else may change."""


class PlainResult(NotCompilable):
    """The same, as f gives a plain number."""


class EagerWarning(UserWarning):
    """A function given to `jit` runs eagerly, because it could not be compiled."""


def warn(text: str) -> None:
    """Warn, with the line of the first caller that is outside of this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("autograd."):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, EagerWarning, stacklevel=level)


def refuse_what_holds_no_number(result: Any) -> None:
    """Refuse a result of f without any number in it; nothing at all, such as [], is let through."""
    found = list(leaves(result))
    if found and not any(type(x) is Value or as_number(x) is not None for x in found):
        raise ArgumentTypeError(
            "jit(f) needs a function that gives numbers, or lists, tuples, dicts or arrays of them,"
            f" but f gave {result!r}"
        )
