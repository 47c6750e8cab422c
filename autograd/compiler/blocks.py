"""What an array program consists of: blocks (arrays of scalar nodes) and views of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .scalars import NODE

if TYPE_CHECKING:
    from ..operation import Operation

    Ids = np.ndarray[Any, np.dtype[np.int64]]
    Shape = tuple[int, ...]


class Block:
    """An array that holds the scalar nodes `elements`, in flat order.

    form       leaf, map (element by element), matmul, inner (sum of products over the last axes),
               reduce (an operation of any number of operands over the last axes), join
    shape      of one sample, where the block is `batched`: its array has one more axis, in front
    operands   views, or plain numbers
    axes       how many of the operands' last axes an inner product or reduction takes together
    variable   whether a gradient has to pass
    written    how many nodes of the traced graph it replaced
    """

    __slots__ = (
        "axes", "batched", "elements", "form", "kind", "name", "operands", "operation",
        "shape", "value", "variable", "written",
    )  # fmt: skip

    def __init__(
        self, form: str, shape: Shape, elements: Ids, operands: list[Any] | None = None,
        operation: Operation | None = None, kind: int = NODE, axes: int = 0, batched: bool = False,
    ) -> None:  # fmt: skip
        self.form, self.shape, self.elements, self.kind = form, shape, elements, kind
        self.operands: list[Any] = operands or []
        self.operation, self.axes = operation, axes
        views: list[View] = [view for view in self.operands if isinstance(view, View)]
        self.batched: bool = batched or any(view.block.batched for view in views)
        self.variable: bool = any(view.block.variable for view in views)
        self.name = ""
        self.written = 0
        self.value: Any = None  # of constants

    @property
    def size(self) -> int:
        """How many numbers it holds (of one sample)."""
        return int(np.prod(self.shape, dtype=int))

    def forget(self) -> None:
        """Let go of what only layout needs; of the elements, their number is left."""
        self.elements = np.broadcast_to(np.int64(0), self.elements.shape)
        for operand in self.operands:
            if isinstance(operand, View):
                operand.forget()

    def __repr__(self) -> str:
        return f"<{self.form} {self.name} {self.shape}>"


class View:
    """Some elements of a block, arranged in a shape.

    reshape    the shape that the block is read in, where that is not its own
    index      for each axis: None (all), an int, a slice, or an array of positions
    axes       the axis of the view to which each remaining axis of the block goes
    reshaped   the shape given to it after that, where one is needed
    picked     positions to gather one by one, where nothing better exists
    """

    __slots__ = ("_positions", "axes", "block", "index", "picked", "reshape", "reshaped", "shape")

    def __init__(self, block: Block, positions: Ids) -> None:
        self.block = block
        self._positions: Ids | None = positions
        self.shape: Shape = positions.shape
        self.reshape: Shape | None = None
        self.reshaped: Shape | None = None
        self.index: list[Any] = [None] * len(block.shape)
        self.axes: list[int] = []
        self.picked: Any = None

    @property
    def whole(self) -> bool:
        """Whether it is the block itself, each element once."""
        return self._all_of_it and self.axes == list(range(len(self.shape)))

    @property
    def _all_of_it(self) -> bool:
        """Whether it is all of the block, with its axes in some order, and perhaps more axes."""
        return (
            self.picked is None and self.reshape is None and self.reshaped is None
            and all(i is None for i in self.index)
        )  # fmt: skip

    @property
    def positions(self) -> Ids:
        """The flat positions in the block of what is at each place."""
        if self._positions is not None:
            return self._positions
        found = np.arange(self.block.size).reshape(self.block.shape)
        found = found.transpose(np.argsort(self.axes).tolist())
        others = tuple(axis for axis in range(len(self.shape)) if axis not in self.axes)
        return np.broadcast_to(np.expand_dims(found, others), self.shape)

    def forget(self) -> None:
        """Let go of the positions where they can be found again: they take more than the array."""
        if self._all_of_it:
            self._positions = None

    @property
    def broadcast_axes(self) -> list[int]:
        """The axes along which one number is repeated."""
        if self.picked is not None or self.reshaped is not None:
            return []
        return [axis for axis in range(len(self.shape)) if axis not in self.axes]
