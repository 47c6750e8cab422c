"""`define`: a row of your own in the table of operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from keyword import iskeyword

from .apply import apply
from .eager import function_for
from .errors import ArgumentError, ArgumentTypeError
from .formulas import Formula
from .functions import of_many
from .operation import Operation, Requirement, refuse_builtin, register
from .value import Value, number

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
    arguments and of the result u, written in arithmetic and the functions of this package. It is
    run on floats, arrays and Values alike, and when it is defined on formulas, from which the quick
    way to a node is made. Formulas cannot pass a rule that asks what its arguments are (if, ==,
    in): such a rule is run on the floats each time.

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
    _check_display(name, array, domain, text=text, latex=latex)
    rules = tuple([(_counted if any_number else _checked)(name, rule) for rule in rules])
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
        return lambda values: of_many(operation, values)
    try:
        return function_for(operation)
    except TypeError:  # rules with branches or calls that formulas cannot pass through
        return lambda *arguments: apply(operation, arguments)
    except AttributeError as problem:
        raise ArgumentTypeError(
            f"define({operation.name!r}): a rule is run on floats, arrays, Values and formulas, "
            f"which have no methods in common, so exp(x), not x.exp(): {problem}"
        ) from problem


def _written_call(name: str, method: str, count: int, any_number: bool) -> str:
    """How generated source calls the operation."""
    called = f"lookup({name!r}).{method}"
    return called if any_number else f"{called}({', '.join(f'{{{i}}}' for i in range(count))})"


def _elementwise(forward: Callable[..., float]) -> Callable[..., Any]:
    def on_arrays(*arrays: Any) -> Any:
        import numpy

        return numpy.vectorize(forward, otypes=[float])(*arrays)

    return on_arrays


def _checked(name: str, rule: Rule) -> Rule:
    """A rule for one argument, with an error where it gives no number."""

    @wraps(rule)
    def derivative(*arguments: Any) -> Any:
        return _number(name, rule(*arguments))

    return derivative


def _counted(name: str, rule: Rule) -> Rule:
    """A rule for any number of arguments, with an error where it gives too few or too many."""

    @wraps(rule)
    def derivatives(arguments: Sequence[Any], u: Any) -> Sequence[Any]:
        found = rule(arguments, u)
        count = len(found) if hasattr(found, "__len__") else repr(found)
        if count != len(arguments):
            raise ArgumentTypeError(
                f"the rule of {name!r} gave {count} derivatives for {len(arguments)} arguments"
            )
        return [_number(name, x) for x in found]

    return derivatives


def _number(name: str, x: Any) -> Any:
    """What a rule gave: a float, or what the arguments were."""
    if type(x) in (float, Value, Formula) or getattr(x, "shape", None):
        return x
    return number(x, f"a derivative of {name!r}")


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
    if not rules or (any_number and len(rules) != 1):
        raise ArgumentError(f"define({name!r}): one rule per argument is needed, got {len(rules)}")
    for what, function in [("forward", forward), *[("a derivative", rule) for rule in rules]]:
        if not callable(function):
            raise ArgumentTypeError(
                f"define({name!r}): {what} must be a function, not {function!r}"
            )
    for rule in rules:
        takes = 2 if any_number else len(rules) + 1
        _check_takes(name, "a derivative", rule, takes, ", the last of them the result u")
    if not any_number:
        _check_takes(name, "forward", forward, len(rules))


def _check_takes(name: str, what: str, function: Any, takes: int, which: str = "") -> None:
    from inspect import signature  # loads slowly

    try:
        signature(function).bind(*range(takes))
    except TypeError:
        raise ArgumentTypeError(
            f"define({name!r}): {what} must take {takes} argument{'s'[: takes - 1]}{which}, "
            f"but it takes {signature(function)}"
        ) from None
    except ValueError:  # a function written in C need not say what it takes
        pass


def _check_display(name: str, array: Any, domain: Any, **notations: Any) -> None:
    """The rest of what `define` takes."""
    wrong = [
        (what, "a template or a function", notation)
        for what, notation in notations.items()
        if not (notation is None or isinstance(notation, str) or callable(notation))
    ]
    if not (array is None or callable(array)):
        wrong.append(("array", "a function", array))
    if domain is not None and not _is_domain(domain):
        wrong.append(("domain", "a condition in words and as a function", domain))
    for what, wanted, given in wrong:
        raise ArgumentTypeError(f"define({name!r}): {what} must be {wanted}, not {given!r}")


def _is_domain(x: Any) -> bool:
    pair = isinstance(x, (tuple, list)) and len(x) == 2
    return pair and isinstance(x[0], str) and callable(x[1])
