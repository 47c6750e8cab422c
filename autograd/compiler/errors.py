"""What can go wrong when a function is compiled."""

from __future__ import annotations


class NotCompilable(Exception):
    """Inside the compiler: this function has to run eagerly, for the reason given."""


class NeverCompilable(NotCompilable):
    """The same, whatever else may change."""


class EagerWarning(UserWarning):
    """A function given to `jit` runs eagerly, because it could not be compiled."""
