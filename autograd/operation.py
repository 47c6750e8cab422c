"""An `Operation`: one row of the table, and what it takes to write it down and to carry it out."""

from __future__ import annotations

import math

from . import numerics
from .errors import ArgumentError, AutogradError, DivisionError, DomainError, RangeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Rule = Callable[..., Any]
    Notation = str | Callable[..., str]

# How tightly operators bind. A minus sign binds less than a product, so that the second operand of
# either kind is put in brackets: a + (−b), a·(−b).
ATOM, POWER, TIMES, PREFIX, PLUS, ANYTHING = 70, 60, 50, 45, 40, 0


class Requirement:
    """A condition on the arguments; where it does not hold, `error` names argument `blame`."""

    __slots__ = ("needs", "holds", "blame", "error")

    def __init__(
        self,
        needs: str,
        holds: Callable[..., bool],
        blame: int = 0,
        error: type[AutogradError] = DomainError,
    ) -> None:
        self.needs, self.holds, self.blame, self.error = needs, holds, blame, error


class Operation:
    """One row: how an operation is computed, differentiated and written.

    name         as in `value.op`
    python       the forward function on floats, as an expression with {0}, {1}, … for arguments;
                 for any number of arguments the name of a function
    derivatives  one rule per argument, each a function of the arguments and of the result u;
                 for any number of arguments one function of (arguments, u) that returns the list
    array        the same as `python` on NumPy arrays, with `np` for the array library
    text, latex  how the operation is displayed; a template or a function of the arguments' texts
    symbol       the glyph for drawings
    binds        how tightly the operator binds (function calls: ATOM)
    text_slots   how tightly each argument must bind to go without brackets, where the notation
    latex_slots  has another need than an infix operator or a function call
    requires     the domain
    selects      whether a derivative of 0 means that an argument was not chosen, and lets nothing
                 through, not even an infinite gradient
    """

    __slots__ = (
        "name", "python", "array", "text", "latex", "symbol", "binds", "text_slots", "latex_slots",
        "derivatives", "requires", "any_number", "selects", "forward", "array_forward", "builtin",
    )  # fmt: skip

    name: str
    forward: Callable[..., float]
    requires: tuple[Requirement, ...]
    derivatives: tuple[Rule, ...]

    def __init__(
        self,
        name: str,
        python: str,
        *derivatives: Rule,
        array: str | None = None,
        text: Notation | None = None,
        latex: Notation | None = None,
        symbol: str | None = None,
        binds: int = ATOM,
        text_slots: int | tuple[int, ...] | None = None,
        latex_slots: int | tuple[int, ...] | None = None,
        requires: Sequence[Requirement] = (),
        any_number: bool = False,
        selects: bool = False,
        forward: Callable[..., float] | None = None,
        array_forward: Callable[..., Any] | None = None,
        builtin: bool = True,
    ) -> None:
        self.name = name
        self.python = python
        self.array = array or python
        self.text: Notation = text or (_call(f"{name}(", ")") if binds == ATOM else python)
        self.latex: Notation = latex or (_latex_call(name) if binds == ATOM else python)
        self.symbol = symbol or name
        self.binds = binds
        self.text_slots = text_slots
        self.latex_slots = latex_slots
        self.derivatives = derivatives
        self.requires = tuple(requires)
        self.any_number = any_number
        self.selects = selects
        self.builtin = builtin
        self.forward = forward or self._compiled(self.python)
        self.array_forward = array_forward

    def _compiled(self, template: str, **names: Any) -> Callable[..., Any]:
        """The function that a template of this row writes down."""
        names = {"math": math, "numerics": numerics, **names}
        if self.any_number:
            return eval(template, names)  # type: ignore[no-any-return]
        letters = "abcdefgh"[: len(self.derivatives)]
        body = template.format(*letters)
        return eval(f"lambda {', '.join(letters)}: {body}", names)  # type: ignore[no-any-return]

    def on_arrays(self, *arguments: Any) -> Any:
        """The forward function on NumPy arrays, element by element."""
        if self.array_forward is None:
            import numpy

            from . import arrays

            self.array_forward = self._compiled(self.array, np=numpy, arrays=arrays)
        return self.array_forward(*arguments)

    def rules(self, arguments: Sequence[Any], u: Any) -> Sequence[Any]:
        """∂u/∂(each argument): floats give floats, Values give nodes, formulas give formulas."""
        if self.any_number:
            return self.derivatives[0](arguments, u)  # type: ignore[no-any-return]
        return [rule(*arguments, u) for rule in self.derivatives]

    def written(self, style: str, arguments: Sequence[tuple[str, int]]) -> str:
        """This operation on arguments that are given as (text, how tightly it binds)."""
        notation: Notation = getattr(self, style)
        if self.any_number and isinstance(notation, str):
            return f"{notation}({', '.join(text for text, _ in arguments)})"
        slots = self._slots(style, len(arguments))
        bracket = r"\left({}\right)".format if style == "latex" else "({})".format
        texts = [
            text if binds >= slot else bracket(text)
            for (text, binds), slot in zip(arguments, slots, strict=True)
        ]
        return notation.format(*texts) if isinstance(notation, str) else notation(*texts)

    def _slots(self, style: str, count: int) -> Sequence[int]:
        """How tightly each argument must bind to stand without brackets."""
        given = {"text": self.text_slots, "latex": self.latex_slots}.get(style)
        if given is not None:
            return given if isinstance(given, tuple) else [given] * count
        binds = self.binding(style)
        if binds in (ATOM, ANYTHING):
            return [ANYTHING] * count
        if binds == POWER:
            return (ATOM, ANYTHING)[:count]  # the notation puts brackets around exponents itself
        return [binds] + [binds + 10] * (count - 1)

    def binding(self, style: str) -> int:
        """How tightly this operation holds together when written; as a call it always does."""
        notation = getattr(self, style)
        called = style in ("python", "array") and (self.any_number or "(" in notation)
        return ATOM if called else self.binds

    @property
    def argument_names(self) -> tuple[str, ...]:
        """What the rules call the arguments."""
        from inspect import signature  # loads slowly, and only errors need it

        try:
            names = tuple(signature(self.derivatives[0]).parameters)
        except ValueError:  # a function written in C need not say what it takes
            names = ()
        return names[: len(self.derivatives)]

    def failure(
        self, cause: Exception, arguments: Sequence[float], labels: Sequence[str] = ()
    ) -> AutogradError:
        """The error, in words, for arguments on which the forward function raised `cause`."""
        names, nameless = self.argument_names, ("",) * len(arguments)
        named = not self.any_number and len(names) == len(arguments)
        values = list(map(_described, names if named else nameless, labels or nameless, arguments))
        shown = self.written("text", [(x, ATOM) for x in names]) if named else self.name
        for requirement in self.requires:
            if not requirement.holds(*arguments):
                if named:
                    values.insert(0, values.pop(requirement.blame))
                given = " and ".join(values) if named else f"got {_listed(values)}"
                return requirement.error(f"{shown} needs {requirement.needs}, but {given}")
        where = f"at {', '.join(values)}" if named else f"of {_listed(values)}"
        return self._unexplained(cause, f"{shown} {where}")

    def _unexplained(self, cause: Exception, shown: str) -> AutogradError:
        if isinstance(cause, OverflowError):
            return RangeError(f"{shown} is too large for a float")
        kind = DivisionError if isinstance(cause, ZeroDivisionError) else DomainError
        return kind(f"{shown}: {cause}")

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (lookup if _table.get(self.name) is self else _opaque, (self.name,))


def _opaque(name: str) -> Operation:
    """In the place of an operation that belonged to one node, such as a checkpointed function."""

    def gone(*_: Any) -> Any:
        raise AutogradError(f"the inside of this {name!r} node was not copied with it")

    return Operation(name, "", gone, any_number=True, forward=gone, builtin=False)


def _described(name: str, label: str, x: float) -> str:
    """x 'rate' = 2.0, of which name and label may be missing."""
    called = " ".join([name] * bool(name) + [repr(label)] * bool(label))
    return f"{called} = {x!r}" if called else repr(x)


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join([*texts[:8], '…'] if len(texts) > 8 else texts)}]"


def _call(opening: str, closing: str) -> Callable[..., str]:
    return lambda *arguments: f"{opening}{', '.join(arguments)}{closing}"


def _latex_call(name: str) -> Callable[..., str]:
    known = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min")
    escaped = name.replace("_", r"\_")
    command = f"\\{name}" if name in known else rf"\operatorname{{{escaped}}}"
    return _call(rf"{command}\left(", r"\right)")


_table: dict[str, Operation] = {}


def register(operation: Operation) -> Operation:
    """Enter a row into the table; a user's row may be replaced, as when a cell is run again."""
    refuse_builtin(operation.name)
    _table[operation.name] = operation
    return operation


def refuse_builtin(name: str) -> None:
    """Only rows of the table itself cannot be replaced."""
    if name in _table and _table[name].builtin:
        raise ArgumentError(f"there is an operation {name!r} already")


def as_identifier(name: str) -> str:
    """The name as Python has it: in identifiers ϕ and φ are one letter."""
    if name.isascii():
        return name
    from unicodedata import normalize  # loads slowly

    return normalize("NFKC", name)


def lookup(name: str) -> Operation:
    """The row of that name."""
    try:
        return _table[name]
    except (KeyError, TypeError):
        if isinstance(name, str) and (own := as_identifier(name)) in _table:
            return _table[own]
        known = ", ".join(_table)
        raise ArgumentError(f"no operation {name!r}; there are: {known}") from None


def operations() -> tuple[Operation, ...]:
    """All rows, in the order of the table."""
    return tuple(_table.values())
