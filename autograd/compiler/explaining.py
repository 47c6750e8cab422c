"""In words: which blocks were found, and how many scalar nodes each replaced."""

from __future__ import annotations

from .blocks import Block
from .program import Program
from .scalars import ARGUMENT, CONSTANT, NODE, PARAMETER
from .straight_program import StraightProgram

_KINDS = {ARGUMENT: "argument", PARAMETER: "parameter", CONSTANT: "numbers"}
_FORMS = {
    "map": "element by element", "matmul": "matrix product", "inner": "sums of products",
    "reduce": "along an axis", "join": "joined arrays",
}  # fmt: skip


def explained(program: Program | StraightProgram) -> str:
    """A table of blocks, then what could not be grouped."""
    blocks = [*program.arguments, *[b for b in program.blocks if b.kind != ARGUMENT]]
    lines = [f"{program.written} scalar nodes in {sum(b.kind == NODE for b in blocks)} blocks"]
    lines += [f"  {_described(block)}" for block in blocks]
    if program.scattered:
        lines += ["not grouped:", *[f"  {reason}" for reason in program.scattered]]
    return "\n".join(lines)


def _described(block: Block) -> str:
    shape = " × ".join(map(str, block.shape)) or "1"
    shape = f"batch × {shape}" if block.batched else shape
    if block.kind != NODE:
        return f"{block.name or 'number':24} {shape:16} {_KINDS[block.kind]}"
    name = block.operation.name if block.operation else ""
    how = f"{_FORMS[block.form]} ({name})" if name else _FORMS[block.form]
    return f"{block.name:24} {shape:16} {how}, {len(block.elements)} nodes"
