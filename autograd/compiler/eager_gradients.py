"""The gradients by parameter arrays where f runs eagerly: of those arrays that programs have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import AutogradError
from ..structure import leaves
from ..value import Value
from .calls import Call

if TYPE_CHECKING:
    from .jitted import Jitted


class EagerGradients(Mapping[str, Any]):
    """A gradient table as arrays; where f has parameters that are in none, looking is an error.

    The table itself has the gradients of all.
    """

    __slots__ = ("_by_name", "_call", "_owner", "_rest", "table")

    def __init__(self, owner: Jitted, call: Call, table: dict[Value, float]) -> None:
        self._owner, self._call, self.table = owner, call, table
        stored = owner.arrays.stored.items()
        self._by_name = {
            name: np.reshape([table.get(x, 0.0) for x in values], array.shape)
            for name, (array, values) in stored
        }
        known = {x for _, (_, values) in stored for x in values}
        known.update(x for x in leaves(call.arguments) if type(x) is Value)
        self._rest = [x for x in table if x._operation is None and x not in known]

    def _known(self) -> dict[str, Any]:
        """The arrays, if they are all: what f uses at each call is a parameter, and must be there.

        What it makes anew at each call is none.
        """
        if self._rest:
            again = self._owner.function.value_and_gradients(self._call)[2]
            if any(x in again for x in self._rest):
                name = self._owner.__name__
                raise AutogradError(
                    "gradients by parameter arrays need a compiled program: use "
                    f"backprop({name}(...)), or see {name}.explain() for why it runs eagerly"
                )
            self._rest = []
        return self._by_name

    def __getitem__(self, name: str) -> Any:
        return self._known()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def __repr__(self) -> str:
        try:
            return repr(self._known())
        except AutogradError as problem:
            return f"<{problem}>"
