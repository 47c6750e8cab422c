"""`jit`: the matrix program that is hidden in a scalar graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from .errors import EagerWarning
from .jitted import Jitted

__all__ = ["EagerWarning", "Jitted", "jit"]


@overload
def jit(
    f: Callable[..., Any], *, batch: bool | Sequence[bool] = ..., reduce: str | None = ...
) -> Jitted: ...
@overload
def jit(
    *, batch: bool | Sequence[bool] = ..., reduce: str | None = ...
) -> Callable[[Callable[..., Any]], Jitted]: ...
def jit(f: Any = ..., *, batch: bool | Sequence[bool] = False, reduce: str | None = "mean") -> Any:
    """f, compiled to the array program that is hidden in its graph.

    With `batch`, f is a function of one sample: the arguments (all, or those marked True) have a
    leading axis of samples, and the result is the mean over them (`reduce` "mean" or "sum"), or
    one value for each (None). Without f it is a decorator: `@jit(batch=True)`.
    """
    return (lambda f: Jitted(f, batch, reduce)) if f is ... else Jitted(f, batch, reduce)
