r"""An explanation in LaTeX: fractions, each with its number and its colour under a brace.

The colours are xcolor's `\textcolor[RGB]{r,g,b}{…}`, which MathJax understands too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import Value

from .explain_text import cut, first_and_last, hidden_paths
from .notation import derivative_of, latex_name, latex_number
from .text import short

if TYPE_CHECKING:
    from .explanation import Explanation, Factor

COLOURS = ("0F8F6B", "7B61C9", "A87400", "B8578E", "2B7FA0", "777777")


def latex(explanation: Explanation) -> str:
    """The equation, then one line for each factor with the formula of its local derivative."""
    left = _fraction(explanation, explanation.output, explanation.wrt)
    total = latex_number(short(explanation.total))
    lines = [f"{left} &= {total}"]
    if explanation.factors:
        sides = [_sum(explanation, True), _sum(explanation, False), total]
        lines = [f"&= {side}" for side in dict.fromkeys(sides)]
        lines[0] = f"{left} {lines[0]}"
    if explanation.hidden:
        lines.append(rf"&\quad\text{{{hidden_paths(explanation)}}}")
    factors = [_line(explanation, factor) for factor in explanation.factors]
    lines += cut(factors, r"&\quad\text{{… {} more}}")
    joined = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


def _sum(explanation: Explanation, symbolic: bool) -> str:
    def number(x: float) -> str:
        return latex_number(explanation.number(x))

    terms = []
    for path in explanation.terms:
        factors = first_and_last(path.factors)
        texts = [_braced(explanation, f) if symbolic else number(f.value) for f in factors]
        if len(factors) < len(path.factors):
            texts.insert(len(texts) // 2, r"\cdots")
        terms.append(r" \cdot ".join(texts))
    if len(explanation.terms) < explanation.count:
        terms.append(r"\cdots" if symbolic else number(explanation.remainder))
    return " + ".join(terms)


def _braced(explanation: Explanation, factor: Factor) -> str:
    fraction = _fraction(explanation, factor.result, factor.operand)
    return rf"\underbrace{{{_coloured(factor, fraction)}}}_{{{factor.number}}}"


def _coloured(factor: Factor, content: str) -> str:
    colour = COLOURS[(factor.number - 1) % len(COLOURS)]
    parts = ",".join([str(int(colour[i : i + 2], 16)) for i in (0, 2, 4)])
    return rf"\textcolor[RGB]{{{parts}}}{{{content}}}"


def _fraction(explanation: Explanation, result: Value, operand: Value) -> str:
    above, below = (latex_name(explanation.typeset(node)) for node in (result, operand))
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def _line(explanation: Explanation, factor: Factor) -> str:
    """(1) ∂result/∂operand = formula = number."""
    template = derivative_of(factor.result, factor.operand, "latex")
    formula = template.written(lambda node: latex_name(explanation.typeset(node)))
    sides = [formula] if formula else []
    fraction = _fraction(explanation, factor.result, factor.operand)
    right = " = ".join([*sides, latex_number(short(factor.value))])
    return rf"({factor.number})\quad {_coloured(factor, fraction)} &= {right}"
