"""Edges of domains in a replay: NumPy raises there; what it carries on in silence is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import Context
from math import isfinite
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

_UNUSUAL: Any = {"divide": "raise", "over": "raise", "invalid": "raise", "under": "ignore"}
_context = Context()


def raising(function: Callable[..., T], *arguments: Any) -> T:
    """The function's result; at edges of domains an ArithmeticError, also where `math` refuses."""
    try:
        return _run(function, *arguments)
    except ValueError as problem:
        raise FloatingPointError(str(problem)) from None


def _in_context(function: Callable[..., T], *arguments: Any) -> T:
    return _context.copy().run(function, *arguments)


def _in_block(function: Callable[..., T], *arguments: Any) -> T:
    with np.errstate(**_UNUSUAL):
        return function(*arguments)


if np.lib.NumpyVersion(np.__version__) < "2.0.0":  # there it is set for a thread
    _run = _in_block
else:  # entering a context takes a fraction of the time
    _context.run(np.seterr, **_UNUSUAL)
    _run = _in_context


def check_gradients(gradients: Iterable[Any]) -> None:
    """Refuse those that are not finite: in eager mode they may be, where 0 · NaN counts as 0.

    Where the sum of its squares is finite, all of an array is.
    """
    for g in gradients:
        if not isfinite(np.vdot(g, g)) and not np.isfinite(g).all():
            raise FloatingPointError("a gradient that is not finite")
