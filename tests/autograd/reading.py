"""Displayed formulas read back as Python: what is shown must mean what is computed."""

from __future__ import annotations

import math
import re
from typing import Any

import autograd

NAMES: dict[str, Any] = {
    **{name: getattr(autograd, name) for name in autograd.functions.__all__},
    "sqrt": math.sqrt,
    "tanh_squared": lambda x: math.tanh(x) ** 2,
    "logsumexp": lambda *xs: autograd.logsumexp(xs),
    "max": lambda *xs: max(xs),
    "min": lambda *xs: min(xs),
}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
IN_TEXT = {"−": "-", "·": "*", "^": "**", "√": "sqrt", "σ": "sigmoid", "ζ": "softplus", "°": ""}
IN_LATEX = {
    r"\left|": "abs(", r"\right|": ")", r"\left[": "(", r"\right]": ")", r"\left(": "(",
    r"\right)": ")", r"\cdot": "*", r"\sigma": "sigmoid", r"\zeta": "softplus", r"\_": "_",
}  # fmt: skip


def text_value(text: str, **names: float) -> float:
    """The number that a formula in plain text stands for."""
    text = re.sub(f"[{SUPERSCRIPTS}]+", lambda m: f"**({_plain(m[0])})", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    for shown, python in IN_TEXT.items():
        text = text.replace(shown, python)
    return _evaluated(text.replace("[", "(").replace("]", ")"), names)


def latex_value(latex: str, **names: float) -> float:
    """The number that a formula in LaTeX stands for."""
    for shown, python in IN_LATEX.items():
        latex = latex.replace(shown, python)
    latex = re.sub(r"\^(\d)", r"^{\1}", latex).replace(r"\tanh^{2}", "tanh_squared")
    latex = re.sub(r"\\operatorname\{(\w+)\}", r"\1", latex)
    while "{" in latex:
        before = latex
        latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", latex)
        latex = re.sub(r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)", latex)
        latex = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", latex)
        assert latex != before, f"cannot read {latex!r}"
    latex = latex.replace("\\", "").replace(")sigmoid", ")*sigmoid").replace(")(1", ")*(1")
    return _evaluated(latex, names)


def _plain(superscripts: str) -> str:
    return "".join("0123456789-"[SUPERSCRIPTS.index(c)] for c in superscripts)


def _evaluated(text: str, names: dict[str, float]) -> float:
    text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
    return float(eval(text, {**NAMES, **names}))
