"""`define`: a row of your own in the table of operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from keyword import iskeyword

from .apply import apply
from .eager import function_for
from .errors import ArgumentError, ArgumentTypeError
from .functions import of_many
from .operation import ATOM, Operation, Requirement, as_identifier, refuse_builtin, register
from .real import number

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
    in): such a rule is run on the floats each time. On Values == asks for the same node, so that a
    graph of gradients needs where(x, 1.0, 0.5) in place of 0.5 if x == 0 else 1.0.

        softsign = define(
            "softsign",
            forward=lambda x: x / (1 + abs(x)),
            derivatives=lambda x, u: 1 / (1 + abs(x)) ** 2,
        )

    With `any_number`, forward takes any number of floats, the one rule takes (arguments, u) and
    returns a list, and the function takes a sequence. `array` is forward for NumPy arrays (else
    it is called once per element); `text` and `latex` are templates such as "soft({0})", with
    `any_number` a name to put in front, or functions of the arguments' texts; `domain` is a
    condition in words and as a function, for error messages.
    """
    name = _identifier(name)
    rules = _listed(name, derivatives)
    _check(name, forward, rules, any_number)
    _check_rest(name, None if any_number else len(rules), array, text, latex, symbol, domain)
    on_floats = _on_floats(name, forward)
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
        forward=on_floats,
        array_forward=array or _elementwise(on_floats),
        builtin=False,
    )
    _check_notations(operation)
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


def _on_floats(name: str, forward: Callable[..., Any]) -> Callable[..., float]:
    def on_floats(*numbers: float) -> float:
        u = forward(*numbers)
        if isinstance(u, complex):  # as Python's own (-4.0) ** 0.5 is
            raise ValueError(f"the result is complex: {u!r}")
        return number(u, f"the result of {name}")

    return on_floats


def _elementwise(forward: Callable[..., float]) -> Callable[..., Any]:
    def on_arrays(*arrays: Any) -> Any:
        from .arrays import each

        return each(forward, *arrays)

    return on_arrays


def _checked(name: str, rule: Rule) -> Rule:
    """A rule for one argument, with an error where it gives no number."""

    @wraps(rule)
    def derivative(*arguments: Any) -> Any:
        return _number(name, rule(*arguments), set(map(type, arguments)))

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
        kinds = {type(u), *map(type, arguments)}
        return [_number(name, x, kinds) for x in found]

    return derivatives


def _number(name: str, x: Any, kinds: set[type]) -> Any:
    """What a rule gave: a float, or of a kind that one of the arguments was."""
    if type(x) is float or type(x) in kinds:
        return x
    return number(x, f"a derivative of {name!r}")


def _identifier(name: Any) -> str:
    if isinstance(name, str) and name.isidentifier():
        own = as_identifier(name)
        if not iskeyword(own):
            refuse_builtin(own)
            return own
    raise ArgumentError(f"define(name, …) needs an identifier for a name, but got {name!r}")


def _listed(name: str, derivatives: Any) -> tuple[Any, ...]:
    if callable(derivatives):
        return (derivatives,)
    if isinstance(derivatives, str) or not hasattr(derivatives, "__iter__"):
        raise ArgumentTypeError(
            f"define({name!r}): derivatives must be a function or functions, not {derivatives!r}"
        )
    return tuple(derivatives)


def _check(name: str, forward: Any, rules: tuple[Any, ...], any_number: bool) -> None:
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
    _check_takes(name, "forward", forward, None if any_number else len(rules))


_MANY = 99  # arguments, with which a function is tried that should take any number


def _check_takes(name: str, what: str, function: Any, count: int | None, which: str = "") -> None:
    """Whether a function takes so many arguments; None is any number of them."""
    from inspect import signature  # loads slowly

    try:
        signature(function).bind(*range(_MANY if count is None else count))
    except TypeError:
        raise ArgumentTypeError(
            f"define({name!r}): {what} must take {_arguments(count)}{which}, "
            f"but it takes {signature(function)}"
        ) from None
    except ValueError:  # a function written in C need not say what it takes
        pass


def _arguments(count: int | None) -> str:
    return f"{count or 'any number of'} argument{'s' if count != 1 else ''}"


def _check_rest(
    name: str, count: int | None, array: Any, text: Any, latex: Any, symbol: Any, domain: Any
) -> None:
    """What `define` can do without."""
    notation = f"a {'template' if count else 'name'} or a function"
    for what, given, right, wanted in [
        ("array", array, callable(array), "a function"),
        ("text", text, _is_notation(text, count), notation),
        ("latex", latex, _is_notation(latex, count), notation),
        ("symbol", symbol, isinstance(symbol, str), "a text"),
        ("domain", domain, _is_domain(domain), "a condition in words and as a function"),
    ]:
        if given is not None and not right:
            raise ArgumentTypeError(f"define({name!r}): {what} must be {wanted}, not {given!r}")
    for what, function in [("array", array), ("domain", domain and domain[1])]:
        if function:
            _check_takes(name, what, function, count)


def _is_notation(x: Any, count: int | None) -> bool:
    return callable(x) or (isinstance(x, str) and not (count is None and "{0}" in x))


def _check_notations(operation: Operation) -> None:
    """They are tried on names, before a table or a drawing finds out."""
    count = 2 if operation.any_number else len(operation.derivatives)
    names = [(f"x{i}", ATOM) for i in range(count)]
    for what in ("text", "latex"):
        try:
            shown = operation.written(what, names)
        except Exception as problem:
            raise ArgumentError(
                f"define({operation.name!r}): {what} does not work with {_arguments(count)}: "
                f"{problem!r}; in a template, braces that are to be seen are doubled"
            ) from problem
        _check_line(operation.name, what, shown)
    _check_line(operation.name, "symbol", operation.symbol)


def _check_line(name: str, what: str, shown: Any) -> None:
    if not isinstance(shown, str):
        raise ArgumentTypeError(f"define({name!r}): {what} must give a text, not {shown!r}")
    if shown.splitlines() != [shown]:
        raise ArgumentError(f"define({name!r}): {what} must be one line, not {shown!r}")


def _is_domain(x: Any) -> bool:
    pair = isinstance(x, (tuple, list)) and len(x) == 2
    return pair and isinstance(x[0], str) and callable(x[1])
