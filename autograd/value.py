"""A `Value`: one node of the computation graph.

A node has one or two operands nearly always, so those and their local derivatives have slots of
their own: one object per node is what the garbage collector is made to track, and not three. Where
there are more of them, or derivatives that come late (a checkpointed function's), `_first` is the
tuple of the operands, and `_first_derivative` that of their derivatives or a function that returns
it. `parents` and `local_derivatives` show both forms alike.

The arithmetic is not written here: `eager` makes it from the rows of `operations`.
"""

from __future__ import annotations

from operator import ge, gt, le, lt, ne

from . import contexts
from .errors import ArgumentTypeError, RangeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from fractions import Fraction
    from typing import Any, Protocol

    from .operation import Operation

    class NumpyNumber(Protocol):
        """A scalar of NumPy, or an array, with which operators go element by element."""

        @property
        def dtype(self) -> Any: ...
        def __float__(self) -> float: ...

    Number = int | float | Fraction | Decimal | NumpyNumber
else:
    Number = int | float  # for typing.get_type_hints


class Value:
    """A number that remembers how it was computed.

    `Value(3.0, label="x")` is an input; arithmetic on Values makes the other nodes. `==` and
    `hash` go by identity, so that nodes can be dictionary keys; `<` and the like compare data.
    """

    __slots__ = (
        "data",
        "grad",
        "scope",
        "_label",
        "_operation",
        "_first",
        "_second",
        "_first_derivative",
        "_second_derivative",
        "_constants",
        "_sum",
    )

    data: float
    grad: float
    scope: str
    _label: str
    _operation: Operation | None
    _first: Any  # a Value, a tuple of Values, or None
    _second: Value | None
    _first_derivative: Any  # a float, a tuple of floats, a function that returns one, or None
    _second_derivative: float | None
    _constants: tuple[float | None, ...] | None  # the plain numbers among the arguments
    _sum: Any  # a float, the sum of the last walk that saw this node: see `walk`

    def __init__(self, data: Number, label: str = "") -> None:
        self.data = data if type(data) is float else number(data)
        self.grad = 0.0
        if type(label) is str:
            self._label = label
        else:
            self.label = label
        self.scope = contexts.begin(self) if contexts.watched else ""
        self._operation = self._first = self._second = self._constants = None
        self._first_derivative = self._second_derivative = self._sum = None

    def __init_subclass__(cls) -> None:
        raise ArgumentTypeError("Value cannot be subclassed; the engine relies on its exact type")

    @property
    def label(self) -> str:
        """The name that a user gave this node; "" where there is none."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise ArgumentTypeError(f"a label is a str, not {label!r}")
        self._label = str.__str__(label)

    @property
    def op(self) -> str | None:
        """The name of the operation that made this node; None for inputs."""
        return None if self._operation is None else self._operation.name

    @property
    def operation(self) -> Operation | None:
        """The row of the table behind `op`."""
        return self._operation

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands that are nodes, in order: Pa(u)."""
        first, second = self._first, self._second
        if type(first) is tuple:
            return first
        return () if first is None else (first,) if second is None else (first, second)

    @property
    def local_derivatives(self) -> tuple[float, ...]:
        """∂u/∂p for each parent p, in the order of `parents`."""
        derivative = self._first_derivative
        if self._second_derivative is not None:
            return (derivative, self._second_derivative)
        if type(self._first) is not tuple:
            return () if self._first is None else (derivative,)
        return derivative if type(derivative) is tuple else derivative()

    @property
    def arguments(self) -> tuple[Value | float, ...]:
        """All operands in order: the parents, and plain numbers where the program had them."""
        if self._constants is None:
            return self.parents
        parents = iter(self.parents)
        return tuple([next(parents) if c is None else c for c in self._constants])

    def item(self) -> float:
        """The plain float."""
        return float(self.data)

    def conjugate(self) -> Value:
        """The Value itself: it is real. NumPy asks for it in `var`, `std` and `vdot`."""
        return self

    def backward(self) -> None:
        """Add to every node's `.grad` the gradient of this output with respect to that node."""
        from .gradients import gradients_of

        if contexts.watched:
            contexts.refuse("take backward() out of the jitted function")
        nodes, gradients = gradients_of(self)
        try:
            for node, gradient in zip(nodes, gradients, strict=True):
                node.grad += gradient
        except TypeError:  # take it back, which a copy made beforehand would do to the last bit
            for other, gradient in zip(nodes[: nodes.index(node)], gradients, strict=False):
                other.grad -= gradient
            raise ArgumentTypeError(
                f"backward() adds to .grad, which is no number in {node}"
            ) from None

    def __eq__(self, other: object) -> Any:
        """Identity; but see `contexts.equal` for Values that stand for the numbers of a program."""
        if self is other:
            return True
        return contexts.equal(self, other) if contexts.watched else NotImplemented

    __hash__ = object.__hash__

    def __lt__(self, other: Value | Number) -> bool:
        return _compared(self, "<", other, lt)

    def __le__(self, other: Value | Number) -> bool:
        return _compared(self, "<=", other, le)

    def __gt__(self, other: Value | Number) -> bool:
        return _compared(self, ">", other, gt)

    def __ge__(self, other: Value | Number) -> bool:
        return _compared(self, ">=", other, ge)

    def __bool__(self) -> bool:
        return _compared(self, "!=", 0.0, ne)

    def __float__(self) -> float:
        raise ArgumentTypeError(
            "float(value) and the functions of math would silently drop the graph: use "
            "autograd.exp(value) and the like to go on recording, value.data for the plain number"
        )

    def __repr__(self) -> str:
        parts = [f"data={self.data!r}", f"grad={self.grad!r}"]
        if self.op is not None:
            parts.append(f"op={self.op!r}")
        if self.label:
            parts.append(f"label={self.label!r}")
        return f"Value({', '.join(parts)})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __reduce__(self) -> tuple[Any, ...]:
        from .copying import reduce_node

        return reduce_node(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        from .copying import deepcopy_node

        return deepcopy_node(self, memo)

    if TYPE_CHECKING:  # made by `eager`; a test compares these with the table
        # fmt: off
        def __add__(self, other: Value | Number) -> Value: ...
        def __radd__(self, other: Number) -> Value: ...
        def __sub__(self, other: Value | Number) -> Value: ...
        def __rsub__(self, other: Number) -> Value: ...
        def __mul__(self, other: Value | Number) -> Value: ...
        def __rmul__(self, other: Number) -> Value: ...
        def __truediv__(self, other: Value | Number) -> Value: ...
        def __rtruediv__(self, other: Number) -> Value: ...
        def __pow__(self, other: Value | Number) -> Value: ...
        def __rpow__(self, other: Number) -> Value: ...
        def __neg__(self) -> Value: ...
        def __pos__(self) -> Value: ...
        def __abs__(self) -> Value: ...
        def abs(self) -> Value: ...
        def exp(self) -> Value: ...
        def expm1(self) -> Value: ...
        def log(self) -> Value: ...
        def log1p(self) -> Value: ...
        def sqrt(self) -> Value: ...
        def sin(self) -> Value: ...
        def cos(self) -> Value: ...
        def tan(self) -> Value: ...
        def asin(self) -> Value: ...
        def acos(self) -> Value: ...
        def atan(self) -> Value: ...
        def arcsin(self) -> Value: ...
        def arccos(self) -> Value: ...
        def arctan(self) -> Value: ...
        def sinh(self) -> Value: ...
        def cosh(self) -> Value: ...
        def tanh(self) -> Value: ...
        def sigmoid(self) -> Value: ...
        def softplus(self) -> Value: ...
        def relu(self) -> Value: ...
        def leaky_relu(self, slope: Value | Number = 0.01) -> Value: ...
        def erf(self) -> Value: ...
        def sign(self) -> Value: ...
        def step(self) -> Value: ...
        def maximum(self, y: Value | Number) -> Value: ...
        def minimum(self, y: Value | Number) -> Value: ...
        def clip(self, low: Value | Number, high: Value | Number) -> Value: ...
        # fmt: on


def number(x: Any, what: str = "a Value") -> float:
    """x as a float, if it is a real number of Python or NumPy."""
    converted = as_number(x)
    if converted is None:
        hint = "; value.data is its plain number" if type(x) is Value else ""
        raise ArgumentTypeError(f"{what} needs a real number, but got {_shown(x)}{hint}")
    return converted


def as_number(x: Any) -> float | None:
    """x as a float, or None where x is not a real number."""
    if isinstance(x, (float, int)) or _is_real(x):
        try:
            return float(x)
        except OverflowError:
            raise RangeError(f"{_shown(x)} is too large for a float") from None
        except ValueError:  # a signalling NaN of decimal
            return None
    return None


def _is_real(x: Any) -> bool:
    """Whether x is a Fraction, a Decimal, or a real number of NumPy."""
    shape = getattr(x, "shape", None)
    if shape is None:  # by name, so that their modules need not be loaded
        return any(f"{kind.__module__}.{kind.__name__}" in _REAL for kind in type(x).__mro__)
    if shape != ():  # NumPy's scalars and arrays of no dimension
        return False
    return getattr(getattr(x, "dtype", None), "kind", None) in ("f", "i", "u", "b")


_REAL = ("fractions.Fraction", "decimal.Decimal", "_pydecimal.Decimal")


def _compared(left: Value, sign: str, right: Any, holds: Callable[[float, float], bool]) -> bool:
    """The outcome of a comparison, made known to whoever compiles the program."""
    y = right.data if type(right) is Value else as_number(right)
    if y is None:
        return NotImplemented  # type: ignore[no-any-return]
    outcome = holds(left.data, y)
    if contexts.watched:
        contexts.compared(left, sign, right, outcome)
    return outcome


def _shown(x: Any) -> str:
    try:
        text = repr(x)
    except ValueError:  # Python refuses to print integers of many thousand digits
        text = f"an integer of {x.bit_length()} bits"
    return text if len(text) <= 80 else text[:77] + "..."
