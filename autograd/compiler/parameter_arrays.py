"""The parameter arrays of all programs of a function: which of them count, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..value import Value

if TYPE_CHECKING:
    from .compiled import Compiled


class ParameterArrays:
    """stored      the arrays by name, and the Values that their numbers came from
    handed_out  the programs whose arrays somebody has: these count, and not the Values
    """

    __slots__ = ("_holder", "handed_out", "stored")

    def __init__(self) -> None:
        self.stored: dict[str, tuple[Any, list[Value]]] = {}
        self.handed_out: list[Compiled] = []
        self._holder: Compiled | None = None  # whose arrays were used last

    def hand_out(self, compiled: Compiled) -> dict[str, Any]:
        """The arrays of a program, for somebody who may change them; no call uses them yet."""
        if self.hold(compiled) and self._holder is not None:
            self._holder.expect_changes()
        if compiled not in self.handed_out:
            self.handed_out.append(compiled)
        return dict(compiled.arrays)

    def hold(self, compiled: Compiled) -> bool:
        """Make the arrays of a program those that count; whether changed Values did so far."""
        before, changes = self._holder, False
        if before is not None and self.handed_out:
            changes = before.load_changed()
            if before is compiled or before.has_arrays_of(compiled):
                return changes
            self.write_back()
        self._holder = compiled
        compiled.load()
        return changes

    def write_back(self) -> None:
        """Put the arrays into the Values, if they are what counts."""
        if self._holder is not None and self.handed_out:
            self._holder.load_changed()
            self._holder.write_back()
            for other in self.handed_out:
                other.write_changed()
