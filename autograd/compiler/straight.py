"""Graphs in which there is nothing to group: straight lines of arithmetic on Python's floats.

One statement for each node forward, and one for each gradient backward:

    v3 = w[0] * x + b
    dw_0 = dv3 * x + dv5

`straight_source.py` makes two functions of them, `straight_parts.py` many of long programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..formulas import Formula, derivative_formulas
from ..operation import ATOM, TIMES, Operation
from .rendering import simplified
from .scalars import CONSTANT, Scalars
from .source import tuple_text

LONG = 40  # terms in one statement
_AT_HAND = re.compile(r"[A-Za-z_]\w*(\[\d+\])*|[01]\.0")  # a name, an entry of a list, a number


class Statement(NamedTuple):
    """One line: the name that it sets, and the expression."""

    name: str
    text: str


class Words:
    """What elements are called.

    read         the text of each element
    gradient     a name for the gradient by an element
    derivatives  a name for the derivatives of a node that has any number of operands
    """

    def __init__(
        self, read: list[str], gradient: Callable[[int], str], derivatives: Callable[[int], str]
    ) -> None:
        self.read, self.gradient, self.derivatives = read, gradient, derivatives


class Templates:
    """How an operation is written on names, made from its row once."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[str, list[str]]] = {}

    def of(self, operation: Operation, numbers: list[float | None]) -> tuple[str, list[str]]:
        """Templates of the result and of the local derivatives; `numbers` has the constants."""
        exact = operation.name in ("**", "*", "/", "where", "leaky_relu")
        key = (operation, *[x if exact or x is None else "c" for x in numbers])
        if key not in self._known:
            arguments = [
                Formula(f"{{{i}}}") if x is None or not exact else Formula(x)
                for i, x in enumerate(numbers)
            ]
            result = simplified(Formula(operation, *arguments))
            rules = derivative_formulas(operation, arguments, Formula("{u}"))
            texts = [_by_gradient(simplified(rule)) for rule in rules]
            self._known[key] = (result.written("python"), texts)
        return self._known[key]


def _by_gradient(rule: Formula) -> str:
    """The gradient times a local derivative."""
    if rule.content == 1.0:
        return "{g}"
    if rule.content == -1.0:
        return "-{g}"
    text, binds = rule.written("python"), ATOM
    if isinstance(rule.content, Operation):
        binds = rule.content.binding("python")
    elif isinstance(rule.content, float) and rule.content < 0:
        binds = 0
    return f"{{g}} * {text if binds > TIMES else f'({text})'}"


class Statements:
    """The statements of a program, forward and backward."""

    def __init__(self, program: Scalars, words: Words) -> None:
        self.program, self.words = program, words
        self.order = list(program.in_order())
        self._templates = Templates()
        self._terms: dict[int, list[str]] = {}  # of the gradients that are not complete

    # ── forward ───────────────────────────────────────────────────────────────────────────────────

    def forward(self) -> Iterator[Statement]:
        """Each node, after its operands."""
        read = self.words.read
        for i in self.order:
            operation = self._operation(i)
            names = [read[x] for x in self.program.operands[i]]
            if operation.name in ("sum", "dot"):
                yield from _summed(read[i], _added(operation, names))
            elif operation.any_number:
                yield Statement(read[i], f"{operation.python}({', '.join(names)})")
            else:
                yield Statement(read[i], self._of(operation, i)[0].format(*names))

    def _operation(self, i: int) -> Operation:
        operation = self.program.operations[i]
        assert operation is not None
        return operation

    def _of(self, operation: Operation, i: int) -> tuple[str, list[str]]:
        kinds, values = self.program.kinds, self.program.values
        numbers = [values[x] if kinds[x] == CONSTANT else None for x in self.program.operands[i]]
        return self._templates.of(operation, numbers)

    # ── backward ──────────────────────────────────────────────────────────────────────────────────

    def backward(self, seeded: bool) -> Iterator[Statement]:
        """From the output back: each gradient is the sum of what its consumers give it."""
        for place, i in enumerate(self.program.outputs):
            self._give(i, f"seed[{place}]" if seeded else "1.0")
        for i in reversed(self.order):
            if i in self._terms:
                terms = self._terms.pop(i)
                if len(terms) == 1 and (terms[0].isidentifier() or terms[0] == "1.0"):
                    gradient = terms[0]
                else:
                    gradient = self.words.gradient(i)
                    yield from _summed(gradient, terms)
                yield from self._passed_on(i, gradient)

    def gradient(self, i: int) -> tuple[str, list[Statement]]:
        """The gradient by an input, and the statements that it needs, after `backward`."""
        terms = self._terms.get(i, ["0.0"])
        if len(terms) == 1 and _AT_HAND.fullmatch(terms[0]):
            return terms[0], []
        name = self.words.gradient(i)
        return name, list(_summed(name, terms))

    def _give(self, i: int, term: str) -> None:
        if self.program.kinds[i] != CONSTANT:
            self._terms.setdefault(i, []).append(term)

    def _passed_on(self, i: int, gradient: str) -> Iterator[Statement]:
        operation, operands = self._operation(i), self.program.operands[i]
        read = self.words.read
        names = [read[x] for x in operands]
        shares = [gradient] * len(names)
        if operation.name == "dot":
            k = len(names) // 2
            others = names[k : 2 * k] + names[:k]
            shares[: 2 * k] = [f"{gradient} * {other}" for other in others]
        elif operation.any_number and operation.name != "sum":
            rule = f"lookup({operation.name!r}).rules({tuple_text(names)}, {read[i]})"
            yield Statement(name := self.words.derivatives(i), rule)
            shares = [f"{gradient} * {name}[{j}]" for j in range(len(names))]
        elif not operation.any_number:
            templates = self._of(operation, i)[1]
            shares = [text.format(*names, u=read[i], g=gradient) for text in templates]
        for x, share in zip(operands, shares, strict=True):
            self._give(x, share.removeprefix("1.0 * "))


def _added(operation: Operation, names: list[str]) -> list[str]:
    """The terms of a sum, or of a sum of products."""
    if operation.name == "sum":
        return names
    k = len(names) // 2
    products = [f"{x} * {y}" for x, y in zip(names[:k], names[k : 2 * k], strict=True)]
    return products + names[2 * k :]


def _summed(name: str, terms: list[str]) -> Iterator[Statement]:
    """A sum, in several statements where it is long."""
    if len(terms) == 1:
        yield Statement(name, _bare(terms[0]))
        return
    for start in range(0, len(terms), LONG):
        text = " + ".join(terms[start : start + LONG]).replace("+ -", "- ")
        yield Statement(name, f"{name} + {text}" if start else text)


def _bare(text: str) -> str:
    """The text without brackets around all of it."""
    depth = 0
    for i, c in enumerate(text if text.startswith("(") else ""):
        depth += (c == "(") - (c == ")")
        if not depth:
            return text[1:-1] if i == len(text) - 1 else text
    return text
