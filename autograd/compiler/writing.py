"""Views as source text, forward and backward: what is read, and where its gradient goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..operation import ATOM, TIMES
from .blocks import Block, View
from .rendering import Written, bracketed, method, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from .blocks import Shape


WIDEST = 64  # columns of a matrix for which numbers picked from its rows go back by comparing


class Names:
    """The names of the program's arrays, and the index arrays that it needs."""

    def __init__(self, batch: str) -> None:
        self.batch = batch  # an argument with one entry for each sample
        self.constants: dict[str, Any] = {}
        self.taken: set[str] = set()
        self._reached: dict[str, int] = {}  # the number that a stem got last
        self.lines: list[str] = []  # statements that the gradient being written needs first
        self.inlined: dict[int, Callable[[], Written]] = {}  # written where they are read
        self.copies: dict[str, str] = {}  # names of expressions that are computed once
        self.factors: set[str] = set()  # gradients that make others, not finite where they are not
        self.shifts: dict[int, str] = {}  # of log-sum-exps: what was subtracted before exp

    def copy(self, text: str, stem: str) -> str:
        """The name of an expression that is computed once."""
        if text not in self.copies:
            self.copies[text] = self.fresh(stem)
            self.lines.append(f"{self.copies[text]} = {text}")
        return self.copies[text]

    def fresh(self, stem: str) -> str:
        """A name that is not in use: the stem, or the stem with another number."""
        base = stem.rstrip("0123456789") or stem
        i = self._reached.get(stem) or int(stem[len(base) :] or 1)
        name = stem
        while name in self.taken:
            i += 1
            name = f"{base}{i}"
        self._reached[stem] = i
        self.taken.add(name)
        return name

    def index(self, positions: Any, stem: str = "index") -> str:
        """The name of an array of positions."""
        for name, known in self.constants.items():
            if np.array_equal(known, positions) and known.dtype == positions.dtype:
                return name
        name = self.fresh(stem)
        self.constants[name] = positions
        return name


def shape_text(shape: Shape, batched: bool, names: Names) -> str:
    """The shape of an array, as source."""
    parts = [f"len({names.batch})"] * batched + [str(n) for n in shape]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def read(view: View, names: Names, full: bool = False, batched: bool = False) -> Written:
    """The expression of a view; `full` where its repeated axes must really be there."""
    block = view.block
    if block.kind and block.value is not None and not block.shape:
        text = number(float(block.value))
    elif id(block) in names.inlined:
        text = names.inlined[id(block)]()
    elif view.whole:
        text = block.name, ATOM
    elif view.picked is not None:
        copied = view.picked.ndim > 1
        text = _gathered(view, names), ATOM
        text = (names.copy(text[0], "patches"), ATOM) if copied else text
    elif view.reshaped is not None:
        text = names.copy(_sliced(view, names), "windows"), ATOM
    else:
        text = _sliced(view, names), ATOM
    batched = batched or block.batched
    if full and (view.broadcast_axes or (batched and not block.batched)):
        return f"np.broadcast_to({text[0]}, {shape_text(view.shape, batched, names)})", ATOM
    return text


def _gathered(view: View, names: Names) -> str:
    block, positions = view.block, view.picked
    name, shape = block.name, block.shape
    if (columns := _picked_columns(view)) is not None:
        return f"{name}[np.arange({shape[0]}), {names.index(columns, 'columns')}]"
    if len(shape) == 2 and positions.ndim == 1 and not block.batched:
        rows, columns = np.unravel_index(positions, shape)
        return f"{name}[{names.index(rows, 'rows')}, {names.index(columns, 'columns')}]"
    index = names.index(positions)
    flat = name if len(shape) == 1 else _reshaped(name, (-1,), block.batched, names)
    return f"{flat}[:, {index}]" if block.batched else f"{flat}[{index}]"


def _reshaped(text: str, shape: Shape, batched: bool, names: Names) -> str:
    parts = [f"len({names.batch})"] * batched + [str(n) for n in shape]
    return f"{text}.reshape({', '.join(parts)})"


def _sliced(view: View, names: Names) -> str:
    block = view.block
    text = block.name
    if view.reshape is not None:
        text = _reshaped(text, view.reshape, block.batched, names)
    text = _indexed(text, view.index, block.batched, names)
    order = np.argsort(view.axes).tolist()
    if order != sorted(order):
        text = _transposed(text, order, block.batched)
    if view.reshaped is not None:
        return _reshaped(text, view.reshaped, block.batched, names)
    return _spread(text, view, block.batched)


def _indexed(text: str, index: list[Any], batched: bool, names: Names) -> str:
    """Slices and numbers at once; arrays of positions one axis at a time."""
    for place, entry in enumerate(index):
        if isinstance(entry, np.ndarray):
            before = [":"] * (place + batched)
            text = f"{text}[{', '.join([*before, names.index(entry)])}]"
    shown = [_entry(entry) for entry in index]
    if all(entry == ":" for entry in shown):
        return text
    while shown[-1] == ":":
        shown.pop()
    return f"{text}[{', '.join([':'] * batched + shown)}]"


def _entry(entry: Any) -> str:
    if entry is None or isinstance(entry, np.ndarray):
        return ":"
    if isinstance(entry, int):
        return str(entry)
    start = entry.start or "" if (entry.step or 1) > 0 else entry.start
    stop = "" if entry.stop is None else entry.stop
    return f"{start}:{stop}" + (f":{entry.step}" if entry.step not in (None, 1) else "")


def _transposed(text: str, order: list[int], batched: bool) -> str:
    if order == [1, 0] and not batched:
        return f"{text}.T"
    axes = [0, *[axis + 1 for axis in order]] if batched else order
    return f"{text}.transpose({', '.join(map(str, axes))})"


def _spread(text: str, view: View, batched: bool) -> str:
    """New axes where numbers are repeated."""
    pattern = [":" if axis in view.axes else "None" for axis in range(len(view.shape))]
    if batched:
        pattern.insert(0, ":")
    else:
        while pattern and pattern[0] == "None":
            pattern.pop(0)
    if "None" not in pattern:
        return text
    return f"{text}[{', '.join(pattern)}]"


def adjoint(view: View, gradient: Written, batched: bool, names: Names) -> Written:
    """From the gradient by a view, in full, to that by its block."""
    block = view.block
    if not batched and (hot := one_hot(view, names)) is not None:
        return f"{bracketed(gradient, ATOM)}[:, None] * {hot}", TIMES
    if view.picked is not None:
        return _scattered(view.picked, gradient, block, batched, names)
    axes = [axis + batched for axis in view.broadcast_axes]
    if batched and not block.batched:
        axes.insert(0, 0)
    if axes:
        listed = str(axes[0]) if len(axes) == 1 else str(tuple(axes))
        everything = len(axes) == len(view.shape) + batched
        gradient = method(gradient, "sum", "" if everything else f"axis={listed}")
    kept = block.batched
    if view.reshaped is not None:
        shape = [0] * len(view.axes)
        assert view.reshape is not None
        for source, target in enumerate(view.axes):
            shape[target] = view.reshape[source]
        gradient = _reshaped(bracketed(gradient, ATOM), tuple(shape), kept, names), ATOM
    if any(entry is not None for entry in view.index):
        positions = view.positions[
            tuple(0 if a in view.broadcast_axes else slice(None) for a in range(len(view.shape)))
        ]
        return _scattered(positions, gradient, block, kept, names)
    ranks = {axis: i for i, axis in enumerate(sorted(view.axes))}
    back = [ranks[axis] for axis in view.axes]
    if back != sorted(back):
        gradient = _transposed(bracketed(gradient, ATOM), back, kept), ATOM
    if view.reshape is not None:
        gradient = _reshaped(bracketed(gradient, ATOM), block.shape, kept, names), ATOM
    return gradient


def one_hot(view: View, names: Names) -> str | None:
    """1 where the view picks a number of its row; None where it does not pick one of each."""
    columns = _picked_columns(view)
    if columns is None or view.block.shape[1] > WIDEST:
        return None
    index = names.index(columns, "columns")
    return f"({index}[:, None] == np.arange({view.block.shape[1]}))"


def _picked_columns(view: View) -> Any:
    """For a view of one number of each row of a matrix: which ones."""
    shape = view.block.shape
    if view.picked is None or len(shape) != 2 or view.picked.ndim != 1 or view.block.batched:
        return None
    rows, columns = np.unravel_index(view.picked, shape)
    return columns if np.array_equal(rows, np.arange(shape[0])) else None


def _scattered(
    positions: Any, gradient: Written, block: Block, batched: bool, names: Names
) -> Written:
    """Each number of the gradient added at its position."""
    size = block.size
    flat = positions.ravel()
    if batched and not block.batched:
        gradient, batched = method(gradient, "sum", "axis=0"), False
    if flat.size == size and len(np.unique(flat)) == size:
        index = names.index(np.argsort(flat).reshape(block.shape))
        taken = _reshaped(bracketed(gradient, ATOM), (-1,), batched, names)
        return (f"{taken}[:, {index}]" if batched else f"{taken}[{index}]"), ATOM
    if batched:
        return _added_by_sample(flat, gradient, block, names), ATOM
    index = names.index(flat)
    text = (
        f"np.bincount({index}, {_reshaped(bracketed(gradient, ATOM), (-1,), False, names)}, {size})"
    )
    return (text if len(block.shape) == 1 else _reshaped(text, block.shape, False, names)), ATOM


def _added_by_sample(flat: Any, gradient: Written, block: Block, names: Names) -> str:
    """For each sample: the numbers that belong to each position are gathered, and added up."""
    counts = np.bincount(flat, minlength=block.size)
    table = np.full((block.size, max(1, int(counts.max()))), len(flat))
    order = np.argsort(flat, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    table[flat[order], np.arange(len(flat)) - starts[flat[order]]] = order
    index = names.index(table)
    taken = _reshaped(bracketed(gradient, ATOM), (-1,), True, names)
    padded = f"np.concatenate([{taken}, np.zeros((len({names.batch}), 1))], axis=1)"
    return _reshaped(f"{padded}[:, {index}].sum(axis=-1)", block.shape, True, names)
