"""The operations as functions: `exp(x)`, `maximum(x, y)`, `dot(weights, inputs, bias)`, …

Named as in `math` and NumPy. Of numbers they give numbers; of Values, nodes; of NumPy arrays,
arrays. Those of one and two arguments are generated from the table (see `eager`) and are methods
of `Value` too; `functions.pyi` shows their signatures to editors and type checkers.
"""

from __future__ import annotations

from functools import cache

from . import operations as _rows  # noqa: F401  (enters the rows into the table)
from .apply import NUMBERS, VALUES, apply, computed, node_of
from .eager import attach_operators, function_for, written_out
from .errors import ArgumentError, ArgumentTypeError
from .formulas import described
from .operation import Operation, lookup
from .structure import is_array
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Many = Sequence[Any]

_OF_ONE = (
    "abs", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "sigmoid", "softplus", "relu", "erf", "sign", "step",
)  # fmt: skip
_OF_TWO = {"maximum": "y", "minimum": "y", "leaky_relu": "slope"}
_NUMPY_NAMES = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}

for _name in (*_OF_ONE, *_OF_TWO):
    _y, _row = _OF_TWO.get(_name, "y"), lookup(_name)
    _made = function_for(_row, _y, "=0.01" if _y == "slope" else "")
    _made.__doc__ = described(_row, "x", *[_y] * (_name in _OF_TWO))
    _made.__module__ = __name__
    globals()[_name] = _made
    setattr(Value, _name, _made)
for _name, _own in _NUMPY_NAMES.items():
    setattr(Value, _name, globals()[_own])
attach_operators()


def clip(x: Any, low: Any, high: Any) -> Any:
    """x moved into [low, high]; the derivative is 1 on the closed interval and 0 outside."""
    return apply(lookup("clip"), (x, low, high))


Value.clip = clip


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds (is not 0), else y; only the chosen one gets a gradient."""
    return apply(lookup("where"), (condition, x, y))


def sum(values: Iterable[Any]) -> Any:
    """The sum as one node; of nothing: 0."""
    return of_many(lookup("sum"), values, 0.0)


def prod(values: Iterable[Any]) -> Any:
    """The product as one node; of nothing: 1."""
    return of_many(lookup("prod"), values, 1.0)


def logsumexp(values: Iterable[Any]) -> Any:
    """log Σ e^x as one node, without overflow."""
    return of_many(lookup("logsumexp"), values)


def max(values: Any, *more: Any) -> Any:
    """The largest as one node; equal ones share the gradient evenly."""
    return of_many(lookup("max"), (values, *more) if more else values)


def min(values: Any, *more: Any) -> Any:
    """The smallest as one node; equal ones share the gradient evenly."""
    return of_many(lookup("min"), (values, *more) if more else values)


def dot(left: Iterable[Any], right: Iterable[Any], bias: Any = None) -> Any:
    """left₁·right₁ + … (+ bias) as one node: the pre-activation of a neuron."""
    return _dot(_listed(left, "dot"), _listed(right, "dot"), bias)


def dots(rows: Iterable[Iterable[Any]], right: Iterable[Any], biases: Iterable[Any]) -> list[Any]:
    """dot(row, right, bias) for each row and its bias: W x + b; a long x is looked at once."""
    ys = _listed(right, "dot")
    data = _data_of(ys) if len(ys) > _FEW else None
    pairs = zip(rows, biases, strict=True)
    return [_dot(_listed(row, "dot"), ys, bias, data) for row, bias in pairs]


def _dot(xs: Many, ys: Many, bias: Any, data: Sequence[float] | None = None) -> Any:
    if len(xs) != len(ys):
        raise ArgumentError(
            "dot(left, right) needs sequences of one length, "
            f"but got {len(xs)} and {len(ys)} numbers"
        )
    if len(xs) > _FEW:
        return _long_dot(xs, ys, [] if bias is None else [bias], data or _data_of(ys))
    arguments = (*xs, *ys) if bias is None else (*xs, *ys, bias)
    return _dot_of(len(arguments))(arguments)


_FEW = 64  # products; written out, more gain little, and from some hundreds on they lose


@cache
def _dot_of(count: int) -> Callable[[tuple[Any, ...]], Any]:
    """`dot` of so many arguments in the forms of networks: Values times Values, or times floats."""
    if count < 2:
        return lambda arguments: of_many(lookup("dot"), arguments, 0.0)
    n, biases = divmod(count, 2)
    forms = [Value] * count, [Value] * n + [float] * n + [Value] * biases
    return written_out(lookup("dot"), forms)


def _long_dot(xs: Many, ys: Many, bias: Many, right: Sequence[float] | None) -> Any:
    """The same forms, with loops."""
    operation, n = lookup("dot"), len(ys)
    left = [x.data for x in xs if type(x) is Value]
    if right is None or len(left) != n or not VALUES.issuperset(map(type, bias)):
        return apply(operation, (*xs, *ys, *bias))
    u, derivatives = computed(operation, xs, [*left, *right, *[b.data for b in bias]])
    if right is not ys:  # they are Values
        return node_of(operation, (*xs, *ys, *bias), u, tuple(derivatives))
    derivatives = (*derivatives[:n], *derivatives[2 * n :])
    constants = (*[None] * n, *ys, *[None] * len(bias))
    return node_of(operation, (*xs, *bias), u, derivatives, constants)


def _data_of(ys: Many) -> Sequence[float] | None:
    """The numbers of what is all Values, or all floats."""
    if ys and type(ys[0]) is Value:
        data = [y.data for y in ys if type(y) is Value]
        return data if len(data) == len(ys) else None
    return ys if set(map(type, ys)) == NUMBERS else None


def _listed(values: Iterable[Any], name: str) -> Many:
    if type(values) in (list, tuple):
        return values
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise ArgumentTypeError(f"{name}(…) needs a sequence of numbers, but got {values!r}")
    if getattr(values, "ndim", 1) != 1:
        raise ArgumentTypeError(
            f"{name}(…) needs a sequence of numbers, but got an array of {values.ndim} dimensions; "
            "array.flat has its numbers one after another"
        )
    if is_array(values) and values.dtype.kind in "biufO":  # a time would lose its unit
        return values.tolist()  # Python's floats, which take the short way, not NumPy's
    return list(values)


def of_many(operation: Operation, values: Iterable[Any], of_nothing: float | None = None) -> Any:
    """An operation of any number of arguments, as one node."""
    if arguments := _listed(values, operation.name):
        return apply(operation, arguments)
    if of_nothing is None:
        raise ArgumentError(f"{operation.name} of nothing: it needs at least one number")
    return of_nothing


__all__ = [*_OF_ONE, *_OF_TWO, "clip", "where", "sum", "prod", "logsumexp", "max", "min", "dot"]
