"""Formulas: what the rules of the table give when symbols flow through them instead of numbers.

>>> x = Formula("x")
>>> str(lookup("tanh").rules([x], Formula("u"))[0])
'(1 − tanh(x)²)'
"""

from __future__ import annotations

from .display import number_latex, number_text
from .errors import ArgumentTypeError
from .operation import ATOM, POWER, PREFIX, TIMES, Operation, lookup
from .real import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Formula:
    """A name, a number, or an operation on formulas; arithmetic on it makes larger ones."""

    __slots__ = ("content", "arguments")

    def __init__(self, content: str | float | Operation, *arguments: Any) -> None:
        if not isinstance(content, (str, int, float, Operation)):
            raise ArgumentTypeError(f"a formula is made of names and numbers, not {content!r}")
        self.content = content
        self.arguments = tuple([a if isinstance(a, Formula) else Formula(a) for a in arguments])

    def written(self, style: str) -> str:
        """The formula as "python", "array", "text" or "latex"."""
        return self._written(style)[0]

    def _written(self, style: str) -> tuple[str, int]:
        content = self.content
        if isinstance(content, str):
            return content, ATOM
        if isinstance(content, (int, float)):
            return number_written(content, style)
        written = content.written(style, [a._written(style) for a in self.arguments])
        return written, content.binding(style)

    def _undecided(self, *_: Any) -> Any:
        raise TypeError("a formula has no truth value: write where(condition, x, y), not if")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _undecided

    def __str__(self) -> str:
        return self.written("text")

    def __repr__(self) -> str:
        return f"Formula({self.written('python')})"

    # fmt: off
    def __add__(self, other: Any) -> Formula: return Formula(lookup("+"), self, other)
    def __radd__(self, other: Any) -> Formula: return Formula(lookup("+"), other, self)
    def __sub__(self, other: Any) -> Formula: return Formula(lookup("-"), self, other)
    def __rsub__(self, other: Any) -> Formula: return Formula(lookup("-"), other, self)
    def __mul__(self, other: Any) -> Formula: return Formula(lookup("*"), self, other)
    def __rmul__(self, other: Any) -> Formula: return Formula(lookup("*"), other, self)
    def __truediv__(self, other: Any) -> Formula: return Formula(lookup("/"), self, other)
    def __rtruediv__(self, other: Any) -> Formula: return Formula(lookup("/"), other, self)
    def __pow__(self, other: Any) -> Formula: return Formula(lookup("**"), self, other)
    def __rpow__(self, other: Any) -> Formula: return Formula(lookup("**"), other, self)
    def __neg__(self) -> Formula: return Formula(lookup("neg"), self)
    def __pos__(self) -> Formula: return self
    def __abs__(self) -> Formula: return Formula(lookup("abs"), self)
    # fmt: on


def derivative_formulas(
    operation: Operation, arguments: Sequence[Formula], u: Formula
) -> list[Formula]:
    """The local derivative with respect to each argument, as a formula."""
    rules = operation.rules(list(arguments), u)
    what = f"a derivative of {operation.name}"
    return [rule if isinstance(rule, Formula) else Formula(number(rule, what)) for rule in rules]


def described(operation: Operation, *names: str) -> str:
    """The operation and its derivatives in words, for `help`."""
    arguments = [Formula(name) for name in names]
    u = Formula(operation, *arguments)
    derivatives = [f"{d}" for d in derivative_formulas(operation, arguments, u)]
    if len(names) == 1:
        return f"{u}; the derivative is {derivatives[0]}."
    listed = " and ".join(f"{d} by {name}" for d, name in zip(derivatives, names, strict=True))
    return f"{u}; the derivatives are {listed}."


def number_written(x: float, style: str, spec: str = ".6g") -> tuple[str, int]:
    """A number and how tightly it binds: 1e30 is a product in LaTeX, and −1 is not an atom."""
    if style == "latex":
        text = number_latex(x, spec)
        return text, PREFIX if x < 0 else TIMES if " " in text else ATOM
    text = number_text(x, spec) if style == "text" else repr(float(x))
    return text, PREFIX if x < 0 else POWER if style == "text" and "e" in text else ATOM
