"""Python functions made from the table: the quick way to a node for each operation.

The operators of `Value` and the functions of one or two numbers are generated here, once, when the
package is imported; `dot`, when one of that length first comes up. The rules of a row are run on
formulas; their text, put between the lines that make a node, is the function. `source_of("tanh")`
shows it, and so do tracebacks and debuggers.
"""

from __future__ import annotations

import math

from . import contexts, numerics
from .apply import FAILURES, apply
from .errors import ArgumentError
from .formulas import Formula, derivative_formulas
from .operation import Operation, lookup
from .real import as_number
from .value import Value, blank

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
    node = blank()
    node.data = u
    node.grad = 0.0
    node._operation = operation
    node._first = {first}
    node._second = {second}
    node._first_derivative = {first_derivative}
    node._second_derivative = {second_derivative}
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
{loads}{node}"""

_sources: dict[str, str] = {}


class _Loader:
    """What the linecache module asks for the source of a module that has no file."""

    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, name: str) -> str:
        return self.source


def source_of(name: str) -> str:
    """The Python source of a generated function: of "tanh", or of "dot of 5" once it was used."""
    if name not in _sources:
        lookup(name)  # which has an error of its own
        raise ArgumentError(f"nothing is generated for {name!r}: it is carried out by `apply`")
    return _sources[name]


def function_for(operation: Operation, y: str = "y", default: str = "") -> Callable[..., Any]:
    """The operation as a function of x, of x and y, or of more arguments through `apply`."""
    name = operation.name
    if len(operation.derivatives) == 1:
        source = _UNARY.format(name=name, both=_node(operation, "(x,)", "x", "a", [0]))
    elif len(operation.derivatives) == 2:
        both, left = (_node(operation, f"(x, {y})", ["x", y], "ab", own) for own in ([0, 1], [0]))
        source = _BINARY.format(name=name, y=y, default=default, both=_indented(both), left=left)
    else:
        source = f"def {name}(*arguments):\n    return apply(operation, arguments)\n"
    return _made(name, operation, source)[name]  # type: ignore[no-any-return]


def written_out(
    operation: Operation, forms: Sequence[Sequence[type]]
) -> Callable[[tuple[Any, ...]], Any]:
    """The operation on a tuple of Values and floats, quick where their types are of these forms."""
    names = [f"x{i}" for i in range(len(forms[0]))]
    cases = ""
    for form in forms:
        own = [i for i, kind in enumerate(form) if kind is Value]
        numbers = [f"a{i}" if i in own else x for i, x in enumerate(names)]
        checks = [f"type({x}) is {kind.__name__}" for x, kind in zip(names, form, strict=True)]
        cases += _FORM.format(
            guard=" and ".join(reversed(checks)),  # the forms differ in the last ones
            loads="".join(f"        a{i} = x{i}.data\n" for i in own),
            node=_indented(_node(operation, "arguments", names, numbers, own)),
        )
    name = operation.name
    source = _MANY.format(name=name, names=", ".join(names), forms=cases)
    return _made(f"{name} of {len(names)}", operation, source)[name]  # type: ignore[no-any-return]


def _operator_for(operation: Operation) -> dict[str, Any]:
    name = _OPERATORS[operation.name]
    both, left, right = (_node(operation, "(x, y)", "xy", "ab", own) for own in ([0, 1], [0], [1]))
    source = _OPERATOR.format(name=name, both=_indented(both), left=left)
    source += "\n\n" + _REFLECTED.format(name=name, right=right)
    return _made(operation.name, operation, source)


def _node(
    operation: Operation,
    arguments: str,
    names: Sequence[str],
    numbers: Sequence[str],
    own: Sequence[int],
) -> str:
    """The lines that make a node on named arguments, of which its `own` are Values."""
    letters = [Formula(number) for number in numbers]
    u: Any = operation.forward(*letters) if operation.any_number else Formula(operation, *letters)
    derivatives = derivative_formulas(operation, letters, Formula("u"))
    computed = [i for i in own if isinstance(derivatives[i].content, Operation)]
    written = [derivative.written("python") for derivative in derivatives]
    parents: list[Any] = [names[i] for i in own]
    entries: list[Any] = [f"d{numbers[i]}" if i in computed else written[i] for i in own]
    constants = None
    if len(own) < len(names):
        constants = _tuple(["None" if i in own else x for i, x in enumerate(numbers)])
    if len(own) == 1:
        parents, entries = [*parents, None], [*entries, constants]
    elif len(own) > 2 or constants:
        parents = [None, _tuple(parents) if constants else arguments]
        entries = [_tuple(entries), constants]
    source = _NODE.format(
        u=u.written("python"),
        derivatives="\n        ".join(f"d{numbers[i]} = {written[i]}" for i in computed),
        arguments=arguments,
        first=parents[0],
        second=parents[1],
        first_derivative=entries[0],
        second_derivative=entries[1],
    )
    return "\n".join(line for line in source.split("\n") if line.strip()) + "\n"


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)})"


def _indented(lines: str) -> str:
    return "".join(f"    {line}\n" for line in lines.splitlines())


def _made(name: str, operation: Operation, source: str) -> dict[str, Any]:
    """Execute generated source under a file name that tracebacks and debuggers can open."""
    _sources[name] = source
    names = {
        "FAILURES": FAILURES,
        "Value": Value,
        "apply": apply,
        "as_number": as_number,
        "blank": blank,
        "contexts": contexts,
        "lookup": lambda name: operation if name == operation.name else lookup(name),
        "math": math,
        "numerics": numerics,
        "inf": math.inf,
        "nan": math.nan,
        "operation": operation,
        "remember": contexts.remember,
        "__name__": f"{__package__}.generated.{name}",
        "__loader__": _Loader(source),
    }
    made: dict[str, Any] = {}  # apart from the names it uses, which it may not shadow
    exec(compile(source, f"autograd/generated/{name}.py", "exec"), names, made)
    return made


def attach_operators() -> None:
    """Give `Value` its operators."""
    for symbol in _OPERATORS:
        for name, function in _operator_for(lookup(symbol)).items():
            setattr(Value, name, function)
    for name, method in _PREFIXES.items():
        setattr(Value, method, function_for(lookup(name)))
