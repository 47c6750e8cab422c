"""Names for arrays, from the labels and scopes of the nodes that they hold."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from .blocks import Block, View
from .scalars import ARGUMENT, CONSTANT, NODE, PARAMETER, Scalars
from .writing import Names

RESERVED = {
    "np", "math", "lookup", "accumulate", "mul", "erf_of", "prod_derivatives", "kept", "seed",
    "forward", "backward", "len", "float",
}  # fmt: skip
_WORDS = {"w": "weight", "b": "bias"}
_ROLES = {
    "+": "added", "-": "difference", "*": "product", "/": "quotient", "**": "power",
    "neg": "negative", "pos": "copy", "sum": "total", "max": "largest", "min": "smallest",
    "logsumexp": "log_sum_exp", "abs": "absolute",
}  # fmt: skip
ACTIVATIONS = {"relu", "tanh", "sigmoid", "softplus", "leaky_relu"}


def name_blocks(
    blocks: list[Block], program: Scalars, arguments: list[str], output: Any, names: Names
) -> None:
    """Give each block its name."""
    names.taken |= RESERVED
    given = iter(arguments)
    layer = 0
    for block in blocks:
        if block.kind == ARGUMENT:
            block.name = names.fresh(identifier(next(given), "x"))
    for block in blocks:
        layer += _name_weights(block, layer + 1, program, names)
    if isinstance(output, View) and output.block.kind == NODE and output.whole:
        stem = _stem(output.block, program) or ("output" if output.shape else "loss")
        output.block.name = names.fresh(stem)
    for block in blocks:
        if not block.name:
            block.name = names.fresh(_own(block, program))


def name_parameters(blocks: list[Block], program: Scalars, names: Names) -> None:
    """Give parameters their names, as `name_blocks` does; what multiplies has one already."""
    for block in sorted(blocks, key=lambda block: not block.name):
        block.name = names.fresh(_stem(block, program) or block.name or _own(block, program))


def _name_weights(block: Block, layer: int, program: Scalars, names: Names) -> bool:
    """Name what a layer multiplies by and adds; whether this is a layer."""
    product = next((view.block for view in block.operands if _is_product(view)), None)
    if product is None:
        return False
    operands = [product.operands[1].block]
    operands += [x.block for x in block.operands if isinstance(x, View) and x.block is not product]
    for letter, weights in zip("wb", operands, strict=False):
        if weights.kind == PARAMETER and not weights.name:
            weights.name = names.fresh(_stem(weights, program) or f"{letter}{layer}")
    return True


def _is_product(view: Any) -> bool:
    """Whether this is a matrix product by parameters that were not used before."""
    block = view.block if isinstance(view, View) else None
    if block is None or block.form != "matmul":
        return False
    weights = block.operands[1].block
    return weights.kind == PARAMETER and not weights.name and bool(block.shape or block.batched)


def _own(block: Block, program: Scalars) -> str:
    stem = _stem(block, program)
    if stem:
        return stem
    if block.kind == PARAMETER:
        return "b1" if len(block.shape) == 1 else "parameter"
    if block.kind == CONSTANT:
        return "constant"
    if block.form == "join":
        return "joined"
    assert block.operation is not None
    if block.kind == NODE and not len(block.elements):
        return "part"
    if _sums_squares(block):
        return "squares"
    if block.form == "matmul" or _sums_a_product(block):
        return "z1"
    if block.operation.name in ACTIVATIONS:
        return "h1"
    return identifier(_ROLES.get(block.operation.name, block.operation.name), "t")


def _sums_squares(block: Block) -> bool:
    """Whether a number is Σ w², as weight decay is."""
    parts = [x.block for x in block.operands if isinstance(x, View)]
    return block.form == "map" and not block.shape and bool(parts) and all(map(_is_square, parts))


def _is_square(part: Block) -> bool:
    own = [x.block for x in part.operands if isinstance(x, View)]
    return part.kind == NODE and not len(part.elements) and len(own) == 2 and own[0] is own[1]


def _sums_a_product(block: Block) -> bool:
    operands = [getattr(x, "block", None) for x in block.operands]
    return any(b is not None and b.form == "matmul" and not len(b.elements) for b in operands)


def _stem(block: Block, program: Scalars) -> str:
    """What the labels of the elements have in common, below what their scopes have in common."""
    if not len(block.elements) or block.kind == CONSTANT:
        return ""
    few = [
        program.nodes[i]
        for i in (block.elements[0], block.elements[-1], block.elements[len(block.elements) // 2])
    ]
    nodes: list[Any] = [node for node in few if node is not None]
    labels = [node.label for node in nodes]
    if not all(labels) or not nodes:
        return ""
    stem = labels[0] if len(block.elements) == 1 else "".join(_beginning(labels))
    if len(block.elements) > 1:
        name = stem.rstrip(" _[(,.")
        stem = name if name != stem else stem.rstrip("0123456789").rstrip(" _[(,.") or stem
    paths = [node.scope.split("/") if node.scope else [] for node in nodes]
    scope = _beginning(paths)
    path = [*scope, _WORDS.get(stem, stem) if scope else stem]
    return identifier("_".join(path), "")


def _beginning(sequences: Sequence[Sequence[str]]) -> list[str]:
    """What all of them begin with."""
    columns = zip(*sequences, strict=False)
    return [items[0] for items in takewhile(lambda items: len(set(items)) == 1, columns)]


def identifier(text: str, otherwise: str) -> str:
    """The text with everything else than letters, digits and underscores left out."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text).strip("_")
    kept = kept[:60]
    if not kept or kept[0].isdigit():
        kept = f"{otherwise}_{kept}" if kept and otherwise else otherwise
    return f"{kept}_" if keyword.iskeyword(kept) else kept
