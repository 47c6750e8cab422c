"""Python functions made from the table: the quick way to a node for each operation.

Every function of `functions` and every operator of `Value` is generated here, once, when the
package is imported. The rules of a row are run on formulas; their text, put between the lines that
make a node, is the function. `source_of("tanh")` shows it, and so do tracebacks and debuggers.
"""

from __future__ import annotations

import math

from . import contexts, numerics
from .apply import FAILURES, apply
from .errors import ArgumentError
from .formulas import Formula, derivative_formulas
from .operation import Operation, lookup
from .value import Value, as_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "**": "pow"}
_PREFIXES = {"neg": "__neg__", "pos": "__pos__", "abs": "__abs__"}

# What stands between the computing lines is the same for every node. x and y are the operands, a
# and b their numbers, u is the result, da and db are the local derivatives.
_NODE = """\
    try:
        u = {u}
        {derivatives}
    except FAILURES:
        return apply(operation, {arguments})
    node = new(Value)
    node.data = u
    node.grad = 0.0
    node.label = node.scope = ""
    node._operation = operation
    node._first = {first}
    node._second = {second}
    node._first_derivative = {first_derivative}
    node._second_derivative = {second_derivative}
    node._constants = {constants}
    node._sum = None
    return remember(node) if contexts.watched else node
"""

_UNARY = """\
def {name}(x):
    if type(x) is not Value:
        return apply(operation, (x,))
    a = x.data
{both}"""

_BINARY = """\
def {name}(x, {y}{default}):
    if type(x) is not Value:
        return apply(operation, (x, {y}))
    a = x.data
    if type({y}) is Value:
        b = {y}.data
{both}    b = as_number({y})
    if b is None:
        return apply(operation, (x, {y}))
{left}"""

_OPERATOR = """\
def __{name}__(x, y):
    a = x.data
    if type(y) is Value:
        b = y.data
{both}    b = as_number(y)
    if b is None:
        return NotImplemented
{left}"""

_REFLECTED = """\
def __r{name}__(y, x):
    a = as_number(x)
    if a is None:
        return NotImplemented
    b = y.data
{right}"""

_sources: dict[str, str] = {}


class _Loader:
    """What the linecache module asks for the source of a module that has no file."""

    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, name: str) -> str:
        return self.source


def source_of(name: str) -> str:
    """The Python source that was generated for an operation of one or two arguments."""
    if (source := _sources.get(lookup(name).name)) is None:
        raise ArgumentError(f"nothing is generated for {name!r}: it is carried out by `apply`")
    return source


def function_for(operation: Operation, y: str = "y", default: str = "") -> Callable[..., Any]:
    """The operation as a function of x, of x and y, or of more arguments through `apply`."""
    name = operation.name
    if len(operation.derivatives) == 1:
        source = _UNARY.format(name=name, both=_node(operation, ["x"], [0]))
    elif len(operation.derivatives) == 2:
        both, left = (_node(operation, ["x", y], own) for own in ([0, 1], [0]))
        source = _BINARY.format(name=name, y=y, default=default, both=_indented(both), left=left)
    else:
        source = f"def {name}(*arguments):\n    return apply(operation, arguments)\n"
    return _made(operation, source)[name]  # type: ignore[no-any-return]


def _operator_for(operation: Operation) -> dict[str, Any]:
    name = _OPERATORS[operation.name]
    both, left, right = (_node(operation, "xy", own) for own in ([0, 1], [0], [1]))
    source = _OPERATOR.format(name=name, both=_indented(both), left=left)
    return _made(operation, source + "\n\n" + _REFLECTED.format(name=name, right=right))


def _node(operation: Operation, names: Sequence[str], own: Sequence[int]) -> str:
    """The lines that make a node on the named arguments, of which its `own` are Values."""
    count = len(names)
    numbers = [Formula(letter) for letter in "ab"[:count]]
    derivatives = derivative_formulas(operation, numbers, Formula("u"))
    computed = [i for i in own if not isinstance(derivatives[i].content, float)]
    source = _NODE.format(
        u=Formula(operation, *numbers).written("python"),
        derivatives="\n        ".join(
            f"d{'ab'[i]} = {derivatives[i].written('python')}" for i in computed
        ),
        arguments=f"[{', '.join(names)}]",
        first=names[own[0]],
        second=names[own[1]] if len(own) > 1 else None,
        first_derivative=_entry(own[0], computed, derivatives),
        second_derivative=_entry(own[1], computed, derivatives) if len(own) > 1 else None,
        constants=_constants(own, count),
    )
    return "\n".join(line for line in source.split("\n") if line.strip()) + "\n"


def _entry(i: int, computed: list[int], derivatives: list[Formula]) -> str:
    return f"d{'ab'[i]}" if i in computed else derivatives[i].written("python")


def _constants(own: Sequence[int], count: int) -> str | None:
    if len(own) == count:
        return None
    return "(" + ", ".join("None" if i in own else "ab"[i] for i in range(count)) + ")"


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())


def _made(operation: Operation, source: str) -> dict[str, Any]:
    """Execute generated source under a file name that tracebacks and debuggers can open."""
    file = f"autograd/generated/{operation.name}.py"
    _sources[operation.name] = source
    names = {
        "FAILURES": FAILURES,
        "Value": Value,
        "apply": apply,
        "as_number": as_number,
        "contexts": contexts,
        "lookup": lambda name: operation if name == operation.name else lookup(name),
        "math": math,
        "new": object.__new__,
        "numerics": numerics,
        "nan": math.nan,
        "operation": operation,
        "remember": contexts.remember,
        "__name__": f"{__package__}.generated.{operation.name}",
        "__loader__": _Loader(source),
    }
    made: dict[str, Any] = {}  # apart from the names it uses, which it may not shadow
    exec(compile(source, file, "exec"), names, made)
    return made


def attach_operators() -> None:
    """Give `Value` its operators."""
    for symbol, name in _OPERATORS.items():
        made = _operator_for(lookup(symbol))
        setattr(Value, f"__{name}__", made[f"__{name}__"])
        setattr(Value, f"__r{name}__", made[f"__r{name}__"])
    for name, method in _PREFIXES.items():
        setattr(Value, method, function_for(lookup(name)))


def attach_method(name: str, function: Callable[..., Any]) -> None:
    """Give `Value` a method: the function itself."""
    setattr(Value, name, function)
