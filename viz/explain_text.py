"""An explanation as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .notation import bracketed, derivative_of
from .text import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .explanation import Explanation, Factor, Path

T = TypeVar("T")

SHOWN = 8  # factors of a path; of a longer one the first and the last


def equation(explanation: Explanation) -> list[str]:
    """The sides of the equation: ∂y/∂x, the sum in symbols, in numbers, and what it comes to."""
    sides = [f"∂{explanation.name(explanation.output)}/∂{explanation.name(explanation.wrt)}"]
    if explanation.factors:
        sides += [_sum(explanation, symbolic=True), _sum(explanation, symbolic=False)]
    return list(dict.fromkeys([*sides, short(explanation.total)]))  # nothing twice


def _sum(explanation: Explanation, symbolic: bool) -> str:
    terms = [_product(explanation, path, symbolic) for path in explanation.terms]
    if len(explanation.terms) < explanation.count:
        terms.append("…" if symbolic else bracketed(short(explanation.remainder)))
    return " + ".join(terms)


def _product(explanation: Explanation, path: Path, symbolic: bool) -> str:
    if symbolic:
        texts = [symbol(explanation, factor) for factor in path.factors]
    else:
        texts = [explanation.number(factor.value) for factor in path.factors]
    return "·".join(cut(texts))


def symbol(explanation: Explanation, factor: Factor) -> str:
    """∂result/∂operand."""
    return f"∂{explanation.name(factor.result)}/∂{explanation.name(factor.operand)}"


def formula(explanation: Explanation, factor: Factor) -> str:
    """How the local derivative is computed; "" where it is a plain number."""
    return derivative_of(factor.result, factor.operand).written(explanation.name)


def first_and_last(items: Sequence[T]) -> Sequence[T]:
    """All of them, or of many the first and the last."""
    return items if len(items) <= SHOWN else [*items[: SHOWN // 2], *items[-SHOWN // 2 :]]


def cut(texts: Sequence[str], word: str = "…({} more)…") -> list[str]:
    """The same, with a word in the middle on how many are missing."""
    shown = list(first_and_last(texts))
    if len(shown) < len(texts):
        shown.insert(SHOWN // 2, word.format(len(texts) - SHOWN))
    return shown


def hidden_paths(explanation: Explanation) -> str:
    """How many paths are not listed, and what they add up to; "" where all are."""
    from .explanation import COUNTED

    if not explanation.hidden:
        return ""
    bound = "at least " if explanation.count >= COUNTED else ""
    return (
        f"and {bound}{explanation.hidden:,} more paths, which add up to {short(explanation.rest)}; "
        "the sum over all of them is backprop's number"
    )


def text(explanation: Explanation) -> str:
    """The equation, a line for each path, and a line for each factor."""
    first, *others = equation(explanation)
    lines = [f"{first if i == 0 else ' ' * len(first)} = {side}" for i, side in enumerate(others)]
    return "\n".join([*lines, *_paths(explanation), *_factors(explanation)])


def _paths(explanation: Explanation) -> list[str]:
    if explanation.count == 1:
        return []
    output, wrt = explanation.name(explanation.output), explanation.name(explanation.wrt)
    lines = ["", f"Paths from {output} back to {wrt}"]
    for path in explanation.paths:
        way = " ← ".join(cut([explanation.name(node) for node in path.nodes]))
        numbers = " · ".join(cut([f"[{factor.number}]" for factor in path.factors]))
        lines.append(f"  {way}:  {numbers} = {short(path.product)}")
    more = hidden_paths(explanation)
    return [*lines, f"  … {more}"] if more else lines


def _factors(explanation: Explanation) -> list[str]:
    if not explanation.factors:
        return []
    lines = []
    for factor in explanation.factors:
        written = formula(explanation, factor)
        middle = f"{written} = " if written and written != short(factor.value) else ""
        lines.append(
            f"  [{factor.number}] {symbol(explanation, factor)} = {middle}{short(factor.value)}"
        )
    return ["", "Local derivatives", *cut(lines, "  … {} more")]
