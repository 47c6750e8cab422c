"""Stage 5, emit, backward: from the gradient of each block to those of its operands.

Derivatives of single operations come from the table's rules; what is written here is only how
blocks pass gradients on: sums of products to both sides, reductions to what they took together.
"""

from __future__ import annotations

from typing import Any

from ..formulas import Formula
from ..operation import ATOM, TIMES
from .blocks import Block, View
from .forward import (
    arguments_of,
    axis_numbers,
    dot_of_vector,
    expanded,
    full_names,
    is_vector,
    subscripts,
)  # fmt: skip
from .rendering import (
    Written,
    bracketed,
    ignores_result,
    local_derivatives,
    names_in,
    reduction_rule,
    times,
    with_names,
)  # fmt: skip
from .scalars import PARAMETER
from .views import view_of
from .writing import Names, adjoint, one_hot, read, shape_text


class Gradient:
    """A term of a gradient: an expression; `thin` if it is one number, the same at each place.

    Where it is one number times something, `scale` and `scaled` are these two.
    """

    __slots__ = ("scale", "scaled", "text", "thin")

    def __init__(
        self, text: Written, thin: bool, scale: Written | None = None, scaled: Written = ("", ATOM)
    ) -> None:
        self.text, self.thin, self.scale, self.scaled = text, thin, scale, scaled


ONE: Written = ("1.0", ATOM)


def product(gradient: Gradient, factor: Formula, thin: bool) -> Gradient:
    """A gradient times a local derivative."""
    if gradient.thin and not thin:
        return Gradient(times(gradient.text, factor), thin, gradient.text, times(ONE, factor))
    return Gradient(times(gradient.text, factor), thin)


Terms = dict[int, list[Gradient]]


def filled(gradient: Gradient, block: Block, names: Names) -> Written:
    """The gradient in the full shape of its block."""
    if not gradient.thin or (not block.shape and not block.batched):
        return gradient.text
    return (
        f"np.broadcast_to({gradient.text[0]}, {shape_text(block.shape, block.batched, names)})",
        ATOM,
    )


def pass_on(block: Block, gradient: Gradient, terms: Terms, names: Names) -> None:
    """Add the terms that the gradient of a block gives to its operands."""
    _FORMS[block.form](block, gradient, terms, names)


def add(view: Any, gradient: Gradient, consumer: Block, terms: Terms, names: Names) -> None:
    """A gradient by a view, as a term of the gradient of its block."""
    if not isinstance(view, View) or not view.block.variable:
        return
    block = view.block
    if gradient.thin and (hot := one_hot(view, names)) is not None:
        text = times(gradient.text, Formula(hot))
        gradient = Gradient(text, False, gradient.text, (hot, ATOM))
    elif not (view.whole and block.batched == consumer.batched):
        shape = view.shape
        text = gradient.text
        if gradient.thin:
            text = f"np.broadcast_to({text[0]}, {shape_text(shape, consumer.batched, names)})", ATOM
        gradient = Gradient(adjoint(view, text, consumer.batched, names), False)
    terms.setdefault(id(block), []).append(gradient)


def _map(block: Block, gradient: Gradient, terms: Terms, names: Names) -> None:
    assert block.operation is not None
    wanted = [isinstance(x, View) and x.block.variable for x in block.operands]
    arguments = arguments_of(block, names)
    rules = local_derivatives(block.operation, arguments, block.name)
    full = {block.name} | full_names(block, arguments)
    scalars = {
        a.content for a, x in zip(arguments, block.operands, strict=True)
        if isinstance(x, View) and not x.block.shape and not x.block.batched
    }  # fmt: skip
    for view, rule, needed in zip(block.operands, rules, wanted, strict=True):
        if not needed:
            continue
        text, used = times(gradient.text, rule), names_in(rule)
        thin = gradient.thin and used <= scalars and not (block.name in used and block.shape)
        term = product(gradient, rule, thin)
        if gradient.thin and not thin and not used & full:
            term = _broadcast(text, block.shape, block.batched, names)
        add(view, term, block, terms, names)


def _matmul(block: Block, gradient: Gradient, terms: Terms, names: Names) -> None:
    data, weights = block.operands
    g = filled(gradient, block, names)
    if weights.block.batched:
        _einsum(block, g, terms, names)
        return
    x, w = read(data, names, True), read(weights, names, True)
    if x == w and not block.shape and not block.batched:
        add(
            data, Gradient(times(times(g, Formula(2.0)), Formula(x[0])), False), block, terms, names
        )
        return
    rows, columns = len(data.shape) == 2, len(weights.shape) == 2
    if data.block.variable:
        if columns:
            turned = read(view_of(weights.block, weights.positions.T), names, True)
            text = f"{bracketed(g, TIMES)} @ {bracketed(turned, TIMES + 1)}"
            text = dot_of_vector(g, turned)[0] if is_vector(data) else text
        elif rows or block.batched:
            text = f"{bracketed(g, ATOM)}[..., None] * {bracketed(w, TIMES + 1)}"
        else:
            text = f"{bracketed(g, TIMES)} * {bracketed(w, TIMES + 1)}"
        add(data, Gradient((text, TIMES), False), block, terms, names)
    if weights.block.variable:
        turned_view = view_of(weights.block, weights.positions.T)
        text = _by_weights(block, bracketed(g, ATOM), bracketed(x, ATOM), rows, columns)
        if is_vector(data) and weights.block.kind == PARAMETER:
            names.factors.add(g[0])
        _add_shared(turned_view, (text, TIMES), terms, names)


def _add_shared(view: View, text: Written, terms: Terms, names: Names) -> None:
    """A gradient in which the samples are added up already."""
    terms.setdefault(id(view.block), []).append(Gradient(adjoint(view, text, False, names), False))


def _by_weights(block: Block, g: str, x: str, rows: bool, columns: bool) -> str:
    """The gradient by the weights, one row for each column of the product."""
    data = block.operands[0]
    k = data.shape[-1]
    if block.batched and not data.block.batched:
        return f"np.sum({g}, axis=0)[..., None] * {x}"
    if block.batched and rows:
        flat = f"{x}.reshape(-1, {k})"
        turned = f"{g}.reshape(-1, {block.shape[-1]}).T" if columns else f"{g}.reshape(-1)"
        return f"{turned} @ {flat}"
    if rows or block.batched:
        return f"{g}.T @ {x}" if columns else f"{g} @ {x}"
    return f"{g}[:, None].dot({x}[None])" if columns else f"{g} * {x}"


def _einsum(block: Block, g: Written, terms: Terms, names: Names) -> None:
    data, weights = block.operands
    inputs, out = subscripts(block).split("->")
    x, w = inputs.split(",")
    if data.block.variable:
        text = f"np.einsum('{out},{w}->{x}', {g[0]}, {read(weights, names, True)[0]})", ATOM
        if data.block.batched:
            add(data, Gradient(text, False), block, terms, names)
        else:
            _add_shared(data, text, terms, names)
    if weights.block.variable:
        text = f"np.einsum('{out},{x}->{w}', {g[0]}, {read(data, names, True)[0]})", ATOM
        add(weights, Gradient(text, False), block, terms, names)


def _inner(block: Block, gradient: Gradient, terms: Terms, names: Names) -> None:
    g = _spread(block, gradient)
    a, b = block.operands
    pairs = [(a, b), (b, a)]
    if isinstance(a, View) and isinstance(b, View) and read(a, names) == read(b, names):
        g, pairs = times(g, Formula(2.0)), pairs[:1]
    for own, other in pairs:
        if not isinstance(own, View) or not own.block.variable or other == 0.0:
            continue
        factor = Formula(bracketed(read(other, names), ATOM) if isinstance(other, View) else other)
        term = product(Gradient(g, _is_scalar(block, gradient)), factor, False)
        if not isinstance(other, View):
            term.thin = _is_scalar(block, gradient)
        full = isinstance(other, View) and not other.broadcast_axes
        if not term.thin and not (full and other.block.batched == block.batched):
            term = _broadcast(term.text, own.shape, block.batched, names)
        add(own, term, block, terms, names)


def _spread(block: Block, gradient: Gradient) -> Written:
    """The gradient of a result, to go with each operand that it was made of."""
    if gradient.thin or not (block.shape or block.batched):
        return gradient.text
    return expanded(bracketed(gradient.text, ATOM), block), ATOM


def _broadcast(text: Written, shape: Any, batched: bool, names: Names) -> Gradient:
    return Gradient(
        (f"np.broadcast_to({text[0]}, {shape_text(shape, batched, names)})", ATOM), False
    )


def _reduce(block: Block, gradient: Gradient, terms: Terms, names: Names) -> None:
    operation, view = block.operation, block.operands[0]
    assert operation is not None
    if not view.block.variable:
        return
    g = _spread(block, gradient)
    x = bracketed(read(view, names, True), ATOM)
    axis = f"axis={axis_numbers(block)}"
    shift = names.shifts.get(id(block))
    u = shift if shift and ignores_result(operation) else block.name
    rule = reduction_rule(operation, x, expanded(u, block), axis, names.copy)
    if rule is None:
        flat, back = x, ""
        if block.axes > 1:  # for the rule all operands are along one axis
            flat = f"{x}.reshape(*{x}.shape[:{-block.axes}], -1)"
            back = f".reshape({x}.shape)"
        rule = Formula(
            f"np.stack(np.broadcast_arrays(*lookup({operation.name!r}).rules("
            f"list(np.moveaxis({flat}, -1, 0)), {block.name}), {block.name})[:-1], axis=-1){back}"
        )
    rule = with_names(rule, names.copies)
    scalar = _is_scalar(block, gradient)
    term = product(Gradient(g, scalar), rule, scalar and rule.content == 1.0)
    if rule.content == 1.0 and not term.thin:
        term = _broadcast(term.text, view.shape, block.batched, names)
    add(view, term, block, terms, names)


def _is_scalar(block: Block, gradient: Gradient) -> bool:
    return gradient.thin or not (block.shape or block.batched)


def _join(block: Block, gradient: Gradient, terms: Terms, names: Names) -> None:
    g = bracketed(filled(gradient, block, names), ATOM)
    start = 0
    for view in block.operands:
        stop = start + view.shape[-1]
        add(view, Gradient((f"{g}[..., {start}:{stop}]", ATOM), False), block, terms, names)
        start = stop


_FORMS = {"map": _map, "matmul": _matmul, "inner": _inner, "reduce": _reduce, "join": _join}
