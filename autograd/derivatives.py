"""Derivatives of plain Python functions: `grad`, `value_and_grad`, `jacobian`, `hessian`, `hvp`.

Each calls the function on Values and reads the gradient table. They can be nested: inside another
of them, or given Values, they give Values, so that derivatives of derivatives come out right.
Arguments given by name are passed on as they are: the derivative is by those given by position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps

from .contexts import _recording, listened, recording, setting
from .errors import ArgumentError, ArgumentTypeError
from .gradients import gradients_of, graph_of_gradients
from .real import number
from .structure import is_array, is_structure, items, leaves, leaves_like, like, mapped, rebuilt
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_inside: ContextVar[bool] = ContextVar("inside a derivative", default=False)


def grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """∇f: for each argument its derivative, in the argument's own structure.

    Of one argument it is that derivative itself; of several, the tuple of them.
    """

    needs_function(f)

    @wraps(f)
    def gradient(*point: Any, **options: Any) -> Any:
        return value_and_grad(f)(*point, **options)[1]

    return gradient


def value_and_grad(f: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """f and ∇f from one evaluation."""

    needs_function(f)

    @wraps(f)
    def both(*point: Any, **options: Any) -> tuple[Any, Any]:
        run = Run(f, point, **options)
        output = run.single_output()
        return run.plain(output), run.unwrapped(run.gradient(output))

    return both


def jacobian(f: Callable[..., Any]) -> Callable[..., Any]:
    """∂fᵢ/∂xⱼ: the structure of f's result, with the gradient of each number in its place.

    By an array it is an array: the result's dimensions, then the argument's. Results of several
    shapes, and those in a dict, stay apart.
    """

    needs_function(f)

    @wraps(f)
    def matrix(*point: Any, **options: Any) -> Any:
        run = Run(f, point, **options)
        rows = mapped(lambda output: run.unwrapped(run.gradient(output)), _listed(run.result))
        return _stacked(rows) if len(point) == 1 and is_array(point[0]) else rows

    return matrix


def hessian(f: Callable[..., Any]) -> Callable[..., Any]:
    """∂²f/∂xᵢ∂xⱼ: the Jacobian of the gradient."""
    return jacobian(grad(f))


def hvp(f: Callable[..., Any]) -> Callable[..., Any]:
    """Hessian times vector, without the Hessian: hvp(f)(*point, *vector).

    The vector has the structure of the point: hvp(f)(x, v) for a function of one argument,
    hvp(f)(x, y, v, w) for one of two.
    """

    needs_function(f)

    @wraps(f)
    def product(*point_and_vector: Any, **options: Any) -> Any:
        half, odd = divmod(len(point_and_vector), 2)
        point, vector = point_and_vector[:half], point_and_vector[half:]
        if odd:
            raise ArgumentError(
                "hvp(f)(*point, *vector) needs a vector of the structure of the point, "
                f"but got {len(point_and_vector)} arguments in all"
            )
        weights = [
            w if type(w) is Value else number(w, "a vector") for w in leaves_like(vector, point)
        ]

        def slope(*x: Any) -> Any:
            """∇f(x)·v"""
            pairs = zip(leaves(grad(f)(*x, **options)), weights, strict=True)
            return sum([g * w for g, w in pairs], 0.0)

        return grad(slope)(*point)

    return product


def _listed(x: Any) -> Any:
    """Arrays as nested lists: each of their numbers is to be replaced by a whole structure."""
    if is_array(x):
        return x.tolist()
    return like(x, map(_listed, items(x))) if is_structure(x) else x


def _stacked(x: Any) -> Any:
    """Sequences of arrays of one shape as one array."""
    if not is_structure(x):
        return x
    parts = [_stacked(part) for part in items(x)]
    shapes = {part.shape if is_array(part) else None for part in parts}
    if isinstance(x, Mapping) or len(shapes) != 1 or None in shapes:
        return like(x, parts)
    import numpy

    return numpy.stack(parts)


def needs_function(f: Any) -> None:
    """Refuse at once what cannot be called."""
    if not callable(f):
        raise ArgumentTypeError(f"a function is needed, but got {f!r}")


class Run:
    """One evaluation of f on Values made for its arguments."""

    def __init__(self, f: Callable[..., Any], point: tuple[Any, ...], /, **options: Any) -> None:
        if not point:
            raise ArgumentError("a derivative needs at least one argument to differentiate by")
        self.point = point
        self.variables: list[Value] = []
        given = leaves(list(point))  # a compiler that listens needs nodes, not plain numbers
        self.nested = _inside.get() or listened() or any(type(x) is Value for x in given)
        arguments = mapped(self._variable, list(point))
        with setting(_inside, True), recording():  # also inside a no_grad
            self.result = f(*arguments, **options)

    def _variable(self, x: Any) -> Value:
        """A fresh node for one number, so that uses of the same Value elsewhere do not count."""
        variable = +x if type(x) is Value else Value(number(x, "an argument"))
        self.variables.append(variable)
        return variable

    def single_output(self) -> Any:
        if len(found := list(leaves(self.result))) == 1:
            return found[0]
        raise ArgumentError(
            f"a gradient needs a function of one result, but it gave {len(found)}; see jacobian"
        )

    def gradient(self, output: Any) -> Any:
        """The derivatives of one result, in the structure of the arguments."""
        if type(output) is not Value:
            number(output, "the result of a function to differentiate")
            return rebuilt(list(self.point), [0.0] * len(self.variables))
        sweep: Any = graph_of_gradients if self.nested else gradients_of
        with recording():
            _, gradients = sweep(output, self.variables)
        return rebuilt(list(self.point), map(self.plain, gradients[: len(self.variables)]))

    def plain(self, x: Any) -> Any:
        """A number where numbers were given; in a no_grad a node with nothing behind it."""
        if type(x) is not Value:
            return x
        if not self.nested:
            return x.data
        return x if _recording.get() else +x

    def unwrapped(self, gradients: Any) -> Any:
        return gradients[0] if len(self.point) == 1 else tuple(gradients)
