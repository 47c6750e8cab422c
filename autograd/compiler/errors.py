"""What can go wrong when a function is compiled."""

from __future__ import annotations

import sys
import warnings


class NotCompilable(Exception):
    """Inside the compiler: this function has to run eagerly, for the reason given."""


class NeverCompilable(NotCompilable):
    """The same, whatever else may change."""


class EagerWarning(UserWarning):
    """A function given to `jit` runs eagerly, because it could not be compiled."""


def warn(text: str) -> None:
    """Warn, with the line of the first caller that is outside of this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("autograd."):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, EagerWarning, stacklevel=level)
