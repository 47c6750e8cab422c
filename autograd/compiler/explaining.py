"""In words: which blocks were found, and how many scalar nodes each replaced."""

from __future__ import annotations

from .blocks import Block, View
from .program import Program
from .scalars import ARGUMENT, CONSTANT, NODE, PARAMETER
from .straight_program import StraightProgram

_KINDS = {ARGUMENT: "argument", PARAMETER: "parameter", CONSTANT: "numbers"}
_FORMS = {
    "map": "element by element", "matmul": "matrix product", "inner": "sums of products",
    "reduce": "along an axis", "join": "joined arrays",
}  # fmt: skip


def explained(program: Program | StraightProgram) -> str:
    """A table of blocks, then what could not be grouped. Inputs are not among the nodes counted."""
    blocks = [*program.arguments, *[b for b in program.blocks if not _is_part(b)]]
    count = sum(b.kind == NODE for b in blocks)
    where = f"in {_counted(count, 'block')}" if count else "in straight lines"
    lines = [f"{_counted(program.written, 'scalar node')}, besides inputs, {where}"]
    lines += [f"  {_described(block)}" for block in blocks]
    if program.scattered:
        lines += ["not grouped:", *[f"  {reason}" for reason in program.scattered]]
    return "\n".join(lines)


def _is_part(block: Block) -> bool:
    """Whether it is told of with the block that it is a part of, or with the arguments."""
    return block.kind == ARGUMENT or (block.kind == NODE and not len(block.elements))


def _described(block: Block) -> str:
    shape = " × ".join(map(str, block.shape)) or "1"
    shape = f"batch × {shape}" if block.batched else shape
    if block.kind != NODE:
        return f"{block.name or 'number':24} {shape:16} {_KINDS[block.kind]}"
    return f"{block.name:24} {shape:16} {_how(block)}, for {_counted(block.written, 'node')}"


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _how(block: Block) -> str:
    """How it is computed; what has parts of its own, as those are."""
    parts = [x.block for x in block.operands if isinstance(x, View) and x.block.form != "leaf"]
    inner = [_FORMS[part.form] for part in parts if _is_part(part)]
    if inner:
        return " and ".join(dict.fromkeys(inner))
    name = block.operation.name if block.operation else ""
    return f"{_FORMS[block.form]} ({name})" if name else _FORMS[block.form]
