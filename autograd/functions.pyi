"""The signatures of what `functions` generates from the table; a test compares the two."""

from collections.abc import Iterable
from typing import Any, overload

from .operation import Operation
from .real import Number
from .value import Value

# Values give Values, plain numbers floats; Any: NumPy arrays, element by element.

@overload
def abs(x: Value) -> Value:
    """|x|."""

@overload
def abs(x: float) -> float: ...
@overload
def abs(x: Any) -> Any: ...
@overload
def exp(x: Value) -> Value:
    """e^x."""

@overload
def exp(x: float) -> float: ...
@overload
def exp(x: Any) -> Any: ...
@overload
def expm1(x: Value) -> Value:
    """e^x − 1, accurate next to 0."""

@overload
def expm1(x: float) -> float: ...
@overload
def expm1(x: Any) -> Any: ...
@overload
def log(x: Value) -> Value:
    """ln x, for x > 0."""

@overload
def log(x: float) -> float: ...
@overload
def log(x: Any) -> Any: ...
@overload
def log1p(x: Value) -> Value:
    """ln(1 + x), for x > −1."""

@overload
def log1p(x: float) -> float: ...
@overload
def log1p(x: Any) -> Any: ...
@overload
def sqrt(x: Value) -> Value:
    """√x, for x ≥ 0."""

@overload
def sqrt(x: float) -> float: ...
@overload
def sqrt(x: Any) -> Any: ...
@overload
def sin(x: Value) -> Value:
    """sin x."""

@overload
def sin(x: float) -> float: ...
@overload
def sin(x: Any) -> Any: ...
@overload
def cos(x: Value) -> Value:
    """cos x."""

@overload
def cos(x: float) -> float: ...
@overload
def cos(x: Any) -> Any: ...
@overload
def tan(x: Value) -> Value:
    """tan x."""

@overload
def tan(x: float) -> float: ...
@overload
def tan(x: Any) -> Any: ...
@overload
def asin(x: Value) -> Value:
    """arcsin x, for −1 ≤ x ≤ 1."""

@overload
def asin(x: float) -> float: ...
@overload
def asin(x: Any) -> Any: ...
@overload
def acos(x: Value) -> Value:
    """arccos x, for −1 ≤ x ≤ 1."""

@overload
def acos(x: float) -> float: ...
@overload
def acos(x: Any) -> Any: ...
@overload
def atan(x: Value) -> Value:
    """arctan x."""

@overload
def atan(x: float) -> float: ...
@overload
def atan(x: Any) -> Any: ...
@overload
def sinh(x: Value) -> Value:
    """sinh x."""

@overload
def sinh(x: float) -> float: ...
@overload
def sinh(x: Any) -> Any: ...
@overload
def cosh(x: Value) -> Value:
    """cosh x."""

@overload
def cosh(x: float) -> float: ...
@overload
def cosh(x: Any) -> Any: ...
@overload
def tanh(x: Value) -> Value:
    """tanh x."""

@overload
def tanh(x: float) -> float: ...
@overload
def tanh(x: Any) -> Any: ...
@overload
def sigmoid(x: Value) -> Value:
    """σ(x) = 1 / (1 + e^−x)."""

@overload
def sigmoid(x: float) -> float: ...
@overload
def sigmoid(x: Any) -> Any: ...
@overload
def softplus(x: Value) -> Value:
    """ζ(x) = ln(1 + e^x)."""

@overload
def softplus(x: float) -> float: ...
@overload
def softplus(x: Any) -> Any: ...
@overload
def relu(x: Value) -> Value:
    """max(0, x); the derivative at 0 is 0."""

@overload
def relu(x: float) -> float: ...
@overload
def relu(x: Any) -> Any: ...
@overload
def erf(x: Value) -> Value:
    """the error function, 2/√π ∫₀ˣ e^−t² dt."""

@overload
def erf(x: float) -> float: ...
@overload
def erf(x: Any) -> Any: ...
@overload
def sign(x: Value) -> Value:
    """−1, 0 or 1; the derivative is 0."""

@overload
def sign(x: float) -> float: ...
@overload
def sign(x: Any) -> Any: ...
@overload
def step(x: Value) -> Value:
    """1 where x > 0, else 0; the derivative is 0."""

@overload
def step(x: float) -> float: ...
@overload
def step(x: Any) -> Any: ...
@overload
def leaky_relu(x: Value, slope: Value | Number = 0.01) -> Value:
    """x where x > 0, slope·x elsewhere."""

@overload
def leaky_relu(x: float, slope: float = 0.01) -> float: ...
@overload
def leaky_relu(x: Any, slope: Any = 0.01) -> Any: ...
@overload
def maximum(x: Value, y: Value | Number) -> Value:
    """The larger of two; on a tie both get half the gradient."""

@overload
def maximum(x: Number, y: Value) -> Value: ...
@overload
def maximum(x: float, y: float) -> float: ...
@overload
def maximum(x: Any, y: Any) -> Any: ...
@overload
def minimum(x: Value, y: Value | Number) -> Value:
    """The smaller of two; on a tie both get half the gradient."""

@overload
def minimum(x: Number, y: Value) -> Value: ...
@overload
def minimum(x: float, y: float) -> float: ...
@overload
def minimum(x: Any, y: Any) -> Any: ...
@overload
def clip(x: Value, low: Value | Number, high: Value | Number) -> Value:
    """x moved into [low, high]; the derivative is 1 on the closed interval and 0 outside."""

@overload
def clip(x: float, low: float, high: float) -> float: ...
@overload
def clip(x: Any, low: Any, high: Any) -> Any: ...
@overload
def where(condition: Value | Number, x: Value, y: Value | Number) -> Value:
    """x where the condition holds (is not 0), else y; only the chosen one gets a gradient."""

@overload
def where(condition: Value | Number, x: Number, y: Value) -> Value: ...
@overload
def where(condition: float, x: float, y: float) -> float: ...
@overload
def where(condition: Any, x: Any, y: Any) -> Any: ...
@overload
def sum(values: Iterable[Value]) -> Value:
    """The sum as one node; of nothing: 0."""

@overload
def sum(values: Iterable[float]) -> float: ...
@overload
def sum(values: Iterable[Any]) -> Any: ...
@overload
def prod(values: Iterable[Value]) -> Value:
    """The product as one node; of nothing: 1."""

@overload
def prod(values: Iterable[float]) -> float: ...
@overload
def prod(values: Iterable[Any]) -> Any: ...
@overload
def logsumexp(values: Iterable[Value]) -> Value:
    """log Σ e^x as one node, without overflow."""

@overload
def logsumexp(values: Iterable[float]) -> float: ...
@overload
def logsumexp(values: Iterable[Any]) -> Any: ...
@overload
def max(values: Iterable[Value]) -> Value:
    """The largest as one node; equal ones share the gradient evenly."""

@overload
def max(values: Iterable[float]) -> float: ...
@overload
def max(values: Value, *more: Value | Number) -> Value: ...
@overload
def max(values: Number, *more: Value) -> Value: ...
@overload
def max(values: float, *more: float) -> float: ...
@overload
def max(values: Any, *more: Any) -> Any: ...
@overload
def min(values: Iterable[Value]) -> Value:
    """The smallest as one node; equal ones share the gradient evenly."""

@overload
def min(values: Iterable[float]) -> float: ...
@overload
def min(values: Value, *more: Value | Number) -> Value: ...
@overload
def min(values: Number, *more: Value) -> Value: ...
@overload
def min(values: float, *more: float) -> float: ...
@overload
def min(values: Any, *more: Any) -> Any: ...
@overload
def dot(
    left: Iterable[Value], right: Iterable[Value | Number], bias: Value | Number | None = None
) -> Value:
    """left₁·right₁ + … (+ bias) as one node: the pre-activation of a neuron."""

@overload
def dot(
    left: Iterable[Number], right: Iterable[Value], bias: Value | Number | None = None
) -> Value: ...
@overload
def dot(left: Iterable[float], right: Iterable[float], bias: float | None = None) -> float: ...
@overload
def dot(left: Iterable[Any], right: Iterable[Any], bias: Any = None) -> Any: ...
def dots(rows: Iterable[Iterable[Any]], right: Iterable[Any], biases: Iterable[Any]) -> list[Any]:
    """dot(row, right, bias) for each row and its bias: W x + b; a long x is looked at once."""

def of_many(operation: Operation, values: Iterable[Any], of_nothing: float | None = None) -> Any:
    """An operation of any number of arguments, as one node."""

__all__: list[str]
