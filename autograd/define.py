"""`define`: a row of your own in the table of operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from keyword import iskeyword

from .apply import apply
from .eager import function_for
from .errors import ArgumentError, ArgumentTypeError
from .functions import of_many
from .operation import Operation, Requirement, refuse_builtin, register
from .value import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Rule = Callable[..., Any]


def define(
    name: str,
    forward: Callable[..., float],
    derivatives: Rule | Sequence[Rule],
    *,
    any_number: bool = False,
    array: Callable[..., Any] | None = None,
    text: str | Callable[..., str] | None = None,
    latex: str | Callable[..., str] | None = None,
    symbol: str | None = None,
    domain: tuple[str, Callable[..., bool]] | None = None,
) -> Callable[..., Any]:
    """Add an operation and return it as a function of Values, numbers, arrays and formulas.

    `forward` takes floats. `derivatives` has one rule per argument, each a function of the
    arguments and of the result u, written in arithmetic and the functions of this package:

        softsign = define(
            "softsign",
            forward=lambda x: x / (1 + abs(x)),
            derivatives=lambda x, u: 1 / (1 + abs(x)) ** 2,
        )

    With `any_number`, forward takes any number of floats, the one rule takes (arguments, u) and
    returns a list, and the function takes a sequence. `array` is forward for NumPy arrays (else
    it is called once per element); `text` and `latex` are templates such as "soft({0})"; `domain`
    is a condition in words and as a function, for error messages.
    """
    rules = _listed(name, derivatives)
    _check(name, forward, rules, any_number)
    if any_number:
        rules = (_counted(name, rules[0]),)
    operation = Operation(
        name,
        _written_call(name, "forward", len(rules), any_number),
        *rules,
        array=_written_call(name, "on_arrays", len(rules), any_number),
        text=text,
        latex=latex,
        symbol=symbol,
        requires=[Requirement(*domain)] if domain else (),
        any_number=any_number,
        forward=lambda *numbers: number(forward(*numbers), f"the result of {name}"),
        array_forward=array or _elementwise(forward),
        builtin=False,
    )
    function = _function(operation)
    register(operation)
    function.__name__ = function.__qualname__ = name
    function.__module__ = forward.__module__
    return function


def _function(operation: Operation) -> Callable[..., Any]:
    if operation.any_number:
        return lambda values: of_many(operation, list(values))
    try:
        return function_for(operation)
    except TypeError:  # rules with branches or calls that formulas cannot pass through
        return lambda *arguments: apply(operation, arguments)


def _written_call(name: str, method: str, count: int, any_number: bool) -> str:
    """How generated source calls the operation."""
    called = f"lookup({name!r}).{method}"
    return called if any_number else f"{called}({', '.join(f'{{{i}}}' for i in range(count))})"


def _elementwise(forward: Callable[..., float]) -> Callable[..., Any]:
    def on_arrays(*arrays: Any) -> Any:
        import numpy

        return numpy.vectorize(forward, otypes=[float])(*arrays)

    return on_arrays


def _counted(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule for any number of arguments, with an error where it gives too few or too many."""

    def derivatives(arguments: Sequence[Any], u: Any) -> Sequence[Any]:
        found: Sequence[Any] = rule(arguments, u)
        if len(found) != len(arguments):
            raise ArgumentTypeError(
                f"the rule of {name!r} gave {len(found)} derivatives for {len(arguments)} arguments"
            )
        return found

    return derivatives


def _listed(name: str, derivatives: Any) -> tuple[Any, ...]:
    if callable(derivatives):
        return (derivatives,)
    if isinstance(derivatives, str) or not hasattr(derivatives, "__iter__"):
        raise ArgumentTypeError(
            f"define({name!r}): derivatives must be a function or functions, not {derivatives!r}"
        )
    return tuple(derivatives)


def _check(name: str, forward: Any, rules: tuple[Any, ...], any_number: bool) -> None:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise ArgumentError(f"define(name, …) needs an identifier for a name, but got {name!r}")
    refuse_builtin(name)
    if not callable(forward):
        raise ArgumentTypeError(f"define({name!r}): forward must be a function, not {forward!r}")
    for rule in rules:
        if not callable(rule):
            raise ArgumentTypeError(
                f"define({name!r}): a derivative must be a function, not {rule!r}"
            )
    if not rules or (any_number and len(rules) != 1):
        raise ArgumentError(f"define({name!r}): one rule per argument is needed, got {len(rules)}")
