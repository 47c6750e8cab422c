"""A function of one sample, mapped over a batch: which arguments have an axis of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from reprlib import repr as shortened
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..real import as_number
from ..value import Value
from .calls import Call


class Batch:
    """marks   True where every argument has a leading axis of samples, or whether each has one
    reduce  how the results become one: "mean", "sum", or None for one result a sample
    """

    def __init__(self, marks: bool | Sequence[bool], reduce: str | None) -> None:
        if reduce not in ("mean", "sum", None):
            raise ArgumentError(f"reduce is 'mean', 'sum' or None, not {reduce!r}")
        if not isinstance(marks, (bool, list, tuple)):
            raise ArgumentError(
                f"batch is True, or True or False for each argument, but it is {marks!r}"
            )
        self.marks, self.reduce = marks, reduce

    def marked(self, call: Call) -> Call:
        """The call, with a flag for each array that has a leading axis of samples."""
        call.flags = self._flags(call)
        return call

    def _flags(self, call: Call) -> list[bool]:
        marks = self._marks(call)
        if len(marks) != len(call.arguments):
            raise ArgumentError(
                f"batch marks {len(marks)} arguments, but {len(call.arguments)} were given"
            )
        flags = [mark for n, mark in zip(call.counts, marks, strict=True) for _ in range(n)]
        lengths = {a.shape[:1] for a, flag in zip(call.arrays, flags, strict=True) if flag}
        fits = len(lengths) == 1 and not lengths & {(), (0,)}
        if not fits or any(mark and not n for n, mark in zip(call.counts, marks, strict=True)):
            _refuse_unlike(call, marks, fits)
        return flags

    def size(self, call: Call) -> int:
        """How many samples there are."""
        return next(len(a) for a, flag in zip(call.arrays, call.flags, strict=True) if flag)

    def sample(self, call: Call, i: int) -> list[Any]:
        """The arguments of one sample."""
        pairs = zip(call.arguments, self._marks(call), strict=True)
        return [_taken(x, i) if mark else x for x, mark in pairs]

    def one(self, call: Call) -> Call:
        """The call for the first sample; whole numbers are inputs, as those of the batch are."""
        pairs = zip(self.sample(call, 0), self._marks(call), strict=True)
        return call.like([_as_input(x) if mark else x for x, mark in pairs])

    def first(self, n: int, call: Call) -> Call:
        """The call for the first n samples, as a batch."""
        pairs = zip(call.arguments, self._marks(call), strict=True)
        return self.marked(call.like([_taken(x, slice(n)) if mark else x for x, mark in pairs]))

    def reduced(self, results: list[Any]) -> Any:
        """The results of all samples, taken together."""
        if self.reduce is None:
            return results
        if any(isinstance(x, (list, tuple, dict, np.ndarray)) for x in results):
            raise ArgumentError(
                f"jit(f, batch=…, reduce={self.reduce!r}) needs one number for each sample, but f "
                f"gave {results[0]!r}; reduce=None gives all of them"
            )
        total = sum(results, 0.0)
        return total / len(results) if self.reduce == "mean" else total

    def _marks(self, call: Call) -> list[bool]:
        """For each argument whether it has a leading axis of samples."""
        if isinstance(self.marks, bool):
            return [self.marks] * len(call.arguments)
        return list(self.marks)


def _taken(x: Any, place: int | slice) -> Any:
    """What an argument has for one sample, or for some."""
    return {key: _taken(x[key], place) for key in x} if isinstance(x, Mapping) else x[place]


def _as_input(x: Any) -> Any:
    if isinstance(x, Mapping):
        return {key: _as_input(x[key]) for key in x}
    return float(x) if isinstance(x, (int, np.integer, np.bool_)) else x


def _refuse_unlike(call: Call, marks: Sequence[bool], arrays_fit: bool) -> None:
    """Refuse a batch unless all that is marked, also without numbers in it, is of one length."""
    axes = _axes(call)
    marked = [axis for axis, mark in zip(axes, marks, strict=True) if mark]
    if arrays_fit and len({*map(frozenset, marked)}) == len(marked[0]) == 1:
        return
    found = [_described(call, i, axes[i]) for i, mark in enumerate(marks) if mark]
    text = (
        "arguments of a batch have axes of samples of one length, at least 1, but "
        f"{', '.join(found) or 'there are no arguments'}"
    )
    having = tuple([mark and axis != {None} for axis, mark in zip(axes, marks, strict=True)])
    if any(having) and having != tuple(marks):
        text += f": jit(f, batch={having}) says so"
    raise ArgumentError(text)


def _axes(call: Call) -> list[set[int | None]]:
    """For each argument the lengths of the leading axes in it, None for what has no axis."""
    arrays, found = iter(call.arrays), []
    for x, n in zip(call.arguments, call.counts, strict=True):
        lengths = {len(a) if a.ndim else None for a in islice(arrays, n)}
        if not lengths or isinstance(x, Sequence):
            lengths.add(_length(x))
        found.append(lengths)
    return found


def _length(x: Any) -> int | None:
    """The length of what is like a list."""
    if isinstance(x, (str, bytes, Mapping)) or not hasattr(x, "__getitem__"):
        return None
    return len(x) if hasattr(x, "__len__") else None


def _described(call: Call, i: int, axis: set[int | None]) -> str:
    name, x = call.name_of(i), call.arguments[i]
    if len(axis) > 1:
        return f"{name} has parts of unlike lengths"
    (length,) = axis
    if length is not None:
        return f"{name} has {length}"
    kind = "a single number" if type(x) is Value or as_number(x) is not None else shortened(x)
    return f"{name} is {kind}, which has no axis of samples"
