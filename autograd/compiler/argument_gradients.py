"""Gradients by the arguments of a call: they cost another backward pass, and few look at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class ArgumentGradients(Sequence[Any]):
    """The gradients by the arguments, one for each, computed when one is first looked at."""

    __slots__ = ("_compute", "_count", "_found")

    def __init__(self, count: int, compute: Callable[[], tuple[Any, ...]]) -> None:
        self._count, self._compute = count, compute
        self._found: tuple[Any, ...] | None = None

    def _all(self) -> tuple[Any, ...]:
        if self._found is None:
            self._found = self._compute()
        return self._found

    def __getitem__(self, i: Any) -> Any:
        return self._all()[i]

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return repr(self._all())
