"""Which rows of a table of numbers are equal, in linear time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .blocks import Ids

_random = np.random.default_rng(6842)


def distinct_rows(table: Ids) -> tuple[Ids, Ids]:
    """The first row of each kind, in order of appearance, and the kind of each row."""
    multipliers = _random.integers(1, 2**63, size=table.shape[1], dtype=np.uint64) * np.uint64(
        2
    ) + np.uint64(1)
    hashes = table.astype(np.uint64) @ multipliers
    _, first, kind = np.unique(hashes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    first, kind = first[order], rank[kind]
    if not (table[first][kind] == table).all():  # two different rows with one hash
        _, first, kind = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return first, kind.reshape(-1)


def grid(rows: Ids, columns: Ids, n_rows: int, n_columns: int) -> Any:
    """Where each pair (row, column) is, as a table; None if any is missing or double."""
    if n_rows * n_columns != len(rows):
        return None
    flat = rows * n_columns + columns
    where = np.full(len(flat), -1, dtype=np.int64)
    where[flat] = np.arange(len(flat))
    return None if (where < 0).any() else where.reshape(n_rows, n_columns)
