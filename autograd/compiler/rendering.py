"""Formulas as array source: constants folded, conditions as comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ..formulas import Formula, derivative_formulas
from ..operation import ATOM, PLUS, POWER, PREFIX, TIMES, Operation, lookup
from .errors import NotCompilable

Written = tuple[str, int]
COMPARE = PLUS - 1
_LITERAL = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+")
_QUOTIENT = re.compile(rf"({_LITERAL.pattern}) / (.+)")
_COMPARISONS = {"step": "{} > 0.0", "greater": "{} > {}", "equal": "{} == {}"}


def local_derivatives(operation: Operation, arguments: Sequence[Any], u: str) -> list[Formula]:
    """The rules of an operation on names and numbers, simplified."""
    formulas = [a if isinstance(a, Formula) else Formula(a) for a in arguments]
    if operation.any_number and operation.name != "sum":
        raise NotCompilable(f"{operation.name} of single numbers")
    rules = derivative_formulas(operation, formulas, Formula(u))
    return [simplified(rule) for rule in rules]


def simplified(formula: Formula) -> Formula:
    """The same with operations on numbers carried out, and those with 0 and 1 left out."""
    content = formula.content
    if not isinstance(content, Operation):
        return formula
    arguments = [simplified(a) for a in formula.arguments]
    numbers = [_number(a) for a in arguments]
    if None not in numbers and content.name != "/":
        try:
            return Formula(float(content.forward(*numbers)))
        except (ArithmeticError, ValueError):
            return Formula(content, *arguments)
    short = _SHORTER.get(content.name)
    result = short(arguments, numbers) if short else None
    return Formula(content, *arguments) if result is None else result


def _number(formula: Formula) -> float | None:
    return float(formula.content) if isinstance(formula.content, (int, float)) else None


def _product(a: list[Formula], n: list[float | None]) -> Formula | None:
    """1·x and x·1 are x. 0·x is 0 for indicators only, which are finite."""
    if n[0] == 1.0 or n[1] == 1.0:
        return a[1] if n[0] == 1.0 else a[0]
    if n[0] == -1.0 or n[1] == -1.0:
        return Formula(lookup("neg"), a[1] if n[0] == -1.0 else a[0])
    for x, zero in ((a[0], n[1]), (a[1], n[0])):
        if zero == 0.0 and isinstance(x.content, Operation) and x.content.name in _COMPARISONS:
            return Formula(0.0)
    return None


def _power(a: list[Formula], n: list[float | None]) -> Formula | None:
    return {1.0: a[0], 0.0: Formula(1.0), 2.0: Formula(_SQUARE, a[0])}.get(
        n[1] if n[1] is not None else -99.0
    )


def _choice(a: list[Formula], n: list[float | None]) -> Formula | None:
    return None if n[0] is None else (a[1] if n[0] else a[2])


def _mainly(a: list[Formula], n: list[float | None]) -> Formula | None:
    return None if n[1] is None else (a[2] if n[1] else a[0])


def _negative(a: list[Formula], n: list[float | None]) -> Formula | None:
    inner = a[0]
    if isinstance(inner.content, Operation) and inner.content.name == "neg":
        return inner.arguments[0]
    return None


_SQUARE = Operation("square", "{0} ** 2", lambda x, u: 2.0 * x, array="np.square({0})", binds=POWER)
_SHORTER: dict[str, Callable[[list[Formula], list[float | None]], Formula | None]] = {
    "*": _product, "**": _power, "where": _choice, "mainly": _mainly, "neg": _negative,
    "pos": lambda a, n: a[0],
}  # fmt: skip


def written(formula: Formula) -> Written:
    """The formula in array source, and how tightly it binds."""
    content = formula.content
    if isinstance(content, str):
        return content, ATOM
    if isinstance(content, (int, float)):
        return number(content)
    arguments = formula.arguments
    if content.name in ("where", "mainly"):
        condition, x, y = (
            arguments if content.name == "where" else (arguments[1], arguments[2], arguments[0])
        )
        return f"np.where({_condition(condition)}, {written(x)[0]}, {written(y)[0]})", ATOM
    if content.name in _COMPARISONS:
        return f"np.where({comparison(formula)[0]}, 1.0, 0.0)", ATOM
    parts = [written(a) for a in arguments]
    if content.name == "**":
        return f"{bracketed(parts[0], ATOM)} ** {bracketed(parts[1], ATOM)}", POWER
    if content.name == "sum":
        return " + ".join(bracketed(p, PLUS + (i > 0)) for i, p in enumerate(parts)), PLUS
    return content.written("array", parts), content.binding("array")


def number(x: float) -> Written:
    """A number as source; infinities and nan have no literal."""
    x = float(x)
    if x != x or x in (float("inf"), float("-inf")):
        return f"float({str(x)!r})", ATOM
    return repr(x), PREFIX if x < 0 else ATOM


def _condition(formula: Formula) -> str:
    content = formula.content
    if isinstance(content, Operation) and content.name in _COMPARISONS:
        return comparison(formula)[0]
    return f"{bracketed(written(formula), PLUS)} != 0.0"


def comparison(formula: Formula) -> Written:
    """An indicator as a comparison, whose outcomes count as 1 and 0."""
    assert isinstance(formula.content, Operation)
    template = _COMPARISONS[formula.content.name]
    return template.format(*[bracketed(written(a), PLUS) for a in formula.arguments]), COMPARE


def bracketed(text: Written, binds: int) -> str:
    """The text, in brackets where it does not hold together by itself."""
    return text[0] if text[1] >= binds else f"({text[0]})"


def times(factor: Written, formula: Formula) -> Written:
    """A gradient times a local derivative."""
    value = _number(formula)
    content = formula.content
    if value == 1.0:
        return factor
    if value is not None and _LITERAL.fullmatch(factor[0]):
        return number(float(factor[0]) * value)
    if value is not None and (quotient := _QUOTIENT.fullmatch(factor[0])):
        return f"{float(quotient[1]) * value!r} / {quotient[2]}", TIMES
    if value == -1.0:
        return negated(factor)
    name = content.name if isinstance(content, Operation) else ""
    if name == "neg":
        return times(negated(factor), formula.arguments[0])
    if name == "/" and _number(formula.arguments[0]) == 1.0:
        return _multiplied(factor, "/", written(formula.arguments[1]))
    if name == "*":
        return times(times(factor, formula.arguments[0]), formula.arguments[1])
    if factor == ("1.0", ATOM):
        return written(formula)
    return _multiplied(
        factor, "*", comparison(formula) if name in _COMPARISONS else written(formula)
    )


def _multiplied(factor: Written, sign: str, other: Written) -> Written:
    text = f"{bracketed(factor, PREFIX)} {sign} {bracketed(other, TIMES + 1)}"
    return text, PREFIX if text.startswith("-") else TIMES


def method(text: Written, name: str, arguments: str = "") -> Written:
    """A method of an array expression."""
    return f"{bracketed(text, ATOM)}.{name}({arguments})", ATOM


def negated(factor: Written) -> Written:
    """The same with the other sign."""
    if factor[0].startswith("-") and factor[1] == PREFIX:
        return factor[0][1:], TIMES
    return f"-{bracketed(factor, TIMES)}", PREFIX


def names_in(formula: Formula) -> set[str]:
    """The names that a formula is made of."""
    found: set[str] = set()
    pending = [formula]
    while pending:
        item = pending.pop()
        if isinstance(item.content, str):
            found.add(item.content)
        pending.extend(item.arguments)
    return found


def reduction_rule(
    operation: Operation, x: str, u: str, axis: str, named: Callable[[str, str], str]
) -> Formula | None:
    """∂u/∂x for an operation of any number of operands, for all x of a block at once.

    The rule is run on two symbols. Where it treats all operands alike, what it does with all of
    them together is again an operation of any number of operands, now along the axis. Its terms
    are computed once: `named` gives the name of an expression. A user's rule may count its
    operands, or tell them apart.
    """
    if not operation.builtin:
        return None
    first, second, result = Formula("§1"), Formula("§2"), Formula("§u")
    rule = simplified(derivative_formulas(operation, [first, second], result)[0])
    shared: dict[str, str] = {}
    formula = _for_block(rule, x, u, axis, shared, named)
    return None if formula is None else with_names(formula, shared)


def ignores_result(operation: Operation) -> bool:
    """Whether the rule gives the same for any result: softmax does, whatever is subtracted."""
    here, there = (operation.rules([0.3, 0.7, -0.4], u) for u in (1.35, 0.7))
    return all(abs(a - b) < 1e-14 for a, b in zip(here, there, strict=True))


def _for_block(
    formula: Formula,
    x: str,
    u: str,
    axis: str,
    shared: dict[str, str],
    named: Callable[[str, str], str],
) -> Formula | None:
    content = formula.content
    if isinstance(content, str):
        return {"§1": Formula(x), "§u": Formula(u)}.get(content)
    if not isinstance(content, Operation):
        return formula
    if content.any_number:
        one, other = formula.arguments if len(formula.arguments) == 2 else (formula, formula)
        if str(one).replace("§1", "§2") != str(other) or content.name not in REDUCTIONS:
            return None
        inner = _for_block(one, x, u, axis, shared, named)
        if inner is None:
            return None
        text = written(inner)[0]
        if text not in shared:
            quick = inner.content in _indicators()
            shared[text] = named(comparison(inner)[0] if quick else text, "shares")
        name = shared[text]
        return Formula(f"{name}.{content.name}({axis}, keepdims=True)")
    arguments = [_for_block(a, x, u, axis, shared, named) for a in formula.arguments]
    return None if any(a is None for a in arguments) else Formula(content, *arguments)


def _indicators() -> list[Operation]:
    return [lookup(name) for name in _COMPARISONS]


def with_names(formula: Formula, shared: dict[str, str]) -> Formula:
    """Terms that have a name by that name."""
    if written(formula)[0] in shared:
        return Formula(shared[written(formula)[0]])
    if not formula.arguments:
        return formula
    return Formula(formula.content, *[with_names(a, shared) for a in formula.arguments])


REDUCTIONS = ("sum", "max", "min", "prod")
