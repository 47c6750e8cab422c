"""Find the simplest array expression for some elements of a block: slices before gathers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import Block, View

if TYPE_CHECKING:
    from .blocks import Ids, Shape


def view_of(block: Block, positions: Ids) -> View:
    """The view of a block that has these flat positions at each place."""
    view = View(block, positions)
    if _by_axes(view, block.shape):
        return view
    if positions.size == block.size and (positions.ravel() == np.arange(positions.size)).all():
        view.reshape, view.index = positions.shape, [None] * positions.ndim
        view.axes = list(range(positions.ndim))
        return view
    if _by_factors(view):
        return view
    if len(block.shape) > 1 and _by_axes(view, (block.size,)):
        irregular = isinstance(view.index[0], np.ndarray)
        if not (irregular and len(block.shape) == 2 and positions.ndim == 1):
            return view
        view = View(block, positions)
    view.picked = positions
    return view


def _by_axes(view: View, shape: Shape) -> bool:
    """Whether each axis of the block runs along at most one axis of the view; if so, note how."""
    indices = np.unravel_index(view.positions, shape) if shape else ()
    index: list[Any] = []
    axes: list[int] = []
    for positions, length in zip(indices, shape, strict=True):
        along = _varying_axes(positions)
        if len(along) > 1 or (along and along[0] in axes):
            return False
        if not along:
            index.append(int(positions.flat[0]) if length > 1 else 0)
            continue
        axes.append(along[0])
        index.append(_compact(_vector(positions, along[0]), length))
    view.index, view.axes = index, axes
    view.reshape = None if shape == view.block.shape else shape
    return True


def _varying_axes(positions: Ids) -> list[int]:
    return [
        axis for axis in range(positions.ndim)
        if positions.shape[axis] > 1 and (positions != positions.take([0], axis=axis)).any()
    ]  # fmt: skip


def _vector(positions: Ids, axis: int) -> Ids:
    """The entries along one axis, at the start of all others."""
    place: list[Any] = [0] * positions.ndim
    place[axis] = slice(None)
    vector: Ids = positions[tuple(place)]
    return vector


def _compact(v: Ids, length: int) -> Any:
    """None for all of an axis, a slice for evenly spaced entries, else the entries."""
    step = int(v[1] - v[0])
    if not (np.diff(v) == step).all() or step == 0:
        return v
    if len(v) == length and step == 1:
        return None
    stop = int(v[-1]) + (1 if step > 0 else -1)
    return slice(int(v[0]), stop if stop >= 0 else None, step)


def _by_factors(view: View) -> bool:
    """Whether the view is the whole block, reshaped, with its axes in another order, reshaped."""
    positions, block = view.positions, view.block
    if positions.size != block.size or positions.size < 2:
        return False
    factors: list[list[tuple[int, int]]] = []
    rebuilt = np.zeros((1,) * positions.ndim, dtype=np.int64)
    for axis in range(positions.ndim):
        vector = _vector(positions, axis) - positions.flat[0]
        found = _factors(vector)
        if found is None:
            return False
        factors.append(found)
        rebuilt = rebuilt + vector.reshape([-1 if a == axis else 1 for a in range(positions.ndim)])
    if positions.flat[0] != 0 or not (rebuilt == positions).all():
        return False
    flat = [pair for axis_factors in factors for pair in axis_factors]
    order = sorted(range(len(flat)), key=lambda i: -flat[i][1])
    expected = 1
    for i in reversed(order):
        if flat[i][1] != expected:
            return False
        expected *= flat[i][0]
    view.reshape = tuple(flat[i][0] for i in order)
    view.index = [None] * len(order)
    view.axes = order
    view.reshaped = positions.shape
    return expected == block.size


def _factors(v: Ids) -> list[tuple[int, int]] | None:
    """v[i] as Σ digit·stride over the digits of i in mixed radix: [(radix, stride), …]."""
    found: list[tuple[int, int]] = []
    while len(v) > 1:
        step = int(v[1])
        if step <= 0:
            return None
        broken = np.flatnonzero(v != step * np.arange(len(v)))
        run = int(broken[0]) if len(broken) else len(v)
        if len(v) % run or not (v.reshape(-1, run) == v[::run, None] + v[:run]).all():
            return None
        found.append((run, step))
        v = v[::run]
    return found[::-1]
