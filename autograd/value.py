"""A `Value`: one node of the computation graph.

A node has one or two operands nearly always, so those and their local derivatives have slots of
their own: one object per node is what the garbage collector is made to track, and not three. Where
there are more of them, or derivatives that come late (a checkpointed function's), there is no
`_first`; `_second` is the tuple of the operands, and `_first_derivative` that of their derivatives
or a function that returns it. `parents` and `local_derivatives` show both forms alike.

What a node seldom has costs nothing where it is not: the slots of label and scope stay empty, and
plain numbers among the arguments (those of x * 2 are None, 2.0) stand where the derivative of a
second operand would, which such a node never has: its operands are one or a tuple.

The arithmetic is not written here: `eager` makes it from the rows of `operations`.
"""

from __future__ import annotations

from operator import ge, gt, le, lt, ne

from . import contexts
from .errors import ArgumentTypeError
from .real import Number, as_number, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .operation import Operation


class _Constructor(type):
    """What `Value(…)` runs. An `__init__` would be run by `blank`, too, for every node."""

    def __call__(cls, data: Number, label: str = "") -> Value:
        node = blank()
        node.data = data if type(data) is float else number(data)
        node.grad = 0.0
        if type(label) is str:
            node._label = label
        else:
            node.label = label
        if contexts.watched:
            node._scope = contexts.begin(node)
        node._operation = node._first = node._second = None
        node._first_derivative = node._second_derivative = node._sum = None
        return node

    __call__.__qualname__ = "Value"  # for Python's words about missing arguments


class Value(metaclass=_Constructor):
    """A number that remembers how it was computed.

    `Value(3.0, label="x")` is an input; arithmetic on Values makes the other nodes. `==` and
    `hash` go by identity, so that nodes can be dictionary keys; `<` and the like compare data.
    """

    __slots__ = (
        "data",
        "grad",
        "_label",
        "_scope",
        "_operation",
        "_first",
        "_second",
        "_first_derivative",
        "_second_derivative",
        "_sum",
    )

    data: float
    grad: float
    _label: str
    _scope: str
    _operation: Operation | None
    _first: Value | None
    _second: Any  # a Value, a tuple of Values, or None
    _first_derivative: Any  # a float, a tuple of floats, a function that returns one, or None
    _second_derivative: Any  # a float, the tuple of plain numbers among the arguments, or None
    _sum: Any  # a float, the sum of the last walk that saw this node: see `walk`

    def __init_subclass__(cls) -> None:
        raise ArgumentTypeError("Value cannot be subclassed; the engine relies on its exact type")

    @property
    def label(self) -> str:
        """The name that a user gave this node; "" where there is none."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, label: str) -> None:
        self._label = _text(label, "label")

    @property
    def scope(self) -> str:
        """The path of the scopes that the node was made in, as "layer0/neuron1"; "" in none."""
        return getattr(self, "_scope", "")

    @scope.setter
    def scope(self, scope: str) -> None:
        self._scope = _text(scope, "scope")

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
        if first is None:
            return () if second is None else second
        return (first,) if second is None else (first, second)

    @property
    def local_derivatives(self) -> tuple[float, ...]:
        """∂u/∂p for each parent p, in the order of `parents`."""
        derivative = self._first_derivative
        if self._first is not None:
            return (derivative,) if self._second is None else (derivative, self._second_derivative)
        return derivative() if callable(derivative) else derivative or ()

    @property
    def _constants(self) -> tuple[float | None, ...] | None:
        """All arguments, with None in the places of the parents, where some are plain numbers."""
        return None if type(self._second) is Value else self._second_derivative

    @property
    def arguments(self) -> tuple[Value | float, ...]:
        """All operands in order: the parents, and plain numbers where the program had them."""
        constants = self._constants
        if constants is None:
            return self.parents
        parents = iter(self.parents)
        return tuple([next(parents) if c is None else c for c in constants])

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
        pairs = zip(nodes, gradients, strict=True)
        try:
            for node, gradient in pairs:
                node.grad += gradient
        except BaseException as problem:
            # Take it back, which a copy made beforehand would do to the last bit. Ctrl-C comes
            # between two nodes.
            refused = isinstance(problem, (TypeError, OverflowError))
            done = nodes[: nodes.index(node) + (not refused)]
            for other, gradient in zip(done, gradients, strict=False):
                other.grad -= gradient
            if refused:
                reason = f"backward() adds to .grad, which is no number in {node}"
                raise ArgumentTypeError(reason) from None
            raise

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

    def __int__(self) -> int:
        raise ArgumentTypeError("int(value) would drop the graph: write int(value.data)")

    def __round__(self, digits: int | None = None) -> float:
        raise ArgumentTypeError("round(value) would drop the graph: write round(value.data)")

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
        def __init__(self, data: Number, label: str = "") -> None: ...
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


blank: Callable[[], Value] = type.__call__.__get__(Value)  # a node with nothing in it


def _text(x: str, what: str) -> str:
    if not isinstance(x, str):
        raise ArgumentTypeError(f"a {what} is a str, not {x!r}")
    return str.__str__(x)


def _compared(left: Value, sign: str, right: Any, holds: Callable[[float, float], bool]) -> bool:
    """The outcome of a comparison, made known to whoever compiles the program."""
    y = right  # which as a whole number of any size compares exactly
    if type(right) is not int:
        y = right.data if type(right) is Value else as_number(right)
    if y is None:
        return NotImplemented  # type: ignore[no-any-return]
    outcome = holds(left.data, y)
    if contexts.watched:
        contexts.compared(left, sign, right, outcome)
    return outcome
