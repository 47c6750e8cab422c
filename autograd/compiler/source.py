"""Stage 5, emit: the two functions of an array program, as Python source."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import Any

from ..operation import ATOM, PLUS, PREFIX, TIMES
from .backward import Gradient, Terms, add, filled, pass_on
from .blocks import Block, View
from .forward import expression, forward_lines
from .naming import identifier
from .rendering import Written, bracketed, method, negated, number
from .scalars import ARGUMENT, CONSTANT, NODE, PARAMETER
from .standalone import standalone
from .writing import Names, read

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")  # of a variable, not of a method
_FACTOR = re.compile(r"(\d+\.\d+(?:e[+-]?\d+)?) \* ")


class Source:
    """The text, and what its functions take and return."""

    __slots__ = ("backward_inputs", "constants", "forward_inputs", "gradients", "looked_at", "text")

    def __init__(
        self, text: str, forward_inputs: list[str], backward_inputs: list[str],
        gradients: list[Block], looked_at: list[bool], constants: dict[str, Any],
    ) -> None:  # fmt: skip
        self.text, self.gradients, self.constants = text, gradients, constants
        self.looked_at = looked_at  # of the gradients those that tell whether all are finite
        self.forward_inputs, self.backward_inputs = forward_inputs, backward_inputs


def emit(
    blocks: list[Block], output: Any, guards: list[tuple[Any, Any]], reduce: str | None,
    names: Names,
) -> Source:  # fmt: skip
    """The source of a program. With `reduce` the output is one number a sample, taken together."""
    _inline(blocks, names)
    forward: list[str] = []
    for block in blocks:
        if block.kind == NODE and id(block) not in names.inlined:
            own = forward_lines(block, names)
            forward += [*names.lines, *own]
            names.lines.clear()
    value = _output_text(output, reduce, names)
    guarded = [_text(x, names) for pair in guards for x in pair]
    forward += names.lines
    names.lines.clear()
    wanted = [b for b in blocks if b.kind in (ARGUMENT, PARAMETER) and b.variable]
    backward, results = _backward(blocks, output, reduce, names, wanted)
    local = [line.split(" = ")[0] for line in forward]
    outside = [b.name for b in blocks if b.kind != NODE and b.name] + list(names.constants)
    used = used_names(backward) | used_names(results)
    kept = [name for name in local if name in used]
    forward_inputs = [
        n for n in outside if n in used_names(forward) | used_names([value, *guarded])
    ]
    backward_inputs = [n for n in outside if n in used]
    text = function_text("forward", forward_inputs, forward, f"{value}, {tuple_text(kept)}"
                     + (f", {tuple_text(guarded)}" if guarded else ""))  # fmt: skip
    opening = [f"{unpacked_text(kept)} = kept"] if kept else []
    seed = ["seed"] if not _is_single(output, reduce) else []
    text += "\n\n" + function_text(
        "backward", ["kept", *seed, *backward_inputs], opening + backward, tuple_text(results)
    )
    constants = {b.name: b.value for b in blocks if b.kind == CONSTANT and b.name}
    looked_at = [result not in names.factors for result in results]
    return Source(
        standalone(text), forward_inputs, backward_inputs, wanted, looked_at,
        constants | names.constants,
    )  # fmt: skip


def _inline(blocks: list[Block], names: Names) -> None:
    """Products that only wait for their bias are written where it is added."""
    uses: dict[int, int] = {}
    for block in blocks:
        for view in block.operands:
            if isinstance(view, View):
                uses[id(view.block)] = uses.get(id(view.block), 0) + (1 if view.whole else 2)
    for block in blocks:
        part = block.kind == NODE and not len(block.elements)
        if part and _is_inline(block) and uses.get(id(block)) == 1:
            names.inlined[id(block)] = partial(expression, block, names)


def _is_inline(block: Block) -> bool:
    """Whether a block is one short expression."""
    if block.form == "reduce":
        return block.operation is not None and block.operation.name == "sum"
    return block.form != "join"


def _text(operand: Any, names: Names) -> str:
    return read(operand, names, True)[0] if isinstance(operand, View) else number(operand)[0]


def _output_text(output: Any, reduce: str | None, names: Names) -> str:
    text = _text(output, names)
    batched = isinstance(output, View) and output.block.batched
    if reduce is None or not batched:
        return text
    return method((text, ATOM), reduce)[0]


def _is_single(output: Any, reduce: str | None) -> bool:
    """Whether the program has one number as its result."""
    return (
        reduce is not None
        or not isinstance(output, View)
        or not (output.shape or output.block.batched)
    )


def _backward(
    blocks: list[Block], output: Any, reduce: str | None, names: Names, wanted: list[Block]
) -> tuple[list[str], list[str]]:
    terms: Terms = {}
    if isinstance(output, View):
        batched = output.block.batched
        seed = (
            (f"1.0 / len({names.batch})", TIMES) if reduce == "mean" and batched else ("1.0", ATOM)
        )
        single = _is_single(output, reduce)
        consumer = Block("map", output.shape, output.block.elements[:0], [output])
        add(output, Gradient(seed if single else ("seed", ATOM), single), consumer, terms, names)
    lines: list[str] = []
    for block in reversed(blocks):
        if block.kind == NODE and block.variable and id(block) in terms:
            gradient = _collected(block, terms.pop(id(block)), lines, names)
            pass_on(block, gradient, terms, names)
            lines.extend(names.lines)
            names.lines.clear()
    results: list[str] = []
    for block in wanted:
        results.append(_result(block, terms.get(id(block), []), names, lines, results))
    return lines, results


def _collected(block: Block, terms: list[Gradient], lines: list[str], names: Names) -> Gradient:
    """The sum of the terms, as a name, or as it is where it is a short one."""
    text = _sum_of(terms)
    thin = all(term.thin for term in terms)
    if len(terms) == 1 and (
        _NAME.fullmatch(text) or (thin and len(text) < 20) or id(block) in names.inlined
    ):
        return terms[0]
    name = names.fresh(identifier(f"d{block.name}", "d"))
    lines.append(f"{name} = {text}")
    return Gradient((name, ATOM), thin)


def _result(
    block: Block, terms: list[Gradient], names: Names, lines: list[str], given: list[str]
) -> str:
    """The gradient by a parameter or an argument: an array of its own, of the full shape."""
    if not terms:
        return f"np.zeros_like({block.name})"
    text = _sum_of(terms)
    own = [line.split(" = ")[0] for line in lines]
    if len(terms) == 1 and not terms[0].thin and text in own and text not in given:
        return text
    name = names.fresh(identifier(f"d{block.name}", "d"))
    if all(term.thin for term in terms):
        text = f"np.full_like({block.name}, {text})"
    elif len(terms) == 1 and not _computes(text):
        text = f"np.array({text})"
    elif any(not t.thin for t in terms) and len(terms) == 1:
        text = filled(terms[0], block, names)[0]
    lines.append(f"{name} = {text}")
    return name


def _sum_of(terms: list[Gradient]) -> str:
    """The terms added up; a number that multiplies all of them is taken out."""
    scales = {term.scale[0].removeprefix("-") for term in terms if term.scale is not None}
    if len(terms) < 2 or len(scales) != 1 or any(term.scale is None for term in terms):
        return _added([term.text for term in terms])
    scale = scales.pop()
    signed = [
        negated(t.scaled) if t.scale and t.scale[0].startswith("-") else t.scaled for t in terms
    ]
    text = _added(sorted(signed, key=lambda t: t[0].startswith("-")))
    if scale == "1.0":
        return text
    return f"({text}) / {scale[6:]}" if scale.startswith("1.0 / ") else f"{scale} * ({text})"


def _added(texts: list[Written]) -> str:
    """The terms with plus signs between them; a term that comes twice, once and doubled."""
    texts = [_repeated(text, n) for text, n in Counter(texts).items()]
    joined = " + ".join(bracketed(t, PREFIX if i else PLUS) for i, t in enumerate(texts))
    return joined.replace(" + -", " - ")


def _repeated(text: Written, n: int) -> Written:
    if n == 1:
        return text
    if (literal := _FACTOR.match(text[0])) and text[1] == TIMES:
        return f"{n * float(literal[1])!r} * {text[0][literal.end() :]}", TIMES
    return f"{float(n)!r} * {bracketed(text, TIMES)}", TIMES


def _computes(text: str) -> bool:
    """Whether an expression makes a new array, and is no view of another."""
    return any(
        sign in text for sign in (" @ ", " * ", " + ", " / ", ".dot(", ".sum(", "np.bincount")
    )


def used_names(lines: list[str]) -> set[str]:
    """The names in these expressions and statements."""
    return {name for line in lines for name in _NAME.findall(line)}


def tuple_text(parts: list[str]) -> str:
    """A tuple as source."""
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def unpacked_text(parts: list[str]) -> str:
    """The names that a tuple is taken apart into."""
    return f"({parts[0]},)" if len(parts) == 1 else ", ".join(parts)


def function_text(name: str, inputs: list[str], lines: list[str], result: str) -> str:
    """A function as source; with the result "" it gives None."""
    body = "".join(f"    {line}\n" for line in [*lines, *([f"return {result}"] if result else [])])
    return f"def {name}({', '.join(inputs)}):\n{body}"
