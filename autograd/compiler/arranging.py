"""Shapes for numbers of elements: the axes that their places have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .rows import distinct_rows, grid

if TYPE_CHECKING:
    from .blocks import Ids, Shape


def pairs_of(a: Ids, b: Ids) -> Ids | None:
    """Where each pair of the different entries of two columns is, if all pairs are there once."""
    first_a, kind_a = distinct_rows(a[:, None])
    first_b, kind_b = distinct_rows(b[:, None])
    if len(first_a) < 2 or len(first_b) < 2:
        return None
    found: Ids | None = grid(kind_a, kind_b, len(first_a), len(first_b))
    return found


def box_of(positions: Ids, shape: Shape) -> Shape | None:
    """The lengths of the box that these positions fill in an array of a shape."""
    if not shape:
        return None
    lengths = [len(np.unique(i)) for i in np.unravel_index(positions, shape)]
    if np.prod(lengths, dtype=int) != len(positions):
        return None
    return tuple(length for length in lengths if length > 1) or (len(positions),)


def without_repetition(ids: Ids) -> Ids:
    """Axes along which the elements are repeated, cut to length 1."""
    for axis in range(ids.ndim):
        first = ids.take([0], axis=axis)
        if ids.shape[axis] > 1 and (ids == first).all():
            ids = first
    return ids


def squeezed(shape: Shape) -> Shape:
    """The shape without its axes of length 1."""
    return tuple(n for n in shape if n > 1)
