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

# An operation of many arguments is written out for each number of them, while they are few: Python
# adds a0 * a2 + a1 * a3 in less than half the time that a loop over lists takes.
_MANY = """\
def {name}(arguments):
    {names} = arguments
{forms}    return apply(operation, arguments)
"""

_FORM = """\
    if {guard}:
{numbers}{node}"""

_sources: dict[str, str] = {}


class _Loader:
    """What the linecache module asks for the source of a module that has no file."""

    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, name: str) -> str:
        return self.source


def source_of(name: str, count: int | None = None) -> str:
    """The Python source that was generated for an operation, or for one of so many arguments."""
    file = lookup(name).name if count is None else f"{lookup(name).name}_of_{count}"
    if (source := _sources.get(file)) is None:
        raise ArgumentError(f"nothing is generated for {name!r}: it is carried out by `apply`")
    return source


def function_for(operation: Operation, y: str = "y", default: str = "") -> Callable[..., Any]:
    """The operation as a function of x, of x and y, or of more arguments through `apply`."""
    name = operation.name
    if len(operation.derivatives) == 1:
        source = _UNARY.format(name=name, both=_node(operation, ["x"], "a", [0]))
    elif len(operation.derivatives) == 2:
        both, left = (_node(operation, ["x", y], "ab", own) for own in ([0, 1], [0]))
        source = _BINARY.format(name=name, y=y, default=default, both=_indented(both), left=left)
    else:
        source = f"def {name}(*arguments):\n    return apply(operation, arguments)\n"
    return _made(operation, source)[name]  # type: ignore[no-any-return]


def written_out(
    operation: Operation, count: int, forms: Sequence[Sequence[int]]
) -> Callable[[tuple[Any, ...]], Any]:
    """The operation on a tuple of so many arguments, quick where they have one of these forms.

    A form is the list of the arguments that are Values; the others are floats.
    """
    names = [f"x{i}" for i in range(count)]
    cases = ""
    for own in forms:
        kinds = ["Value" if i in own else "float" for i in range(count)]
        checks = [f"type({name}) is {kind}" for name, kind in zip(names, kinds, strict=True)]
        numbers = [f"a{i}" if i in own else names[i] for i in range(count)]
        loads = "".join(f"        {numbers[i]} = {names[i]}.data\n" for i in own)
        node = _node(operation, names, numbers, own).replace(_tuple(names), "arguments")
        guard = " and ".join(reversed(checks))  # the forms differ in the last ones
        cases += _FORM.format(guard=guard, numbers=loads, node=_indented(node))
    name = f"{operation.name}_of_{count}"
    source = _MANY.format(name=name, names=", ".join(names), forms=cases)
    return _made(operation, source, name)[name]  # type: ignore[no-any-return]


def _operator_for(operation: Operation) -> dict[str, Any]:
    name = _OPERATORS[operation.name]
    both, left, right = (_node(operation, "xy", "ab", own) for own in ([0, 1], [0], [1]))
    source = _OPERATOR.format(name=name, both=_indented(both), left=left)
    return _made(operation, source + "\n\n" + _REFLECTED.format(name=name, right=right))


def _node(
    operation: Operation, names: Sequence[str], numbers: Sequence[str], own: Sequence[int]
) -> str:
    """The lines that make a node on named arguments, of which its `own` are Values."""
    letters = [Formula(number) for number in numbers]
    derivatives = derivative_formulas(operation, letters, Formula("u"))
    computed = [i for i in own if isinstance(derivatives[i].content, Operation)]
    parents = [names[i] for i in own]
    entries = [f"d{numbers[i]}" if i in computed else derivatives[i].written("python") for i in own]
    if len(own) > 2:
        parents, entries = [_tuple(parents)], [_tuple(entries)]
    constants = _tuple(["None" if i in own else x for i, x in enumerate(numbers)])
    source = _NODE.format(
        u=Formula(operation, *letters).written("python"),
        derivatives="\n        ".join(
            f"d{numbers[i]} = {derivatives[i].written('python')}" for i in computed
        ),
        arguments=_tuple(names),
        first=parents[0],
        second=parents[1] if len(parents) > 1 else None,
        first_derivative=entries[0],
        second_derivative=entries[1] if len(entries) > 1 else None,
        constants=None if len(own) == len(names) else constants,
    )
    return "\n".join(line for line in source.split("\n") if line.strip()) + "\n"


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)},)"


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())


def _made(operation: Operation, source: str, name: str = "") -> dict[str, Any]:
    """Execute generated source under a file name that tracebacks and debuggers can open."""
    name = name or operation.name
    file = f"autograd/generated/{name}.py"
    _sources[name] = source
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
        "__name__": f"{__package__}.generated.{name}",
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
