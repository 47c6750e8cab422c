"""The gradients by parameter arrays of a function that runs eagerly: there are no such arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AutogradError
from ..structure import leaves
from ..value import Value
from .calls import Call

if TYPE_CHECKING:
    from .jitted import Jitted


class NoArrays(Mapping[str, Any]):
    """Nothing; where f has parameters, looking at it is an error."""

    __slots__ = ("_call", "_owner", "_table")

    def __init__(self, owner: Jitted, call: Call, table: dict[Value, float]) -> None:
        self._owner, self._call, self._table = owner, call, table

    def _refuse(self) -> None:
        """What f uses at each call is a parameter; what it makes anew is none."""
        known = {x for x in leaves(self._call.arguments) if type(x) is Value}
        again = self._owner.function.value_and_gradients(self._call)[2]
        if any(x._operation is None and x in again and x not in known for x in self._table):
            name = self._owner.__name__
            raise AutogradError(
                "gradients by parameter arrays need a compiled program: use "
                f"backprop({name}(...)), or see {name}.explain() for why it runs eagerly"
            )

    def __getitem__(self, name: str) -> Any:
        self._refuse()
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        self._refuse()
        return iter(())

    def __len__(self) -> int:
        self._refuse()
        return 0
