"""The programs for calls of one structure, and when it is enough of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .errors import NeverCompilable

if TYPE_CHECKING:
    from .calls import Call
    from .compiled import Compiled
    from .watching import Watch

MOST = 64  # programs for calls of one structure
MISSES = 32  # of them made in a row, before one was found that fits a call
_HINT = (
    ", for whole numbers, texts or objects among its arguments that were others each time: give "
    "one_hot rows in the place of class numbers"
)


class Family:
    """The programs for calls of one structure.

    exact   whether whole numbers in arrays and lists are part of the programs
    reason  why calls run eagerly, if they do; `watch` has what the function saw when that was
            found out, if another try is worth it when that has changed
    """

    __slots__ = ("_misses", "exact", "programs", "reason", "watch")

    def __init__(self) -> None:
        self.programs: list[Compiled] = []
        self.exact = False
        self.reason = ""
        self.watch: Watch | None = None
        self._misses = 0

    def fitting(self, call: Call, parameters: bool) -> Iterator[Compiled]:
        """The programs that may serve a call: those whose constants have not changed."""
        for compiled in tuple(self.programs):
            if (
                compiled.constants == call.constants
                and compiled.watch.unchanged(parameters)
                and compiled.preconditions.hold(call.arrays)
            ):
                yield compiled

    def found(self) -> None:
        """A program was of use."""
        self._misses = 0

    def make_room(self) -> None:
        """Forget programs that will never fit again; refuse to make more than a few in vain."""
        self.programs[:] = [compiled for compiled in self.programs if compiled.watch.unchanged()]
        self._misses += 1
        if self._misses > MISSES:
            others = len({compiled.constants for compiled in self.programs}) > 1
            raise NeverCompilable(
                f"it had to be traced anew {MISSES} times in a row{others * _HINT}"
            )
        if len(self.programs) == MOST:
            raise NeverCompilable(f"it needs more than {MOST} programs for arguments like these")

    def runs_eagerly(self) -> bool:
        """Whether it was given up, and what it was given up for is as it was."""
        if self.reason and self.watch is not None and not self.watch.unchanged():
            self.reason = ""
        return bool(self.reason)
