"""Parameters in arrays where nothing else is: those that alike nodes use alike are one array.

These are the arrays that a program of arrays would have: the weights of a layer are a matrix, its
biases a vector. Values whose labels begin with different words are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..operation import Operation
from .arranging import squeezed, without_repetition
from .blocks import Block
from .rows import distinct_rows
from .scalars import PARAMETER, Scalars

if TYPE_CHECKING:
    from .blocks import Ids

_AFTER_THE_WORD = "0123456789 _[](),."


def parameter_blocks(program: Scalars, groups: list[list[int]]) -> list[Block]:
    """A block for each array, with the name that it has where its elements have none."""
    left, blocks = set(program.parameters), []
    for group in groups:
        rows = [program.operands[i] for i in group]
        if left.isdisjoint(chain.from_iterable(rows)):
            continue
        for ids, name in _sides(program.operations[group[0]], np.array(rows)):
            for part in _parts(program, ids, left):
                blocks.append(_block(part, name))
                left.difference_update(blocks[-1].elements.tolist())
    return blocks + [_block(np.array(i), "") for i in sorted(left)]


def _block(ids: Ids, name: str) -> Block:
    block = Block("leaf", squeezed(ids.shape), ids.ravel(), kind=PARAMETER)
    block.name = name
    return block


def _sides(operation: Operation | None, table: Ids) -> Iterator[tuple[Ids, str]]:
    """What nodes with these operands, a row for each, compute from."""
    assert operation is not None
    if operation.name == "dot":
        k = table.shape[1] // 2
        for side in (table[:, :k], table[:, k : 2 * k]):
            yield side[distinct_rows(side)[0]], "w1"
        if table.shape[1] % 2:
            yield table[:, -1], "b1"
    elif operation.any_number:
        yield table, ""
    else:
        for column in table.T:
            yield column, ""


def _parts(program: Scalars, ids: Ids, left: set[int]) -> Iterator[Ids]:
    """Those that are left, apart by the words that their labels begin with."""
    flat = list(dict.fromkeys([i for i in ids.ravel().tolist() if i in left]))
    if len(flat) < 2:
        yield from map(np.array, flat)
        return
    ids = without_repetition(ids)
    if len(flat) < ids.size:
        ids = np.array(flat)
    words = np.reshape([_word(program, i) for i in ids.ravel().tolist()], ids.shape)
    for word in dict.fromkeys(words.ravel().tolist()):
        own = words == word
        columns = own.any(axis=tuple(range(ids.ndim - 1)))
        yield ids[..., columns] if own[..., columns].all() else ids[own]


def _word(program: Scalars, i: int) -> str:
    node = program.nodes[i]
    return node.label.rstrip(_AFTER_THE_WORD) if node is not None else ""
