"""A function under `jit` as a method: what it is when it is looked up on an object."""

from __future__ import annotations

from collections.abc import Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any

from .argument_gradients import ArgumentGradients

if TYPE_CHECKING:
    from .jitted import Jitted


class Method:
    """The jitted function with the object in the place of its first argument.

    All objects of a class share its programs; `source`, `explain()` and the like tell of the last.
    """

    def __init__(self, jitted: Jitted, owner: Any) -> None:
        self.__func__, self.__self__ = jitted, owner
        self.__wrapped__ = MethodType(jitted.function.f, owner)
        self.__doc__ = jitted.__doc__

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The result, as a node."""
        return self.__func__(self.__self__, *arguments, **named)

    def value_and_grad(
        self, *arguments: Any, **named: Any
    ) -> tuple[float, Sequence[Any], dict[str, Any]]:
        """The value, its gradients by the arguments after the object, and by the parameters."""
        value, found, by_name = self.__func__.value_and_grad(self.__self__, *arguments, **named)
        return value, ArgumentGradients(len(found) - 1, lambda: tuple(found)[1:]), by_name

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__func__, name)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Method)
            and self.__self__ is other.__self__
            and self.__func__ is other.__func__
        )

    def __hash__(self) -> int:
        return hash((id(self.__self__), id(self.__func__)))

    def __repr__(self) -> str:
        return f"<jit of {self.__name__} of {self.__self__!r}>"

    def __reduce__(self) -> Any:
        return getattr, (self.__self__, self.__name__)
