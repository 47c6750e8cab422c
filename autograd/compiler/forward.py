"""Stage 5, emit, forward: one line of array source for each block."""

from __future__ import annotations

from typing import Any

from ..formulas import Formula
from ..operation import ATOM, PLUS, TIMES
from .blocks import Block, View
from .errors import NotCompilable
from .rendering import REDUCTIONS, Written, bracketed, method, names_in, simplified, written
from .writing import Names, read, shape_text


def forward_lines(block: Block, names: Names) -> list[str]:
    """The statements that compute a block."""
    if (
        block.form == "reduce"
        and block.operation is not None
        and block.operation.name == "logsumexp"
    ):
        return _logsumexp(block, names)
    return [f"{block.name} = {expression(block, names)[0]}"]


def expression(block: Block, names: Names) -> Written:
    """A block as an expression of its operands."""
    return _FORMS[block.form](block, names)


def arguments_of(block: Block, names: Names) -> list[Any]:
    """The operands of a block that works element by element: texts as formulas, and numbers."""
    return [
        Formula(bracketed(read(x, names), ATOM)) if isinstance(x, View) else x
        for x in block.operands
    ]


def _map(block: Block, names: Names) -> Written:
    assert block.operation is not None
    if block.operation.name in ("+", "sum"):
        terms = [
            read(x, names) if isinstance(x, View) else written(Formula(x)) for x in block.operands
        ]
        terms.sort(key=lambda term: "@" not in term[0])
        first, *others = terms
        return " + ".join([bracketed(first, PLUS), *[bracketed(t, PLUS + 1) for t in others]]), PLUS
    arguments = arguments_of(block, names)
    formula = simplified(Formula(block.operation, *arguments))
    left = names_in(formula)
    complete = left and left >= {a.content for a in arguments if isinstance(a, Formula)}
    if complete or full_names(block, arguments) & left or not (block.shape or block.batched):
        return written(formula)
    shape = shape_text(block.shape, block.batched, names)  # its shape was that of what is left out
    return f"np.broadcast_to({written(formula)[0]}, {shape})", ATOM


def full_names(block: Block, arguments: list[Any]) -> set[Any]:
    """Those of the operands that have the shape of the block themselves."""
    return {
        a.content
        for a, x in zip(arguments, block.operands, strict=True)
        if isinstance(x, View) and not x.broadcast_axes and x.block.batched == block.batched
    }


def _matmul(block: Block, names: Names) -> Written:
    data, weights = block.operands
    x, w = read(data, names, True), read(weights, names, True)
    if weights.block.batched:
        return f"np.einsum('{subscripts(block)}', {x[0]}, {w[0]})", ATOM
    if is_vector(data):
        return dot_of_vector(x, w)
    return f"{bracketed(x, TIMES)} @ {bracketed(w, TIMES + 1)}", TIMES


def is_vector(view: View) -> bool:
    """Whether an operand is one row of numbers, for which `.dot` takes half the time of `@`."""
    return len(view.shape) == 1 and not view.block.batched


def dot_of_vector(x: Written, w: Written) -> Written:
    """x · W, which is Wᵀ · x."""
    turned = w[0].removesuffix(".T")
    return method(x, "dot", w[0]) if turned == w[0] else method((turned, ATOM), "dot", x[0])


def subscripts(block: Block) -> str:
    """Einstein's notation of a matrix product in which both sides have samples."""
    data, weights = block.operands
    x = "z" * data.block.batched + ("r" if len(data.shape) == 2 else "") + "k"
    w = "zk" + ("c" if len(weights.shape) == 2 else "")
    out = "z" + ("r" if len(data.shape) == 2 else "") + ("c" if len(weights.shape) == 2 else "")
    return f"{x},{w}->{out}"


def _inner(block: Block, names: Names) -> Written:
    a, b = block.operands
    if not isinstance(a, View) or not isinstance(b, View):
        factor, other = (a, b) if isinstance(b, View) else (b, a)
        total = method(read(other, names, True), "sum", axes_text(block))
        return f"{written(Formula(factor))[0]} * {total[0]}", TIMES
    repeated = set(a.broadcast_axes) & set(b.broadcast_axes)
    x, y = read(a, names, full=bool(repeated)), read(b, names)
    everything = not axes_text(block) and not (a.broadcast_axes or b.broadcast_axes)
    if everything and block.axes == 1:
        return method(x, "dot", y[0])
    if everything:
        return f"np.vdot({x[0]}, {y[0]})", ATOM
    product = f"{bracketed(x, TIMES)} * {bracketed(y, TIMES + 1)}", TIMES
    return method(product, "sum", axes_text(block))


def axes_text(block: Block) -> str:
    """The axis argument of a reduction over the operands' last axes; none where that is all."""
    axes = axis_numbers(block)
    operand = next(x for x in block.operands if isinstance(x, View))
    if not block.batched and block.axes == len(operand.shape):
        return ""
    return f"axis={axes}"


def axis_numbers(block: Block) -> str:
    """The last axes, counted from behind."""
    return "-1" if block.axes == 1 else str(tuple(range(-block.axes, 0)))


def _reduce(block: Block, names: Names) -> Written:
    assert block.operation is not None
    text = read(block.operands[0], names, True)
    x = text[0]
    if block.operation.name in REDUCTIONS:
        return method(text, block.operation.name, axes_text(block))
    if block.axes > 1:
        raise NotCompilable(f"{block.operation.name} over an array of several axes")
    return f"lookup({block.operation.name!r}).on_arrays(*np.moveaxis({x}, -1, 0))", ATOM


def _logsumexp(block: Block, names: Names) -> list[str]:
    view = block.operands[0]
    x = read(view, names, True)
    text = bracketed(x, TIMES)
    largest = names.fresh("largest")
    axes = axes_text(block)
    names.shifts[id(block)] = largest
    shifted = f"np.exp({text} - {expanded(largest, block)})"
    exponentials = names.fresh("exponentials")
    names.copies[shifted] = exponentials
    whole = names.fresh("whole")
    names.copies[kept_axes(exponentials, "sum", block)] = expanded(whole, block)
    return [
        f"{largest} = {method(x, 'max', axes)[0]}",
        f"{exponentials} = {shifted}",
        f"{whole} = {exponentials}.sum({axes})",
        f"{block.name} = {largest} + np.log({whole})",
    ]


def kept_axes(text: str, name: str, block: Block) -> str:
    """A reduction that goes with each operand that it takes together."""
    return f"{text}.{name}(axis={axis_numbers(block)}, keepdims=True)"


def expanded(text: str, block: Block) -> str:
    """A result with new axes where the operands were taken together."""
    if not block.batched and not block.shape:
        return text
    front = [":"] * (len(block.shape) + block.batched)
    return f"{text}[{', '.join([*front, *['None'] * block.axes])}]"


def _join(block: Block, names: Names) -> Written:
    parts = [read(x, names, True, block.batched)[0] for x in block.operands]
    return f"np.concatenate([{', '.join(parts)}], axis=-1)", ATOM


_FORMS = {"map": _map, "matmul": _matmul, "inner": _inner, "reduce": _reduce, "join": _join}
