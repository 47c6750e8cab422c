"""Graphs in which there is nothing to group: straight lines of arithmetic on Python's floats.

One statement for each node forward, and one for each gradient backward:

    v12 = v3 * v7
    g3 = g12 * v7 + g20

The statements are spread over functions of bounded size, which keep what others need in a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..formulas import Formula, derivative_formulas
from ..operation import ATOM, TIMES, Operation
from .rendering import simplified
from .scalars import CONSTANT, Scalars
from .standalone import standalone

SIZE = 1000  # statements in one function
LONG = 40  # terms in one statement


class Statement:
    """One line: the name that it sets, the names that it reads, and the text."""

    __slots__ = ("reads", "sets", "text")

    def __init__(self, sets: str, reads: list[str], text: str) -> None:
        self.sets, self.reads, self.text = sets, reads, text


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


def straight_source(program: Scalars, seeded: bool) -> str:
    """The source: forward(v) fills a list of values; backward(v, g) one of gradients."""
    templates = Templates()
    order = list(program.in_order())
    forward = [s for i in order for s in _forward(program, i, templates)]
    backward = list(_backward(program, order, templates, seeded))
    stored = _read_elsewhere(forward) | {
        name for s in backward for name in s.reads if name[0] == "v"
    }
    stored |= {f"v{i}" for i in _kept(program)}
    leaves = {f"v{i}" for i in (*range(program.arguments), *program.parameters)}
    text = _functions("forward", "v", forward, stored - leaves)
    wanted = {f"g{i}" for i in (*range(program.arguments), *program.parameters)}
    wanted |= _read_elsewhere(backward)
    text += "\n\n" + _functions("backward", "v, g", backward, {n for n in wanted if n[0] == "g"})
    return standalone(text)


def _kept(program: Scalars) -> list[int]:
    return [*program.outputs, *[i for a, _, b, _ in program.guards for i in (a, b)]]


def _name(program: Scalars, i: int) -> str:
    if program.kinds[i] == CONSTANT:
        x = program.values[i]
        text = repr(x) if x - x == 0.0 else f"float({str(x)!r})"
        return f"({text})" if x < 0 else text
    return f"v{i}"


def _reads(program: Scalars, operands: Any) -> list[str]:
    return [f"v{x}" for x in operands if program.kinds[x] != CONSTANT]


def _numbers(program: Scalars, i: int) -> list[float | None]:
    return [
        program.values[x] if program.kinds[x] == CONSTANT else None for x in program.operands[i]
    ]


def _forward(program: Scalars, i: int, templates: Templates) -> Iterator[Statement]:
    operation, operands = program.operations[i], program.operands[i]
    assert operation is not None
    names = [_name(program, x) for x in operands]
    if operation.name in ("sum", "dot"):
        yield from _summed(f"v{i}", _terms(operation, names))
        return
    if operation.any_number:
        text = f"{operation.python}({', '.join(names)})"
    else:
        text = templates.of(operation, _numbers(program, i))[0].format(*names)
    yield Statement(f"v{i}", _reads(program, operands), text)


def _terms(operation: Operation, names: list[str]) -> list[str]:
    if operation.name == "sum":
        return names
    k = len(names) // 2
    products = [f"{x} * {y}" for x, y in zip(names[:k], names[k : 2 * k], strict=True)]
    return products + names[2 * k :]


def _summed(name: str, terms: list[str]) -> Iterator[Statement]:
    """A sum, in several statements where it is long."""
    for start in range(0, len(terms), LONG):
        text = " + ".join(terms[start : start + LONG]).replace("+ -", "- ")
        reads = [w for term in terms[start : start + LONG] for w in _names_in(term)]
        if start:
            text, reads = f"{name} + {text}", [name, *reads]
        yield Statement(name, reads, text)


def _names_in(text: str) -> list[str]:
    words = "".join(c if c.isalnum() or c == "_" else " " for c in text).split()
    return [w for w in words if w[0] in "vgd" and w[1:].isdigit()]


def _backward(
    program: Scalars, order: list[int], templates: Templates, seeded: bool
) -> Iterator[Statement]:
    """From the output back: each gradient is the sum of what its consumers give it."""
    terms: dict[int, list[str]] = {}
    for place, i in enumerate(program.outputs):
        if program.kinds[i] != CONSTANT:
            terms.setdefault(i, []).append(f"seed[{place}]" if seeded else "1.0")
    for i in reversed(order):
        if i in terms:
            yield from _summed(f"g{i}", terms.pop(i))
            yield from _passed_on(program, i, templates, terms)
    for i in (*range(program.arguments), *program.parameters):
        if i in terms:
            yield from _summed(f"g{i}", terms[i])


def _passed_on(
    program: Scalars, i: int, templates: Templates, terms: dict[int, list[str]]
) -> Iterator[Statement]:
    operation, operands = program.operations[i], program.operands[i]
    assert operation is not None
    names = [_name(program, x) for x in operands]
    shares = [f"g{i}"] * len(names)
    if operation.name == "dot":
        k = len(names) // 2
        others = names[k : 2 * k] + names[:k]
        shares[: 2 * k] = [f"g{i} * {other}" for other in others]
    elif operation.any_number and operation.name != "sum":
        rule = f"lookup({operation.name!r}).rules(({', '.join(names)},), v{i})"
        yield Statement(f"d{i}", [*_reads(program, operands), f"v{i}"], rule)
        shares = [f"g{i} * d{i}[{j}]" for j in range(len(names))]
    elif not operation.any_number:
        texts = templates.of(operation, _numbers(program, i))[1]
        shares = [text.format(*names, u=f"v{i}", g=f"g{i}") for text in texts]
    for x, share in zip(operands, shares, strict=True):
        if program.kinds[x] != CONSTANT:
            terms.setdefault(x, []).append(share)


def _parts(statements: list[Statement]) -> Iterator[list[Statement]]:
    for start in range(0, len(statements), SIZE):
        yield statements[start : start + SIZE]


def _read_elsewhere(statements: list[Statement]) -> set[str]:
    """Names that are read in another function than the one that sets them."""
    found: set[str] = set()
    for part in _parts(statements):
        found |= _read_before_set(part)
    return found


def _read_before_set(part: list[Statement]) -> set[str]:
    known: set[str] = set()
    found: set[str] = set()
    for statement in part:
        found.update([name for name in statement.reads if name not in known])
        known.add(statement.sets)
    return found


def _functions(name: str, lists: str, statements: list[Statement], stored: set[str]) -> str:
    """The statements as functions name_1, name_2, …, and one that calls them in turn."""
    sources = []
    lists = f"{lists}, seed=()" if name == "backward" else lists
    for number, part in enumerate(_parts(statements), 1):
        lines = [f"{n} = {n[0]}[{n[1:]}]" for n in sorted(_read_before_set(part), key=_order)]
        lines += [f"{s.sets} = {s.text}" for s in part]
        kept = sorted({s.sets for s in part} & stored, key=_order)
        lines += [f"{n[0]}[{n[1:]}] = {n}" for n in kept]
        sources.append(f"def {name}_{number}({lists}):\n" + "".join(f"    {x}\n" for x in lines))
    arguments = lists.replace("seed=()", "seed")
    calls = [f"    {name}_{number}({arguments})\n" for number in range(1, len(sources) + 1)]
    sources.append(f"def {name}({lists}):\n{''.join(calls) or '    pass' + chr(10)}")
    return "\n\n".join(sources)


def _order(name: str) -> tuple[str, int]:
    return name[0], int(name[1:])
