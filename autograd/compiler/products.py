"""Dot products: full grids of rows and columns are one matrix product."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..operation import lookup
from .blocks import Block, View
from .rows import distinct_rows, grid
from .scalars import CONSTANT, NODE, PARAMETER
from .views import view_of

if TYPE_CHECKING:
    from .blocks import Ids, Shape
    from .layout import Layout

_NOTHING = np.zeros(0, dtype=np.int64)


def place_products(layout: Layout, members: Ids, table: Ids) -> None:
    """The blocks of a group of dot products: x₁…xₖ y₁…yₖ (b) in each row of the table."""
    k = table.shape[1] // 2
    left, right = table[:, :k], table[:, k : 2 * k]
    bias = table[:, 2 * k :]
    if _computed(layout, left) > _computed(layout, right):
        left, right = right, left
    if len(members) == 1:
        _one(layout, members, left[0], right[0], bias)
        return
    first_left, kind_left = distinct_rows(left)
    first_right, kind_right = distinct_rows(right)
    where = grid(kind_right, kind_left, len(first_right), len(first_left))
    if where is None or k == 1:
        _row_by_row(layout, members, left, right, bias)
        return
    left, right = left[first_left], right[first_right]
    shape = tuple(n for n in where.shape if n > 1)
    parts = [
        _product(layout, left[:, columns], right[:, columns])
        for columns in _segments(layout, left, right)
    ]
    order = where.ravel()
    biases = [layout.operand(bias[order, 0].reshape(shape))] if bias.size else []
    _finish(layout, members[order], shape, parts, biases)


def _computed(layout: Layout, side: Ids) -> tuple[bool, bool]:
    """How far a side is from being weights: results of other nodes, then arguments, come last."""
    kinds = layout.kinds[side[0]]
    return bool((kinds == NODE).any()), bool((layout.block_of[side[0]] >= 0).any())


def _segments(layout: Layout, left: Ids, right: Ids) -> list[Ids]:
    """The columns apart by the blocks that they come from, each in the order of its block."""
    sources = layout.block_of[right[0]]
    if not (layout.block_of[right] == sources).all():
        return [np.arange(right.shape[1])]
    places = layout.position[right[0]]
    weights = layout.block_of[left[0]]
    order = (
        np.lexsort((places, weights, sources)) if (sources >= 0).all() else np.arange(len(sources))
    )
    changes = (np.diff(sources[order]) != 0) | (np.diff(weights[order]) != 0)
    parts = np.split(order, np.flatnonzero(changes) + 1)
    return parts if len(parts) <= 4 else [order]


def _product(layout: Layout, left: Ids, right: Ids) -> Block:
    """rows @ columns, for the rows of `right` and of `left`."""
    if left.shape[1] == 1:
        return _outer(layout, left[:, 0], right[:, 0])
    if len(right) == 1:
        right = right[0]
    weights = layout.operand(left if len(left) > 1 else left[0])
    data = layout.operand(right)
    shape: Shape = tuple(
        n for n in ((len(right),) if right.ndim == 2 else ()) + (len(left),) if n > 1
    )
    if isinstance(weights, View) and len(left) > 1:
        weights = layout.operand(left.T)
    if not (isinstance(weights, View) and isinstance(data, View)):
        return _scaled(layout, weights, data, left, right, shape)
    return Block("matmul", shape, _NOTHING, [data, weights], lookup("dot"))


def _outer(layout: Layout, left: Ids, right: Ids) -> Block:
    """right[:, None] * left, for one pair a product."""
    shape: Shape = tuple(n for n in (len(right), len(left)) if n > 1)
    pairs = np.broadcast_arrays(right[:, None], left)
    operands = [layout.operand(side.reshape(shape)) for side in pairs]
    return Block("map", shape, _NOTHING, operands, lookup("*"))


def _scaled(layout: Layout, weights: Any, data: Any, left: Ids, right: Ids, shape: Shape) -> Block:
    """The products where all weights, or all data, are one number: that times sums."""
    factor = data if isinstance(weights, View) else weights
    full = np.broadcast_to(right[..., None, :] if len(left) > 1 else right, (*shape, left.shape[1]))
    full_left = np.broadcast_to(left if len(left) > 1 else left[0], (*shape, left.shape[1]))
    operand = layout.operand(full if factor is weights else full_left)
    return Block("inner", shape, _NOTHING, [factor, operand], lookup("dot"), axes=1)


def _row_by_row(layout: Layout, members: Ids, left: Ids, right: Ids, bias: Ids) -> None:
    """No grid: products element by element, then sums along the last axis."""
    if left.shape[1] == 1:
        _linear(layout, members, left[:, 0], right[:, 0], bias)
        return
    layout.scattered.append(
        f"{len(members)} dot products of {left.shape[1]} pairs, as one matrix product: no full grid"
    )
    order = np.lexsort((layout.position[right[:, 0]], layout.block_of[right[:, 0]]))
    members, left, right, bias = members[order], left[order], right[order], bias[order]
    shape = (len(members),)
    parts = [Block("inner", shape, _NOTHING, [layout.operand(left), layout.operand(right)],
                   lookup("dot"), axes=1)]  # fmt: skip
    biases = [layout.operand(bias[:, 0])] if bias.size else []
    _finish(layout, members, shape, parts, biases)


def _linear(layout: Layout, members: Ids, left: Ids, right: Ids, bias: Ids) -> None:
    """left·right + bias, element by element."""
    table = np.stack([left, right, *([bias[:, 0]] if bias.size else [])], axis=1)
    order, shape = layout._arrangement(table)
    columns = [layout.operand(table[order, c].reshape(shape)) for c in range(table.shape[1])]
    product = Block("map", shape, _NOTHING, columns[:2], lookup("*"))
    _finish(layout, members[order], shape, [product], columns[2:])


def _one(layout: Layout, members: Ids, left: Ids, right: Ids, bias: Ids) -> None:
    """One dot product: a part for each pair of blocks."""
    layout.operand(left)
    layout.operand(right)
    keys = (
        layout.position[left],
        layout.position[right],
        layout.block_of[left],
        layout.block_of[right],
    )
    order = np.lexsort(keys)
    left, right = left[order], right[order]
    changes = (np.diff(layout.block_of[left]) != 0) | (np.diff(layout.block_of[right]) != 0)
    cuts = [0, *(np.flatnonzero(changes) + 1).tolist(), len(left)]
    parts = [_inner(layout, left[a:b], right[a:b]) for a, b in itertools.pairwise(cuts)]
    biases = [layout.operand(bias[0, 0].reshape(()))] if bias.size else []
    _finish(layout, members, (), parts, biases)


def _inner(layout: Layout, left: Ids, right: Ids) -> Block:
    """left · right, each all of one block where that is so."""
    if len(left) == 1:
        operands = [layout.operand(left.reshape(())), layout.operand(right.reshape(()))]
        return Block("map", (), _NOTHING, operands, lookup("*"))
    shape = max(layout.natural(left).shape, layout.natural(right).shape, key=len)
    operands = [layout.operand(left.reshape(shape)), layout.operand(right.reshape(shape))]
    fixed = [isinstance(x, View) and x.block.kind in (PARAMETER, CONSTANT) for x in operands]
    if len(shape) == 1 and any(fixed) and all(isinstance(x, View) for x in operands):
        return Block(
            "matmul", (), _NOTHING, operands[::-1] if fixed[0] else operands, lookup("dot")
        )
    return Block("inner", (), _NOTHING, operands, lookup("dot"), axes=len(shape))


def _finish(
    layout: Layout, members: Ids, shape: Shape, parts: list[Block], biases: list[Any]
) -> None:
    """The sum of the parts and the bias, as the place of the nodes."""
    if len(parts) == 1 and not biases:
        parts[0].elements = members
        layout.add(parts[0])
        return
    everything = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    layout.blocks.extend(parts)
    terms = [*[view_of(part, everything) for part in parts], *biases]
    operation = lookup("+") if len(terms) == 2 else lookup("sum")
    layout.add(Block("map", shape, members, terms, operation))
