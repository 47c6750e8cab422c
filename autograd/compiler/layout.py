"""Stage 4, lay out: put groups of nodes into arrays so that their operands are arrays too.

Groups are placed one after another. What a group computes from is in arrays already, but for
parameters: those are laid out by the first block that uses them, as it uses them, so that the
weights of a layer become one matrix.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..operation import Operation, lookup
from .arranging import box_of, pairs_of, squeezed, without_repetition
from .blocks import Block, View
from .rows import distinct_rows
from .scalars import ARGUMENT, CONSTANT, PARAMETER, Scalars
from .views import view_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .blocks import Ids, Shape

UNPLACED, NUMBER = -1, -2


class Layout:
    """Where each element is: `block_of` (UNPLACED, or NUMBER for constants) and its `position`."""

    def __init__(self, program: Scalars, arguments: Sequence[tuple[Shape, bool]]) -> None:
        n = len(program.kinds)
        self.program = program
        self.values = np.array(program.values)
        self.kinds = np.array(program.kinds)
        self.block_of = np.where(self.kinds == CONSTANT, NUMBER, UNPLACED)
        self.position = np.zeros(n, dtype=np.int64)
        self.same = np.arange(n)  # for each element the one that stands for it
        self.blocks: list[Block] = []
        self.scattered: list[str] = []  # what could not be grouped, and why
        start = 0
        for shape, batched in arguments:
            size = int(np.prod(shape, dtype=int))
            elements = np.arange(start, start + size)
            self.add(Block("leaf", shape, elements, kind=ARGUMENT, batched=batched))
            start += size

    def add(self, block: Block) -> Block:
        """Enter a block; its elements are found there from now on."""
        self.block_of[block.elements] = len(self.blocks)
        self.position[block.elements] = np.arange(len(block.elements))
        self.blocks.append(block)
        return block

    # ── operands ──────────────────────────────────────────────────────────────────────────────────

    def operand(self, ids: Ids) -> View | float:
        """The array expression for these elements, or the one number that they are."""
        blocks = self.block_of[ids]
        if (blocks == NUMBER).all():
            return self._numbers(ids)
        if (blocks == UNPLACED).any():
            self._place_parameters(ids[blocks == UNPLACED] if (blocks != UNPLACED).any() else ids)
            blocks = self.block_of[ids]
        first = int(blocks.flat[0])
        if (blocks == first).all():
            return view_of(self.blocks[first], self.position[ids])
        return self._joined(ids, blocks)

    def _numbers(self, ids: Ids) -> View | float:
        values = self.values[ids]
        if (values == values.flat[0]).all() or values.size == 1:
            return float(values.flat[0])
        kept = without_repetition(ids)
        for block in self.blocks:
            known = block.kind == CONSTANT and block.shape == squeezed(kept.shape)
            if known and np.array_equal(block.elements, kept.ravel()):
                return _spread(block, ids.shape, kept.shape)
        block = Block("leaf", squeezed(kept.shape), kept.ravel(), kind=CONSTANT)
        block.value = self.values[kept].reshape(block.shape)
        self.blocks.append(block)  # numbers have no place: each block of them is made to measure
        return _spread(block, ids.shape, kept.shape)

    def _place_parameters(self, ids: Ids) -> None:
        kept = without_repetition(ids)
        shape = squeezed(kept.shape)
        flat, first = np.unique(kept.ravel(), return_index=True)
        if len(flat) < kept.size:
            kept = kept.ravel()[np.sort(first)]
            shape = kept.shape
        block = Block("leaf", shape, kept.ravel(), kind=PARAMETER)
        block.variable = True
        self.add(block)

    def _joined(self, ids: Ids, blocks: Ids) -> View:
        """Elements of several blocks: joined along the last axis, or flat and gathered."""
        across = blocks.reshape(-1, ids.shape[-1]) if ids.ndim else blocks.reshape(1, 1)
        if (across == across[0]).all() and len(set(across[0].tolist())) * 2 <= ids.shape[-1]:
            cuts = [0, *(np.flatnonzero(np.diff(across[0])) + 1).tolist(), ids.shape[-1]]
            parts = [ids[..., a:b] for a, b in itertools.pairwise(cuts)]
            views = [_as_view(self.operand(part), part.shape) for part in parts]
            block = Block("join", ids.shape, ids.ravel(), views)
            self.blocks.append(block)
            return view_of(block, np.arange(ids.size).reshape(ids.shape))
        flat, inverse = np.unique(ids.ravel(), return_inverse=True)
        order = np.lexsort((self.position[flat], self.block_of[flat]))
        flat, rank = flat[order], np.argsort(order)
        cuts = [0, *(np.flatnonzero(np.diff(self.block_of[flat])) + 1).tolist(), len(flat)]
        parts = [flat[a:b] for a, b in itertools.pairwise(cuts)]
        views = [_as_view(self.operand(part), part.shape) for part in parts]
        block = Block("join", flat.shape, flat, views)
        self.blocks.append(block)
        return view_of(block, rank[inverse].reshape(ids.shape))

    def table(self, group: list[int]) -> Ids:
        """The operands of nodes, one row for each."""
        return np.array([self.program.operands[i] for i in group], dtype=np.int64)

    # ── placing groups ────────────────────────────────────────────────────────────────────────────

    def place(self, group: list[int]) -> None:
        """Make the block, or blocks, of a group of nodes."""
        members = np.array(group)
        operation = self.program.operations[group[0]]
        table = self.same[self.table(group)]
        assert operation is not None
        members, table = self._without_doubles(members, table)
        if operation.name == "dot":
            from .products import place_products

            place_products(self, members, table)
        elif operation.any_number:
            self._place_reduction(members, table, operation)
        else:
            for part in self._by_sources(table):
                self._place_map(members[part], table[part], operation)

    def _without_doubles(self, members: Ids, table: Ids) -> tuple[Ids, Ids]:
        """Nodes with the same operands are one node."""
        if len(members) == 1:
            return members, table
        first, kind = distinct_rows(table)
        if len(first) < len(members):
            self.same[members] = members[first][kind]
            members, table = members[first], table[first]
        return members, table

    def _by_sources(self, table: Ids) -> list[Ids]:
        """The members apart by the blocks that they compute from, where that makes few parts."""
        first, kind = distinct_rows(self.block_of[table])
        if len(first) > 1 and len(first) * 2 <= len(table):
            return [np.flatnonzero(kind == k) for k in range(len(first))]
        return [np.arange(len(table))]

    def _place_map(self, members: Ids, table: Ids, operation: Any) -> None:
        order, shape = self._arrangement(table)
        members, table = members[order], table[order].reshape(*shape, table.shape[1])
        operands = [self.operand(table[..., c]) for c in range(table.shape[-1])]
        self.add(Block("map", shape, members, operands, operation))

    def _arrangement(self, table: Ids) -> tuple[Ids, Shape]:
        """An order of the nodes, and a shape, that suits their operands."""
        n = len(table)
        if n == 1:
            return np.arange(1), ()
        columns = [c for c in range(table.shape[1]) if self._one_block(table[:, c])]
        for c in columns:
            block, positions = self.blocks[self.block_of[table[0, c]]], self.position[table[:, c]]
            order = np.argsort(positions, kind="stable")
            if n == block.size and (positions[order] == np.arange(n)).all():
                return order, squeezed(block.shape)
        for a in range(table.shape[1]):
            for b in range(a + 1, table.shape[1]):
                if (found := pairs_of(table[:, a], table[:, b])) is not None:
                    return found.ravel(), found.shape
        for c in columns:
            block, positions = self.blocks[self.block_of[table[0, c]]], self.position[table[:, c]]
            order = np.argsort(positions, kind="stable")
            values, counts = np.unique(positions, return_counts=True)
            if len(values) == n:
                return order, box_of(positions, block.shape) or (n,)
            if len(values) > 1 and (counts == counts[0]).all():
                return order, (len(values), n // len(values))
        return np.arange(n), (n,)

    def _one_block(self, ids: Ids) -> bool:
        blocks = self.block_of[ids]
        return bool(blocks[0] >= 0 and (blocks == blocks[0]).all())

    def _place_reduction(self, members: Ids, table: Ids, operation: Any) -> None:
        table = self._settled(table, operation)
        if len(members) == 1:
            self._place_total(members, table[0], operation)
            return
        order = np.lexsort((self.position[table[:, 0]], self.block_of[table[:, 0]]))
        members, table = members[order], table[order]
        shape: Shape = (len(members),)
        if self._one_block(table.ravel()):
            source = self.blocks[self.block_of[table[0, 0]]]
            box = box_of(self.position[table[:, 0]], source.shape)
            shape = box if box is not None else shape
        arranged = table.reshape(*shape, table.shape[1])
        operand = _as_view(self.operand(arranged), arranged.shape)
        self.add(Block("reduce", shape, members, [operand], operation, axes=1))

    def _settled(self, table: Ids, operation: Operation) -> Ids:
        """The operands of each node sorted by place, where their order does not matter."""
        if (self.block_of[table] == UNPLACED).any():
            self.operand(table)
        if not operation.builtin:
            return table
        order = np.lexsort((self.position[table], self.block_of[table]), axis=1)
        return np.take_along_axis(table, order, axis=1)

    def _place_total(self, members: Ids, ids: Ids, operation: Any) -> None:
        """One node of many operands: all of an array, or of several."""
        parts = [ids]
        if operation.name == "sum":
            cuts = np.flatnonzero(np.diff(self.block_of[ids])) + 1
            parts = np.split(ids, cuts)
        blocks = [self._total_of(part, operation) for part in parts]
        if len(blocks) == 1 and isinstance(blocks[0], Block):
            blocks[0].elements = members
            self.add(blocks[0])
            return
        terms = []
        for block in blocks:
            if isinstance(block, Block):
                self.blocks.append(block)
                block = view_of(block, np.zeros((), dtype=np.int64))
            terms.append(block)
        self.add(Block("map", (), members, terms, lookup("pos") if len(terms) == 1 else operation))

    def _total_of(self, ids: Ids, operation: Any) -> Block | View | float:
        alone = len(ids) == 1
        if alone and operation.builtin:  # the sum, product, … of one number is the number
            return self.operand(ids.reshape(()))
        shaped = ids if alone else self.natural(ids)
        operand = _as_view(self.operand(shaped), shaped.shape)
        nothing = np.zeros(0, dtype=np.int64)
        return Block("reduce", (), nothing, [operand], operation, axes=shaped.ndim)

    def natural(self, ids: Ids) -> Ids:
        """The elements in the shape of their block, where they are all of it."""
        if self._one_block(ids):
            block, positions = self.blocks[self.block_of[ids[0]]], self.position[ids]
            if len(ids) == block.size and (positions == np.arange(len(ids))).all():
                return ids.reshape(block.shape)
            box = box_of(positions, block.shape)
            if box is not None and (np.diff(positions) > 0).all():
                return ids.reshape(box)
        return ids

    def outputs(self, ids: Sequence[int], shape: Shape) -> View | float:
        """Where the results are."""
        return self.operand(self.same[np.array(ids, dtype=np.int64)].reshape(shape))


def _spread(block: Block, shape: Shape, kept: Shape) -> View:
    """A view of a block of this shape, repeated along the axes that were cut."""
    positions = np.arange(block.size).reshape(kept)
    return view_of(block, np.broadcast_to(positions, shape))


def _as_view(operand: View | float, shape: Shape) -> View:
    """A number as a view, of this shape, of an array that holds it."""
    if isinstance(operand, View):
        return operand
    block = Block("leaf", (), np.zeros(0, dtype=np.int64), kind=CONSTANT)
    block.value = operand
    return view_of(block, np.zeros(shape, dtype=np.int64))
